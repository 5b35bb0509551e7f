"""Nights played from files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from depotlib.errors import InputError
from depotlib.simulation.scenario import Chances
from depotlib.workflows.simulate_night import NightsToPlay, scenario_of, simulate_night
from tests.places import DATA

DWELLS = """vehicle_id,arrival_local,departure_local,energy_wall_kwh,pool
van-1,2026-11-02T17:00,2026-11-03T05:30,30,ac
van-2,2026-11-02T17:30,2026-11-03T06:30,40,ac
van-1,2026-11-03T19:00,2026-11-04T05:30,20,ac
"""
STATIONS = """station_id,connector_id,pool,max_kw,min_kw,circuit
AC-01,1,ac,7.2,1.5,
AC-02,1,ac,7.2,1.5,
"""


@pytest.fixture
def files(tmp_path: Path) -> NightsToPlay:
    (tmp_path / "dwells.csv").write_text(DWELLS)
    (tmp_path / "stations.csv").write_text(STATIONS)
    return NightsToPlay(
        dwells_path=tmp_path / "dwells.csv",
        stations_path=tmp_path / "stations.csv",
        tariff_path=DATA / "reference_night/tariff.json",
        site_limit_kw=12.0,
        time_zone="America/New_York",
        policies=("fcfs", "hindsight"),
        plays=3,
    )


def test_dwells_of_two_evenings_are_two_nights_to_draw_from(files: NightsToPlay):
    nights = scenario_of(files).nights

    assert [(one.evening.day, len(one.stays)) for one in nights] == [(2, 2), (3, 1)]


def test_policies_are_compared_night_by_same_night(files: NightsToPlay):
    played = simulate_night(files)

    queue, hindsight = played.policies
    assert (queue.dearer_mean_amount, queue.dearer_sigma_amount) == (0.0, 0.0)
    # Two vans at 7.2 kW under 12 kW at the dearest hours, beside cheap hours at a low peak.
    assert hindsight.dearer_mean_amount < -50.0
    assert hindsight.dearer_mean_amount == pytest.approx(
        hindsight.bill_mean_amount - queue.bill_mean_amount
    )
    assert queue.energy_mean_kwh == pytest.approx(hindsight.energy_mean_kwh, abs=0.1)
    assert (played.plays, played.past_nights, played.vehicles) == (3, 2, 2)


def test_the_command_prints_every_policy_and_its_spread(
    files: NightsToPlay, capsys: pytest.CaptureFixture[str]
):
    code = run_command(
        [
            "simulate",
            f"--dwells={files.dwells_path}",
            f"--stations={files.stations_path}",
            f"--tariff={files.tariff_path}",
            "--site-limit=12",
            "--time-zone=America/New_York",
            "--policy=fcfs",
            "--policy=edf",
            "--plays=4",
            "--late=0.5",
            "--energy-sigma=0.2",
        ]
    )

    told = json.loads(capsys.readouterr().out)["simulation"]
    assert code == 0
    assert [one["policy"] for one in told["policies"]] == ["fcfs", "edf"]
    first = told["policies"][0]
    assert first["bill_p10_amount"] < first["bill_p50_amount"] < first["bill_p90_amount"]


def test_nothing_to_play_is_refused(files: NightsToPlay):
    with pytest.raises(InputError, match="0 plays"):
        simulate_night(replace(files, plays=0))


def test_one_play_has_no_spread(files: NightsToPlay):
    one = replace(files, plays=1, policies=("fcfs",))

    (queue,) = simulate_night(one).policies

    assert queue.bill_p10_amount == queue.bill_p90_amount == queue.bill_mean_amount
    assert queue.swaps is None


def test_swaps_cost_only_who_does_not_see_them(files: NightsToPlay):
    swapped = replace(
        files, policies=("blind", "fcfs"), chances=Chances(misplaced_share=1.0), plays=1
    )

    blind, queue = simulate_night(swapped).policies

    assert blind.swaps is not None
    assert blind.swaps.unmet_change_kwh > 5.0
    assert queue.swaps is None


FEEDING = """vehicle_id,arrival_local,departure_local,energy_wall_kwh,pool,ac_phases,battery_kwh,arrival_soc,discharge_max_kw,wear_per_kwh
giver,2026-11-02T13:00,2026-11-03T09:00,0,ac,3,60,1,7,0.05
taker,2026-11-02T17:00,2026-11-02T19:00,12,ac,,,,,
"""


def test_a_van_that_feeds_back_is_played_from_its_row(files: NightsToPlay):
    files.dwells_path.write_text(FEEDING)

    giver, _ = scenario_of(files).nights[0].stays
    played = simulate_night(replace(files, plays=1))

    assert giver.ac_phases == 3
    queue, hindsight = played.policies
    assert (queue.fed_mean_kwh, queue.wear_mean_amount) == (0.0, 0.0)
    # 0.05 a kWh that it gave, beside the bill.
    assert hindsight.wear_mean_amount == pytest.approx(0.05 * hindsight.fed_mean_kwh)
    # The other needs 12 kWh in two dear hours; nobody else can help it to a lower peak.
    assert 0 < hindsight.fed_mean_kwh <= 12.0 + 1e-6
    assert hindsight.bill_mean_amount < queue.bill_mean_amount
    assert hindsight.ready_mean_share == queue.ready_mean_share == 1.0
