"""What the site has drawn so far tonight, from the registers in the journal: after a restart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from depotlib.exchange.mailbox import Mailbox
from depotlib.model.live import JournalKind, JournalRecord
from depotlib.model.timegrid import TimeGrid

KINDS: Final[tuple[JournalKind, ...]] = ("session_started", "meter")
PAGE: Final = 5000
PROBE: Final = 20
"""So many records are looked at to know how old a place in the journal is: some come late."""
EARLIER: Final = timedelta(hours=1)


def metered_kwh(mailbox: Mailbox, grid: TimeGrid) -> Mapping[int, float]:
    """Return what all sessions took in each interval, by its index [kWh].

    Parameters
    ----------
    mailbox : Mailbox
    grid : TimeGrid
        What lies before it is not read.
    """
    return spread_kwh(_records_since(mailbox, grid.start - EARLIER), grid)


def spread_kwh(records: Iterable[JournalRecord], grid: TimeGrid) -> Mapping[int, float]:
    """Return the energy between samples, spread evenly over the time between them [kWh].

    A sample tells what its session has had so far: after a silence nothing is missing.

    Parameters
    ----------
    records : iterable of JournalRecord
        In the journal's order.
    grid : TimeGrid
    """
    energy_kwh = defaultdict[int, float](float)
    last: dict[str, tuple[datetime, float]] = {}
    for record in records:
        facts, at = record.entry.payload, record.entry.at
        is_start = record.entry.kind == "session_started"
        # What a start tells is the station's register; all later ones count from there.
        register_kwh = 0.0 if is_start else facts.get("energy_kwh")
        session_id = str(facts.get("session_id"))
        if not isinstance(register_kwh, float | int):
            continue
        before = last.get(session_id)
        if before is not None and at <= before[0]:
            continue
        last[session_id] = (at, float(register_kwh))
        if before is not None and register_kwh > before[1]:
            taken_kwh = register_kwh - before[1]
            for interval, share in _shares(before[0], at, grid=grid):
                energy_kwh[interval] += taken_kwh * share
    return energy_kwh


def _shares(since: datetime, until: datetime, *, grid: TimeGrid) -> Iterator[tuple[int, float]]:
    """Yield the intervals of a grid in a span, each with its share of the span."""
    at = max(since, grid.start)
    while at < until and grid.interval_of(at) < grid.count:
        interval = grid.interval_of(at)
        end = min(until, grid.start + (interval + 1) * grid.step)
        yield interval, (end - at) / (until - since)
        at = end


def _records_since(mailbox: Mailbox, instant: datetime) -> Iterator[JournalRecord]:
    seq = _place_of(mailbox, instant)
    while page := mailbox.journal(seq, PAGE, kinds=KINDS):
        yield from page
        seq = page[-1].seq


def _place_of(mailbox: Mailbox, instant: datetime) -> int:
    """Return a number before which the journal tells only of what came before an instant."""
    low, high = 0, mailbox.journal_head().seq
    while low < high:
        middle = (low + high) // 2
        found = mailbox.journal(middle, PROBE)
        if found and max(one.entry.at for one in found) < instant:
            low = middle + 1
        else:
            high = middle
    return low
