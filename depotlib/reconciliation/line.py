"""A power over time as steps, looked up fast: limits of a connector, setpoints of a plan."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from depotlib.reconciliation.told import ToldLease


@dataclass(frozen=True, slots=True)
class Line:
    """Power from each instant on; before the first `before_kw` holds.

    Parameters
    ----------
    starts : tuple of datetime
        Rising.
    values_kw : tuple of float
    before_kw : float
    """

    starts: tuple[datetime, ...]
    values_kw: tuple[float, ...]
    before_kw: float

    def at(self, instant: datetime) -> float:
        """Return the power at an instant [kW]."""
        place = bisect_right(self.starts, instant)
        return self.values_kw[place - 1] if place else self.before_kw

    def least(self, start: datetime, end: datetime) -> float:
        """Return the least power within a half-open span [kW]."""
        first = bisect_right(self.starts, start)
        last = bisect_right(self.starts, end - timedelta(microseconds=1))
        return min((self.at(start), *self.values_kw[first:last]))


def line_through(points: Iterable[tuple[datetime, float]], *, before_kw: float) -> Line:
    """Return the line through (start, power) points, given by rising start; the last of equals."""
    held = dict(points)
    return Line(tuple(held), tuple(held.values()), before_kw)


def limit_line(leases: Sequence[ToldLease], *, safe_kw: float) -> Line:
    """Return the limits in force on a connector: each lease until the next is accepted.

    Parameters
    ----------
    leases : sequence of ToldLease
        In the order of their acceptance.
    safe_kw : float
        What holds without a lease, and when one is over.
    """
    points: list[tuple[datetime, float]] = []
    replacing = [lease.start for lease in leases[1:]]
    for index, lease in enumerate(leases):
        until = min((lease.valid_to, *replacing[index : index + 1]))
        begun = [limit_kw for start, limit_kw in lease.limits_kw if start <= lease.start]
        points.append((lease.start, begun[-1] if begun else safe_kw))
        points += [one for one in lease.limits_kw if lease.start < one[0] < until]
        if until > lease.start and until == lease.valid_to:
            points.append((until, safe_kw))
    return line_through(points, before_kw=safe_kw)
