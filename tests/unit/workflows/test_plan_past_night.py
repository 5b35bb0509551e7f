"""Nights of the Leeds log, planned again."""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from depotlib.charts.finish import alt_text
from depotlib.charts.past_load import past_load
from depotlib.cli.main import run_command
from depotlib.errors import MissingFileError, RecordMissingError
from depotlib.settings import Settings
from depotlib.store.load import ChargingAssumption, load_profile
from depotlib.workflows.import_files import import_files
from depotlib.workflows.plan_past_night import PastNight, plan_past_night
from tests.places import DATA

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOG = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
B19 = "5e17b27c5457a3556573e3af"
LONDON = ZoneInfo("Europe/London")
TENTH_OF_AUGUST = PastNight(evening=date(2020, 8, 10), tariff_id=B19)


@pytest.fixture(scope="module")
def leeds(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("leeds"))
    tariff = DATA / "tariffs" / "pge_b19_secondary_2020.json"
    for file in import_files([LOG, tariff], settings=settings, now=NOW):
        assert file.error is None
    return settings


def began(row: dict[str, str]) -> datetime:
    day, clock = row["Start"].split()
    return datetime.fromisoformat(f"{'-'.join(reversed(day.split('/')))}T{clock}")


def plainly_counted(evening: date) -> tuple[int, float]:
    """Sessions with energy that began from noon to noon, and their energy, by the log's own rows."""
    start = datetime.combine(evening, datetime.min.time()) + timedelta(hours=12)
    with LOG.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    energies = [
        float(row["Total_Energy (kWh)"])
        for row in rows
        if start <= began(row) < start + timedelta(days=1)
    ]
    return sum(energy > 0 for energy in energies), sum(energies)


def test_every_session_of_the_night_gets_what_it_took(leeds: Settings):
    answer = plan_past_night(leeds, TENTH_OF_AUGUST, now=NOW)

    count, energy_kwh = plainly_counted(TENTH_OF_AUGUST.evening)
    assert len(answer.dwells) + len(answer.unmoved) == count == 7
    assert sum(answer.happened_kw) * 0.25 == pytest.approx(energy_kwh, abs=1e-6)
    planned_kwh = answer.plan.setpoints["power_kw"].sum() * 0.25 + sum(answer.unmoved_kw) * 0.25
    assert planned_kwh == pytest.approx(energy_kwh, abs=1e-3)
    assert answer.plan.header.unmet_kwh == 0
    assert answer.plan.audit.passed


def test_six_vans_at_once_make_the_peak_and_the_plan_spreads_them(leeds: Settings):
    answer = plan_past_night(leeds, TENTH_OF_AUGUST, now=NOW)

    # Six of the seven were charging together, at 7.2 kW.
    assert answer.happened.peak_kw == pytest.approx(6 * 7.2)
    assert answer.plan.header.peak_kw < answer.happened.peak_kw / 4
    assert answer.plan.header.bound_amount <= answer.plan.header.bill_amount
    assert answer.plan.header.bill_amount < answer.happened.bill_amount / 2


def test_the_load_that_happened_is_the_one_the_demand_page_shows(leeds: Settings):
    answer = plan_past_night(leeds, TENTH_OF_AUGUST, now=NOW)

    grid = answer.plan.grid
    stored = load_profile(
        leeds.warehouse_path,
        assumption=ChargingAssumption(max_kw=7.2),
        start=grid.start,
        end=grid.end,
    )
    # Until the next noon nobody else plugs in, and the day before nobody was left charging.
    noon = datetime(2020, 8, 11, 11, tzinfo=UTC)
    upto = stored.filter(pl.col("interval_start") < noon)["power_kw"].to_numpy()
    assert np.array(answer.happened_kw)[: len(upto)] == pytest.approx(upto, abs=1e-6)


def test_a_session_without_room_to_choose_stands_as_it_happened(leeds: Settings):
    answer = plan_past_night(leeds, replace(TENTH_OF_AUGUST, evening=date(2020, 9, 10)), now=NOW)

    for dwell in answer.unmoved:
        # At most the whole quarter-hours of its stay at 7.2 kW: less than it took, or just that.
        whole = int((dwell.departure - dwell.arrival) / timedelta(minutes=15))
        assert dwell.energy_target_kwh >= (whole - 1) * 0.25 * 7.2
    assert len(answer.unmoved) == 7
    assert any("7 sessions left no room to choose" in note for note in answer.notes)
    assert answer.plan.header.unmet_kwh == 0


def test_every_vehicle_stands_where_it_stood(leeds: Settings):
    answer = plan_past_night(leeds, TENTH_OF_AUGUST, now=NOW)

    assert answer.plan.header.occupancy == "assigned"
    assert answer.plan.windows
    for window in answer.plan.windows:
        station_id = window.connector_id.split("/")[0]
        assert window.vehicle_id.startswith(f"{station_id} ")


def test_stays_that_share_a_plug_are_planned_without_plugs_and_it_is_said(
    leeds: Settings, tmp_path: Path
):
    # Each device with one outlet only, where the log shows two cars at once, and nobody there to
    # move them but for a minute.
    site = tmp_path / "site.toml"
    text = (DATA / "leeds" / "site.toml").read_text()
    text = text.replace("connectors = 2", "connectors = 1")
    site.write_text(text.replace("[grid]", 'staff_from = "12:00"\nstaff_to = "12:01"\n\n[grid]'))

    answer = plan_past_night(leeds, replace(TENTH_OF_AUGUST, site_path=site), now=NOW)

    assert answer.plan.header.occupancy == "relaxed"
    assert not answer.plan.header.pushable
    assert any("occupancy is relaxed" in note for note in answer.notes)


def test_one_site_of_the_log_is_planned_alone(leeds: Settings):
    night = replace(TENTH_OF_AUGUST, evening=date(2020, 9, 10), site="Knowsthorpe HQ")

    answer = plan_past_night(leeds, night, now=NOW)

    stations = {dwell.vehicle_id.split()[0] for dwell in (*answer.dwells, *answer.unmoved)}
    assert stations <= {"UK-HBN-EB99B", "UK-HBN-EB100A", "UK-HBN-EB100B"}


def test_what_is_not_there_is_named(leeds: Settings, tmp_path: Path):
    with pytest.raises(RecordMissingError, match="no session with energy began"):
        plan_past_night(leeds, replace(TENTH_OF_AUGUST, evening=date(2021, 1, 1)), now=NOW)
    with pytest.raises(RecordMissingError):
        plan_past_night(leeds, replace(TENTH_OF_AUGUST, tariff_id="none"), now=NOW)
    with pytest.raises(MissingFileError):
        plan_past_night(leeds, replace(TENTH_OF_AUGUST, site_path=tmp_path / "no.toml"), now=NOW)


def test_the_command_prints_what_the_workflow_found(
    leeds: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DEPOT_HOME", str(leeds.home))

    code = run_command(["past", "--evening", "2020-08-10", "--tariff", B19])

    printed = json.loads(capsys.readouterr().out)
    answer = plan_past_night(leeds, TENTH_OF_AUGUST, now=NOW)
    assert code == 0
    assert printed["happened"]["bill_amount"] == pytest.approx(answer.happened.bill_amount)
    assert printed["plan"]["bill_amount"] == pytest.approx(answer.plan.header.bill_amount)
    assert printed["saving"] == pytest.approx(
        answer.happened.bill_amount - answer.plan.header.bill_amount
    )
    assert len(printed["planned_again"]) + len(printed["as_it_happened"]) == 7


def test_the_chart_shows_both_loads_with_their_peaks(leeds: Settings):
    answer = plan_past_night(leeds, TENTH_OF_AUGUST, now=NOW)

    figure = past_load(
        answer.plan,
        happened_kw=answer.happened_kw,
        unmoved_kw=answer.unmoved_kw,
        prices=answer.prices,
        time_zone=LONDON,
    )

    happened, planned = (
        trace for trace in figure.data if trace.name in {"As it happened", "Planned"}
    )
    assert max(happened.y) == pytest.approx(answer.happened.peak_kw)
    assert max(planned.y) == pytest.approx(answer.plan.header.peak_kw)
    assert f"{answer.happened.peak_kw:.1f} kW as it happened" in alt_text(figure)
