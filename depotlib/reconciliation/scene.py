"""Plan and journal of one stay side by side, minute by minute: wanted, drawn, offered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from depotlib.reconciliation.line import Line, limit_line
from depotlib.reconciliation.planned import MINUTE, PlannedStay, wanted_line
from depotlib.reconciliation.registers import Meter
from depotlib.reconciliation.stay import MINUTE_H
from depotlib.reconciliation.told import ToldNight, ToldSession
from depotlib.reconciliation.yard import Yard

SAME_KW: Final = 0.005
"""Half of what an ampere limit is cut to on one phase is more."""
NO_TIME: Final = timedelta()
EDGE: Final = 2
"""Minutes around a plug-in or a step: vehicles follow late, meters tell means of a minute."""


@dataclass
class Scene:
    """One stay in series of minutes.

    Parameters
    ----------
    planned : PlannedStay
    visits : tuple of ToldSession
        In time.
    night : ToldNight
    yard : Yard
    until : datetime
        No minute is looked at from here on: it is not over.
    """

    planned: PlannedStay
    visits: tuple[ToldSession, ...]
    night: ToldNight
    yard: Yard
    until: datetime

    @cached_property
    def meters(self) -> tuple[Meter, ...]:
        """Return the meter of each visit."""
        return tuple(Meter.of(one, until=self.until) for one in self.visits)

    @cached_property
    def starts(self) -> tuple[datetime, ...]:
        """Return the start of every minute of the stay, planned and actual, (minutes,)."""
        begins = [self.planned.arrival, *(one.start for one in self.visits)]
        ends = [self.planned.departure, *(one.end for one in self.meters)]
        first = min(begins).replace(second=0, microsecond=0)
        count = -((first - min(self.until, max(ends))) // MINUTE)
        return tuple(first + index * MINUTE for index in range(max(0, count)))

    @cached_property
    def wanted_kw(self) -> tuple[float, ...]:
        """Return what the plan gave in each minute [kW], (minutes,)."""
        line = wanted_line(self.planned, self.yard)
        return tuple(line.at(start) for start in self.starts)

    @cached_property
    def drawn_kw(self) -> tuple[float, ...]:
        """Return the mean power of each minute as metered [kW], (minutes,)."""
        return tuple(
            sum(one.energy_kwh(start, start + MINUTE) for one in self.meters) / MINUTE_H
            for start in self.starts
        )

    @cached_property
    def visit(self) -> tuple[ToldSession | None, ...]:
        """Return the session in the middle of each minute, (minutes,)."""
        return tuple(self._visit_at(start) for start in self.starts)

    @cached_property
    def offered_kw(self) -> tuple[float, ...]:
        """Return the least that its plug offered in each minute, (minutes,); 0 without a plug.

        On an edge the minutes beside it count too: there meter and limit do not fall together.
        """
        return tuple(
            0.0 if visit is None else self.offer_kw(index, visit.connector_id)
            for index, visit in enumerate(self.visit)
        )

    @cached_property
    def is_edge(self) -> tuple[bool, ...]:
        """Return where a vehicle may still be following: a plug-in, a step of plan or limit."""
        wanted = self.wanted_kw
        lines = [self._mid_limit(index) for index in range(len(self.starts))]
        return tuple(
            any(
                _spread(series[max(0, index - EDGE) : index + EDGE + 1]) > SAME_KW
                for series in (wanted, lines)
            )
            or self.visit[index] is not self.visit[max(0, index - EDGE)]
            for index in range(len(self.starts))
        )

    def span(self, index: int) -> tuple[datetime, datetime]:
        """Return the span that a minute is judged by: itself, on an edge its neighbours too."""
        start = self.starts[index]
        if self.is_edge[index]:
            return start - EDGE * MINUTE, start + (EDGE + 1) * MINUTE
        return start, start + MINUTE

    def offer_kw(self, index: int, connector_id: str) -> float:
        """Return the least of the limits in force and the hardware of a connector [kW]."""
        return self._least_kw(connector_id, self.span(index))

    def own_offer_kw(self, index: int, connector_id: str) -> float:
        """Return the same of the minute alone, on an edge too [kW]."""
        start = self.starts[index]
        return self._least_kw(connector_id, (start, start + MINUTE))

    def told_kw(self, index: int, connector_id: str) -> float:
        """Return the least of the limits in force, whatever the plug can give [kW]."""
        return self.limits(connector_id).least(*self.span(index))

    def present_share(self, index: int) -> float:
        """Return how much of a minute it had a session; 0-1."""
        start = self.starts[index]
        spans = (
            min(start + MINUTE, meter.end) - max(start, visit.start)
            for visit, meter in zip(self.visits, self.meters, strict=True)
        )
        return sum(max(NO_TIME, one) / MINUTE for one in spans)

    def _least_kw(self, connector_id: str, span: tuple[datetime, datetime]) -> float:
        limit_kw = self.limits(connector_id).least(*span)
        plug = self.yard.plugs.get(connector_id)
        if plug is None or limit_kw < plug.connector.min_kw:
            return 0.0  # less than it can signal is nothing
        return min(limit_kw, plug.most_kw(self.planned.kind))

    def limits(self, connector_id: str) -> Line:
        """Return the limits in force on a connector."""
        if connector_id not in self._lines:
            leases = self.night.leases.get(connector_id, ())
            self._lines[connector_id] = limit_line(leases, safe_kw=self.yard.safe_kw(connector_id))
        return self._lines[connector_id]

    @cached_property
    def _lines(self) -> dict[str, Line]:
        return {}

    def _visit_at(self, start: datetime) -> ToldSession | None:
        middle = start + MINUTE / 2
        for visit, meter in zip(self.visits, self.meters, strict=True):
            if visit.start <= middle < meter.end:
                return visit
        return None

    def _mid_limit(self, index: int) -> float:
        visit = self.visit[index]
        if visit is None:
            return 0.0
        return self.limits(visit.connector_id).at(self.starts[index] + MINUTE / 2)


def _spread(series: tuple[float, ...] | list[float]) -> float:
    return max(series) - min(series)
