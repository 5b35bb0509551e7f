"""Dispatch knows what everybody's charge is: who told of it, what flowed since, who disagrees."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from depotlib.dispatch.charges import Charges
from depotlib.dispatch.night import LiveNight, open_stays
from depotlib.dispatch.tally import EndedSession
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.news import VehicleReading
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

MINUTE = timedelta(minutes=1)
KWH_SOC = 0.9 / 68.0  # samples.fleet: 68 kWh, 0.9 of the wall's energy


def seen(at: datetime, *, energy_kwh: float, soc: float | None = None, **facts) -> LiveNight:
    """Return the night with van-1 on its point; its stay rests on an arrival with 40 %."""
    brief = samples.brief()
    dwells = tuple(replace(one, arrival_soc=0.4, energy_sigma_kwh=6.0) for one in brief.dwells)
    (state,) = (station := scenes.plugged("AC-01/1", "van-1")).connectors
    state = replace(state, energy_kwh=energy_kwh, measured_at=at, soc=soc)
    return scenes.night(
        now=at,
        brief=replace(brief, dwells=dwells),
        stations=(replace(station, connectors=(state,)),),
        **facts,
    )


def reading(at: datetime, soc: float) -> VehicleReading:
    return VehicleReading("van-1", at, soc=soc, odometer_km=None, source="geotab")


def test_before_anybody_tells_the_charge_is_what_was_expected_and_what_flowed():
    charges = Charges()

    charges.look(seen(EVENING + 30 * MINUTE, energy_kwh=4.0), [])

    belief = charges.beliefs["van-1"]
    assert belief.soc == pytest.approx(0.4 + 4.0 * KWH_SOC)
    assert (belief.source, belief.is_estimated) == ("expected", True)


def test_telematics_of_a_moment_ago_counts_for_that_moment():
    charges = Charges()
    charges.look(seen(EVENING + 10 * MINUTE, energy_kwh=0.0), [])
    charges.look(seen(EVENING + 20 * MINUTE, energy_kwh=8.0), [])

    # At a quarter past, half of the 8 kWh had flowed: 45 % then are 45 % + 4 kWh now.
    charges.look(
        seen(EVENING + 20 * MINUTE, energy_kwh=8.0), [reading(EVENING + 15 * MINUTE, 0.45)]
    )

    belief = charges.beliefs["van-1"]
    assert belief.soc == pytest.approx(0.45 + 4.0 * KWH_SOC, abs=0.01)
    assert belief.source == "telematics"


def test_when_telematics_goes_silent_the_meter_goes_on_and_it_is_said():
    charges = Charges()
    charges.look(seen(EVENING + 20 * MINUTE, energy_kwh=0.0), [reading(EVENING + 19 * MINUTE, 0.5)])
    told = charges.beliefs["van-1"]

    charges.look(seen(EVENING + 80 * MINUTE, energy_kwh=7.0), [reading(EVENING + 19 * MINUTE, 0.5)])

    later = charges.beliefs["van-1"]
    assert later.soc == pytest.approx(told.soc + 7.0 * KWH_SOC)
    assert (told.source, later.source) == ("telematics", "meter")
    assert later.sigma_soc > told.sigma_soc


def test_telematics_that_comes_back_is_handed_over_to_smoothly():
    charges = Charges()
    at = EVENING + 20 * MINUTE
    charges.look(seen(at, energy_kwh=0.0), [reading(at, 0.5)])
    charges.look(seen(at + 180 * MINUTE, energy_kwh=20.0), [])
    estimated = charges.beliefs["van-1"]

    # It says 75 %; 50 % and 20 kWh are 76.5 %.
    again = at + 181 * MINUTE
    charges.look(seen(again, energy_kwh=20.0), [reading(again, 0.75)])

    told = charges.beliefs["van-1"]
    assert 0.75 < told.soc < estimated.soc
    assert (estimated.source, told.source, told.doubt) == ("meter", "telematics", "")


def test_a_station_that_knows_the_charge_is_another_source_and_one_that_disagrees_is_flagged():
    charges = Charges()
    at = EVENING + 20 * MINUTE
    charges.look(seen(at, energy_kwh=0.0, soc=0.5), [])
    alone = charges.beliefs["van-1"]

    charges.look(seen(at + MINUTE, energy_kwh=0.1, soc=0.5), [reading(at + MINUTE, 0.7)])

    both = charges.beliefs["van-1"]
    assert (alone.source, both.source) == ("station", "telematics")
    assert alone.soc == pytest.approx(0.5, abs=0.02)
    assert both.doubt.startswith("telematics says 70%")


def test_a_station_that_repeats_its_first_word_is_not_believed_again():
    charges = Charges()
    at = EVENING + 20 * MINUTE
    charges.look(seen(at, energy_kwh=0.0, soc=0.5), [])

    charges.look(seen(at + 120 * MINUTE, energy_kwh=14.0, soc=0.5), [])

    assert charges.beliefs["van-1"].soc == pytest.approx(0.5 + 14.0 * KWH_SOC, abs=0.02)
    assert charges.beliefs["van-1"].source == "meter"


def test_the_rest_of_the_night_is_planned_from_the_charge():
    at = EVENING + 20 * MINUTE
    night, charges = seen(at, energy_kwh=2.0), Charges()
    charges.look(night, [reading(at, 0.6)])

    metered = {one.vehicle_id: one.energy_target_kwh for one in open_stays(night, start=at)}
    fused = {
        one.vehicle_id: one.energy_target_kwh
        for one in open_stays(replace(night, charges=charges.beliefs), start=at)
    }

    # 30 kWh on top of 40 % are 79.7 %; from 60 % that is 14.9 kWh, 0.3 % and 0.2 kWh more to ask.
    assert metered["van-1"] == pytest.approx((30.0 - 2.0) * 1.003 + 0.2)
    assert fused["van-1"] == pytest.approx(14.9 * 1.003 + 0.2, abs=0.8)
    assert fused["van-2"] == metered["van-2"]


def test_an_energy_that_was_asked_for_outright_is_counted_by_the_meter():
    at = EVENING + 20 * MINUTE
    night = seen(at, energy_kwh=2.0, changes=(samples.change(changed_at=at, energy_kwh=20.0),))
    charges = Charges()
    charges.look(night, [reading(at, 0.6)])

    stays = open_stays(replace(night, charges=charges.beliefs), start=at)

    assert stays[0].energy_target_kwh == pytest.approx(18.0 * 1.003 + 0.2)


def test_who_moves_to_another_point_keeps_its_charge():
    charges = Charges()
    at = EVENING + 60 * MINUTE
    charges.look(seen(at, energy_kwh=10.0), [reading(at, 0.55)])
    first = charges.beliefs["van-1"]
    ended = {"AC-01/1@18:00": EndedSession("van-1", at + MINUTE, 10.5)}
    away = seen(at + 2 * MINUTE, energy_kwh=0.0, ended=ended)
    charges.look(replace(away, stations=()), [])
    moved = seen(at + 60 * MINUTE, energy_kwh=0.0)
    (state,) = moved.stations[0].connectors
    state = replace(state, session_id="AC-02/1@20:00", session_started_at=at + 59 * MINUTE)

    charges.look(replace(moved, stations=(replace(moved.stations[0], connectors=(state,)),)), [])

    assert charges.beliefs["van-1"].session_id == "AC-02/1@20:00"
    assert charges.beliefs["van-1"].soc == pytest.approx(first.soc + 0.5 * KWH_SOC, abs=1e-4)


def test_what_an_earlier_process_believed_is_gone_on_with(tmp_path):
    at = EVENING + 20 * MINUTE
    with open_mailbox(tmp_path / "m") as mailbox:
        charges = Charges()
        charges.look(seen(at, energy_kwh=2.0), [reading(at, 0.6)])
        for belief in charges.to_write():
            mailbox.charges.put(belief.vehicle_id, belief)

        restarted = Charges(mailbox.charges.all())
        restarted.look(seen(at + MINUTE, energy_kwh=2.1), [reading(at, 0.6)])

    assert restarted.beliefs["van-1"].soc == pytest.approx(
        charges.beliefs["van-1"].soc + 0.1 * KWH_SOC, abs=1e-3
    )
    assert restarted.beliefs["van-1"].told_at == at


def test_what_telematics_tells_a_new_process_of_a_silent_meter_is_of_now_and_not_of_the_plug_in():
    # Last heard at eight: 18 kWh from 40 %, so 64 %. A new process; the meter says nothing more.
    at = EVENING + 120 * MINUTE
    charges = Charges()
    charges.look(seen(at, energy_kwh=18.0), [reading(at, 0.64)])
    silent = replace(seen(at, energy_kwh=18.0), now=at + 20 * MINUTE)

    restarted = Charges(charges.beliefs.values())
    # Twenty minutes at 7.2 kW are 2.4 kWh, 3 %.
    restarted.look(silent, [reading(at + 20 * MINUTE, 0.67)])

    belief = restarted.beliefs["van-1"]
    assert belief.soc == pytest.approx(0.67, abs=0.01)
    assert belief.doubt == ""


def test_only_what_moved_is_written():
    at, charges = EVENING + 20 * MINUTE, Charges()
    charges.look(seen(at, energy_kwh=2.0), [reading(at, 0.6)])
    first = charges.to_write()
    charges.written(first)
    charges.look(seen(at + MINUTE, energy_kwh=2.1), [reading(at, 0.6)])
    second = charges.to_write()
    charges.written(second)
    charges.look(seen(at + 10 * MINUTE, energy_kwh=3.0), [reading(at, 0.6)])

    assert [len(first), len(second), len(charges.to_write())] == [1, 0, 1]


def test_a_belief_is_to_be_written_until_it_is():
    charges = Charges()
    charges.look(seen(EVENING + 20 * MINUTE, energy_kwh=2.0), [])

    asked = [charges.to_write(), charges.to_write()]
    charges.written(asked[1])

    assert asked[0] == asked[1] == (charges.beliefs["van-1"],)
    assert charges.to_write() == ()


def waiting(at: datetime, *, is_home: bool = True) -> LiveNight:
    """Return the night with nobody plugged in, van-1 in the yard or on the road."""
    night = seen(at, energy_kwh=0.0)
    here = (scenes.empty("AC-01/1"), scenes.empty("AC-02/1"))
    return replace(night, stations=here, at_home={"van-1": is_home})


def test_of_who_waits_in_the_yard_telematics_tells_what_it_will_need():
    at = EVENING + 60 * MINUTE
    night = waiting(at)

    beliefs = Charges().awaited(night, [reading(at - MINUTE, 0.3)])

    # It came with 30 % and not with 40 %: 10 % of 68 kWh more, at 0.9 of the wall's energy.
    assert beliefs["van-1"].soc == pytest.approx(0.3, abs=0.015)
    before, after = (
        {one.vehicle_id: one.energy_must_kwh for one in open_stays(each, start=at)}
        for each in (night, replace(night, awaited=beliefs))
    )
    assert after["van-1"] - before["van-1"] == pytest.approx(0.1 / KWH_SOC, rel=0.15)
    assert after["van-2"] == before["van-2"]


def test_of_who_is_on_the_road_or_has_charged_nothing_is_awaited():
    at = EVENING + 60 * MINUTE
    told = [reading(at - MINUTE, 0.3)]

    assert Charges().awaited(waiting(at, is_home=False), told) == {}
    assert Charges().awaited(replace(waiting(at), ended_kwh={"van-1": 5.0}), told) == {}
    assert Charges().awaited(replace(seen(at, energy_kwh=1.0), at_home={"van-1": True}), told) == {}
    assert Charges().awaited(waiting(at), []) == {}
