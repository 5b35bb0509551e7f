"""How long it takes until a meter shows that a limit fell, and what that adds to a billed mean.

A limit falls because a new one was accepted, or because one that the station holds falls by its
own schedule. What flows above it until the vehicle has followed is energy that the plan put
elsewhere: it raises the mean of that billed window.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from operator import itemgetter
from typing import Final

from depotlib.exchange.journal_pages import records_after
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry, JournalKind
from depotlib.reconciliation.listening import told_night
from depotlib.reconciliation.told import ToldLease
from depotlib.settings import Settings
from depotlib.units import energy_kwh, mean_power_kw

KINDS: Final[tuple[JournalKind, ...]] = ("limit_sent", "limit_answered", "meter")
WINDOW_S: Final = 900
"""A billed mean is of a quarter of an hour, under nearly every tariff."""
FRESH: Final = timedelta(minutes=3)
"""An older sample does not say what was drawn when the limit fell."""
WORTH_KW: Final = 0.1
"""Meters and chargers are no better than that."""
MEDIAN_SHARE: Final = 0.5
TAIL_SHARE: Final = 0.95

Sample = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class DropEffect:
    """A limit that fell below what was drawn.

    Parameters
    ----------
    connector_id : str
    at : datetime
        When it fell.
    limit_kw : float
    drawn_kw : float
        Measured last before.
    effect_s : float
        Until the first sample that is within the limit; at most one interval of the meter too long.
    added_kw : float
        The most that this adds to the mean of a billed window.
    """

    connector_id: str
    at: datetime
    limit_kw: float
    drawn_kw: float
    effect_s: float
    added_kw: float


@dataclass(frozen=True, slots=True)
class DropEffects:
    """What limits that fell came to.

    Parameters
    ----------
    drops : tuple of DropEffect
        By time.
    unseen : int
        Drops that no sample showed before the limit changed again.
    p50_s, p95_s : float or None
        Of the time to effect; None: there was none.
    worst_window : datetime or None
        Billed window to which they added most.
    worst_added_kw : float
        All drops of that window together; rises of others at the same time are not taken off.
    """

    drops: tuple[DropEffect, ...]
    unseen: int
    p50_s: float | None
    p95_s: float | None
    worst_window: datetime | None
    worst_added_kw: float


def read_drop_effects(settings: Settings, *, start: datetime, end: datetime) -> DropEffects:
    """Return what limits that fell within a window came to, by the journal.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        entries = [record.entry for record in records_after(mailbox, kinds=KINDS)]
    return drop_effects(entries, start=start, end=end)


def drop_effects(entries: Sequence[JournalEntry], *, start: datetime, end: datetime) -> DropEffects:
    """Return what limits that fell within a window came to.

    Parameters
    ----------
    entries : sequence of JournalEntry
        In the journal's order; limits from before the window say what held then.
    start, end : datetime
        Half-open.
    """
    samples = _samples(entries)
    found: list[DropEffect] = []
    unseen = 0
    for name, leases in told_night(entries, end=end).leases.items():
        steps = _in_force(leases)
        for index, (at, limit_kw) in enumerate(steps):
            drawn_kw = _drawn_kw(samples[name], at)
            if not start <= at < end or drawn_kw is None or drawn_kw <= _within_kw(limit_kw):
                continue
            until = steps[index + 1][0] if index + 1 < len(steps) else end
            seen = _seen(samples[name], at, limit_kw=limit_kw, until=until)
            if seen is None:
                unseen += 1
            else:
                found.append(_drop(name, at, limit_kw=limit_kw, drawn_kw=drawn_kw, seen=seen))
    return _summed_up(sorted(found, key=lambda one: one.at), unseen=unseen)


def _samples(entries: Iterable[JournalEntry]) -> Mapping[str, list[Sample]]:
    samples: defaultdict[str, list[Sample]] = defaultdict(list)
    for entry in entries:
        power_kw = entry.payload.get("power_kw")
        if entry.kind == "meter" and isinstance(power_kw, int | float):
            samples[str(entry.connector_id)].append((entry.at, float(power_kw)))
    for held in samples.values():
        # Samples of an offline spell are told late.
        held.sort()
    return samples


def _in_force(leases: Sequence[ToldLease]) -> list[Sample]:
    """Return the limits of a connector from each instant on: of each lease until the next."""
    steps: list[Sample] = []
    ends = [*(later.start for _, later in pairwise(leases)), None]
    for lease, end in zip(leases, ends, strict=True):
        until = lease.valid_to if end is None else min(end, lease.valid_to)
        for at, limit_kw in lease.limits_kw:
            if at < until:
                step = (max(at, lease.start), limit_kw)
                # Of several that began before the lease was accepted the last one holds.
                if steps and steps[-1][0] == step[0]:
                    steps.pop()
                steps.append(step)
    return steps


def _drawn_kw(samples: Sequence[Sample], at: datetime) -> float | None:
    later = bisect_right(samples, at, key=itemgetter(0))
    if not later or samples[later - 1][0] < at - FRESH:
        return None
    return samples[later - 1][1]


def _within_kw(limit_kw: float) -> float:
    return limit_kw + WORTH_KW


def _seen(
    samples: Sequence[Sample], at: datetime, *, limit_kw: float, until: datetime
) -> datetime | None:
    first, end = (bisect_right(samples, one, key=itemgetter(0)) for one in (at, until))
    within = (when for when, power_kw in islice(samples, first, end)
              if power_kw <= _within_kw(limit_kw))  # fmt: skip
    return next(within, None)


def _drop(
    name: str, at: datetime, *, limit_kw: float, drawn_kw: float, seen: datetime
) -> DropEffect:
    effect_s = (seen - at).total_seconds()
    excess_kwh = energy_kwh(drawn_kw - limit_kw, min(effect_s, WINDOW_S))
    return DropEffect(
        connector_id=name,
        at=at,
        limit_kw=limit_kw,
        drawn_kw=drawn_kw,
        effect_s=effect_s,
        added_kw=mean_power_kw(excess_kwh, WINDOW_S),
    )


def _summed_up(drops: Sequence[DropEffect], *, unseen: int) -> DropEffects:
    windows_kw: defaultdict[datetime, float] = defaultdict(float)
    for drop in drops:
        into_s = drop.at.timestamp() % WINDOW_S
        windows_kw[drop.at - timedelta(seconds=into_s)] += drop.added_kw
    worst = max(windows_kw, key=lambda window: windows_kw[window], default=None)
    taken_s = sorted(drop.effect_s for drop in drops)
    return DropEffects(
        drops=tuple(drops),
        unseen=unseen,
        p50_s=_quantile_s(taken_s, MEDIAN_SHARE),
        p95_s=_quantile_s(taken_s, TAIL_SHARE),
        worst_window=worst,
        worst_added_kw=0.0 if worst is None else windows_kw[worst],
    )


def _quantile_s(taken_s: Sequence[float], share: float) -> float | None:
    """Return the least value that so large a share does not pass (nearest rank)."""
    return taken_s[max(0, math.ceil(share * len(taken_s)) - 1)] if taken_s else None
