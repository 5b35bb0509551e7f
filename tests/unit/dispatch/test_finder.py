"""Dispatch finds vans that have changed places, tells the gateway, and plans anew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.dispatch.burst import QUIET
from depotlib.dispatch.finder import FIND_EVERY, Finder
from depotlib.dispatch.loop import WATCH, Dispatcher
from depotlib.dispatch.night import open_stays
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.brief import Brief
from depotlib.model.live import StationState
from depotlib.model.news import VehicleReading
from tests.played_arrivals import bays
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

MINUTE = timedelta(minutes=1)
PLACES = dict(zip(("AC-01/1", "AC-02/1"), (bays(30)["P-00/1"], bays(30)["P-29/1"]), strict=True))
IS_ON = {"AC-01/1": "van-2", "AC-02/1": "van-1"}  # planned the other way round


def surveyed() -> Brief:
    """Return the site with the middle of each bay, 87 m apart."""
    brief = samples.brief()
    stations = tuple(
        replace(
            station,
            evses=tuple(
                replace(
                    evse,
                    connectors=tuple(
                        replace(one, position=PLACES[one.connector_id]) for one in evse.connectors
                    ),
                )
                for evse in station.evses
            ),
        )
        for station in brief.depot.stations
    )
    return replace(brief, depot=replace(brief.depot, stations=stations))


def states(minutes: int, *, source: str = "bay", whose=None) -> tuple[StationState, ...]:
    """Return two sessions since EVENING, each taken for the van that is planned there."""
    found: list[StationState] = []
    for place, planned in (whose or {"AC-01/1": "van-1", "AC-02/1": "van-2"}).items():
        station = scenes.plugged(place, planned, energy_kwh=0.12 * minutes, power_kw=7.2)
        (state,) = station.connectors
        state = replace(
            state, identity_source=source, measured_at=EVENING + minutes * MINUTE, limit_kw=7.4
        )
        found.append(replace(station, connectors=(state,)))
    return tuple(found)


def readings(minutes: int) -> list[VehicleReading]:
    """Return where the vans stand: on the road until EVENING, then in each other's bay."""
    at = EVENING + minutes * MINUTE
    home = {van: PLACES[place] for place, van in IS_ON.items()}
    return [
        VehicleReading(van, at, None, None, "test", position=home[van], is_at_depot=minutes >= 0)
        for van in ("van-1", "van-2")
    ]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Mailbox]:
    with open_mailbox(tmp_path / "m") as mailbox:
        mailbox.publish_brief(surveyed(), at=EVENING)
        mailbox.add_release(scenes.pushed())
        mailbox.set_current_release("pushed", at=EVENING)
        yield mailbox


def test_swapped_vans_are_seen_told_and_planned_where_they_are(gateway: Mailbox, tmp_path: Path):
    told: list = []
    with open_mailbox(tmp_path / "m") as own:
        dispatcher = Dispatcher(own)
        for minutes in range(-5, 45, 5):
            now = EVENING + minutes * MINUTE
            for reading in readings(minutes):
                gateway.put_reading(reading)
            for state in states(minutes) if minutes >= 0 else ():
                gateway.put_station_state(state)
            dispatcher.step(now)
        told = [one.entry for one in gateway.journal(kinds=["identity_resolved"])]
        # The gateway follows (test_visitors.py), and dispatch hears of it.
        for state in states(45, source="position", whose=IS_ON):
            gateway.put_station_state(state)
        now = EVENING + 46 * MINUTE
        dispatcher.step(now)
        dispatcher.step(now + QUIET)
        dispatcher.step(now + WATCH)

    assert {one.connector_id: one.payload["vehicle_id"] for one in told} == IS_ON
    assert len(told) == 2  # each is told once
    assert {one.payload["identity_source"] for one in told} <= {"position", "arrival"}
    assert min(float(one.payload["confidence_share"] or 0) for one in told) >= 0.95
    release = gateway.current_release()
    assert release is not None
    placed = {one.connector_id: one.vehicle_id for one in release.schedules if one.valid_to > now}
    assert placed == IS_ON  # no limit is left for the van that is not there


def test_who_showed_a_token_is_not_looked_for():
    finder = Finder()
    for minutes in range(-5, 60, 5):
        night = scenes.night(
            now=EVENING + minutes * MINUTE,
            brief=surveyed(),
            stations=states(max(0, minutes), source="tag"),
        )

        assert finder.look(night, readings(minutes)) == ()


def test_they_are_looked_for_no_more_often_than_telematics_speaks():
    finder, found = Finder(), []
    for minutes in range(-5, 45):
        stations = states(minutes) if minutes >= 0 else ()
        now = EVENING + minutes * MINUTE
        night = scenes.night(now=now, brief=surveyed(), stations=stations)
        entries = finder.look(night, readings(minutes))
        finder.told(entries)
        found += [now for _ in entries]

    assert len(found) == 2
    assert FIND_EVERY == 5 * MINUTE


def test_what_was_found_and_could_not_be_written_is_found_again_at_the_next_look():
    finder, found = Finder(), []
    for minutes in range(-5, 60, 5):
        now = EVENING + minutes * MINUTE
        stations = states(minutes) if minutes >= 0 else ()
        night = scenes.night(now=now, brief=surveyed(), stations=stations)
        found = found or list(finder.look(night, readings(minutes)))

    again = finder.look(replace(night, now=night.now + MINUTE), readings(56))
    finder.told(again)

    assert len(found) == 2  # nobody was told
    assert _whose(again) == _whose(found) == IS_ON
    assert finder.look(replace(night, now=night.now + 2 * FIND_EVERY), readings(66)) == ()


def _whose(entries) -> dict[str, str]:
    return {one.connector_id: one.payload["vehicle_id"] for one in entries}


def test_nobody_gets_ahead_of_others_by_a_guess_of_who_it_is():
    brief = surveyed()
    first = replace(brief, dwells=tuple(replace(one, priority=5) for one in brief.dwells))
    by_token = scenes.night(brief=first, stations=states(5, source="tag"))
    by_guess = scenes.night(brief=first, stations=states(5, source="position"))
    by_person = scenes.night(brief=first, stations=states(5, source="person"))

    priorities = [
        {stay.priority for stay in open_stays(night, start=night.now)}
        for night in (by_token, by_guess, by_person)
    ]

    assert priorities == [{5}, {0}, {5}]
