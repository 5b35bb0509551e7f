"""A session counts from when it is journalled, not from when its station is shown again."""

from datetime import timedelta

from depotlib.dispatch.presence import Presence
from depotlib.model.live import ConnectorState, JournalEntry, JournalKind, JournalRecord
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NOW

SOON = timedelta(milliseconds=300)


def told(kind: JournalKind, session_id: str, *, vehicle_id: str = "van-1") -> list[JournalRecord]:
    facts = {"session_id": session_id, "vehicle_id": vehicle_id, "identity_source": "tag"}
    entry = JournalEntry(at=NOW, kind=kind, connector_id="AC-01/1", payload=facts)
    return [JournalRecord(seq=1, entry=entry, hash="")]


def seen(presence: Presence, shown, *, shown_at) -> ConnectorState:
    ((state,),) = [one.connectors for one in presence.laid_over([shown], shown_at=shown_at)]
    return state


def test_who_has_come_is_there_before_its_station_is_shown():
    presence = Presence()
    presence.take(told("session_started", "new"), now=NOW)

    state = seen(presence, scenes.empty("AC-01/1"), shown_at=NOW - SOON)

    assert (state.session_id, state.vehicle_id, state.identity_source) == ("new", "van-1", "tag")
    assert (state.energy_kwh, state.session_started_at) == (0.0, NOW)
    assert state.limit_kw == scenes.empty("AC-01/1").connectors[0].limit_kw


def test_who_has_left_is_gone_before_its_station_is_shown():
    presence, here = Presence(), scenes.plugged("AC-01/1", "van-1", energy_kwh=9.0)
    session_id = here.connectors[0].session_id
    assert session_id is not None
    presence.take(told("session_ended", session_id), now=NOW)

    state = seen(presence, here, shown_at=NOW - SOON)

    assert (state.session_id, state.vehicle_id, state.energy_kwh) == (None, None, 0.0)


def test_the_end_of_an_earlier_session_ends_no_later_one():
    presence, here = Presence(), scenes.plugged("AC-01/1", "van-1", energy_kwh=9.0)
    presence.take(told("session_ended", "an earlier one"), now=NOW)

    assert seen(presence, here, shown_at=NOW - SOON) == here.connectors[0]


def test_what_stations_show_later_counts_again():
    presence, gone = Presence(), scenes.empty("AC-01/1")
    presence.take(told("session_started", "new"), now=NOW)

    later = seen(presence, gone, shown_at=NOW + SOON)
    for_good = seen(presence, gone, shown_at=None)

    assert later == for_good == gone.connectors[0]
