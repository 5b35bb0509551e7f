"""What the plan gave a stay, minute by minute, and what a plan would have had to give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.fleet import VehicleClass
from depotlib.model.release import ConnectorSchedule
from depotlib.reconciliation.line import Line, line_through
from depotlib.reconciliation.stay import MINUTE_H
from depotlib.reconciliation.yard import Yard
from depotlib.units import SECONDS_PER_MINUTE

MINUTE: Final = timedelta(seconds=SECONDS_PER_MINUTE)
SHORT_KWH: Final = 0.05
"""Setpoints and targets are rounded: a plan that misses by less is not short."""
HALVINGS: Final = 50
MOST_FACTOR: Final = 1000.0


@dataclass(frozen=True, slots=True)
class PlannedStay:
    """What was planned for one stay.

    Parameters
    ----------
    vehicle_id : str
    arrival, departure : datetime
    must_kwh, target_kwh : float
        At the wall.
    schedules : tuple of ConnectorSchedule
        Of the release that was pushed, for this vehicle and stay.
    kind : VehicleClass or None
        None: its class is not known, and so what it takes.
    """

    vehicle_id: str
    arrival: datetime
    departure: datetime
    must_kwh: float
    target_kwh: float
    schedules: tuple[ConnectorSchedule, ...] = ()
    kind: VehicleClass | None = None

    def schedule_at(self, instant: datetime) -> ConnectorSchedule | None:
        """Return the schedule that holds at an instant; before the first and in gaps the next."""
        ahead = [one for one in self.schedules if instant < one.valid_to]
        if ahead:
            return min(ahead, key=lambda one: one.valid_to)
        return max(self.schedules, key=lambda one: one.valid_to, default=None)

    def connectors(self) -> tuple[str, ...]:
        """Return where it was to be, in that order."""
        ordered = sorted(self.schedules, key=lambda one: one.valid_to)
        return tuple(dict.fromkeys(one.connector_id for one in ordered))


def wanted_line(planned: PlannedStay, yard: Yard) -> Line:
    """Return what the plan gave the stay, as far as vehicle and plug can take it.

    Parameters
    ----------
    planned : PlannedStay
    yard : Yard
    """
    begins = planned.arrival
    points: list[tuple[datetime, float]] = []
    for schedule in sorted(planned.schedules, key=lambda one: one.valid_to):
        plug = yard.plugs.get(schedule.connector_id)
        highest_kw = yard.most_kw(schedule.connector_id, planned.kind)
        until = min(schedule.valid_to, planned.departure)
        for step in schedule.steps:
            power_kw = min(step.limit_kw, highest_kw)
            if plug is None or power_kw < plug.connector.min_kw:
                power_kw = 0.0
            if step.start < until:
                points.append((max(step.start, begins), power_kw))
        points.append((until, 0.0))
        begins = max(begins, until)
    return line_through(points, before_kw=0.0)


def widened_kw(
    wanted: Sequence[float], *, most: Sequence[float], target_kwh: float
) -> tuple[float, ...]:
    """Return what a plan that meets a target would have given: the same in proportion.

    Where that is not enough, the first minutes without power are filled up too.

    Parameters
    ----------
    wanted : sequence of float
        What the plan gave [kW], (minutes,).
    most : sequence of float
        What could be given; 0 outside the stay [kW], (minutes,).
    target_kwh : float
    """
    planned_kwh = sum(wanted) * MINUTE_H
    if planned_kwh >= target_kwh - SHORT_KWH:
        return tuple(wanted)
    low, high = 1.0, 1.0
    while _scaled_kwh(wanted, most, factor=high) < target_kwh and high < MOST_FACTOR:
        high *= 2.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        is_enough = _scaled_kwh(wanted, most, factor=middle) >= target_kwh
        low, high = (low, middle) if is_enough else (middle, high)
    wider = _scaled(wanted, most, factor=high)
    rest_kwh = target_kwh - sum(wider) * MINUTE_H
    for index, highest_kw in enumerate(most):
        if rest_kwh <= 0:
            break
        added_kw = min(max(0.0, highest_kw - wider[index]), rest_kwh / MINUTE_H)
        wider[index] += added_kw
        rest_kwh -= added_kw * MINUTE_H
    return tuple(wider)


def _scaled(wanted: Sequence[float], most: Sequence[float], *, factor: float) -> list[float]:
    return [
        max(power_kw, min(highest_kw, factor * power_kw))
        for power_kw, highest_kw in zip(wanted, most, strict=True)
    ]


def _scaled_kwh(wanted: Sequence[float], most: Sequence[float], *, factor: float) -> float:
    return sum(_scaled(wanted, most, factor=factor)) * MINUTE_H
