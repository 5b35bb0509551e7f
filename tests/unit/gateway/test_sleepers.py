"""The wake ritual, with the virtual vehicle that sleeps through the offer that ends a pause."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.gateway.control import Heritage
from depotlib.gateway.messages import (
    Connected,
    InstallProfile,
    MeterReported,
    MeterSample,
    StatusReported,
    StopRemotely,
    TransactionStarted,
)
from depotlib.gateway.versions import OCPP16
from depotlib.units import w_to_kw, wh_to_kwh
from depotlib.virtual.charging_profiles import read_profile
from depotlib.virtual.script import NightScript, ScriptedVehicle, Stay
from depotlib.virtual.yard import VirtualYard
from tests.chaos.simulated_station import snake
from tests.gateway_cases import T0, at, night, site, small_site

PAUSE_S, OFFER_S = 900, 1800  # a quarter of an hour each: 11 kW, a pause, 11 kW again
PUMP_EVERY = 5
VAN = ScriptedVehicle(
    vehicle_id="van-0", id_tag="TAG-0", usable_kwh=80.0, max_kw=11.0, arrival_soc=0.2
)


class Night:
    """One virtual station under the control as it ships, second by second."""

    def __init__(self, van: ScriptedVehicle) -> None:
        brief = small_site(stations=1)
        stay = Stay(vehicle_id="van-0", connector_id="S0/1", plug_in=T0,
                    unplug=T0 + timedelta(hours=3))  # fmt: skip
        self.yard = VirtualYard(depot=brief.depot, script=NightScript(vehicle=(van,), stay=(stay,)))
        self.there = site(brief)
        self.there.says = self.says
        self.calls = []
        self.powers_kw = []
        self.there.come_up()
        plan = night({"S0/1": [11.0, 0.0, 11.0, 11.0, 11.0, 11.0]})
        self.there.control.apply_release(plan)

    def says(self, _station_id, call):
        self.calls.append(call)
        if isinstance(call, InstallProfile):
            _, payload = OCPP16.write_call(call)
            body = snake(payload)["cs_charging_profiles"]
            self.yard.stations["S0"].profiles.install(
                read_profile(body, connector=payload["connectorId"], voltage_v=230.0, phases=3)
            )
        return "Accepted"

    def restart(self) -> None:
        """Put a new gateway in the place of the one that ran, with what it finds written."""
        before = self.there
        running = before.control.stations["S0"].transactions.all_running()
        left = Heritage(
            leases=tuple(one for one in before.leases.values() if one.state != "released"),
            seqs={"S0/1": max(seq for _, seq in before.leases)},
            armed={"S0"},
            transactions={"S0": [replace(one) for one in running]},
        )
        self.there = site(small_site(stations=1), heritage=left, now=before.now)
        self.there.says = self.says
        self.there.say("S0", Connected("1.6"))
        self.there.control.apply_release(night({"S0/1": [11.0, 0.0, 11.0, 11.0, 11.0, 11.0]}))

    def intend(self, *, due_kwh: float, release_id: str) -> None:
        """Apply a release of the same limits that means to give so much."""
        plan = night({"S0/1": [11.0, 0.0, 11.0, 11.0, 11.0, 11.0]}, release_id=release_id)
        schedule = replace(plan.schedules[0], energy_target_kwh=due_kwh)
        self.there.control.apply_release(replace(plan, schedules=(schedule,)))

    def play(self, until_s: float) -> None:
        while len(self.powers_kw) < until_s:
            now = at(len(self.powers_kw))
            self.there.now = now
            self.powers_kw.append(self.yard.step(now)["S0/1"])
            for message in self.said():
                self.there.say("S0", message)
            if len(self.powers_kw) % PUMP_EVERY == 0:
                self.there.pump()

    def said(self):
        outbox = self.yard.stations["S0"].outbox
        while outbox:
            one = outbox.popleft()
            if one.kind == "start":
                yield TransactionStarted("s", 1, "TAG-0", wh_to_kwh(one.register_wh), one.at)
            elif one.kind == "meter":
                sample = MeterSample(one.at, w_to_kw(one.power_w), wh_to_kwh(one.register_wh))
                yield MeterReported("m", 1, None, (sample,))
            elif one.kind == "status":
                yield StatusReported("t", 1, one.status, "", one.at)

    def told(self):
        return [one.payload for one in self.there.journal if one.kind == "vehicle_asleep"]

    def mean_kw(self, begin_s, end_s):
        return sum(self.powers_kw[begin_s:end_s]) / (end_s - begin_s)


def sleeper(**traits):
    return VAN.model_copy(update={"wakes_from_pause": False, **traits})


def test_a_vehicle_that_wakes_is_left_alone():
    one = Night(VAN)

    one.play(OFFER_S + 900)

    assert one.told() == []
    assert one.mean_kw(OFFER_S + 60, OFFER_S + 900) == pytest.approx(11.0, abs=0.1)


def test_a_sleeper_is_offered_again_after_a_second_pause_and_wakes():
    one = Night(sleeper())

    one.play(OFFER_S + 900)

    # Five minutes, at most one more for the meter, one for the second pause, seconds to follow.
    assert one.mean_kw(OFFER_S, OFFER_S + 300) == 0.0
    assert one.mean_kw(OFFER_S + 480, OFFER_S + 900) == pytest.approx(11.0, abs=0.1)
    assert [(told["vehicle_id"], told["tries"]) for told in one.told()] == [("van-0", 1)]


@pytest.mark.parametrize("restarts_s", [OFFER_S - 60, OFFER_S + 60], ids=["paused", "offered"])
def test_a_sleeper_is_woken_also_where_the_gateway_was_restarted_meanwhile(restarts_s):
    one = Night(sleeper())

    one.play(restarts_s)
    one.restart()
    one.play(OFFER_S + 1200)

    assert [told["tries"] for told in one.told()] == [1]
    assert one.mean_kw(OFFER_S + 900, OFFER_S + 1200) == pytest.approx(11.0, abs=0.1)


def test_a_vehicle_that_charges_is_left_alone_where_the_gateway_is_restarted():
    one = Night(VAN)

    one.play(OFFER_S + 300)
    one.restart()
    one.play(OFFER_S + 1200)

    assert one.told() == []
    assert one.mean_kw(OFFER_S + 60, OFFER_S + 1200) == pytest.approx(11.0, abs=0.1)


def test_one_that_does_not_wake_by_the_ritual_is_given_to_a_person_after_two_tries():
    one = Night(sleeper(wakes_by_ritual=False))

    one.play(OFFER_S + 2400)

    assert [told["tries"] for told in one.told()] == [1, 2, 3]
    assert "somebody has to look after it" in str(one.told()[-1]["what"])
    # Its limit stands: whoever pulls the cable and puts it in again finds it charging.
    assert one.there.held_kw("S0/1") == pytest.approx(11.0, abs=0.1)
    # Some makes begin no other transaction before the cable is pulled (quirk 22).
    assert not any(isinstance(call, StopRemotely) for call in one.calls)
    assert one.there.control.stations["S0"].transactions.running(1) is not None


@pytest.mark.parametrize(("target_kwh", "tries"), [(2.0, []), (10.0, [1])])
def test_a_vehicle_that_has_what_its_plan_meant_to_give_is_not_asleep(target_kwh, tries):
    # A quarter of an hour at 11 kW is 2.75 kWh, and more it does not take.
    one = Night(VAN.model_copy(update={"full_soc": 0.2 + 2.0 * 0.9 / 80.0}))
    one.intend(due_kwh=target_kwh, release_id="r2")

    one.play(OFFER_S + 420)

    assert [told["tries"] for told in one.told()] == tries


@pytest.mark.parametrize(("due_kwh", "tries"), [(0.0, []), (1.0, [1])])
def test_what_is_still_due_by_a_later_release_comes_beside_what_it_has_had(due_kwh, tries):
    # A plan made in its pause knows of the quarter of an hour that it has had, 2.75 kWh: a kWh more
    # is what it still lacks, not all that it was to have.
    one = Night(sleeper())
    one.play(OFFER_S - 60)
    one.intend(due_kwh=due_kwh, release_id="later")

    one.play(OFFER_S + 420)

    assert [told["tries"] for told in one.told()] == tries


def test_who_had_enough_by_a_release_is_woken_once_the_next_one_means_more():
    """Found by the simulated week: a release made while the station was unheard knew too little."""
    one = Night(sleeper())
    one.play(OFFER_S - 60)
    one.intend(due_kwh=0.0, release_id="enough")
    one.play(OFFER_S + 600)

    one.intend(due_kwh=10.0, release_id="more")
    one.play(OFFER_S + 1500)

    assert [told["tries"] for told in one.told()] == [1]
    assert one.mean_kw(OFFER_S + 1200, OFFER_S + 1500) == pytest.approx(11.0, abs=0.1)


@pytest.mark.parametrize(
    ("statuses", "writes"),
    [(["SuspendedEVSE", "Charging"], 1), (["SuspendedEV", "Charging"] * 5, 0),
     (["SuspendedEVSE", "Charging"] * 5, 1)],
)  # fmt: skip
def test_who_resumes_after_a_pause_is_told_its_limit_once_more(statuses, writes):
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": [11.0] * 8}))
    there.plug_in("S0", "TAG-0")
    for _ in range(4):
        there.wait(400)
    before = len(there.sent)

    for status in statuses:
        there.say("S0", StatusReported("t", 1, status, "", there.now))
        there.wait(1)

    assert len(there.sent) - before == writes
