"""Dispatch follows the journal, answers a burst once, publishes, and outlives what fails."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from depotlib.dispatch.burst import PATIENCE, QUIET, Burst
from depotlib.dispatch.loop import DRIFT_PAUSE, WATCH, Dispatcher, publish
from depotlib.dispatch.replan import replan
from depotlib.errors import ExchangeError
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.live import JournalEntry
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NOW
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

TINY = timedelta(milliseconds=10)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Mailbox]:
    """Return the mailbox as the gateway writes it, with a push in force."""
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.add_release(scenes.pushed())
        mailbox.set_current_release("pushed", at=EVENING)
        yield mailbox


@pytest.fixture
def dispatcher(gateway: Mailbox, tmp_path: Path) -> Iterator[Dispatcher]:
    """Return a dispatcher that has caught up with what was before it."""
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        dispatcher = Dispatcher(mailbox)
        dispatcher.step(EVENING)
        dispatcher.step(EVENING + QUIET)
        gateway.set_current_release("pushed", at=EVENING)
        yield dispatcher


def plug_in(gateway: Mailbox, vehicle_id: str, connector_id: str, *, at: datetime) -> None:
    with gateway.transaction():
        gateway.put_station_state(scenes.plugged(connector_id, vehicle_id))
        facts = {"session_id": f"{connector_id}@{at}", "vehicle_id": vehicle_id}
        gateway.append([JournalEntry(at=at, kind="session_started", payload=facts)])


def unplug(gateway: Mailbox, vehicle_id: str, connector_id: str, *, energy_kwh: float) -> None:
    facts = {"session_id": "s", "vehicle_id": vehicle_id, "energy_kwh": energy_kwh}
    with gateway.transaction():
        gateway.put_station_state(scenes.empty(connector_id))
        gateway.append([JournalEntry(at=NOW, kind="session_ended", payload=facts)])


def planned(gateway: Mailbox) -> list[dict]:
    return [dict(one.entry.payload) for one in gateway.journal(kinds=["dispatch_planned"])]


def own_releases(gateway: Mailbox) -> list[str]:
    return [one.release_id for one in gateway.releases() if one.origin == "dispatch"]


def test_without_a_push_nothing_is_planned(tmp_path: Path):
    with open_mailbox(tmp_path / "m") as gateway, open_mailbox(tmp_path / "m") as own:
        gateway.publish_brief(samples.brief(), at=EVENING)
        dispatcher = Dispatcher(own)
        dispatcher.step(NOW)
        plug_in(gateway, "van-1", "AC-01/1", at=NOW)

        assert [dispatcher.step(NOW + n * QUIET) for n in range(1, 4)] == [None, None, None]
        assert gateway.current_release() is None


def test_a_plug_in_in_the_wrong_bay_leads_to_a_new_release(
    gateway: Mailbox, dispatcher: Dispatcher
):
    before = len(planned(gateway))
    plug_in(gateway, "van-1", "AC-02/1", at=NOW)

    assert dispatcher.step(NOW) is None
    assert dispatcher.step(NOW + QUIET) == "planned"

    release = gateway.current_release()
    assert release is not None
    assert (release.origin, release.parent_release_id) == ("dispatch", "pushed")
    assert scenes.schedule_of(release, "van-1").connector_id == "AC-02/1"
    assert scenes.schedule_of(release, "van-2").connector_id == "AC-01/1"
    facts = planned(gateway)[before]
    assert (facts["reason"], facts["release_id"]) == ("session_started", release.release_id)
    assert gateway.verify_journal().ok


def test_a_caught_station_leads_to_a_release_and_to_a_move_that_people_can_read(
    gateway: Mailbox, dispatcher: Dispatcher
):
    plug_in(gateway, "van-1", "AC-01/1", at=NOW)
    dispatcher.step(NOW)
    dispatcher.step(NOW + QUIET)
    with gateway.transaction():
        gateway.put_distrust(samples.distrust())
        facts = {"power_kw": 9.0, "limit_kw": 7.4}
        gateway.append([JournalEntry(NOW, "disobedience", "AC-01", "AC-01/1", payload=facts)])

    assert dispatcher.step(NOW + 2 * QUIET) is None
    assert dispatcher.step(NOW + 3 * QUIET) == "planned"

    facts = planned(gateway)[-1]
    assert facts["reason"] == "disobedience"
    # Van-2 is not here yet and its 30 kWh leave time on AC-02 for both; people come at 05:30 to 22.
    assert facts["moves"] == "van-1 from AC-01/1 to AC-02/1 at 2026-11-02T18:15+00:00"


def test_a_burst_is_answered_once(gateway: Mailbox, dispatcher: Dispatcher):
    before = len(planned(gateway))
    plug_in(gateway, "van-1", "AC-02/1", at=NOW)
    assert dispatcher.step(NOW) is None
    plug_in(gateway, "van-2", "AC-01/1", at=NOW)

    assert dispatcher.step(NOW + QUIET - TINY) is None
    assert dispatcher.step(NOW + 2 * QUIET - TINY) == "planned"

    assert [facts["events"] for facts in planned(gateway)[before:]] == [2]


def test_what_was_read_while_the_mailbox_was_busy_is_joined_and_answered_all_the_same(
    gateway: Mailbox, tmp_path: Path
):
    with open_mailbox(tmp_path / "exchange.sqlite", busy_timeout_s=0.01) as own:
        dispatcher = Dispatcher(own)
        dispatcher.step(EVENING)
        dispatcher.step(EVENING + QUIET)
        gateway.set_current_release("pushed", at=EVENING)
        plug_in(gateway, "van-1", "AC-02/1", at=EVENING)
        with gateway.transaction():
            gateway.beat("gateway", EVENING)  # it holds the file: nobody else can write
            with pytest.raises(ExchangeError):
                dispatcher.step(EVENING + 2 * QUIET)

        assert dispatcher.step(EVENING + 3 * QUIET) == "planned"

    (joined,) = gateway.journal(kinds=["stay_joined"])
    assert joined.entry.payload["vehicle_id"] == "van-1"
    assert planned(gateway)[-1]["reason"] == "session_started"


def test_the_first_event_after_a_calm_is_answered_at_once_and_those_after_it_together(
    gateway: Mailbox, dispatcher: Dispatcher
):
    before = len(planned(gateway))
    assert [dispatcher.step(NOW), dispatcher.step(NOW + QUIET)] == [None, None]  # a calm
    plug_in(gateway, "van-1", "AC-02/1", at=NOW)

    first = dispatcher.step(NOW + QUIET + TINY)
    plug_in(gateway, "van-2", "AC-01/1", at=NOW)
    meanwhile = dispatcher.step(NOW + 2 * QUIET)
    unplug(gateway, "van-2", "AC-01/1", energy_kwh=5.0)
    meanwhile_too = dispatcher.step(NOW + 3 * QUIET - TINY)
    last = dispatcher.step(NOW + 4 * QUIET)

    assert (first, meanwhile, meanwhile_too) == ("planned", None, None)
    assert last == "planned"
    assert [facts["events"] for facts in planned(gateway)[before:]] == [1, 2]


def test_what_the_gateway_follows_a_moment_later_is_not_answered_before(
    gateway: Mailbox, dispatcher: Dispatcher
):
    dispatcher.step(NOW)
    gateway.append([JournalEntry(at=NOW, kind="identity_resolved", payload={"session_id": "s"})])
    results = [dispatcher.step(NOW + QUIET)]
    gateway.put_station_state(scenes.plugged("AC-02/1", "van-1"))

    results.append(dispatcher.step(NOW + 2 * QUIET))

    assert results == [None, "planned"]
    release = gateway.current_release()
    assert release is not None
    assert scenes.schedule_of(release, "van-1").connector_id == "AC-02/1"


def test_whose_plug_in_is_journalled_and_not_yet_shown_is_planned_for_where_it_is(
    gateway: Mailbox, dispatcher: Dispatcher
):
    gateway.put_station_state(scenes.empty("AC-02/1"))
    gateway.beat("gateway", NOW)
    facts = {"session_id": "new", "vehicle_id": "van-1", "identity_source": "tag"}
    came = JournalEntry(at=NOW, kind="session_started", connector_id="AC-02/1", payload=facts)
    dispatcher.step(NOW)
    gateway.append([came])

    assert dispatcher.step(NOW + QUIET) == "planned"

    release = gateway.current_release()
    assert release is not None
    assert scenes.schedule_of(release, "van-1").connector_id == "AC-02/1"


def test_what_limits_from_outside_cost_is_weighed_again_where_it_could_not_be_written(
    gateway: Mailbox, tmp_path: Path
):
    limit = samples.grid_limit(limit_kw=60.0)  # all of the service: it changes no plan
    with open_mailbox(tmp_path / "exchange.sqlite", busy_timeout_s=0.01) as own:
        dispatcher = Dispatcher(own)
        dispatcher.step(EVENING)
        dispatcher.step(EVENING + QUIET)
        gateway.grid_limits.put(limit)
        gateway.append([JournalEntry(at=EVENING, kind="grid_limit", payload={})])
        dispatcher.step(EVENING + 2 * QUIET)
        with gateway.transaction():
            gateway.beat("gateway", EVENING)  # it holds the file: nobody else can write
            with pytest.raises(ExchangeError):
                dispatcher.step(EVENING + 3 * QUIET)
        assert gateway.grid_limits.impact(limit.limit_id) is None

        assert dispatcher.step(EVENING + 4 * QUIET) == "unchanged"

    assert gateway.grid_limits.impact(limit.limit_id) is not None


def test_a_burst_that_never_ends_is_answered_all_the_same(gateway: Mailbox, dispatcher: Dispatcher):
    results = []
    steps = int(PATIENCE / (QUIET / 2)) + 1
    for number in range(steps):
        plug_in(gateway, "van-1", "AC-02/1", at=NOW)
        results.append(dispatcher.step(NOW + number * QUIET / 2))

    assert results[:-1] == [None] * (steps - 1)
    assert results[-1] == "planned"


def test_what_a_session_delivered_before_it_ended_is_not_planned_again(
    gateway: Mailbox, dispatcher: Dispatcher
):
    unplug(gateway, "van-1", "AC-01/1", energy_kwh=30.0)
    dispatcher.step(NOW)

    assert dispatcher.step(NOW + QUIET) == "planned"

    release = gateway.current_release()
    assert release is not None
    assert "van-1" not in {one.vehicle_id for one in release.schedules}


def test_a_changed_departure_is_an_event(gateway: Mailbox, dispatcher: Dispatcher):
    departure = EVENING + timedelta(hours=4)
    gateway.put_departure(samples.change(departure=departure))
    gateway.append([JournalEntry(at=NOW, kind="operator_action", payload={})])
    dispatcher.step(NOW)

    assert dispatcher.step(NOW + QUIET) == "planned"

    release = gateway.current_release()
    assert release is not None
    assert scenes.schedule_of(release, "van-1").departure == departure


def test_what_changes_nothing_is_not_published(gateway: Mailbox, dispatcher: Dispatcher):
    plug_in(gateway, "van-1", "AC-02/1", at=NOW)
    dispatcher.step(NOW)
    assert dispatcher.step(NOW + QUIET) == "planned"
    gateway.append([JournalEntry(at=NOW, kind="operator_action", payload={})])
    dispatcher.step(NOW + 2 * QUIET)

    assert dispatcher.step(NOW + 3 * QUIET) == "unchanged"


def test_a_push_that_came_in_between_is_not_overwritten(gateway: Mailbox, tmp_path: Path):
    night = scenes.night()
    plan = replan(night)
    assert plan is not None
    gateway.add_release(replace(scenes.pushed(), release_id="newer"))
    gateway.set_current_release("newer", at=NOW)

    with open_mailbox(tmp_path / "exchange.sqlite") as own:
        result = publish(own, plan, night=night, burst=Burst("session_started", NOW, NOW, count=1))

    assert result == "superseded"
    assert own_releases(gateway) == []
    current = gateway.current_release()
    assert current is not None
    assert current.release_id == "newer"


def test_a_failure_keeps_the_last_release_and_says_so(gateway: Mailbox, dispatcher: Dispatcher):
    brief = samples.brief()
    # Prices for 12 of 48 intervals: no problem can be made of this.
    gateway.publish_brief(replace(brief, prices=samples.prices(12)), at=NOW)
    dispatcher.step(NOW)

    assert dispatcher.step(NOW + QUIET) == "failed"

    (record,) = gateway.journal(kinds=["dispatch_failed"])
    assert record.entry.payload["reason"] == "brief_published"
    current = gateway.current_release()
    assert current is not None
    assert current.release_id == "pushed"
    gateway.publish_brief(brief, at=NOW)
    plug_in(gateway, "van-1", "AC-02/1", at=NOW)
    dispatcher.step(NOW + 2 * QUIET)
    assert dispatcher.step(NOW + 3 * QUIET) == "planned"


def test_after_a_restart_the_night_goes_on_from_the_journal(gateway: Mailbox, tmp_path: Path):
    unplug(gateway, "van-1", "AC-01/1", energy_kwh=30.0)

    with open_mailbox(tmp_path / "exchange.sqlite") as own:
        restarted = Dispatcher(own)
        restarted.step(NOW)
        assert restarted.step(NOW + QUIET) == "planned"

    release = gateway.current_release()
    assert release is not None
    assert "van-1" not in {one.vehicle_id for one in release.schedules}


def test_somebody_behind_plan_is_seen_without_any_event(gateway: Mailbox, dispatcher: Dispatcher):
    # At 21:00 the push has an hour left, 7.4 kWh; 12 of 30 kWh are in.
    now = EVENING + timedelta(hours=3)
    slow = scenes.plugged("AC-01/1", "van-1", energy_kwh=12.0, power_kw=3.0)
    gateway.put_station_state(slow)

    results = [dispatcher.step(now), dispatcher.step(now + QUIET)]
    rest = [dispatcher.step(now + n * WATCH) for n in range(1, int(DRIFT_PAUSE / WATCH))]

    assert results == [None, "planned"]
    assert set(rest) == {None}


def test_a_station_that_falls_silent_is_a_reason_to_plan_the_others_anew(
    gateway: Mailbox, dispatcher: Dispatcher
):
    plug_in(gateway, "van-1", "AC-01/1", at=NOW)
    dispatcher.step(NOW)
    assert dispatcher.step(NOW + QUIET) == "planned"
    before, later = len(planned(gateway)), NOW + timedelta(minutes=2)
    silent = replace(scenes.plugged("AC-01/1", "van-1"), is_connected=False, last_seen=NOW)
    gateway.put_station_state(silent)

    dispatcher.step(later)
    dispatcher.step(later + QUIET)

    assert [one["reason"] for one in planned(gateway)[before:]] == ["stations_unheard"]


def test_the_peak_of_the_night_is_watched_as_far_as_meters_speak(
    gateway: Mailbox, dispatcher: Dispatcher
):
    here = scenes.plugged("AC-01/1", "van-1", energy_kwh=29.99, power_kw=11.0, limit_kw=11.0)
    silent = scenes.plugged("AC-02/1", "van-2", energy_kwh=29.99, power_kw=7.0)
    for minute in range(31):
        now = EVENING + timedelta(minutes=minute)
        measured = replace(here.connectors[0], measured_at=now)
        gateway.put_station_state(replace(here, connectors=(measured,)))
        gateway.put_station_state(silent)
        dispatcher.step(now)

    # The quarter from 18:15 on; what AC-02 drew when its meter last spoke, at 18:05, is long over.
    night = dispatcher._night(EVENING + timedelta(minutes=31))
    assert night is not None
    assert night.site_kw[1] == pytest.approx(11.0)


def test_dispatch_says_that_it_lives(gateway: Mailbox, dispatcher: Dispatcher):
    dispatcher.step(MORNING)

    (beat,) = gateway.beats()
    assert (beat.process, beat.at) == ("dispatch", MORNING)
