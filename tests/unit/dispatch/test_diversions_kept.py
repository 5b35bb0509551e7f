"""Who was led to another connector is led there by every dispatch that comes after."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from depotlib.dispatch.burst import QUIET
from depotlib.dispatch.loop import Dispatcher
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.live import JournalEntry
from tests.unit.dispatch import scenes
from tests.unit.dispatch.test_diversions import (
    HERE,
    HOUR,
    LATE,
    MUST_KWH,
    SHARED,
    SINGLE,
    night,
    push,
)
from tests.unit.exchange.samples import MORNING


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Mailbox]:
    """Return the mailbox with the push in force, van-1 and van-3 plugged in."""
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.publish_brief(night().brief, at=LATE)
        mailbox.add_release(push())
        mailbox.set_current_release("pushed", at=LATE)
        for station in HERE:
            mailbox.put_station_state(station)
        yield mailbox


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Mailbox]:
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        yield mailbox


def answer(dispatcher: Dispatcher, at: datetime) -> object:
    dispatcher.step(at)
    return dispatcher.step(at + QUIET)


def place(mailbox: Mailbox, vehicle_id: str) -> str:
    release = mailbox.current_release()
    assert release is not None
    return scenes.schedule_of(release, vehicle_id).connector_id


def plug_in(gateway: Mailbox, connector_id: str, vehicle_id: str, *, at: datetime) -> None:
    with gateway.transaction():
        gateway.put_station_state(scenes.plugged(connector_id, vehicle_id))
        facts = {"session_id": f"{connector_id}@{at}", "vehicle_id": vehicle_id}
        gateway.append([JournalEntry(at=at, kind="session_started", payload=facts)])


def unplug(gateway: Mailbox, connector_id: str, vehicle_id: str, *, at: datetime) -> None:
    """End a session in which a vehicle has had all that it wants."""
    facts = {"session_id": "s", "vehicle_id": vehicle_id, "energy_kwh": MUST_KWH + 1.0}
    with gateway.transaction():
        gateway.put_station_state(scenes.empty(connector_id))
        gateway.append([JournalEntry(at=at, kind="session_ended", payload=facts)])


def test_a_release_and_who_is_led_by_it_are_kept_together(gateway: Mailbox, own: Mailbox):
    assert answer(Dispatcher(own), LATE) == "planned"

    (kept,) = gateway.diversions.all()
    assert (kept.vehicle_id, kept.from_connector_id, kept.to_connector_id) == (
        "van-2", SHARED, SINGLE
    )  # fmt: skip
    assert place(gateway, "van-2") == SINGLE
    (told,) = gateway.journal(kinds=["dispatch_planned"])
    assert str(told.entry.payload["moves"]).startswith(f"van-2 from the yard to {SINGLE} at 2026-")


def test_it_stands_for_a_fresh_dispatcher(gateway: Mailbox, own: Mailbox):
    answer(Dispatcher(own), LATE)

    # Van-1 leaves AC-01: without what was kept van-2 would be planned there again.
    unplug(gateway, SHARED, "van-1", at=LATE + HOUR)
    answer(Dispatcher(own), LATE + HOUR)

    assert place(gateway, "van-2") == SINGLE
    assert [one.vehicle_id for one in gateway.diversions.all()] == ["van-2"]


def test_plugged_in_elsewhere_it_is_forgotten(gateway: Mailbox, own: Mailbox):
    dispatcher = Dispatcher(own)
    answer(dispatcher, LATE)
    unplug(gateway, SHARED, "van-1", at=LATE + HOUR)
    plug_in(gateway, SHARED, "van-2", at=LATE + HOUR)

    assert answer(dispatcher, LATE + HOUR) == "planned"

    assert gateway.diversions.all() == ()
    assert place(gateway, "van-2") == SHARED
    # Nobody comes to AC-02 any more: van-3 has it to its departure.
    release = gateway.current_release()
    assert release is not None
    assert scenes.schedule_of(release, "van-3").valid_to == MORNING


def test_another_push_ends_it(gateway: Mailbox, own: Mailbox):
    dispatcher = Dispatcher(own)
    answer(dispatcher, LATE)
    # With this one van-2 has AC-01 for itself, and nobody stands there.
    unplug(gateway, SHARED, "van-1", at=LATE + HOUR)
    other = replace(push(), release_id="another", schedules=push().schedules[1:])
    gateway.add_release(other)
    gateway.set_current_release("another", at=LATE + HOUR)

    answer(Dispatcher(own), LATE + HOUR)

    assert gateway.diversions.all() == ()
    assert place(gateway, "van-2") == SHARED
