"""Bytes that were imported once and are now read otherwise: said, or done in place of the import."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from depotlib.cli.main import run_command
from depotlib.errors import RawFileError
from depotlib.model.column_mapping import ColumnField, ColumnMapping
from depotlib.settings import Settings
from depotlib.store.imports import import_history
from depotlib.store.mappings import save_mapping
from depotlib.store.raw import raw_file
from depotlib.workflows.import_choices import ImportChoices
from depotlib.workflows.import_files import GivenFile, import_files, imported_otherwise
from depotlib.workflows.rebuild_store import rebuild_store
from tests.unit.store.samples import everything

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOCAL = b"interval_start,kw\n2026-06-01 00:00,1.5\n2026-06-01 00:15,2.5\n"
LONGER = LOCAL + b"2026-06-01 00:30,4.5\n"
METER = GivenFile("meter.csv", LOCAL)
SEOUL = datetime(2026, 5, 31, 15, tzinfo=UTC)  # midnight in Seoul, nine hours ahead
BERLIN = datetime(2026, 5, 31, 22, tzinfo=UTC)  # and in Berlin, two hours ahead in summer
QUARTER = timedelta(minutes=15)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def imported(settings: Settings, *files: GivenFile, **choices):
    return import_files(files, settings=settings, now=NOW, choices=ImportChoices(**choices))


def starts(settings: Settings) -> list[datetime]:
    return sorted(row[1] for row in everything(settings.warehouse_path)["meter"])


def account(report) -> tuple[int, int, int, int]:
    return report.rows_in, report.stored, report.duplicates, len(report.rejections)


def test_other_choices_for_known_bytes_change_nothing_and_are_said(settings):
    imported(settings, METER, time_zone="Asia/Seoul")
    before = everything(settings.warehouse_path)

    (again,) = imported(settings, METER, time_zone="Europe/Berlin", meter_id="main")
    (same,) = imported(settings, METER, time_zone="Asia/Seoul")
    (silent,) = imported(settings, METER)

    assert again.report.is_repeat
    assert again.other_choices == (
        "time zone: Asia/Seoul before, now Europe/Berlin",
        "meter: site before, now main",
    )
    assert same.other_choices == silent.other_choices == ()
    assert everything(settings.warehouse_path) == before


def test_a_file_that_is_read_again_takes_the_place_of_its_earlier_import(settings):
    imported(settings, METER, time_zone="Asia/Seoul", meter_id="main")
    assert starts(settings) == [SEOUL, SEOUL + QUARTER]

    (again,) = imported(settings, METER, time_zone="Europe/Berlin", is_again=True)

    assert account(again.report) == (2, 2, 0, 0)
    assert not again.report.is_repeat
    assert starts(settings) == [BERLIN, BERLIN + QUARTER]
    # what is not said again stays: the meter's name
    assert {row[0] for row in everything(settings.warehouse_path)["meter"]} == {"main"}
    assert import_history(settings.warehouse_path)["import_no"].to_list() == [2]


def test_what_counted_as_known_because_of_the_earlier_reading_is_stored_now(settings):
    imported(settings, METER, time_zone="Asia/Seoul")
    (longer,) = imported(settings, GivenFile("longer.csv", LONGER), time_zone="Asia/Seoul")
    assert account(longer.report) == (3, 1, 2, 0)

    imported(settings, METER, time_zone="Europe/Berlin", is_again=True)

    history = import_history(settings.warehouse_path).sort("import_no")
    columns = ["file", "rows_in", "stored", "duplicates", "rejected"]
    assert history.select(columns).rows() == [
        ("longer.csv", 3, 3, 0, 0),
        ("meter.csv", 2, 2, 0, 0),
    ]
    assert starts(settings) == [
        *(SEOUL + place * QUARTER for place in range(3)), BERLIN, BERLIN + QUARTER,
    ]  # fmt: skip


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_rebuild_replays_the_last_reading_of_a_file_alone(settings, is_lost: bool):
    imported(settings, METER, time_zone="Asia/Seoul")
    imported(settings, METER, time_zone="Europe/Berlin", is_again=True)
    before = everything(settings.warehouse_path)
    (repeat,) = imported(settings, METER, time_zone="Europe/Berlin", is_again=True)
    assert repeat.report.is_repeat
    if is_lost:  # the notes beside the raw files know it as well
        settings.warehouse_path.unlink()

    rebuild_store(settings)

    assert everything(settings.warehouse_path) == before


def test_parts_of_an_archive_are_read_again_as_well(settings):
    held = BytesIO()
    with ZipFile(held, "w") as both:
        both.writestr("a.csv", LOCAL)
        both.writestr("b.csv", LONGER.replace(b"2026-06-01", b"2026-06-02"))
    archive = GivenFile("both.zip", held.getvalue())
    imported(settings, archive, time_zone="Asia/Seoul")

    said = imported(settings, archive, time_zone="Europe/Berlin")
    done = imported(settings, archive, time_zone="Europe/Berlin", is_again=True)

    assert [len(one.other_choices) for one in said] == [1, 1]
    assert [account(one.report) for one in done] == [(2, 2, 0, 0), (3, 3, 0, 0)]
    assert starts(settings)[:2] == [BERLIN, BERLIN + QUARTER]
    assert len(starts(settings)) == 5


def test_a_corrected_mapping_reads_the_file_again(settings):
    table = GivenFile("log.csv", b"Wagen,Lader,Beginn,Menge\nV1,L1,2026-06-01T10:00Z,5\n")
    wrong, right = (
        ColumnMapping(
            name="log", title="Log", kind="sessions", header=("Wagen", "Lader", "Beginn", "Menge"),
            fields={
                "vehicle_id": ColumnField(column=vehicle),
                "plug_start": ColumnField(column="Beginn"),
                "energy_wall_kwh": ColumnField(column="Menge", unit="kWh"),
            },
        )
        for vehicle in ("Lader", "Wagen")
    )  # fmt: skip
    imported(settings, table, mappings=(wrong,))
    save_mapping(settings.warehouse_path, right, saved_at=NOW)

    (said,) = imported(settings, table)
    (done,) = imported(settings, table, is_again=True)

    assert said.other_choices == ("columns: another mapping than before",)
    assert account(done.report) == (1, 1, 0, 0)
    (session,) = everything(settings.warehouse_path)["session"]
    assert "V1" in session
    assert "L1" not in session


def test_what_cannot_be_done_again_leaves_everything_as_it_was(settings):
    imported(settings, METER, time_zone="Asia/Seoul")
    other = GivenFile("other.csv", LONGER)
    (kept,) = imported(settings, other, time_zone="Asia/Seoul")
    before = everything(settings.warehouse_path)

    (unknown,) = imported(settings, METER, time_zone="Moon/Base", is_again=True)
    raw_file(settings.raw_path, kept.report.digest).unlink()
    (lost,) = imported(settings, METER, time_zone="Europe/Berlin", is_again=True)

    assert "Moon/Base" in str(unknown.error)
    assert isinstance(lost.error, RawFileError)
    assert "other.csv" in str(lost.error)
    assert everything(settings.warehouse_path) == before


def test_a_trial_is_told_what_is_said_otherwise(settings):
    choices = ImportChoices(time_zone="Europe/Berlin")
    tried = imported(settings, METER, time_zone="Europe/Berlin", is_dry_run=True)
    assert imported_otherwise(tried, settings=settings, choices=choices) == {}

    imported(settings, METER, time_zone="Asia/Seoul")

    assert imported_otherwise(tried, settings=settings, choices=choices) == {
        "meter.csv": ("time zone: Asia/Seoul before, now Europe/Berlin",)
    }


def test_the_command_names_again_and_does_it(tmp_path, capsys):
    file, home = tmp_path / "meter.csv", tmp_path / "home"
    file.write_bytes(LOCAL)
    command = ["import", str(file), "--home", str(home)]
    run_command([*command, "--time-zone", "Asia/Seoul"])
    capsys.readouterr()

    run_command([*command, "--time-zone", "Europe/Berlin"])
    hint = capsys.readouterr().err
    run_command([*command, "--time-zone", "Europe/Berlin", "--again"])

    assert "--again" in hint
    assert "Asia/Seoul before, now Europe/Berlin" in hint
    assert starts(Settings(home=home)) == [BERLIN, BERLIN + QUARTER]
