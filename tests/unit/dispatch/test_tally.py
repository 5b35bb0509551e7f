"""What has been delivered, and what the site has drawn, counted once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.dispatch.horizon import horizon_of, power_line_kw
from depotlib.dispatch.tally import SiteMeter, Tally
from depotlib.model.dwell import Dwell
from depotlib.model.live import JournalEntry, JournalRecord
from depotlib.model.timegrid import TimeGrid
from tests.unit.dispatch.scenes import NOW
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

STAY = samples.dwell("van-1")
DAY = timedelta(days=1)
GRID = TimeGrid(start=EVENING, interval_s=900, count=48)


def ended(
    session: str,
    *,
    hour: int,
    energy_kwh: object = 5.0,
    kind="session_ended",
    vehicle_id: str = "van-1",
):
    facts = {"session_id": session, "vehicle_id": vehicle_id, "energy_kwh": energy_kwh}
    entry = JournalEntry(at=EVENING + timedelta(hours=hour), kind=kind, payload=facts)
    return JournalRecord(seq=1, entry=entry, hash="")


def delivered_kwh(tally: Tally, stay: Dwell = STAY, *, others: tuple[Dwell, ...] = ()) -> float:
    return tally.energy_kwh(stay, others=(stay, *others))


def test_sessions_are_added_up_once_each():
    tally = Tally()

    tally.take([ended("a", hour=1), ended("b", hour=2), ended("a", hour=1)])

    assert delivered_kwh(tally) == 10.0
    assert delivered_kwh(tally, samples.dwell("van-2")) == 0.0


def test_a_session_is_whose_the_last_word_says():
    tally = Tally()

    tally.take([ended("a", hour=1), ended("a", hour=1, vehicle_id="van-2")])

    assert delivered_kwh(tally) == 0.0
    assert delivered_kwh(tally, samples.dwell("van-2")) == 5.0


def test_a_session_that_ended_before_an_earlier_stay_was_over_is_that_ones():
    tally = Tally()
    tally.take([ended("a", hour=1), ended("b", hour=2)])
    first = replace(STAY, departure=EVENING + timedelta(hours=1))
    second = replace(STAY, arrival=EVENING + timedelta(hours=1))

    assert delivered_kwh(tally, second, others=(first,)) == 5.0


def test_the_night_before_is_not_counted_though_the_brief_forgot_it():
    """Found by the simulated week: from its second night on every van was planned too little."""
    tonight = replace(STAY, arrival=MORNING + timedelta(hours=11), departure=MORNING + 2 * DAY)
    begun = ended("a", hour=0, kind="session_started")
    joined = JournalEntry(
        EVENING,
        "stay_joined",
        payload={"session_id": "b", "vehicle_id": "van-1", "departure": MORNING.isoformat()},
    )
    by_start, by_stay, unknown = Tally(), Tally(), Tally()

    # It left at six in the morning, and is expected at five in the afternoon.
    by_start.take([begun, ended("a", hour=12)])
    by_stay.take([JournalRecord(1, joined, ""), ended("b", hour=12)])
    unknown.take([ended("c", hour=12)])

    assert delivered_kwh(by_start, tonight) == 0.0
    assert delivered_kwh(by_stay, tonight) == 0.0
    assert delivered_kwh(by_start) == delivered_kwh(by_stay) == 5.0
    # Of which nobody told when it began may be of a van that came early.
    assert delivered_kwh(unknown, tonight) == 5.0


def test_what_tells_of_no_energy_is_passed_over():
    tally = Tally()

    tally.take(
        [
            ended("a", hour=1, kind="session_started"),
            ended("b", hour=1, energy_kwh=None),
            ended("c", hour=1, energy_kwh=-1.0),
        ]
    )

    assert delivered_kwh(tally) == 0.0


def test_the_mean_of_an_interval_is_that_of_its_looks():
    meter = SiteMeter()
    for minute, power_kw in ((0, 10.0), (5, 40.0), (15, 0.0)):
        meter.look(EVENING + timedelta(minutes=minute), power_kw=power_kw, grid=GRID)

    # 5 min at 10 kW and 10 min at 40 kW.
    assert meter.means_kw(GRID) == {0: pytest.approx(30.0)}


def test_an_interval_that_was_watched_in_part_has_no_mean():
    meter = SiteMeter()
    meter.look(EVENING + timedelta(minutes=5), power_kw=50.0, grid=GRID)
    meter.look(EVENING + timedelta(minutes=29), power_kw=50.0, grid=GRID)

    assert meter.means_kw(GRID) == {1: pytest.approx(50.0)}


def test_the_rest_of_the_night_begins_with_the_next_whole_interval():
    brief = samples.brief()

    horizon = horizon_of(brief, now=NOW, until=MORNING, site_kw={})

    assert horizon is not None
    assert horizon.grid == TimeGrid(start=EVENING + timedelta(minutes=15), interval_s=900, count=47)
    assert len(horizon.prices.energy[0].price_per_kwh) == len(horizon.base_load_kw) == 47
    assert horizon.prices.peaks[0].intervals == tuple(range(47))
    # The tier counted intervals 0 and 1: 1 is the first of the rest.
    assert horizon.prices.blocks[0].intervals == (0,)


def test_a_peak_that_has_happened_costs_nothing_more():
    brief = samples.brief()

    horizon = horizon_of(brief, now=NOW + timedelta(hours=1), until=MORNING, site_kw={0: 20.0})
    unseen = horizon_of(brief, now=NOW + timedelta(hours=1), until=MORNING, site_kw={})

    # 20 kW of charging and 5 kW of base load, against 12 kW billed before.
    assert horizon is not None
    assert unseen is not None
    assert horizon.prices.peaks[0].sunk_kw == 25.0
    assert unseen.prices.peaks[0].sunk_kw == 12.0


def test_a_schedule_counts_with_the_most_it_permits_in_each_interval():
    schedule = samples.schedule(start=EVENING + timedelta(minutes=20))

    line_kw = power_line_kw(schedule, GRID)

    # 7.4 kW from 18:20 to 22:20: the intervals from 18:15 to 22:30, 1 to 17.
    assert [index for index, power_kw in enumerate(line_kw) if power_kw > 0] == list(range(1, 18))
    assert set(line_kw) == {0.0, 7.4}
