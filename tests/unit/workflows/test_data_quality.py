"""A score for each source, its arithmetic shown, and its worst findings in plain words."""

from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from depotlib.model.import_report import Finding, Rejection
from depotlib.settings import Settings
from depotlib.store.imports import write_import
from depotlib.workflows.data_quality import data_quality
from depotlib.workflows.list_sources import list_sources
from tests.unit.store.samples import (
    NOON,
    after,
    batch,
    import_meter,
    import_sessions,
    meter_row,
    reading_of,
    session,
    sessions_frame,
    telematics_frame,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_without_a_store_there_is_nothing_to_judge(settings):
    assert data_quality(settings, now=NOON) == []
    assert list_sources(settings).sources[0].last_import_at is None


def test_a_clean_fresh_source_has_all_points(settings):
    import_sessions(settings.warehouse_path, session(plug_end=NOON))

    (quality,) = data_quality(settings, now=NOON)

    assert (quality.source, quality.score, quality.worst) == ("log", 100, ())
    assert quality.last_at == NOON


def test_every_lost_point_is_accounted_for(settings):
    bad = tuple(
        Rejection(row=row, reason="bad_time", detail="'soon' is no time", raw="x")
        for row in (9, 10)
    )
    findings = (
        Finding("conflicting_reading", 1, "1 reading differs"),
        Finding("zero_energy", 2, "sessions without energy: 2"),
        Finding("title_rows", 3, "title rows above the header: 3"),
    )
    readings = [reading_of("v1", minute=60 * hour, row=row, soc=0.5) for row, hour in
                enumerate((0, 1, 2, 3, 50, 51, 52, 53), 1)]  # fmt: skip
    given = batch(
        "d", rows_in=10, rejections=bad, findings=findings, telematics=telematics_frame(*readings)
    )
    write_import(settings.warehouse_path, given, imported_at=NOON)

    (quality,) = data_quality(settings, now=after(hours=53))

    lost = {one.name: one.points for one in quality.deductions}
    # 2 of 10 rows refused: all 40; 1 of 10 conflicting: all 20; 2 of 10 flagged, of 50 %: 4 of 10
    assert lost["rejected rows"] == 40
    assert lost["conflicting rows"] == 20
    assert lost["flagged rows"] == 4
    assert quality.score == 100 - sum(lost.values())
    assert quality.worst == (
        "2 rows were refused (bad_time), first d.csv row 9: 'soon' is no time",
        "1 reading differs",
        "sessions without energy: 2",
        "title rows above the header: 3",
    )


def test_silence_and_age_cost_points(settings):
    rows = [meter_row(minute=minute, power_kw=1.0, row=row) | {"src_file": "meter.csv"}
            for row, minute in enumerate((0, 1, 2, 3, 9), 1)]  # fmt: skip
    import_meter(settings.warehouse_path, *rows)

    (quality,) = data_quality(settings, now=after(minutes=10) + timedelta(days=14))

    # five of the nine minutes between the first and the last stamp are missing
    assert quality.gaps == 1
    assert quality.worst[0] == (
        "1 gaps, the longest of 0.1 h at main; 55.6% of the time is missing"
    )
    assert quality.worst[1] == "its last reading is 14 days old"
    assert quality.score == 100 - 20 - 10


def test_energy_of_battery_and_wall_mixed_up_is_a_finding(settings):
    rows = sessions_frame(
        session("a", row=1, energy_battery_kwh=18.9),  # 0.90 of 21 kWh
        session("b", row=2, energy_battery_kwh=21.5),  # 1.02
        session("c", row=3, energy_battery_kwh=15.0),  # 0.71
    )
    write_import(settings.warehouse_path, batch("d", rows_in=3, sessions=rows), imported_at=NOON)

    (quality,) = data_quality(settings, now=NOON)

    assert quality.worst == (
        "sessions whose battery energy is outside 80 to 100 % of the wall's, as if the two were "
        "mixed up: 2",
    )


def test_commands_answer_with_json(settings, monkeypatch, capsys):
    monkeypatch.setenv("DEPOT_HOME", str(settings.home))
    import_sessions(settings.warehouse_path, session())

    codes = [run_command([name, "--json"]) for name in ("quality", "sources")]

    assert codes == [0, 0]
    printed = capsys.readouterr().out
    assert '"arithmetic": ["rejected rows: 0.0% cost 0 points (20% or more cost all 40)"' in printed
    assert '"last_file": "sessions.csv"' in printed
