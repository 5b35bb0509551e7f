"""The ledger: the most each connector may draw, at every future instant.

A lease is a permission above the safe limit. It counts from the moment it is recorded, before a
byte of it is sent, and it goes on counting until one of the rules of `Ledger.release` frees it:
expiry, or a later command in the same slot, accepted in the present epoch and settled. Rejection,
timeout and silence free nothing, because a station may have acted all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.outlet import Outlet, on_phase
from depotlib.gateway.steps import (
    StepLine,
    constant,
    highest,
    line_of_steps,
    widened,
)
from depotlib.model.live import Lease, LimitUnit, StationClass

MEASURED_FACTOR: Final = 1.1
"""Who draws more than its hardware should may draw this much more than was measured."""
OPEN_STATES: Final = frozenset({"recorded", "sent"})


@dataclass(frozen=True, slots=True)
class Timing:
    """How far apart here and there may be.

    Parameters
    ----------
    clock_error_s : float
        Bound on the clock error between here and a station (delta).
    lag_s : float
        Time a vehicle takes to follow a new limit.
    settle_s : float
        Wait after an acceptance before it frees room; more than the lag.
    stale_frame_s : float
        Longest that a frame of a closed connection can take to arrive.
    call_timeout_s : float
        Wait for a station's answer.
    """

    clock_error_s: float = 10.0
    lag_s: float = 5.0
    settle_s: float = 8.0
    stale_frame_s: float = 600.0
    call_timeout_s: float = 30.0


@dataclass(slots=True)
class StationTrust:
    """What the ledger believes of a station's connection and of its fallback.

    Parameters
    ----------
    epoch : int
        Number of its present (or last) connection.
    is_connected, is_armed, is_distrusted : bool
        Whether it has a connection now; whether its safe limit is in place; whether it was caught
        disobeying.
    measured_kw : dict
        By connector: the most that was measured of one that was caught disobeying.
    can_expire : bool
        False: one profile level only, or no expiry (class B).
    unit, safe_unit : {'A', 'W'}
        In which its next limit goes out, and in which its safe limit is in place; watts unless
        it is known better, since they say nothing of a single phase.
    closed_at : dict
        When each earlier epoch ended.
    """

    epoch: int = 0
    is_connected: bool = False
    is_armed: bool = False
    is_distrusted: bool = False
    measured_kw: dict[str, float] = field(default_factory=dict[str, float])
    can_expire: bool = True
    unit: LimitUnit = "W"
    safe_unit: LimitUnit = "W"
    closed_at: dict[int, datetime] = field(default_factory=dict[int, datetime])

    @property
    def station_class(self) -> StationClass:
        """Return A (falls back and expires), B (leases never lapse) or C (not to be trusted)."""
        if self.is_distrusted or not self.is_armed:
            return "C"
        return "A" if self.can_expire else "B"


@dataclass(slots=True)
class _Entry:
    lease: Lease
    line: StepLine
    ended_at: datetime | None = None


class Ledger:
    """Leases of all connectors, and what follows from them.

    Parameters
    ----------
    outlets : sequence of Outlet
    timing : Timing
    started_at : datetime
        No connection of an earlier process is younger than this.
    """

    def __init__(self, outlets: Sequence[Outlet], timing: Timing, *, started_at: datetime) -> None:
        self.outlets = {outlet.connector_id: outlet for outlet in outlets}
        self.timing = timing
        self.trust = {outlet.station_id: StationTrust() for outlet in outlets}
        self._names_of: dict[str, list[str]] = {name: [] for name in self.trust}
        for outlet in outlets:
            self._names_of[outlet.station_id].append(outlet.connector_id)
        self._started_at = started_at
        self._reach = timedelta(seconds=timing.clock_error_s + timing.lag_s)
        self._settle = timedelta(seconds=timing.settle_s)
        self._entries: dict[str, list[_Entry]] = {name: [] for name in self.outlets}
        self._lines: dict[tuple[str, str], StepLine] = {}
        self.lowered_at: dict[str, datetime] = {}
        """When what a connector may draw last fell: an older meter sample proves nothing."""

    # --- what may be drawn ---------------------------------------------------------------

    def reserved(self, connector_id: str) -> StepLine:
        """Return `R_i`: the most a connector may draw at each instant, clock errors included."""
        key = (connector_id, "reserved")
        if key not in self._lines:
            outlet = self.outlets[connector_id]
            if self.trust[outlet.station_id].station_class == "C":
                self._lines[key] = constant(self.worst_kw(connector_id))
            else:
                leases = [entry.line for entry in self._entries[connector_id]]
                self._lines[key] = highest([constant(outlet.safe_kw), *leases])
        return self._lines[key]

    def reserved_on_phase(self, connector_id: str) -> StepLine:
        """Return the most a connector may draw from any one phase at each instant [kW]."""
        key = (connector_id, "on phase")
        if key not in self._lines:
            outlet = self.outlets[connector_id]
            trust = self.trust[outlet.station_id]
            if trust.station_class == "C":
                worst_kw = self.worst_kw(connector_id)
                measured_kw = worst_kw if worst_kw > outlet.hardware_kw else 0.0
                whole_kw = outlet.hardware_kw * outlet.phase_share
                self._lines[key] = constant(max(measured_kw, whole_kw))
            else:
                entries = self._entries[connector_id]
                safe = on_phase(outlet, constant(outlet.safe_kw), unit=trust.safe_unit)
                leases = [on_phase(outlet, one.line, unit=one.lease.unit) for one in entries]
                self._lines[key] = highest([safe, *leases])
        return self._lines[key]

    def expected(self, connector_id: str, *, is_occupied: bool) -> StepLine:
        """Return what a connector draws at the most if nothing fails: leases, and the safe limit.

        Without a lease an occupied connector draws its safe limit and a free one nothing: this is
        what the operating limit is judged by.
        """
        key = (connector_id, f"expected {is_occupied}")
        if key not in self._lines:
            outlet = self.outlets[connector_id]
            if is_occupied and self.trust[outlet.station_id].station_class == "C":
                return constant(self.worst_kw(connector_id))
            rest_kw = outlet.safe_kw if is_occupied else 0.0
            entries = self._entries[connector_id]
            lines = [self._widened(entry.lease, after_kw=rest_kw) for entry in entries]
            self._lines[key] = highest(lines) if lines else constant(rest_kw)
        return self._lines[key]

    def worst_kw(self, connector_id: str) -> float:
        """Return the most a connector can draw whatever it is told, as far as is known [kW]."""
        outlet = self.outlets[connector_id]
        measured_kw = self.trust[outlet.station_id].measured_kw.get(connector_id, 0.0)
        return max(outlet.hardware_kw, MEASURED_FACTOR * measured_kw)

    # --- leases --------------------------------------------------------------------------

    def record(self, lease: Lease) -> None:
        """Count a lease from now on. The caller makes it durable before it is sent."""
        line = self._widened(lease, after_kw=0.0)
        self._entries[lease.connector_id].append(_Entry(lease, line))
        self._forget(lease.connector_id)

    def mark(self, connector_id: str, seq: int, *, state: str, now: datetime) -> Lease | None:
        """Return a lease with its new state, or None where it is not open any more.

        Parameters
        ----------
        connector_id, seq : str, int
        state : str
            ``sent``, ``accepted``, ``rejected`` or ``unknown``.
        now : datetime
        """
        for entry in self._entries[connector_id]:
            if entry.lease.seq == seq and entry.lease.state in OPEN_STATES:
                entry.lease = self._with_state(entry.lease, state=state, now=now)
                return entry.lease
        return None

    def leases(self, connector_id: str) -> list[Lease]:
        """Return the leases that still count, oldest first."""
        return [entry.lease for entry in self._entries[connector_id]]

    def plain(self, lease: Lease) -> StepLine:
        """Return what a station does by a lease alone: its steps, then its safe limit."""
        key = (lease.connector_id, f"plain {lease.seq}")
        if key not in self._lines:
            valid_to = lease.valid_to if self.trust[lease.station_id].can_expire else None
            safe_kw = self.outlets[lease.connector_id].safe_kw
            self._lines[key] = line_of_steps(lease.steps, valid_to=valid_to, after_kw=safe_kw)
        return self._lines[key]

    def latest(self, connector_id: str, slot: str) -> Lease | None:
        """Return the newest lease of a slot, or None."""
        of_slot = [lease for lease in self.leases(connector_id) if lease.slot == slot]
        return max(of_slot, key=lambda lease: lease.seq, default=None)

    def in_flight(self, station_id: str) -> list[Lease]:
        """Return the leases of a station that wait for an answer."""
        return [
            entry.lease
            for name in self._names_of[station_id]
            for entry in self._entries[name]
            if entry.lease.state in OPEN_STATES
        ]

    def end_slot(self, connector_id: str, slot: str, *, now: datetime) -> None:
        """Note that the transaction a slot belonged to is over."""
        for entry in self._entries[connector_id]:
            if entry.lease.slot == slot and entry.ended_at is None:
                entry.ended_at = now

    def release(self, now: datetime) -> list[Lease]:
        """Return the leases that count no longer, by expiry, acceptance or end of transaction."""
        freed: list[Lease] = []
        for connector_id, entries in self._entries.items():
            kept = [entry for entry in entries if not self._is_free(entry, entries, now=now)]
            if len(kept) < len(entries):
                gone = [entry.lease for entry in entries if entry not in kept]
                freed += [replace(lease, state="released") for lease in gone]
                self._entries[connector_id] = kept
                self.lowered_at[connector_id] = now
                for lease in gone:
                    self._lines.pop((connector_id, f"plain {lease.seq}"), None)
                self._forget(connector_id)
        return freed

    def pinned_slot(self, connector_id: str, *, now: datetime) -> str | None:
        """Return a slot in which an old lease waits for a command sent after its last stale frame.

        None: there is none, or such a command would be too early still.
        """
        for entry in self._entries[connector_id]:
            newest = self.latest(connector_id, entry.lease.slot)
            if newest is None or newest.seq == entry.lease.seq or newest.state != "accepted":
                continue
            is_late_enough = now >= self._stale_until(entry.lease)
            if is_late_enough and not self._outlasts(newest, entry.lease):
                return entry.lease.slot
        return None

    # --- connections ---------------------------------------------------------------------

    def connected(self, station_id: str, *, now: datetime) -> int:
        """Return the new epoch of a station whose connection is new."""
        trust = self.trust[station_id]
        self.disconnected(station_id, now=now)
        trust.epoch += 1
        trust.is_connected = True
        return trust.epoch

    def disconnected(self, station_id: str, *, now: datetime) -> list[Lease]:
        """Return the leases whose answers can no longer come, now unknown."""
        trust = self.trust[station_id]
        if trust.is_connected:
            trust.closed_at[trust.epoch] = now
        trust.is_connected = False
        lost = self.in_flight(station_id)
        marked = (
            self.mark(lease.connector_id, lease.seq, state="unknown", now=now) for lease in lost
        )
        return [lease for lease in marked if lease is not None]

    def trust_changed(self, station_id: str, *, now: datetime) -> None:
        """Forget what was derived from a station's class."""
        for name in self._names_of[station_id]:
            self._forget(name)
            self.lowered_at[name] = now + timedelta(seconds=self.timing.settle_s)

    def restore(self, leases: Iterable[Lease], *, epochs: dict[str, int]) -> list[Lease]:
        """Return the restored leases that had no answer, now unknown.

        Parameters
        ----------
        leases : iterable of Lease
            Those an earlier process left, by rising seq.
        epochs : dict
            Highest epoch of each station so far.
        """
        unknown: list[Lease] = []
        for lease in leases:
            if lease.connector_id not in self.outlets:
                continue
            if lease.state in OPEN_STATES:
                lease = replace(lease, state="unknown")  # noqa: PLW2901 - the restored form
                unknown.append(lease)
            self.record(lease)
        for station_id, epoch in epochs.items():
            if station_id in self.trust:
                self.trust[station_id].epoch = epoch
        return unknown

    # --- rules ---------------------------------------------------------------------------

    def _is_free(self, entry: _Entry, entries: list[_Entry], *, now: datetime) -> bool:
        lease = entry.lease
        if now > lease.valid_to + self._reach and self.trust[lease.station_id].can_expire:
            return True
        if entry.ended_at is not None:
            return now >= entry.ended_at + self._settle
        return len(entries) > 1 and any(
            self._frees(other.lease, lease, now=now) for other in entries
        )

    def _frees(self, later: Lease, earlier: Lease, *, now: datetime) -> bool:
        """Return whether a later command has taken an earlier lease's place for good (I3)."""
        trust = self.trust[earlier.station_id]
        if later.slot != earlier.slot or later.seq <= earlier.seq or later.state != "accepted":
            return False
        is_of_now = later.epoch == trust.epoch == later.answered_epoch
        settled_at = later.answered_at
        if not is_of_now or settled_at is None:
            return False
        if now < settled_at + self._settle:
            return False
        return self._outlasts(later, earlier)

    def _outlasts(self, later: Lease, earlier: Lease) -> bool:
        """Return whether no stale frame of the earlier lease can still overtake the later one."""
        if earlier.epoch in {later.epoch, earlier.answered_epoch}:
            return True
        return later.sent_at is not None and later.sent_at >= self._stale_until(earlier)

    def _stale_until(self, lease: Lease) -> datetime:
        trust = self.trust[lease.station_id]
        closed_at = trust.closed_at.get(lease.epoch, self._started_at)
        return closed_at + timedelta(seconds=self.timing.stale_frame_s)

    def _with_state(self, lease: Lease, *, state: str, now: datetime) -> Lease:
        if state == "sent":
            return replace(lease, state=state, sent_at=now)
        if state == "unknown":
            return replace(lease, state=state)
        epoch = self.trust[lease.station_id].epoch
        return replace(lease, state=state, answered_at=now, answered_epoch=epoch)

    def _widened(self, lease: Lease, *, after_kw: float) -> StepLine:
        valid_to = lease.valid_to if self.trust[lease.station_id].can_expire else None
        line = line_of_steps(lease.steps, valid_to=valid_to, after_kw=after_kw)
        timing = self.timing
        return widened(
            line, before_s=timing.clock_error_s + timing.lag_s, after_s=timing.clock_error_s
        )

    def _forget(self, connector_id: str) -> None:
        for kind in ("reserved", "on phase", "expected True", "expected False"):
            self._lines.pop((connector_id, kind), None)
