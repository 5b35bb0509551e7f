"""What others are given of the sessions reads back as what it was, and nobody is named unasked."""

import csv
import json
from datetime import UTC, datetime

import pytest

from depotlib.cli.main import run_command
from depotlib.errors import UnwritableFileError
from depotlib.ingest.content import read_content
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES
from depotlib.settings import Settings
from depotlib.workflows.export_sessions import ExportChoices, export_sessions
from tests.unit.store.samples import after, import_sessions, session

FORMULA = "=HYPERLINK(1)"
SAID = (
    "station_id", "connector_id", "vehicle_id", "id_tag", "plug_start", "plug_end", "charge_start",
    "charge_end", "energy_wall_kwh", "peak_kw", "start_soc", "end_soc",
)  # fmt: skip
NAMED = ExportChoices(time_zone="America/New_York", has_identities=True)


@pytest.fixture
def settings(tmp_path):
    """Return a store of a session over the hour that clocks repeat, one that is bare, one open."""
    settings = Settings(home=tmp_path)
    import_sessions(
        settings.warehouse_path,
        session(
            "night", row=1, station_id="CP-01", connector_id="1", vehicle_id="van-1",
            id_tag=FORMULA, plug_start=datetime(2026, 10, 31, 21, 2, 30, tzinfo=UTC),
            plug_end=datetime(2026, 11, 2, 10, 15, 20, tzinfo=UTC),
            charge_start=datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
            charge_end=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
            energy_wall_kwh=34.5625, peak_kw=40.0, start_soc=0.3525, end_soc=0.81,
        ),
        session("bare", row=2, station_id="CP-02", connector_id="1", id_tag="CARD", plug_end=after(hours=1),
                energy_wall_kwh=None),
        session("open", row=3, plug_end=None),
    )  # fmt: skip
    return settings


def cells(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_export_reads_back_as_the_sessions_of_the_store(settings, tmp_path):
    out = tmp_path / "out.csv"

    export_sessions(settings, out, choices=NAMED)
    content = read_content(out)
    source = recognise(content, sources=SOURCES).source
    read = source.read(content, ReadOptions())

    assert source.name == "ev_charging_use"
    assert read.rejections == ()
    assert read.sessions is not None
    first, second = read.sessions.select(SAID).to_dicts()
    assert (first["station_id"], first["vehicle_id"], first["id_tag"]) == (
        "CP-01",
        "van-1",
        FORMULA,
    )
    assert first["plug_start"] == datetime(2026, 10, 31, 21, 2, 30, tzinfo=UTC)
    assert first["plug_end"] == datetime(2026, 11, 2, 10, 15, 20, tzinfo=UTC)
    # 05:30 and 06:30 UTC are both 01:30 in New York: the offsets keep them apart.
    assert first["charge_start"] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert first["charge_end"] == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert (first["energy_wall_kwh"], first["peak_kw"]) == (34.5625, 40.0)
    assert (first["start_soc"], first["end_soc"]) == (0.3525, 0.81)
    assert second["energy_wall_kwh"] is second["charge_start"] is second["start_soc"] is None


def test_a_cell_that_a_spreadsheet_would_run_is_led_by_an_apostrophe(settings, tmp_path):
    export_sessions(settings, tmp_path / "out.csv", choices=NAMED)

    assert cells(tmp_path / "out.csv")[0]["id_tag"] == f"'{FORMULA}"


def test_nobody_is_named_unless_asked_for_and_sessions_that_run_are_counted(settings, tmp_path):
    exported = export_sessions(settings, tmp_path / "out.csv")

    assert (exported.count, exported.left_out) == (2, 1)
    rows = cells(tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text()
    assert [row["user_id"] for row in rows] == ["user-1", "user-2"]
    assert not {"vehicle_id", "id_tag"} & set(rows[0])
    assert "van-1" not in text
    assert FORMULA not in text


def test_times_durations_and_columns_are_those_of_the_specification(settings, tmp_path):
    export_sessions(settings, tmp_path / "out.csv", choices=NAMED)

    row = cells(tmp_path / "out.csv")[0]
    assert list(row)[:5] == [
        "session_id", "port_id", "plug_start_datetime", "plug_end_datetime",
        "charge_start_datetime",
    ]  # fmt: skip
    # 21:02:30 UTC on 31 October is 17:02:30 with an offset of four hours, 37 h 12 min 50 s stayed.
    assert row["plug_start_datetime"] == "20261031 17:02:30 [-04:00]"
    assert row["plug_end_datetime"] == "20261102 05:15:20 [-05:00]"
    assert (row["session_duration"], row["charging_duration"]) == ("37:12:50", "01:00:00")


def test_a_folder_that_is_not_there_is_said_in_a_sentence(settings, tmp_path):
    with pytest.raises(UnwritableFileError) as refused:
        export_sessions(settings, tmp_path / "nowhere" / "out.csv")

    assert "nowhere" in refused.value.where


def test_the_command_writes_the_file_and_says_how_many(settings, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out.csv"
    monkeypatch.setenv("DEPOT_HOME", str(settings.home))

    code = run_command(["export-sessions", "--out", str(out), "--end", "2026-11-01T00:00Z"])

    assert code == 0
    # Only the night had begun by then; it stays whole.
    assert json.loads(capsys.readouterr().out) == {"path": str(out), "count": 1, "left_out": 0}
    assert len(cells(out)) == 1
