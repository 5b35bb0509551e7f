"""Limits from outside reach the re-plan at once: it obeys them, and says who is short by them."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from depotlib.dispatch.burst import QUIET
from depotlib.dispatch.loop import Dispatcher
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.replan import Replan, replan
from depotlib.exchange.limit_desk import give_limit, withdraw_limit
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.depot import Circuit, GridConnection
from depotlib.model.grid_limit import GridLimit
from depotlib.model.release import Release
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER, NOW, plugged
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

BEGIN, END = EVENING + timedelta(hours=1), EVENING + timedelta(hours=3)
THERE = (
    plugged("AC-01/1", "van-1", limit_kw=7.4),
    plugged("AC-02/1", "van-2", limit_kw=7.4),
)


def limited(node_id: str, limit_kw: float, *, end: datetime = END) -> GridLimit:
    return replace(
        samples.grid_limit(limit_kw=limit_kw),
        node_id=node_id,
        start=BEGIN,
        end=end,
        service_share=None,
    )


def planned(*limits: GridLimit, scene: LiveNight | None = None) -> Replan:
    night = replace(scene or scenes.night(), stations=THERE, grid_limits=limits)
    plan = replan(night)
    assert plan is not None
    return plan


def asked_kw(release: Release, at: datetime) -> float:
    return sum(one.limit_at(at) or 0.0 for one in release.schedules)


def quarters(begin: datetime, end: datetime) -> list[datetime]:
    return [
        begin + n * timedelta(minutes=15) for n in range((end - begin) // timedelta(minutes=15))
    ]


def test_a_limit_on_the_site_leaves_what_base_load_and_safe_limits_do_not_take():
    free = planned()
    plan = planned(limited("site", 15.0))

    # 15 kW less the most that the base load can be, 10 kW: 5 kW that the ledger may reserve, in
    # amperes a tenth more than asked for. Without it 6.7 kW would be asked for together.
    inside = [asked_kw(plan.release, at) for at in quarters(BEGIN, END)]
    assert max(inside) <= 5.0 / 1.1
    assert max(inside) > 2.5
    assert max(asked_kw(free.release, at) for at in quarters(BEGIN, END)) > 5.0
    assert plan.short == ()


def test_who_is_cut_to_nothing_counts_with_its_safe_limit():
    plan = planned(limited("charging", 4.0))

    # 4 kW with 1.4 kW of the other's safe limit, at 1.1: (4 - 1.54) / 1.1 = 2.24 kW are left.
    inside = [asked_kw(plan.release, at) for at in quarters(BEGIN, END)]
    assert max(inside) <= 2.3
    for at in quarters(BEGIN, END):
        reserved_kw = [max(one.limit_at(at) or 0.0, 1.4) * 1.1 for one in plan.release.schedules]
        assert sum(reserved_kw) <= 4.0 + 0.11


def test_a_limit_on_a_circuit_binds_only_what_hangs_below_it():
    brief = samples.brief()
    panels = (Circuit("panel", None, 40.0), Circuit("annex", None, 40.0))
    first, second = brief.depot.stations
    depot = replace(
        brief.depot, circuits=panels, stations=(first, replace(second, circuit_id="annex"))
    )
    scene = scenes.night(brief=replace(brief, depot=depot))

    plan = planned(limited("annex", 2.2), scene=scene)

    annex = [s for s in plan.release.schedules if s.connector_id == "AC-02/1"]
    panel = [s for s in plan.release.schedules if s.connector_id == "AC-01/1"]
    assert all((s.limit_at(at) or 0.0) <= 2.0 for s in annex for at in quarters(BEGIN, END))
    assert max(s.limit_at(at) or 0.0 for s in panel for at in quarters(BEGIN, END)) > 2.0


def test_a_limit_below_base_load_and_safe_limits_asks_for_nothing_while_it_holds():
    plan = planned(limited("site", 9.0))

    assert [asked_kw(plan.release, at) for at in quarters(BEGIN, END)] == [0.0] * 8
    assert max(asked_kw(plan.release, at) for at in quarters(END, MORNING)) > 0.0


def test_stations_without_a_circuit_are_limited_as_well():
    brief = samples.brief()
    stations = tuple(replace(one, circuit_id=None) for one in brief.depot.stations)
    depot = replace(brief.depot, circuits=(), stations=stations)

    plan = planned(limited("charging", 4.0), scene=scenes.night(brief=replace(brief, depot=depot)))

    assert max(asked_kw(plan.release, at) for at in quarters(BEGIN, END)) <= 2.3


def test_a_limit_that_is_over_changes_nothing():
    over = replace(limited("site", 5.0), start=EVENING - timedelta(hours=2), end=EVENING)

    assert planned(over).release.schedules == planned().release.schedules


@pytest.fixture
def office(tmp_path: Path) -> Mailbox:
    """Return the mailbox of a depot at work, with a push in force and both vans there."""
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.add_release(scenes.pushed())
        mailbox.set_current_release("pushed", at=EVENING)
        for state in THERE:
            mailbox.put_station_state(state)
        yield mailbox


def settled(dispatcher: Dispatcher, since: datetime) -> str | None:
    dispatcher.step(since)
    return dispatcher.step(since + QUIET)


def test_a_limit_given_from_outside_is_planned_for_at_once_and_its_cost_is_listed(
    office: Mailbox, tmp_path: Path
):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        dispatcher = Dispatcher(mailbox)
        settled(dispatcher, NOW)
        # Until five in the morning no more than what nobody can charge with: 29.6 kWh are missing.
        hard = limited("site", 10.0, end=MORNING - timedelta(minutes=30))
        given = give_limit(office, hard, brief=samples.brief(), now=NOW + 2 * QUIET)

        result = settled(dispatcher, NOW + 3 * QUIET)

    assert result == "planned"
    impact = office.grid_limits.impact(given.limit_id)
    assert impact is not None
    assert impact.release_id == office.current_release_id()
    assert {one.vehicle_id for one in impact.vehicles} == {"van-1", "van-2"}
    assert all(one.is_short and one.missing_before_kwh < 0.1 for one in impact.vehicles)
    # 30 kWh wanted, an hour before and half an hour after at 11 kW at the most.
    assert all(10.0 < one.missing_kwh < 30.0 for one in impact.vehicles)
    (told,) = office.journal(kinds=["dispatch_planned"])[-1:]
    assert told.entry.payload["reason"] == "grid_limit"
    assert told.entry.payload["short"] == "van-1, van-2"


def test_a_limit_that_is_withdrawn_is_planned_without(office: Mailbox, tmp_path: Path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        dispatcher = Dispatcher(mailbox)
        hard = limited("site", 10.0, end=MORNING - timedelta(minutes=30))
        given = give_limit(office, hard, brief=samples.brief(), now=EVENING)
        settled(dispatcher, NOW)
        limited_kw = asked_kw(office.current_release(), NEXT_QUARTER + timedelta(hours=2))
        withdraw_limit(office, given.limit_id, by="ann", now=NOW + 2 * QUIET)

        result = settled(dispatcher, NOW + 3 * QUIET)

    assert limited_kw == 0.0
    assert result == "planned"
    asked = [asked_kw(office.current_release(), at) for at in quarters(BEGIN, END)]
    assert np.mean(asked) > 1.0
    (told,) = office.journal(kinds=["dispatch_planned"])[-1:]
    assert told.entry.payload["short"] == ""


def test_a_limit_that_costs_nothing_says_so(office: Mailbox, tmp_path: Path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        dispatcher = Dispatcher(mailbox)
        settled(dispatcher, NOW)
        given = give_limit(
            office, limited("site", 50.0), brief=samples.brief(), now=NOW + 2 * QUIET
        )

        settled(dispatcher, NOW + 3 * QUIET)

    impact = office.grid_limits.impact(given.limit_id)
    assert impact is not None
    assert impact.vehicles == ()


def test_the_hard_margin_counts_too():
    grid = GridConnection(60.0, 50.0, margin_kw=3.0, base_load_max_kw=10.0)
    brief = samples.brief()
    scene = scenes.night(brief=replace(brief, depot=replace(brief.depot, grid=grid)))

    plan = planned(limited("site", 18.0), scene=scene)

    # 18 - 10 - 3 = 5 kW may be reserved.
    assert max(asked_kw(plan.release, at) for at in quarters(BEGIN, END)) <= 5.0 / 1.1


def test_a_circuit_in_kw_is_planned_as_the_ledger_reserves_it_at_the_highest_voltage():
    brief = samples.brief()
    narrow = replace(brief.depot, circuits=(Circuit("panel", None, 4.4),))
    breaker = replace(brief.depot, circuits=(Circuit("panel", None, 4.4, is_in_amperes=True),))

    in_kw = planned(scene=scenes.night(brief=replace(brief, depot=narrow)))
    in_amperes = planned(scene=scenes.night(brief=replace(brief, depot=breaker)))

    # The other's safe limit of 1.4 kW counts as well, and each at 1.1 (EN 50160): so much of 4.4 kW
    # is reserved at most. Amperes are amperes at any voltage, and fill their breaker.
    night = quarters(NEXT_QUARTER, MORNING)
    for at in night:
        reserved_kw = [max(one.limit_at(at) or 0.0, 1.4) * 1.1 for one in in_kw.release.schedules]
        assert sum(reserved_kw) <= 4.4 + 0.11
    assert max(asked_kw(in_kw.release, at) for at in night) > 2.0
    assert max(asked_kw(in_amperes.release, at) for at in night) == pytest.approx(4.4, abs=0.11)
