"""The transactions of a 2.x station, told in events of any order, put together as neutral words.

A start may come without a token or a place, an end without a start, history after the present.
Each transaction has the station's own name; our number follows from it, so that nothing is told
twice, whatever is repeated and whenever the gateway was restarted.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from depotlib.gateway.messages import (
    Event,
    MeterReported,
    MeterSample,
    StatusReported,
    TransactionEnded,
    TransactionStarted,
    TransactionTold,
    VehicleTold,
)
from depotlib.gateway.transactions import Transaction, Transactions, number_of

MOST_STORIES: Final = 200
MOST_HELD: Final = 50
"""Events of a transaction that are kept until its place is told."""
STOPPING: Final = "StopAuthorized"
CHARGING: Final = "Charging"
OCCUPIED: Final = "Occupied"
NOT_OCCUPIED: Final = frozenset({"Available", "Reserved", "Unavailable", "Faulted", "Finishing"})


@dataclass(slots=True)
class _Story:
    """What has been told of one transaction."""

    heard: set[tuple[int, str, datetime]] = field(default_factory=set[tuple[int, str, datetime]])
    held: list[TransactionTold] = field(default_factory=list[TransactionTold])
    connector: int | None = None
    is_begun: bool = False
    is_asked: bool = False


def status_word(told: str, *, before: str) -> str:
    """Return a plug's status in 1.6's words: 2.x knows only that it is occupied, not by what."""
    if told != OCCUPIED:
        return told
    return "Preparing" if before in NOT_OCCUPIED else before


class Stories:
    """The stories of one station.

    Parameters
    ----------
    transactions : Transactions
        Of the station; stories are told into it by whoever handles what `parts` returns.
    connectors : collection of int
        That the station has: where it has one only, a transaction can be nowhere else.
    """

    def __init__(self, transactions: Transactions, connectors: Collection[int]) -> None:
        self._transactions = transactions
        self._only = next(iter(connectors)) if len(connectors) == 1 else None
        self._stories: dict[str, _Story] = {}

    def parts(self, event: TransactionTold) -> list[Event]:
        """Return what an event says in neutral words; nothing new: nothing.

        Parameters
        ----------
        event : TransactionTold
        """
        story = self._story(event.name)
        mark = (event.seq, event.phase, event.at)
        if mark in story.heard:
            return []
        story.heard.add(mark)
        known = self._transactions.get(number_of(event.name))
        if event.connector is not None:
            story.connector = event.connector
        if story.connector is None:
            story.connector = self._only if known is None else known.connector
        if story.connector is None:
            story.held = [*story.held, event][-MOST_HELD:]
            return []
        told = [*story.held, event]
        story.held = []
        begin = [] if known is not None or story.is_begun else [_start(told, story.connector)]
        story.is_begun = True
        rest = [part for one in told for part in self._rest(one, story, known=known)]
        return [*begin, *rest]

    def _story(self, name: str) -> _Story:
        if name not in self._stories and len(self._stories) >= MOST_STORIES:
            del self._stories[next(iter(self._stories))]
        return self._stories.setdefault(name, _Story())

    def _rest(
        self, event: TransactionTold, story: _Story, *, known: Transaction | None
    ) -> list[Event]:
        assert story.connector is not None
        number, place = number_of(event.name), story.connector
        parts: list[Event] = []
        if known is not None and event.token and not known.id_tag and not _is_stop(event):
            parts.append(VehicleTold("", place, event.token, number))
        is_over = known is not None and known.ended_at is not None
        if event.status and not event.is_offline and not is_over:
            parts.append(StatusReported("", place, event.status, "", event.at))
        if event.status == CHARGING and not story.is_asked and _has_no_token(event, known):
            # It charges and nobody said who it is: now somebody has to look.
            story.is_asked = True
            parts.append(VehicleTold("", place, "", number))
        if event.samples:
            parts.append(
                MeterReported("", place, number, event.samples, is_offline=event.is_offline)
            )
        if event.phase == "ended":
            stop_kwh = _registers(event.samples)[-1:] or [None]
            reason = event.reason or "Local"
            parts.append(TransactionEnded("", number, stop_kwh[0], event.at, reason))
        return parts


def _start(told: list[TransactionTold], connector: int) -> TransactionStarted:
    tokens = [one.token for one in told if one.token and not _is_stop(one)]
    registers = [register for one in told for register in _registers(one.samples)]
    instants = [one.at for one in told] + [sample.at for one in told for sample in one.samples]
    return TransactionStarted(
        call_id="",
        connector=connector,
        token=tokens[0] if tokens else "",
        meter_start_kwh=registers[0] if registers else None,
        at=min(instants),
        transaction_id=number_of(told[0].name),
        name=told[0].name,
    )


def _registers(samples: tuple[MeterSample, ...]) -> list[float]:
    return [one.register_kwh for one in samples if one.register_kwh is not None]


def _is_stop(event: TransactionTold) -> bool:
    """Return whether its token is that of whoever stops, who need not be who is plugged in."""
    return event.phase == "ended" or event.trigger == STOPPING


def _has_no_token(event: TransactionTold, known: Transaction | None) -> bool:
    return not event.token and (known is None or not known.id_tag)
