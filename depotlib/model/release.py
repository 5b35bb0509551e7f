"""A release: what a push creates and the gateway applies. Never edited, only superseded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from depotlib.errors import ModelError
from depotlib.units import duration_h

ReleaseOrigin = Literal["push", "dispatch", "rollback"]


@dataclass(frozen=True, slots=True)
class LimitStep:
    """From an instant on, until the next step: at most this power."""

    start: datetime
    limit_kw: float

    def __post_init__(self) -> None:
        """Refuse a limit that is not a finite number of 0 or more."""
        if not 0.0 <= self.limit_kw < float("inf"):
            raise ModelError(
                f"a limit of {self.limit_kw} kW cannot be asked of a station",
                where="LimitStep",
                hint="give a finite number of 0 or more",
            )


@dataclass(frozen=True, slots=True)
class ConnectorSchedule:
    """Setpoints of one vehicle on one connector for its stay there.

    Parameters
    ----------
    connector_id : str
    vehicle_id : str
    steps : tuple of LimitStep
        By rising start; the first at or before the plug-in; before it and after `valid_to` the
        station's safe limit holds.
    valid_to : datetime
        End of the vehicle's window on this connector.
    departure : datetime
    energy_target_kwh : float
        Still to deliver on this connector when the release was made.
    """

    connector_id: str
    vehicle_id: str
    steps: tuple[LimitStep, ...]
    valid_to: datetime
    departure: datetime
    energy_target_kwh: float

    def __post_init__(self) -> None:
        """Refuse an empty schedule or steps out of order."""
        starts = [step.start for step in self.steps]
        if not starts or starts != sorted(set(starts)):
            raise ModelError(
                f"the schedule of {self.vehicle_id!r} on {self.connector_id!r} needs steps by "
                "rising start",
                where=f"connector {self.connector_id}",
            )

    def limit_at(self, instant: datetime) -> float | None:
        """Return the limit at an instant [kW], or None outside the schedule."""
        if instant >= self.valid_to or instant < self.steps[0].start:
            return None
        limit_kw = self.steps[0].limit_kw
        for step in self.steps:
            if step.start > instant:
                break
            limit_kw = step.limit_kw
        return limit_kw


def steps_kwh(
    steps: Sequence[LimitStep], *, valid_to: datetime, since: datetime, until: datetime
) -> float:
    """Return what steps permit within a span [kWh]: nothing before the first and from their end on."""
    ends = [*(step.start for step in steps[1:]), valid_to]
    return sum(
        step.limit_kw * max(0.0, duration_h(min(end, until) - max(step.start, since)))
        for step, end in zip(steps, ends, strict=True)
        if step.limit_kw and step.start < until and end > since
    )


@dataclass(frozen=True, slots=True)
class Release:
    """A night's setpoints, ready for the gateway.

    Safe limits, circuit limits and identities are those of the brief it names.

    Parameters
    ----------
    release_id : str
    plan_id : str
    origin : {'push', 'dispatch', 'rollback'}
    brief_version : int
    made_at, valid_from, valid_to : datetime
    schedules : tuple of ConnectorSchedule
        Several on one connector follow each other and never overlap.
    pushable : bool
        False where occupancy was relaxed: the gateway refuses it.
    pushable_reason : str
    parent_release_id : str or None
        The pushed release a dispatch release follows, or the one a rollback returns to.
    window_targets : tuple of LimitStep
        What the mean of each billing window is held to, the whole site, by rising start: the
        planned peak, or the one that is billed anyhow. Empty: the operating limit.
    served : tuple of str
        Vehicles that are plugged in where they have no time any more, and need nothing: they are
        given nothing.
    """

    release_id: str
    plan_id: str
    origin: ReleaseOrigin
    brief_version: int
    made_at: datetime
    valid_from: datetime
    valid_to: datetime
    schedules: tuple[ConnectorSchedule, ...]
    pushable: bool
    pushable_reason: str = ""
    parent_release_id: str | None = None
    window_targets: tuple[LimitStep, ...] = ()
    served: tuple[str, ...] = ()

    def window_target_at(self, instant: datetime) -> float | None:
        """Return what the mean of the running billing window is held to [kW], None: nothing said."""
        if instant >= self.valid_to:
            return None
        begun = [step for step in self.window_targets if step.start <= instant]
        return begun[-1].limit_kw if begun else None
