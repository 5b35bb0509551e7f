"""Vehicles that feed back in a play: what it brings, what bounds it, and who never does it."""

from dataclasses import replace

import pytest

from depotlib.errors import ModelError
from depotlib.model.depot import Circuit
from depotlib.model.dwell import DwellBattery
from depotlib.simulation.outcome import figures_of
from depotlib.simulation.play import play_nights
from depotlib.simulation.scenario import POLICIES, Scenario
from depotlib.simulation.setting import Setting, setting_of
from depotlib.simulation.tally import outcome_of
from depotlib.simulation.vehicle import Vehicle
from tests.simulation_cases import CHEAP, TOU, played, plugs, scenario, stay

FULL = DwellBattery(40.0, 1.0, discharge_max_kw=10.0, round_trip_share=0.8, floor_soc=0.5)
"""Full, and may give 10 kW down to 20 kWh."""
PLANNED = ("blind", "replanned", "hindsight")


def two_vans(policy: str, *, battery: DwellBattery = FULL, **more: object) -> Scenario:
    """One van needs 10 kWh from 16:00 to 17:00, at 0.30; another is full and stays overnight."""
    stays = [stay("giver", 8, 80, 0.0, battery=battery), stay("taker", 16, 20, 10.0)]
    return scenario(stays, plugs(2, **more), policy, tariff=CHEAP)


@pytest.mark.parametrize("policy", PLANNED)
def test_a_full_van_gives_by_day_and_takes_it_again_by_night(policy: str):
    outcome = play_nights(two_vans(policy))

    # 10 kWh given at 0.30 come back as 10 / 0.8 = 12.5 kWh at 0.10.
    assert float(outcome.bill) == pytest.approx(1.25, abs=0.01)
    assert outcome.feed is not None
    assert outcome.feed.given_kwh == pytest.approx(10.0, abs=1e-3)
    # 10 taken by one, 2.5 lost on the way of the other.
    assert outcome.charged_kwh == pytest.approx(12.5, abs=1e-3)
    assert outcome.unmet_kwh == pytest.approx(0.0, abs=1e-3)
    assert outcome.readiness.mean_share == 1


@pytest.mark.parametrize("policy", [one for one in POLICIES if one not in PLANNED])
def test_without_a_plan_nobody_feeds_back(policy: str):
    outcome = play_nights(two_vans(policy))

    assert outcome.feed is not None
    assert outcome.feed.given_kwh == 0
    # 10 kWh at 0.30.
    assert float(outcome.bill) == pytest.approx(3.0)


def test_wear_decides_whether_it_pays_and_is_no_line_of_the_bill():
    # A kWh given saves 0.30 and costs 0.10 / 0.8 = 0.125: worth it up to a wear of 0.175.
    kept = play_nights(two_vans("hindsight", battery=replace(FULL, wear_per_kwh=0.18)))
    given = play_nights(two_vans("hindsight", battery=replace(FULL, wear_per_kwh=0.17)))

    assert kept.feed is not None
    assert kept.feed.given_kwh == pytest.approx(0.0, abs=1e-3)
    row = figures_of(given)
    assert row["vehicle_wear_amount"] == pytest.approx(1.70, abs=1e-3)
    assert row["bill_and_wear"] == pytest.approx(row["bill"] + row["vehicle_wear_amount"])
    # Hindsight as played is its bound, wear in it.
    assert given.bound_amount == pytest.approx(float(given.bill) + given.wear_amount, abs=0.01)


def test_nothing_is_given_below_the_floor():
    outcome = play_nights(two_vans("hindsight", battery=replace(FULL, floor_soc=0.9)))

    assert outcome.feed is not None
    # 10 % of 40 kWh, of which 0.8 come out.
    assert outcome.feed.given_kwh == pytest.approx(3.2, abs=1e-3)


def test_nothing_is_given_that_could_not_be_taken_again_before_departure():
    # Four quarters left after this one, at 10 kW: 10 kWh, of which 6 are still needed.
    dwell = stay("van", 0, 5, 6.0, battery=FULL)
    one = Vehicle(0, dwell, first=0, last=5)
    one.plug(0, max_kw=10.0, min_kw=0.0, tapers=False, at=0)

    # 4 kWh to take again are 3.2 kWh given, in a quarter: 12.8 kW, above its 10.
    assert one.most_feed_kw(0, interval_h=0.25) == 10.0
    # Three quarters after the next: 7.5 - 6 = 1.5, 1.2 given in a quarter.
    assert one.most_feed_kw(1, interval_h=0.25) == pytest.approx(4.8)
    assert one.most_feed_kw(4, interval_h=0.25) == 0


def test_what_was_given_is_a_need_again_and_an_end_of_rest_near_full():
    one = Vehicle(0, stay("van", 0, 8, 0.0, battery=FULL), first=0, last=8)
    one.plug(0, max_kw=10.0, min_kw=0.0, tapers=False, at=0)

    for interval in range(4):
        one.feed(10.0, interval_h=0.25, interval=interval)

    # 10 kWh given are 12.5 of 40: at 0.69. Above 0.8 it began the first three quarters only
    # (1, 0.92, 0.84).
    assert one.soc == pytest.approx(0.6875)
    assert (one.left_kwh, one.charged_kwh, one.given_kwh) == (12.5, -12.5, 10.0)
    assert one.high_soc_intervals == 3
    one.charge(10.0, interval_h=1.25, interval=4)
    assert (one.left_kwh, one.soc) == (0.0, 1.0)
    assert one.high_soc_intervals == 6


def test_a_circuit_carries_what_is_given_and_taken_below_it():
    one = two_vans("hindsight")
    circuit = Circuit("panel", None, 2.0)
    stations = tuple(replace(station, circuit_id="panel") for station in one.depot.stations)
    tight = replace(one, depot=replace(one.depot, circuits=(circuit,), stations=stations))

    outcome = play_nights(tight)

    # Alone the panel carries 2 kWh in that hour; the other van gives the rest below it.
    assert outcome.unmet_kwh == pytest.approx(0.0, abs=1e-3)
    assert outcome.feed is not None
    assert outcome.feed.given_kwh == pytest.approx(10.0, abs=1e-3)
    assert outcome.peak_kw <= 2.0 + 1e-6


class Everything:
    """Asks each vehicle for all that it can."""

    def feed_kw(self, vehicle: Vehicle, interval: int) -> float:
        return vehicle.dwell.max_kw


@pytest.mark.parametrize(("export_kw", "given_kw"), [(0.0, 3.0), (4.0, 7.0), (50.0, 10.0)])
def test_no_more_is_given_than_the_depot_draws_and_the_grid_takes(
    export_kw: float, given_kw: float
):
    one = two_vans("fcfs")
    grid = replace(one.depot.grid, export_limit_kw=export_kw)
    setting = setting_of(replace(one, depot=replace(one.depot, grid=grid)))
    giver = setting.vehicles[0]
    setting.yard.plug(giver, 0, at=8)
    room_kw = list(setting.site.room_kw[16])

    offered_kw = setting.feeding.offer(16, Everything(), home=[giver], room_kw=room_kw)
    kept_kw = setting.feeding.settle(16, charging_kw=3.0, home={0: giver}, room_kw=room_kw)

    assert offered_kw == 10.0
    assert kept_kw == given_kw
    assert giver.given_kwh == pytest.approx(given_kw / 4)


def test_energy_is_kept_account_of():
    setting = played(two_vans("replanned"))
    outcome = play_nights(two_vans("replanned"))

    held_kwh = sum(one.charged_kwh for one in setting.vehicles.values())
    lost_kwh = sum(one.given_kwh * (1 / 0.8 - 1) for one in setting.vehicles.values())
    assert outcome.charged_kwh == pytest.approx(held_kwh + lost_kwh)
    assert outcome.energy_kwh == pytest.approx(outcome.charged_kwh)


def test_where_plugs_are_scarce_they_are_for_those_who_need_them():
    stays = [
        stay("giver", 8, 80, 0.0, battery=FULL),
        stay("one", 16, 60, 10.0),
        stay("two", 17, 60, 10.0),
    ]

    outcome = play_nights(scenario(stays, plugs(1), "replanned", tariff=TOU))

    assert outcome.readiness.mean_share == 1


def behind_a_panel(limit_kw: float) -> tuple[Setting, Vehicle]:
    """Return a setting whose giver stands alone below a panel, and that giver."""
    one = two_vans("fcfs")
    first, second = one.depot.stations
    depot = replace(
        one.depot,
        circuits=(Circuit("panel", None, limit_kw),),
        stations=(replace(first, circuit_id="panel"), second),
        grid=replace(one.depot.grid, export_limit_kw=50.0),
    )
    setting = setting_of(replace(one, depot=depot))
    giver = setting.vehicles[0]
    setting.yard.plug(giver, 0, at=8)
    return setting, giver


def test_no_more_goes_up_a_circuit_than_its_limit():
    setting, giver = behind_a_panel(4.0)
    room_kw = list(setting.site.room_kw[16])

    setting.feeding.offer(16, Everything(), home=[giver], room_kw=room_kw)
    kept_kw = setting.feeding.settle(16, charging_kw=0.0, home={0: giver}, room_kw=room_kw)

    assert kept_kw == 4.0


def test_the_site_counts_on_no_more_than_a_circuit_carries_up():
    setting, giver = behind_a_panel(4.0)
    room_kw = list(setting.site.room_kw[16])

    offered_kw = setting.feeding.offer(16, Everything(), home=[giver], room_kw=room_kw)

    # Whoever draws below the panel has all 10 kW of it; the rest of the site only what goes up.
    assert offered_kw == 4.0
    assert setting.feeding.now_kw == {0: 10.0}
    assert room_kw[setting.site.paths[0][0]] == pytest.approx(4.0 + 10.0)


@pytest.mark.parametrize("policy", PLANNED)
def test_who_could_give_takes_the_last_of_its_need_below_the_least_power_as_others_do(policy: str):
    # 0.5 kWh are 2 kW for a quarter-hour, of a connector that gives 4 kW at the least.
    able = replace(FULL, arrival_soc=0.5, floor_soc=0.2)
    outcomes = [
        play_nights(scenario([stay("van", 8, 80, 0.5, battery=one)], plugs(1, min_kw=4.0), policy))
        for one in (replace(able, discharge_max_kw=0.0), able)
    ]

    assert [one.unmet_kwh for one in outcomes] == pytest.approx([0.0, 0.0], abs=1e-3)
    assert [one.readiness.mean_share for one in outcomes] == [1, 1]


def test_who_lacks_more_than_it_came_with_has_met_none_of_its_must_and_not_less():
    # 2.5 kWh given are 3.125 to be taken again, and it gets nothing before it leaves.
    setting, giver = behind_a_panel(4.0)
    giver.dwell = replace(giver.dwell, energy_must_kwh=1.0, energy_target_kwh=1.0)
    giver.feed(10.0, interval_h=0.25, interval=8)

    assert outcome_of(setting).readiness.least_met_share == 0.0


def test_a_plan_stores_by_day_what_others_need_when_nothing_is_left():
    # 4 kW are the limit, and 10 kWh are needed in an hour: 6 come from what was stored before.
    empty = replace(FULL, arrival_soc=0.5)
    stays = [stay("giver", 0, 80, 0.0, battery=empty), stay("taker", 16, 20, 10.0)]

    outcomes = {
        policy: play_nights(scenario(stays, plugs(2, limit_kw=4.0), policy, tariff=CHEAP))
        for policy in ("fcfs", *PLANNED)
    }

    assert outcomes["fcfs"].unmet_kwh == pytest.approx(6.0)
    for policy in PLANNED:
        assert outcomes[policy].unmet_kwh == pytest.approx(0.0, abs=1e-3), policy
        # 4 kWh at 0.30 as they are needed, 6 / 0.8 before, at 0.30 too.
        assert float(outcomes[policy].bill) == pytest.approx(1.2 + 2.25, abs=0.01), policy


def test_what_a_van_has_to_spare_it_need_not_take_again():
    spared = replace(FULL, spare_kwh=10.0)

    outcome = play_nights(two_vans("replanned", battery=spared))

    # 10 kWh given are 12.5 taken out, of which 2.5 come back at 0.10.
    assert float(outcome.bill) == pytest.approx(0.25, abs=0.01)
    assert outcome.readiness.mean_share == 1


def test_a_van_that_needs_energy_has_none_to_spare():
    with pytest.raises(ModelError, match="needs 5 kWh and has 3 kWh to spare"):
        stay("van", 0, 8, 5, battery=replace(FULL, spare_kwh=3))
