"""The pump: which limits change now, so that everybody gets what is wanted as soon as it is proven.

Decreases first, then raises by slack, each within `Room.allowed`, so that the order in which
stations answer never matters. A raise that decreases under way will soon make room for waits for
them; one that nothing will make room for takes what is there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

import numpy as np

from depotlib.gateway.comparison import compared
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.room import NOW, Room
from depotlib.gateway.safety import TOLERANCE_KW
from depotlib.gateway.steps import (
    StepLine,
    constant,
    from_then,
    mean_between,
    narrowed,
    rising,
    until,
    widened,
)
from depotlib.gateway.targets import Desire, targets_of
from depotlib.gateway.wishes import SLACK_VISITOR_S
from depotlib.model.live import OPEN_STATES, Lease

NEAR_S: Final = 900.0
"""What happens later than this is not urgent [s]."""
FAR_PAUSE_S: Final = 900.0
RAISE_PAUSE_S: Final = 300.0
REST_PAUSE_S: Final = 60.0
"""After so long the rest of a raise that found only a part of its room may follow it [s]."""
SOON_S: Final = 60.0
"""What begins within so long begins now: steps up are guarded by the clock's error [s]."""
WORTH_SHARE: Final = 0.05
WORTH_KW: Final = 0.2
"""Raises below 5 % or about 1 A are not worth a message."""
LOWER_WORTH_KW: Final = 0.15
ENOUGH_SHARE: Final = 0.9
"""With this share of a raise proven it does not wait for the rest."""

Kind = Literal["lower", "raise"]


@dataclass(frozen=True, slots=True)
class Change:
    """A limit to record and send: what the station will hold until the desire's end [kW]."""

    desire: Desire
    line: StepLine
    is_lower: bool
    is_raise_now: bool = False
    """Whether it permits more at once; otherwise it does so later, or nowhere."""
    is_part: bool = False
    """Whether it gives less than is wanted soon: there was no room for the rest."""


class Shape(Protocol):
    """What becomes of a line in a station's dialect."""

    def __call__(
        self, connector_id: str, line: StepLine, *, now_s: float, end_s: float
    ) -> StepLine:
        """Return what the station will really hold, nowhere above what is intended."""
        ...


@dataclass(frozen=True, slots=True)
class _Told:
    """A desire whose station holds a limit, and where it stands among the others."""

    row: int
    desire: Desire
    held: Lease

    @property
    def name(self) -> str:
        return self.desire.connector_id

    @property
    def far_s(self) -> float:
        return max(self.desire.valid_to, self.held.valid_to).timestamp()


@dataclass(slots=True)
class Pump:
    """Chooses changes.

    Parameters
    ----------
    ledger : Ledger
    shape : callable
        What becomes of a line in a station's dialect.
    raised_at, written_at, paused_until : dict
        By connector: when a limit was last raised, last written, and until when, after a refusal
        or a silence, asking again would be noise.
    is_over : bool
        Whether a hard limit was passed now in the last room looked at.
    """

    ledger: Ledger
    shape: Shape
    raised_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    written_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    paused_until: dict[str, datetime] = field(default_factory=dict[str, datetime])
    is_over: bool = False

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
        targets = targets_of(room, desires, floors_kw=floors_kw)
        # Where a hard limit is passed (a stale meter takes room away) no decrease is too small.
        reserved_kw = room.reserved_now_kw().values()
        self.is_over = any(
            not used_kw <= budget_kw + TOLERANCE_KW
            for used_kw, budget_kw in zip(reserved_kw, room.budget_kw[:, NOW], strict=True)
        )
        able = [
            desire
            for desire in sorted(desires, key=lambda one: one.slack_s)
            if desire.connector_id in ready and not self._must_pause(desire, now=now)
        ]
        kinds = self._kinds(able, [targets[one.connector_id] for one in able], now=now)
        due = [(desire, kind) for desire, kind in zip(able, kinds, strict=True) if kind]
        chosen: list[Change] = []
        for desire, kind in due:
            if kind == "lower":
                change = self._change(desire, room, target=targets[desire.connector_id], now=now)
                chosen += self._counted(change, room)
        is_settling = bool(chosen) or self._is_settling(now)
        for desire, kind in due:
            if kind == "raise":
                target = targets[desire.connector_id]
                change = self._change(desire, room, target=target, now=now)
                if not is_settling or self._is_enough(change, target, now=now):
                    chosen += self._counted(change, room)
        return chosen

    def note(self, change: Change, *, now: datetime) -> None:
        """Remember that a change was sent."""
        name = change.desire.connector_id
        self.written_at[name] = now
        self.paused_until.pop(name, None)
        # What a session gets before it is planned for does not make its plan wait, nor does what is
        # raised only later.
        if change.is_raise_now and change.desire.slack_s < SLACK_VISITOR_S:
            sooner_s = RAISE_PAUSE_S - REST_PAUSE_S if change.is_part else 0.0
            self.raised_at[name] = now - timedelta(seconds=sooner_s)

    def _kinds(
        self, desires: Sequence[Desire], lines: Sequence[StepLine], *, now: datetime
    ) -> list[Kind | None]:
        """Return whether each line is worth a message, and which, against what the station holds."""
        held = [self.ledger.latest(one.connector_id, one.slot) for one in desires]
        kinds: list[Kind | None] = ["raise" if one is None else "lower" for one in held]
        told = [
            _Told(row, desires[row], one)
            for row, one in enumerate(held)
            if one is not None and one.state == "accepted"
        ]
        if told:
            found = self._kinds_of_differences(told, [lines[one.row] for one in told], now=now)
            for one, kind in zip(told, found, strict=True):
                kinds[one.row] = kind
        return kinds

    def _kinds_of_differences(
        self, told: Sequence[_Told], lines: Sequence[StepLine], *, now: datetime
    ) -> list[Kind | None]:
        now_s = now.timestamp()
        comparison = compared(
            [self.ledger.plain(one.held) for one in told],
            [self._to_end(one.desire, line) for one, line in zip(told, lines, strict=True)],
            start_s=now_s,
            end_s=max(now_s + NEAR_S, *(one.far_s for one in told)),
        )
        near_kw = np.transpose(comparison.means_kw(now_s, end_s=now_s + NEAR_S)).tolist()
        kinds: list[Kind | None] = [
            self._near_kind(one, means_kw, now=now)
            for one, means_kw in zip(told, near_kw, strict=True)
        ]
        for at, one in enumerate(told):
            is_written = not _is_over(self.written_at.get(one.name), FAR_PAUSE_S, now=now)
            if kinds[at] is not None or is_written or one.far_s <= now_s + NEAR_S:
                continue
            lower_kw, raise_kw, _ = comparison.means_kw(now_s + NEAR_S, end_s=one.far_s)
            far_kw = max(float(lower_kw[at]), float(raise_kw[at]))
            kinds[at] = "raise" if far_kw > _worth_kw(near_kw[at][2]) else None
        return kinds

    def _near_kind(self, told: _Told, means_kw: list[float], *, now: datetime) -> Kind | None:
        lower_kw, raise_kw, held_kw = means_kw
        if lower_kw > (TOLERANCE_KW if self.is_over else LOWER_WORTH_KW):
            return "lower"
        is_raise_due = not told.desire.is_below and _is_over(
            self.raised_at.get(told.name), RAISE_PAUSE_S, now=now
        )
        if told.desire.is_new or (raise_kw > _worth_kw(held_kw) and is_raise_due):
            return "raise"
        return None

    def _to_end(self, desire: Desire, line: StepLine) -> StepLine:
        safe_kw = self.ledger.outlets[desire.connector_id].safe_kw
        return until(line, desire.valid_to.timestamp(), after_kw=safe_kw)

    def _change(
        self, desire: Desire, room: Room, *, target: StepLine, now: datetime
    ) -> Change | None:
        """Return what would be sent to a connector now, or None if it is not worth a message."""
        timing, now_s = self.ledger.timing, now.timestamp()
        allowed = narrowed(
            room.allowed(desire.connector_id),
            before_s=timing.clock_error_s,
            after_s=timing.clock_error_s + timing.lag_s,
        )
        line = _clipped(target, allowed, desire=desire)
        line = from_then(line, line, at_s=now_s)
        line = self.shape(desire.connector_id, line, now_s=now_s, end_s=desire.valid_to.timestamp())
        kind = self._kinds([desire], [line], now=now)[0]
        if kind is None:
            return None
        change = Change(desire, line, is_lower=kind == "lower")
        return replace(
            change,
            is_raise_now=kind == "raise" and self._is_above_held(desire, line, now_s=now_s),
            is_part=not self._is_enough(change, desire.line, now=now),
        )

    def _is_above_held(self, desire: Desire, line: StepLine, *, now_s: float) -> bool:
        """Return whether a line permits more at once than what its slot holds, or the safe limit."""
        held = self.ledger.latest(desire.connector_id, desire.slot)
        safe_kw = self.ledger.outlets[desire.connector_id].safe_kw
        held_line = constant(safe_kw) if held is None else self.ledger.plain(held)
        at_s = np.array([now_s + SOON_S])
        held_kw = float(held_line.on(at_s)[0])
        return float(line.on(at_s)[0]) > held_kw + _worth_kw(held_kw)

    def _must_pause(self, desire: Desire, *, now: datetime) -> bool:
        paused_until = self.paused_until.get(desire.connector_id)
        return paused_until is not None and now < paused_until

    def _counted(self, change: Change | None, room: Room) -> list[Change]:
        if change is None:
            return []
        timing = self.ledger.timing
        reserve = widened(
            until(change.line, change.desire.valid_to.timestamp(), after_kw=0.0),
            before_s=timing.clock_error_s + timing.lag_s,
            after_s=timing.clock_error_s,
        )
        room.put(change.desire.connector_id, reserve)
        return [change]

    def _is_settling(self, now: datetime) -> bool:
        """Return whether room may soon be freed: something is under way or was just accepted."""
        settle = timedelta(seconds=self.ledger.timing.settle_s)
        for connector_id in self.ledger.outlets:
            leases = self.ledger.leases(connector_id)
            if len(leases) > 1 and any(
                lease.state in OPEN_STATES
                or (lease.answered_at is not None and now < lease.answered_at + settle)
                for lease in leases
            ):
                return True
        return False

    def _is_enough(self, change: Change | None, target: StepLine, *, now: datetime) -> bool:
        if change is None:
            return False
        now_s = now.timestamp()
        end_s = min(now_s + NEAR_S, change.desire.valid_to.timestamp())
        if end_s <= now_s:
            return True
        wanted_kw = mean_between(target, now_s, end_s=end_s)
        return mean_between(change.line, now_s, end_s=end_s) >= ENOUGH_SHARE * wanted_kw


def _clipped(target: StepLine, allowed: StepLine, *, desire: Desire) -> StepLine:
    grid_s = rising((target.starts_s, allowed.starts_s))
    wanted_kw = target.on(grid_s)
    power_kw = np.minimum(wanted_kw, allowed.on(grid_s))
    is_useless = (power_kw < desire.min_kw) & (power_kw < wanted_kw)
    power_kw = np.where(is_useless, 0.0, power_kw)
    # Only where it changes: everything that follows takes a step at a time.
    is_new = np.concatenate(((True,), power_kw[1:] != power_kw[:-1]))
    return StepLine(grid_s[is_new], power_kw[is_new])


def _worth_kw(held_kw: float) -> float:
    return max(WORTH_KW, WORTH_SHARE * held_kw)


def _is_over(since: datetime | None, pause_s: float, *, now: datetime) -> bool:
    return since is None or now >= since + timedelta(seconds=pause_s)
