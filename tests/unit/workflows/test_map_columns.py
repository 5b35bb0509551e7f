"""From a table that nothing knows to rows: preview, guess, confirm, remember, import."""

import json
from datetime import UTC, datetime

import pytest

from depotlib.cli.main import run_command
from depotlib.errors import MappingError, MissingFileError
from depotlib.model.column_mapping import ColumnField, mapping_to_toml
from depotlib.settings import Settings
from depotlib.workflows.import_files import ImportChoices, files_under, import_files
from depotlib.workflows.map_columns import (
    FieldChoice,
    chosen_mapping,
    guess_mapping,
    guessed_mapping,
    preview_file,
    preview_mapped,
    read_mapping,
    remembered_mappings,
    save_mapping,
)
from tests.places import DATA

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
LOG = (
    "Fahrzeug;Ladebeginn;Ladeende;Energiemenge (kWh)\n"
    "Van 3;13.03.2026 18:05;14.03.2026 05:10;31,5\n"
    "Van 4;13.03.2026 18:20;14.03.2026 05:30;28,1\n"
)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LOG)
    return path


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


def test_a_preview_shows_the_rows_as_they_stand_and_a_guess(log):
    (preview,) = preview_file(log)

    assert preview.source is None
    assert preview.rows.row(0) == (
        2, "Van 3", "13.03.2026 18:05", "14.03.2026 05:10", "31,5",
    )  # fmt: skip
    assert preview.guess is not None
    assert preview.guess.kind == "sessions"


def test_what_is_recognised_says_by_what(tmp_path):
    file = tmp_path / "status.json"
    file.write_text('[{"id": "1", "device": {"id": "b1"}}]')

    (preview,) = preview_file(file)

    assert preview.rows.is_empty()
    assert preview.guess is None


def test_mapped_rows_are_read_beside_the_raw_ones(log):
    mapping = guessed_mapping(log, time_zone="Europe/Berlin")

    rows = preview_mapped(log, mapping)

    # 18:05 in Berlin in March before the clocks change is 17:05 UTC.
    assert rows["plug_start"][0] == datetime(2026, 3, 13, 17, 5, tzinfo=UTC)
    assert rows["energy_wall_kwh"].to_list() == [31.5, 28.1]


def test_a_confirmed_mapping_reads_the_next_file_with_the_same_header(log, settings, tmp_path):
    mapping = guessed_mapping(log, time_zone="Europe/Berlin")
    later = tmp_path / "later.csv"
    later.write_text(LOG.replace("13.03", "15.03").replace("14.03", "16.03"))

    assert save_mapping(settings, mapping, now=NOW) == 1
    imported = import_files([log, later], settings=settings, now=NOW)

    assert remembered_mappings(settings) == (mapping,)
    assert [one.report.stored for one in imported if one.report] == [2, 2]


def test_without_a_mapping_the_file_is_refused(log, settings):
    (imported,) = import_files([log], settings=settings, now=NOW)

    assert imported.error is not None
    assert "no source recognises" in imported.error.what


def test_a_persons_choice_keeps_what_the_guess_knows_of_a_column(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text(
        "Start,Zone,End,Energy,Van\n2026-03-13 18:05,MST,2026-03-14 05:10,31500,NA\n"
        "2026-03-13 19:05,MST,2026-03-14 05:10,30500,V4\n"
    )
    (preview,) = preview_file(file)

    mapping = chosen_mapping(
        preview,
        [
            FieldChoice("plug_start", ColumnField(column="Start")),
            FieldChoice("plug_end", ColumnField(column="End")),
            FieldChoice("energy_wall_kwh", ColumnField(column="Energy", unit="Wh")),
        ],
        kind="sessions",
        title="Ours",
        time_zone=None,
    )

    assert mapping.fields["plug_start"].zone_column == "Zone"
    assert mapping.fields["energy_wall_kwh"].unit == "Wh"
    assert mapping.zone_offsets == {"MST": "-07:00"}
    # 31,500 Wh are 31.5 kWh.
    assert preview_mapped(file, mapping)["energy_wall_kwh"][0] == pytest.approx(31.5)


def test_a_mapping_is_read_from_toml_and_from_json(log, tmp_path):
    mapping = guessed_mapping(log)
    toml = tmp_path / "mine.toml"
    toml.write_text(mapping_to_toml(mapping))

    assert read_mapping(toml) == mapping
    with pytest.raises(MissingFileError):
        read_mapping(tmp_path / "none.toml")


def test_a_file_without_a_table_has_no_columns_to_map(tmp_path):
    file = tmp_path / "list.json"
    file.write_text("[1, 2]")

    with pytest.raises(MappingError, match="no table"):
        guess_mapping(file)


def test_a_table_of_words_cannot_be_guessed(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("Name,Meaning\nkWh,energy\nkW,power\n")

    with pytest.raises(MappingError, match="nothing in this table"):
        guess_mapping(file)


def test_a_given_mapping_goes_before_a_remembered_one(log, settings):
    own = guessed_mapping(log, time_zone="Europe/Berlin")
    save_mapping(settings, own, now=NOW)
    given = guessed_mapping(log, time_zone="Europe/London")
    choices = ImportChoices(mappings=(given,))

    (imported,) = import_files([log], settings=settings, now=NOW, choices=choices)

    assert imported.conventions is not None
    assert imported.conventions.time_zone == "Europe/London"


def test_a_trial_shows_how_the_first_rows_are_read(log, settings):
    mapping = guessed_mapping(log, time_zone="Europe/Berlin")
    choices = ImportChoices(mappings=(mapping,), is_dry_run=True)

    (tried,) = import_files([log], settings=settings, now=NOW, choices=choices)

    assert [(one.kind, one.rows.height) for one in tried.shown] == [("sessions", 2)]
    assert not settings.warehouse_path.exists()


def test_a_folder_stands_for_all_files_in_it(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("a.csv", "b/c.csv", ".hidden"):
        (tmp_path / name).write_text("x")

    assert files_under([tmp_path]) == [tmp_path / "a.csv", tmp_path / "b" / "c.csv"]


def test_a_folder_without_files_stands_for_itself_and_is_refused_alone(tmp_path, settings):
    empty = tmp_path / "empty"
    empty.mkdir()

    refused, read = import_files(
        files_under([empty, LEEDS]),
        settings=settings,
        now=NOW,
        choices=ImportChoices(is_dry_run=True),
    )

    assert refused.error is not None
    assert "folder" in refused.error.what
    assert read.error is None


def test_the_command_line_guesses_keeps_and_imports(log, settings, tmp_path, capsys):
    out, home = tmp_path / "mine.toml", str(settings.home)

    assert run_command(["map", str(log), "--time-zone", "Europe/Berlin", "--out", str(out),
                        "--keep", "--home", home]) == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["version"]) == ("sessions", 1)
    assert read_mapping(out).time_zone == "Europe/Berlin"

    assert run_command(["import", str(log), "--mapping", str(out), "--dry-run"]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert (file["source"], file["rows_in"], file["stored"]) == ("column_mapping", 2, 2)

    assert run_command(["import", str(tmp_path / "log.csv"), "--home", home]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert file["stored"] == 2


def test_the_command_line_says_what_is_missing(tmp_path, capsys):
    file = tmp_path / "readings.csv"
    file.write_text("Time,SoC (%)\n2026-03-13 18:05,80\n2026-03-13 18:06,81\n")

    assert run_command(["map", str(file)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["missing"], told["mapping"]) == (["vehicle_id"], None)

    assert run_command(["map", str(file), "--vehicle-id", "Van 3"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["vehicle_id"] for row in rows] == ["Van 3", "Van 3"]
