"""The pump: which limits change now, so that everybody gets what is wanted as soon as it is proven.

Decreases first, then raises by rank, each within `Room.allowed`, so that the order in which
stations answer never matters. A raise that decreases under way will soon make room for waits for
them; one that nothing will make room for takes what is there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import numpy as np

from depotlib.gateway.ledger import Ledger
from depotlib.gateway.safety import Room
from depotlib.gateway.steps import (
    FloatArray,
    StepLine,
    line_of_steps,
    mean_between,
    narrowed,
    steps_of_line,
    widened,
)
from depotlib.model.live import Lease
from depotlib.model.release import LimitStep

NEAR_S: Final = 900.0
"""What happens later than this is not urgent [s]."""
FAR_PAUSE_S: Final = 600.0
RAISE_PAUSE_S: Final = 300.0
WORTH_SHARE: Final = 0.05
WORTH_KW: Final = 0.2
"""Raises below 5 % or about 1 A are not worth a message."""
LOWER_WORTH_KW: Final = 0.05
ENOUGH_SHARE: Final = 0.9
"""With this share of a raise proven it does not wait for the rest."""


@dataclass(frozen=True, slots=True)
class Desire:
    """What a connector should be permitted.

    Parameters
    ----------
    connector_id : str
    slot : str
        Where its lease goes: ``default`` or ``tx-…``.
    line : StepLine
        Wanted limit [kW].
    valid_to : datetime
        From then on its safe limit holds.
    release_id : str
    rank : float
        Smaller first: readiness slack [s]; unknown sessions last.
    min_kw : float
        Least power worth permitting; below it, 0.
    is_new : bool
        Whether it is to be sent without regard to pauses (a new session, a push).
    """

    connector_id: str
    slot: str
    line: StepLine
    valid_to: datetime
    release_id: str
    rank: float
    min_kw: float = 0.0
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A limit to record and send."""

    desire: Desire
    steps: tuple[LimitStep, ...]
    is_lower: bool


class Shape(Protocol):
    """What becomes of steps in a station's dialect."""

    def __call__(
        self, connector_id: str, steps: tuple[LimitStep, ...], *, now: datetime, valid_to: datetime
    ) -> tuple[LimitStep, ...]:
        """Return the steps a station will really hold, none above those intended."""
        ...


@dataclass(slots=True)
class Pump:
    """Chooses changes.

    Parameters
    ----------
    ledger : Ledger
    shape : callable
        What becomes of steps in a station's dialect.
    raised_at, written_at, paused_until : dict
        By connector: when a limit was last raised, last written, and until when, after a refusal
        or a silence, asking again would be noise.
    """

    ledger: Ledger
    shape: Shape
    raised_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    written_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    paused_until: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def changes(
        self,
        room: Room,
        desires: Sequence[Desire],
        *,
        ready: Collection[str],
        floors_kw: Mapping[str, float],
        now: datetime,
    ) -> list[Change]:
        """Return the changes to make now, decreases first, and count them in the room.

        Parameters
        ----------
        room : Room
        desires : sequence of Desire
        ready : collection of str
            Connectors whose station is connected, armed and waits for no answer there.
        floors_kw : mapping of str to float
            What each connector draws if nobody permits anything, as the others must count it.
        now : datetime
        """
        targets = _targets(room, desires, floors_kw=floors_kw)
        is_settling = self._is_settling(now)
        chosen: list[Change] = []
        lowers: set[str] = set()
        for desire in desires:
            if desire.connector_id in ready:
                change = self._change(desire, room, target=targets[desire.connector_id], now=now)
                if change is not None and change.is_lower and not self._must_pause(desire, now=now):
                    chosen.append(self._count(change, room))
                    lowers.add(desire.connector_id)
        for desire in sorted(desires, key=lambda one: one.rank):
            if desire.connector_id not in ready or desire.connector_id in lowers:
                continue
            target = targets[desire.connector_id]
            change = self._change(desire, room, target=target, now=now)
            if change is None or self._must_pause(desire, now=now):
                continue
            if (is_settling or lowers) and not self._is_enough(change, target, now=now):
                continue
            chosen.append(self._count(change, room))
        return chosen

    def note(self, change: Change, *, now: datetime) -> None:
        """Remember that a change was sent."""
        name = change.desire.connector_id
        self.written_at[name] = now
        self.paused_until.pop(name, None)
        if not change.is_lower:
            self.raised_at[name] = now

    def _change(
        self, desire: Desire, room: Room, *, target: StepLine, now: datetime
    ) -> Change | None:
        """Return what would be sent to a connector now, or None if it is not worth a message."""
        timing = self.ledger.timing
        allowed = narrowed(
            room.allowed(desire.connector_id),
            before_s=timing.clock_error_s,
            after_s=timing.clock_error_s + timing.lag_s,
        )
        line = _clipped(target, allowed, desire=desire)
        steps = steps_of_line(line, start_s=now.timestamp(), end_s=desire.valid_to.timestamp())
        steps = self.shape(desire.connector_id, steps, now=now, valid_to=desire.valid_to)
        held = self.ledger.latest(desire.connector_id, desire.slot)
        if held is None or held.state != "accepted":
            return Change(desire, steps, is_lower=held is not None)
        return self._compared(desire, steps, held=held, now=now)

    def _compared(
        self, desire: Desire, steps: tuple[LimitStep, ...], *, held: Lease, now: datetime
    ) -> Change | None:
        safe_kw = self.ledger.outlets[desire.connector_id].safe_kw
        new = line_of_steps(steps, valid_to=desire.valid_to, after_kw=safe_kw)
        old = line_of_steps(held.steps, valid_to=held.valid_to, after_kw=safe_kw)
        now_s = now.timestamp()
        near_lower_kw, near_raise_kw = _differences(old, new, start_s=now_s, end_s=now_s + NEAR_S)
        worth_kw = max(WORTH_KW, WORTH_SHARE * mean_between(old, now_s, end_s=now_s + NEAR_S))
        if near_lower_kw > LOWER_WORTH_KW:
            return Change(desire, steps, is_lower=True)
        raised_at = self.raised_at.get(desire.connector_id)
        if near_raise_kw > worth_kw and (
            desire.is_new or _is_over(raised_at, RAISE_PAUSE_S, now=now)
        ):
            return Change(desire, steps, is_lower=False)
        if desire.is_new:
            return Change(desire, steps, is_lower=False)
        far_s = max(desire.valid_to.timestamp(), held.valid_to.timestamp())
        if far_s <= now_s + NEAR_S:
            return None
        lower_kw, raise_kw = _differences(old, new, start_s=now_s + NEAR_S, end_s=far_s)
        written_at = self.written_at.get(desire.connector_id)
        if max(lower_kw, raise_kw) > worth_kw and _is_over(written_at, FAR_PAUSE_S, now=now):
            return Change(desire, steps, is_lower=False)
        return None

    def _must_pause(self, desire: Desire, *, now: datetime) -> bool:
        paused_until = self.paused_until.get(desire.connector_id)
        return paused_until is not None and now < paused_until

    def _count(self, change: Change, room: Room) -> Change:
        timing = self.ledger.timing
        line = line_of_steps(change.steps, valid_to=change.desire.valid_to)
        reserve = widened(
            line, before_s=timing.clock_error_s + timing.lag_s, after_s=timing.clock_error_s
        )
        room.put(change.desire.connector_id, reserve)
        return change

    def _is_settling(self, now: datetime) -> bool:
        """Return whether room may soon be freed: something is under way or has just been accepted."""
        settle = timedelta(seconds=self.ledger.timing.settle_s)
        for connector_id in self.ledger.outlets:
            leases = self.ledger.leases(connector_id)
            if len(leases) > 1 and any(
                lease.state in {"recorded", "sent"}
                or (lease.answered_at is not None and now < lease.answered_at + settle)
                for lease in leases
            ):
                return True
        return False

    def _is_enough(self, change: Change, target: StepLine, *, now: datetime) -> bool:
        now_s = now.timestamp()
        line = line_of_steps(change.steps, valid_to=change.desire.valid_to)
        end_s = min(now_s + NEAR_S, change.desire.valid_to.timestamp())
        if end_s <= now_s:
            return True
        wanted_kw = mean_between(target, now_s, end_s=end_s)
        return mean_between(line, now_s, end_s=end_s) >= ENOUGH_SHARE * wanted_kw


def _targets(
    room: Room, desires: Sequence[Desire], *, floors_kw: Mapping[str, float]
) -> dict[str, StepLine]:
    """Return what each desire can come to if all are served in the order of their ranks.

    A plan that fits its limits comes out as it went in; where something unforeseen has plugged
    in, or a station must be reckoned with at its hardware maximum, the last in rank give way.
    """
    grid_s = room.grid_s
    floors = np.array([floors_kw[outlet.connector_id] for outlet in room.outlets])
    wanted = {desire.connector_id: desire.line.on(grid_s) for desire in desires}
    node_left_kw = room.budget_kw[:, None] - (room.is_below @ floors)[:, None] + 0.0 * grid_s
    firsts_kw = {
        desire.connector_id: _first_claim(room, desire, wanted=wanted, floors_kw=floors_kw)
        for desire in desires
    }
    left_kw = room.operating_kw - _unmanaged_kw(room, wanted) - sum(firsts_kw.values())
    targets: dict[str, StepLine] = {}
    for desire in sorted(desires, key=lambda one: one.rank):
        row = room.row[desire.connector_id]
        above = room.is_below[:, row] > 0.0
        first_kw = firsts_kw[desire.connector_id]
        target_kw = np.minimum(wanted[desire.connector_id], first_kw + np.maximum(left_kw, 0.0))
        target_kw = np.minimum(target_kw, floors[row] + node_left_kw[above].min(axis=0))
        target_kw = np.maximum(target_kw, 0.0)
        is_useless = (target_kw < desire.min_kw) & (target_kw < wanted[desire.connector_id])
        target_kw = np.where(is_useless, 0.0, target_kw)
        left_kw = left_kw - (target_kw - first_kw)
        node_left_kw = node_left_kw - room.is_below[:, row : row + 1] * np.maximum(
            0.0, target_kw - floors[row]
        )
        targets[desire.connector_id] = StepLine(grid_s, target_kw)
    return targets


def _first_claim(
    room: Room,
    desire: Desire,
    *,
    wanted: Mapping[str, FloatArray],
    floors_kw: Mapping[str, float],
) -> FloatArray:
    """Return what a connector has before anybody else [kW]: of a vehicle that is there its safe limit.

    Whoever has plugged in unforeseen is not cut to a silent zero: the planned ones give way.
    """
    if not room.occupied.get(desire.connector_id, False):
        return 0.0 * room.grid_s
    return np.minimum(wanted[desire.connector_id], floors_kw[desire.connector_id])


def _unmanaged_kw(room: Room, wanted: Mapping[str, FloatArray]) -> FloatArray:
    """Return what connectors draw that nobody wants anything of [kW], (grid,)."""
    rows = [row for row, outlet in enumerate(room.outlets) if outlet.connector_id not in wanted]
    return room.expected_kw[rows].sum(axis=0) if rows else 0.0 * room.grid_s


def _clipped(target: StepLine, allowed: StepLine, *, desire: Desire) -> StepLine:
    grid_s = np.unique(np.concatenate((target.starts_s, allowed.starts_s)))
    wanted_kw = target.on(grid_s)
    power_kw = np.minimum(wanted_kw, allowed.on(grid_s))
    is_useless = (power_kw < desire.min_kw) & (power_kw < wanted_kw)
    return StepLine(grid_s, np.where(is_useless, 0.0, power_kw))


def _differences(
    old: StepLine, new: StepLine, *, start_s: float, end_s: float
) -> tuple[float, float]:
    """Return the mean by which the new lies below the old, and above it, over a span [kW]."""
    inside = np.unique(np.concatenate((old.starts_s, new.starts_s)))
    inside = inside[(inside > start_s) & (inside < end_s)]
    edges_s = np.concatenate((np.array([start_s]), inside, np.array([end_s])))
    rise_kw = (new.on(edges_s[:-1]) - old.on(edges_s[:-1])) * np.diff(edges_s) / (end_s - start_s)
    return float(-rise_kw[rise_kw < 0.0].sum()), float(rise_kw[rise_kw > 0.0].sum())


def _is_over(since: datetime | None, pause_s: float, *, now: datetime) -> bool:
    return since is None or now >= since + timedelta(seconds=pause_s)
