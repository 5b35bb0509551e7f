"""The night as it is: what the mailbox holds, vehicle by vehicle."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.workflows.watch_night import is_stale, planned_limit_kw, watch_night
from tests.unit.exchange.samples import (
    EVENING,
    MORNING,
    brief,
    connector_state,
    dwell,
    node,
    release,
    schedule,
    station_state,
)

# samples.dwell: 15 kWh must, 30 kWh target, from 18:00 to 06:00; samples.station: 11 kW.
NIGHT = EVENING + timedelta(hours=4)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def ended(vehicle_id: str, *, energy_kwh: float, hour: float) -> JournalEntry:
    return JournalEntry(
        at=EVENING + timedelta(hours=hour),
        kind="session_ended",
        station_id="AC-01",
        connector_id="AC-01/1",
        payload={"session_id": f"s{hour}", "vehicle_id": vehicle_id, "energy_kwh": energy_kwh},
    )


def publish(settings, *, states=(), entries: Sequence[JournalEntry] = (), dwells=None):
    with open_mailbox(settings.mailbox_path) as mailbox:
        known = brief() if dwells is None else replace(brief(), dwells=dwells)
        mailbox.publish_brief(known, at=EVENING)
        for state in states:
            mailbox.put_station_state(state)
        mailbox.append(list(entries))


def vehicle(settings, vehicle_id: str, *, now=NIGHT):
    night = watch_night(settings, now=now)
    assert night is not None
    (found,) = [one for one in night.vehicles if one.vehicle_id == vehicle_id]
    return found


def plugged(**changes: object):
    """Return the first station with a vehicle on its plug, changed by fields of the plug."""
    return replace(station_state(), connectors=(replace(connector_state(), **changes),))


def test_where_no_process_ever_ran_there_is_no_night(settings):
    assert watch_night(settings, now=NIGHT) is None
    assert not settings.mailbox_path.exists()


def test_before_a_brief_there_are_no_vehicles(settings):
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.beat("gateway", EVENING)

    night = watch_night(settings, now=NIGHT)

    assert night is not None
    assert (night.brief, night.release, night.vehicles, night.site_kw) == (None, None, (), 0.0)
    assert [beat.process for beat in night.beats] == ["gateway"]


def test_the_whole_night_stands_in_one_answer(settings):
    publish(settings, states=[station_state("AC-01"), station_state("AC-02")])
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.add_release(release())
        mailbox.set_current_release("r1", at=EVENING)
        mailbox.put_ledger([node()])

    night = watch_night(settings, now=NIGHT)

    assert night is not None
    assert (night.at, night.brief) == (NIGHT, brief())
    assert night.release == release()
    assert [state.station_id for state in night.stations] == ["AC-01", "AC-02"]
    assert night.nodes == (node(),)
    assert night.site_kw == 2 * 7.2  # samples.connector_state on each


@pytest.mark.parametrize(
    ("state", "plug", "now"),
    [
        ("charging", {"power_kw": 7.2, "energy_kwh": 3.6}, NIGHT),
        ("plugged in", {"power_kw": 0.0, "energy_kwh": 3.6}, NIGHT),
        # 15 kWh must less what stations cannot resolve (0.05 kWh)
        ("ready", {"power_kw": 0.0, "energy_kwh": 14.96}, NIGHT),
        ("charging", {"power_kw": 7.2, "energy_kwh": 14.94}, NIGHT),
        ("left short", {"power_kw": 7.2, "energy_kwh": 3.6}, MORNING),
        ("ready", {"power_kw": 0.0, "energy_kwh": 15.0}, MORNING),
        ("waiting", {"vehicle_id": "van-2"}, EVENING),
        ("waiting", {"session_id": None}, EVENING),
        ("on the road", {"vehicle_id": "van-2"}, EVENING - timedelta(seconds=1)),
    ],
)
def test_a_vehicle_is_in_one_of_six_states(settings, state, plug, now):
    publish(settings, states=[plugged(**plug)])

    assert vehicle(settings, "van-1", now=now).state == state


def test_slack_is_what_is_left_after_the_must_at_the_connectors_power(settings):
    publish(settings, states=[plugged(energy_kwh=4.0)])

    # 8 h to 06:00, less (15 - 4) kWh at the connector's 11 kW = 1 h
    assert vehicle(settings, "van-1").slack_h == pytest.approx(7.0)


def test_a_vehicle_that_nobody_has_plugged_in_has_the_slack_of_its_own_power(settings):
    slow = replace(dwell("van-1"), max_kw=5.0)
    publish(settings, dwells=(slow,))

    # 8 h less 15 kWh at 5 kW = 3 h
    waiting = vehicle(settings, "van-1")
    assert (waiting.slack_h, waiting.connector_id, waiting.limit_kw) == (5.0, None, 0.0)


def test_energy_of_earlier_sessions_of_the_stay_counts_and_of_earlier_stays_does_not(settings):
    publish(
        settings,
        states=[plugged(energy_kwh=4.0)],
        entries=[
            ended("van-1", energy_kwh=50.0, hour=-2.0),  # of the day before
            ended("van-1", energy_kwh=3.0, hour=1.0),
            ended("van-1", energy_kwh=2.5, hour=2.0),
            ended("van-9", energy_kwh=9.0, hour=2.0),  # nobody the brief knows
        ],
    )

    assert vehicle(settings, "van-1").delivered_kwh == pytest.approx(4.0 + 3.0 + 2.5)
    assert vehicle(settings, "van-2").delivered_kwh == 0.0


def test_an_end_that_is_told_again_counts_once_as_it_was_told_last(settings):
    again = [ended("van-1", energy_kwh=energy_kwh, hour=2.0) for energy_kwh in (1.2, 2.0)]
    publish(settings, entries=again)

    assert vehicle(settings, "van-1").delivered_kwh == pytest.approx(2.0)


def test_exceptions_are_the_newest_ones(settings):
    entries = [
        JournalEntry(EVENING + timedelta(seconds=number), "identity_exception", "AC-01", None, {})
        for number in range(250)
    ]
    publish(settings, entries=[*entries, JournalEntry(NIGHT, "disobedience", "AC-02", None, {})])
    publish(settings, entries=[JournalEntry(NIGHT, "connections_too_often", "AC-03", None, {})])

    night = watch_night(settings, now=NIGHT)

    assert night is not None
    assert len(night.exceptions) == 200
    newest = [one.entry.kind for one in night.exceptions[-2:]]
    assert newest == ["disobedience", "connections_too_often"]


@pytest.mark.parametrize(
    ("changes", "seconds", "expected"),
    [
        ({}, 120, False),
        ({}, 121, True),
        ({"is_connected": False}, 0, True),
        ({"last_seen": None}, 0, True),
    ],
)
def test_a_station_is_stale_after_two_missed_samples(changes, seconds, expected):
    state = replace(station_state(), **({"last_seen": EVENING} | changes))

    assert is_stale(state, now=EVENING + timedelta(seconds=seconds)) is expected


@pytest.mark.parametrize(("seconds", "expected"), [(300, False), (600, False), (661, True)])
def test_a_station_without_a_session_is_stale_after_two_missed_heartbeats(seconds, expected):
    idle = replace(connector_state(), session_id=None)
    state = replace(station_state(), connectors=(idle,), last_seen=EVENING)

    assert is_stale(state, now=EVENING + timedelta(seconds=seconds)) is expected


def test_the_planned_limit_is_the_sum_of_the_schedules_in_force():
    # samples.schedule: 7.4 kW for four hours from its start, then 0, until the morning
    schedules = (schedule("AC-01/1"), schedule("AC-02/1", start=EVENING + timedelta(hours=3)))

    hours = [-1, 0, 3, 5, 8, 12]
    limits_kw = [planned_limit_kw(schedules, at=EVENING + timedelta(hours=hour)) for hour in hours]

    assert limits_kw == [0.0, 7.4, 14.8, 7.4, 0.0, 0.0]
