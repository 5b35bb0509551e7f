"""How fast stations answer when they are told a limit, by make: from the journal.

What a station accepts and then does not obey is known by its meter, and told beside it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from depotlib.exchange.journal_pages import records_after
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry, JournalKind
from depotlib.settings import Settings

KINDS: Final[tuple[JournalKind, ...]] = (
    "boot",
    "fallback_armed",
    "limit_answered",
    "disobedience",
)
BOUNDS_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, math.inf)
"""Of the histogram: an answer that takes longer than 30 s is none."""
MEDIAN_SHARE: Final = 0.5
TAIL_SHARE: Final = 0.95
NEVER_SENT: Final = ("superseded", "never sent", "not sent", "the station's queue is full")
"""Calls that ended here and not at the station, by the beginning of their note."""

Make = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class LatencyBin:
    """Answers that took at most so long, and longer than the bin before; None: any longer."""

    up_to_s: float | None
    answers: int


@dataclass(frozen=True, slots=True)
class MakeLatency:
    """How stations of one make answered when they were told a limit.

    Parameters
    ----------
    vendor, model, firmware : str
        Empty: they never said it.
    stations : int
    accepted, refused, unanswered : int
        Limits, safe limits included; unanswered are those that waited 30 s in vain.
    disobeyed : int
        Times that a meter caught one above its limit, whatever it had accepted.
    p50_s, p95_s, max_s : float or None
        Of what was answered, from sent to answered; None: nothing was.
    histogram : tuple of LatencyBin
    """

    vendor: str
    model: str
    firmware: str
    stations: int
    accepted: int
    refused: int
    unanswered: int
    disobeyed: int
    p50_s: float | None
    p95_s: float | None
    max_s: float | None
    histogram: tuple[LatencyBin, ...]


@dataclass(slots=True)
class _Tally:
    stations: set[str] = field(default_factory=set[str])
    latencies_s: list[float] = field(default_factory=list[float])
    accepted: int = 0
    refused: int = 0
    unanswered: int = 0
    disobeyed: int = 0


def read_latencies(
    settings: Settings, *, start: datetime, end: datetime
) -> tuple[MakeLatency, ...]:
    """Return how stations answered within a window, by make.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        entries = [record.entry for record in records_after(mailbox, kinds=KINDS)]
    return latencies(entries, start=start, end=end)


def latencies(
    entries: Iterable[JournalEntry], *, start: datetime, end: datetime
) -> tuple[MakeLatency, ...]:
    """Return how stations answered within a window, by make in the order of their names.

    Parameters
    ----------
    entries : iterable of JournalEntry
        In the journal's order; boots before the window say who was what.
    start, end : datetime
        Half-open.
    """
    makes: dict[str, Make] = {}
    tallies: dict[Make, _Tally] = {}
    for one in entries:
        name = one.station_id or ""
        if one.kind == "boot":
            vendor, model, firmware = (
                str(one.payload.get(fact) or "") for fact in ("vendor", "model", "firmware")
            )
            makes[name] = (vendor, model, firmware)
        elif start <= one.at < end:
            tally = tallies.setdefault(makes.get(name, ("", "", "")), _Tally())
            tally.stations.add(name)
            _count(tally, one)
    return tuple(_of(make, tallies[make]) for make in sorted(tallies))


def _count(tally: _Tally, entry: JournalEntry) -> None:
    if entry.kind == "disobedience":
        tally.disobeyed += 1
        return
    outcome, why = _outcome(entry)
    if outcome == "unknown":
        tally.unanswered += not why.startswith(NEVER_SENT)
        return
    tally.accepted += outcome == "accepted"
    tally.refused += outcome != "accepted"
    tally.latencies_s.append(float(entry.payload.get("latency_s") or 0.0))


def _outcome(entry: JournalEntry) -> tuple[str, str]:
    """Return how a limit fared, and the station's word or why there is none."""
    told = str(entry.payload.get("answer") or "")
    if entry.kind == "fallback_armed":
        return "accepted", told
    outcome = entry.payload.get("outcome")
    if isinstance(outcome, str):
        return outcome, told
    first, _, why = told.partition(": ")
    return first, why


def _of(make: Make, tally: _Tally) -> MakeLatency:
    vendor, model, firmware = make
    taken_s = sorted(tally.latencies_s)
    return MakeLatency(
        vendor=vendor,
        model=model,
        firmware=firmware,
        stations=len(tally.stations),
        accepted=tally.accepted,
        refused=tally.refused,
        unanswered=tally.unanswered,
        disobeyed=tally.disobeyed,
        p50_s=_quantile_s(taken_s, MEDIAN_SHARE),
        p95_s=_quantile_s(taken_s, TAIL_SHARE),
        max_s=taken_s[-1] if taken_s else None,
        histogram=_histogram(taken_s),
    )


def _quantile_s(taken_s: Sequence[float], share: float) -> float | None:
    """Return the least value that so large a share does not pass (nearest rank)."""
    if not taken_s:
        return None
    return taken_s[max(0, math.ceil(share * len(taken_s)) - 1)]


def _histogram(taken_s: Sequence[float]) -> tuple[LatencyBin, ...]:
    below = [sum(one <= bound_s for one in taken_s) for bound_s in BOUNDS_S]
    earlier = [0, *below]
    return tuple(
        LatencyBin(bound_s if math.isfinite(bound_s) else None, count - before)
        for bound_s, count, before in zip(BOUNDS_S, below, earlier, strict=False)
    )
