"""Whose word stands on a stay: a depot system's lies over others', and uncovers them when it goes.

What a system said itself and what it covered are kept beside its requests, under its own name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from depotlib.exchange.codec import DEPARTURE
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.feed import FeedState
from depotlib.model.live import JournalEntry
from depotlib.model.news import DepartureChange

SAID: Final = "said:"
COVERED: Final = "covered:"


@dataclass(frozen=True, slots=True)
class _Layer:
    """What a system said of a vehicle's stay, and what others had said before."""

    said: DepartureChange
    covered: DepartureChange | None


class Layers:
    """What one depot system has laid over the words of others; to be used in a transaction.

    Parameters
    ----------
    mailbox : Mailbox
    name : str
        Of the system's desk, which is the source of its changes.
    """

    def __init__(self, mailbox: Mailbox, name: str) -> None:
        self._mailbox = mailbox
        self._name = name
        held = mailbox.feeds.get(name)
        self._layers = _layers_in(held.marks if held is not None else {})

    def lay(self, change: DepartureChange) -> None:
        """Write a change over what others said; what this system said before is forgotten."""
        vehicle_id, mine = change.vehicle_id, replace(change, source=self._name)
        held = _held(self._mailbox, vehicle_id)
        covered = held
        if held is not None and held.source == self._name:
            before = self._layers.get(vehicle_id)
            covered = before.covered if before is not None else None
        self._layers[vehicle_id] = _Layer(mine, covered)
        merged = _put(self._mailbox, mine, covered=covered)
        payload = {
            "action": "change_departure",
            "vehicle_id": vehicle_id,
            "departure": merged.departure.isoformat() if merged.departure else None,
            "energy_kwh": merged.energy_kwh,
            "must_kwh": merged.must_kwh,
            "priority": merged.priority,
            "source": self._name,
        }
        self._mailbox.append([JournalEntry(change.changed_at, "operator_action", payload=payload)])

    def lift(self, vehicle_id: str, *, now: datetime) -> None:
        """Take this system's word off a stay: what it covered stands again.

        Where another system has laid its own over it, it goes from below that. What somebody else
        changed since in another way stays as that left it.
        """
        layer, held = self._layers.pop(vehicle_id, None), _held(self._mailbox, vehicle_id)
        covered = layer.covered if layer is not None else None
        if held is not None and held.source == self._name:
            self._mailbox.drop_departure(vehicle_id)
            if covered is not None:
                self._mailbox.put_departure(covered)
        elif not self._lifted_from_below(vehicle_id, covered, held=held):
            return
        payload = {"action": "withdraw_departure", "vehicle_id": vehicle_id, "source": self._name}
        self._mailbox.append([JournalEntry(now, "operator_action", payload=payload)])

    def marks(self, vehicle_ids: Iterable[str]) -> dict[str, str]:
        """Return how the layers of these vehicles are kept."""
        marks: dict[str, str] = {}
        for vehicle_id in vehicle_ids:
            layer = self._layers.get(vehicle_id)
            if layer is not None:
                marks |= _marks_of(vehicle_id, layer)
        return marks

    def _lifted_from_below(
        self, vehicle_id: str, covered: DepartureChange | None, *, held: DepartureChange | None
    ) -> bool:
        """Return whether another system's word lay over this one's, and does so no more."""
        for desk in self._mailbox.feeds.all():
            layer = _layers_in(desk.marks).get(vehicle_id)
            if layer is None or layer.covered is None or layer.covered.source != self._name:
                continue
            bared = replace(layer, covered=covered)
            others = {
                name: text for name, text in desk.marks.items() if name != COVERED + vehicle_id
            }
            self._put_desk(desk, {**others, **_marks_of(vehicle_id, bared)})
            if held is not None and held.source == layer.said.source:
                _put(self._mailbox, layer.said, covered=covered)
            return True
        return False

    def _put_desk(self, desk: FeedState, marks: Mapping[str, str]) -> None:
        self._mailbox.feeds.put(desk.feed, replace(desk, marks=marks))


def _held(mailbox: Mailbox, vehicle_id: str) -> DepartureChange | None:
    return next((one for one in mailbox.departures() if one.vehicle_id == vehicle_id), None)


def _put(
    mailbox: Mailbox, said: DepartureChange, *, covered: DepartureChange | None
) -> DepartureChange:
    """Return what stands of a stay after a word was laid over what it covers, and nothing else."""
    mailbox.drop_departure(said.vehicle_id)
    if covered is not None:
        mailbox.put_departure(covered)
    return mailbox.put_departure(said)


def _marks_of(vehicle_id: str, layer: _Layer) -> dict[str, str]:
    marks = {SAID + vehicle_id: DEPARTURE.text(layer.said)}
    if layer.covered is not None:
        marks[COVERED + vehicle_id] = DEPARTURE.text(layer.covered)
    return marks


def _layers_in(marks: Mapping[str, str]) -> dict[str, _Layer]:
    found: dict[str, _Layer] = {}
    for mark, text in marks.items():
        if mark.startswith(SAID):
            vehicle_id = mark.removeprefix(SAID)
            below = marks.get(COVERED + vehicle_id)
            covered = DEPARTURE.record(below) if below is not None else None
            found[vehicle_id] = _Layer(DEPARTURE.record(text), covered)
    return found
