"""Who does not wake from a pause is not paused again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.dispatch.night import LiveNight, open_stays
from depotlib.dispatch.pauses import as_slept
from depotlib.dispatch.replan import replan
from depotlib.dispatch.tally import EndedSession, Tally
from depotlib.model.live import JournalEntry, JournalRecord
from depotlib.model.price_terms import EnergyTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER, NOW
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

HERE = scenes.plugged("AC-01/1", "van-1", power_kw=7.0, limit_kw=7.4)
SESSION = HERE.connectors[0].session_id
CHEAP_LATE = PriceTerms("EUR", energy=(EnergyTerm("Energy", (0.3,) * 24 + (0.1,) * 24),))


def starts(night: LiveNight) -> dict[str, int | None]:
    stays = as_slept(open_stays(night, start=NEXT_QUARTER), night)
    return {one.vehicle_id: one.most_starts for one in stays}


def test_who_slept_in_this_session_may_start_once_more():
    assert starts(scenes.night(stations=(HERE,), slept=frozenset({SESSION}))) == {
        "van-1": 1,
        "van-2": None,
    }


def test_who_slept_in_a_session_that_is_over_is_known_by_its_vehicle():
    over = EndedSession("van-2", NOW, energy_kwh=1.0)
    night = scenes.night(ended={"before": over}, slept=frozenset({"before", "nobody's"}))

    assert starts(night) == {"van-1": None, "van-2": 1}


def test_the_journal_tells_in_which_session_somebody_slept():
    tally, facts = Tally(), {"session_id": "s", "vehicle_id": None, "tries": 1}

    tally.take([JournalRecord(1, JournalEntry(NOW, "vehicle_asleep", payload=facts), "")])

    assert tally.slept == {"s"}


def test_a_sleeper_is_not_paused_though_later_would_be_cheaper():
    grid = TimeGrid(start=EVENING, interval_s=900, count=48)
    brief = replace(samples.brief(), grid=grid, prices=CHEAP_LATE, base_load_kw=())
    night = scenes.night(brief=brief, stations=(HERE,), slept=frozenset({SESSION}))

    slept, awake = (
        scenes.schedule_of(replan(one).release, "van-1")
        for one in (night, replace(night, slept=frozenset()))
    )

    # Cheap from midnight on: who wakes from any pause waits for it.
    quarters = [NEXT_QUARTER + n * timedelta(minutes=15) for n in range(20)]
    assert {awake.limit_at(one) for one in quarters} == {0.0}
    assert all(slept.limit_at(one) > 0.0 for one in quarters)
    still_kwh = 30.0 - HERE.connectors[0].energy_kwh
    assert scenes.energy_kwh(slept, since=NOW, until=MORNING) >= still_kwh


def test_what_a_caught_station_gives_is_what_it_gives_not_what_is_permitted():
    caught = scenes.plugged("AC-01/1", "van-1", energy_kwh=5.0, power_kw=0.0)
    night = scenes.night(stations=(caught,))

    free, held = (
        open_stays(one, start=NEXT_QUARTER)[0].energy_target_kwh
        for one in (night, replace(night, caught=frozenset({"AC-01"})))
    )

    # The push permits 7.4 kW until 18:15; a caught station at 0 A gives nothing of it. Both with
    # the buffer of 0.3 %.
    assert held - free == pytest.approx(7.4 * (10.0 / 60.0) * 1.003)
