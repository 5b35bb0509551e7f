"""Requirements of the live loop: joined at the plug-in, by the real departure, only what changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from depotlib.dispatch.burst import PATIENCE, QUIET
from depotlib.dispatch.changed import changed_profiles
from depotlib.dispatch.loop import POLL_S, Dispatcher
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.gateway.outlook import station_state
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.live import JournalEntry, StationState
from depotlib.model.news import DepartureChange
from depotlib.model.price_terms import EnergyTerm, PriceTerms
from depotlib.model.release import ConnectorSchedule, Release
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.schedule import schedules_of_plan
from depotlib.workflows.plan_tonight import NightAnswer
from depotlib.workflows.publish_site import brief_of
from tests import gateway_cases
from tests.gateway_cases import T0, at, small_site
from tests.requirements.pointer import covered_by
from tests.unit.dispatch import scenes

PLUG_INS = 100
POLL = timedelta(seconds=POLL_S)
WITHIN = timedelta(seconds=2)
EARLIER = timedelta(minutes=90)
FEW = 10
"""Of sixty, all of them there: those that make room where the site is full, with the one that asked
(measured: 8)."""


@dataclass(frozen=True)
class Depot:
    """A mailbox as its processes share it: the gateway's and the fleet's hand, and dispatch."""

    mailbox: Mailbox
    dispatcher: Dispatcher

    def answer(self, now: datetime) -> Release:
        """Return the release in force once dispatch has answered what has happened by now."""
        self.dispatcher.step(now)
        self.dispatcher.step(now + QUIET)
        release = self.mailbox.current_release()
        assert release is not None
        return release

    def tell(self, change: DepartureChange) -> None:
        """Change a departure as the fleet's door does."""
        self.mailbox.put_departure(change)
        facts = {"action": "change_departure", "vehicle_id": change.vehicle_id}
        self.mailbox.append([JournalEntry(change.changed_at, "operator_action", payload=facts)])


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    path = tmp_path / "exchange.sqlite"
    with open_mailbox(path) as mailbox, open_mailbox(path) as own:
        yield Depot(mailbox, Dispatcher(own))


def a_night(brief: Brief, *, energy_kwh: float = 20.0) -> tuple[Brief, Release]:
    """Return a brief with a stay of eight hours for every station's van, planned and pushed."""
    grid = TimeGrid(start=T0, interval_s=900, count=36)
    stays = tuple(
        Dwell(
            vehicle_id=str(token.vehicle_id),
            arrival=T0,
            departure=at(8 * 3600),
            energy_must_kwh=energy_kwh,
            energy_target_kwh=energy_kwh,
        )
        for token in brief.identities.tokens
    )
    prices = PriceTerms(
        currency="EUR",
        # Dear for six hours, then cheap for two: who stays eight hours charges in the last two.
        energy=(EnergyTerm("Energy", (0.3,) * 24 + (0.1,) * 12),),
    )
    plan = plan_night(
        stays,
        brief.depot,
        grid=grid,
        prices=prices,
        base_load_kw=np.zeros(grid.count),
        order=PlanOrder(made_at=T0),
    )
    release = Release(
        release_id="pushed",
        plan_id=plan.header.plan_id,
        origin="push",
        brief_version=1,
        made_at=T0,
        valid_from=T0,
        valid_to=at(9 * 3600),
        schedules=schedules_of_plan(
            plan, stays, depot=brief.depot, base_load_kw=np.zeros(grid.count)
        ),
        pushable=True,
    )
    return replace(brief, dwells=stays, grid=grid, prices=prices), release


def push(depot: Depot, brief: Brief, release: Release, *, now: datetime) -> None:
    depot.mailbox.publish_brief(brief, at=now)
    depot.mailbox.add_release(release)
    depot.mailbox.set_current_release(release.release_id, at=now)


def test_requirement_03_each_of_100_plug_ins_is_joined_with_its_stay_within_2_s(depot: Depot):
    brief = small_site(stations=PLUG_INS, service_kw=2000.0, safe_kw=0.0)
    there = gateway_cases.site(brief).come_up()
    brief, _ = a_night(replace(brief, depot=small_site(stations=1).depot))
    depot.mailbox.publish_brief(brief, at=T0)
    depot.dispatcher.step(T0)

    for number in range(PLUG_INS):
        there.now += timedelta(seconds=1)
        before = len(there.journal)
        there.plug_in(f"S{number}", f"TAG-{number}")
        depot.mailbox.append(there.journal[before:])
        depot.dispatcher.step(there.now + POLL)

    started, joined = (
        {one.entry.payload["session_id"]: one.entry for one in depot.mailbox.journal(kinds=[kind])}
        for kind in ("session_started", "stay_joined")
    )
    assert len(depot.mailbox.journal(kinds=["stay_joined"])) == len(started) == PLUG_INS
    assert max(joined[one].at - started[one].at for one in started) <= WITHIN
    stays = {one.vehicle_id: one for one in brief.dwells}
    for session_id, entry in joined.items():
        stay = stays[str(entry.payload["vehicle_id"])]
        assert entry.connector_id == started[session_id].connector_id
        assert entry.payload["vehicle_id"] == started[session_id].payload["vehicle_id"]
        assert entry.payload["departure"] == stay.departure.isoformat()
        assert entry.payload["energy_target_kwh"] == stay.energy_target_kwh


def test_requirement_15_a_departure_90_min_earlier_is_in_the_next_message_to_that_station(
    depot: Depot,
):
    there = gateway_cases.site(small_site(service_kw=80.0, operating_kw=60.0)).come_up()
    brief, release = a_night(there.control.brief)
    push(depot, brief, release, now=T0)
    for number in range(3):
        there.plug_in(f"S{number}", f"TAG-{number}")
    there.control.apply_release(depot.answer(T0))
    for _ in range(60):
        there.wait(10)
    before = len(there.sent)

    departure = at(8 * 3600) - EARLIER
    depot.tell(DepartureChange("van-1", there.now, departure=departure, source="fleet"))
    depot.mailbox.append(there.journal)
    for name in there.control.stations:
        depot.mailbox.put_station_state(station_state(there.control, name, now=there.now))
    there.control.apply_release(depot.answer(there.now))
    for _ in range(30):
        there.wait(10)

    told = there.sent[before:]
    assert {station_id for _, station_id, _ in told} == {"S1"}
    valid_to = told[0][2].profile.valid_to
    assert valid_to is not None
    assert valid_to <= departure


def test_requirement_19_an_update_for_one_of_60_vans_changes_few_profiles_within_10_s(
    depot: Depot, answer: NightAnswer
):
    """The update comes by `POST /v1/departures` (or a file of a feed) into the mailbox."""
    covered_by("tests/unit/api/test_api.py::test_a_changed_departure_is_kept_and_journalled")
    brief = brief_of(answer.tonight, plan=answer.plan)
    schedules = schedules_of_plan(
        answer.plan,
        brief.dwells,
        depot=brief.depot,
        base_load_kw=np.asarray(answer.tonight.base_load_kw),
    )
    pushed = _pushed(schedules, at=brief.dwells[0].arrival - timedelta(hours=1))
    now = max(one.arrival for one in brief.dwells) + timedelta(minutes=1)
    push(depot, brief, pushed, now=pushed.made_at)
    for state in _plugged_in(pushed, now):
        depot.mailbox.put_station_state(state)
    before = depot.answer(now)
    (stay,) = [one for one in brief.dwells if one.vehicle_id == "van-40"]

    later = now + timedelta(seconds=15)
    depot.tell(DepartureChange("van-40", later, departure=stay.departure - EARLIER, source="fleet"))
    after = depot.answer(later)

    assert len(brief.dwells) == 60
    changed = {van for _, van in changed_profiles(after, before, now=later + QUIET)}
    assert "van-40" in changed
    assert len(changed) <= FEW
    (planned, *_) = reversed(depot.mailbox.journal(kinds=["dispatch_planned"]))
    solve_s = planned.entry.payload["solve_s"]
    assert isinstance(solve_s, float)
    assert timedelta(seconds=solve_s) + PATIENCE <= timedelta(seconds=10)


def _plugged_in(release: Release, now: datetime) -> Iterator[StationState]:
    """Yield the stations of all who are due, with what they have been permitted so far."""
    for one in release.schedules:
        if one.steps[0].start <= now < one.valid_to:
            state = scenes.plugged(
                one.connector_id,
                one.vehicle_id,
                energy_kwh=scenes.energy_kwh(one, since=one.steps[0].start, until=now),
                power_kw=one.limit_at(now) or 0.0,
            )
            connectors = tuple(replace(plug, measured_at=now) for plug in state.connectors)
            yield replace(state, connectors=connectors)


def _pushed(schedules: tuple[ConnectorSchedule, ...], *, at: datetime) -> Release:
    return Release(
        release_id="pushed",
        plan_id="plan",
        origin="push",
        brief_version=1,
        made_at=at,
        valid_from=at,
        valid_to=max(one.valid_to for one in schedules),
        schedules=schedules,
        pushable=True,
    )
