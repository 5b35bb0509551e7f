"""The ledger: the most each connector may draw, at every future instant.

A lease is a permission above the safe limit. It counts from the moment it is recorded, before a
byte of it is sent, and it goes on counting until one of the rules of `Ledger.release` frees it:
expiry, or a later command in the same slot, accepted in the present epoch and settled. Rejection,
timeout and silence free nothing, because a station may have acted all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, get_args

import numpy as np

from depotlib.gateway.outlet import Measure, Outlet, loads
from depotlib.gateway.steps import (
    StepLine,
    constant,
    highest,
    line_of_steps,
    widened,
)
from depotlib.gateway.trust import StationTrust
from depotlib.model.live import OPEN_STATES, Lease, LimitUnit

MEASURED_FACTOR: Final = 1.1
"""Who draws more than its hardware should may draw this much more than was measured."""


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
class _Entry:
    lease: Lease
    line: StepLine
    is_endless: bool
    """Whether its station may keep it for good, by how it was spoken to since the lease was sent."""
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

    def reserved(self, connector_id: str, measure: Measure = "told") -> StepLine:
        """Return `R_i`: the most a connector may draw at each instant, clock errors included [kW].

        Parameters
        ----------
        connector_id : str
        measure : Measure
            As it was told, at nominal voltage; or what it may put on a node of another measure,
            whatever the voltage is.
        """
        key = (connector_id, measure)
        if key not in self._lines:
            self._lines[key] = self._reserved(connector_id, measure)
        return self._lines[key]

    def is_in_amperes(self, connector_id: str) -> bool:
        """Return whether all that a connector may draw was told in amperes."""
        outlet = self.outlets[connector_id]
        trust = self.trust[outlet.station_id]
        units = {trust.safe_unit, *(entry.lease.unit for entry in self._entries[connector_id])}
        return units == {"A"} and not outlet.is_even and trust.station_class != "C"

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
            lines = [
                self._widened(one.lease, after_kw=rest_kw, is_endless=one.is_endless)
                for one in entries
            ]
            self._lines[key] = highest(lines) if lines else constant(rest_kw)
        return self._lines[key]

    def worst_kw(self, connector_id: str) -> float:
        """Return the most a connector can draw whatever it is told, as far as is known [kW]."""
        outlet = self.outlets[connector_id]
        return outlet.worst_kw(self._measured_kw(connector_id))

    def safe_power_kw(self, connector_id: str) -> float:
        """Return the most power that a connector's safe limit lets through at any voltage [kW]."""
        outlet = self.outlets[connector_id]
        unit = self.trust[outlet.station_id].safe_unit
        return float(outlet.load_kw(np.array([outlet.safe_kw]), unit=unit)[0])

    # --- leases --------------------------------------------------------------------------

    def record(self, lease: Lease) -> None:
        """Count a lease from now on. The caller makes it durable before it is sent."""
        is_endless = not self.trust[lease.station_id].can_expire
        line = self._widened(lease, after_kw=0.0, is_endless=is_endless)
        self._entries[lease.connector_id].append(_Entry(lease, line, is_endless))
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

    def permitted(self, lease: Lease) -> StepLine:
        """Return what a lease alone permits: its steps, then nothing."""
        key = (lease.connector_id, f"permitted {lease.seq}")
        if key not in self._lines:
            self._lines[key] = line_of_steps(lease.steps, valid_to=lease.valid_to)
        return self._lines[key]

    def latest(self, connector_id: str, slot: str) -> Lease | None:
        """Return the newest lease of a slot, or None."""
        newest: Lease | None = None
        for entry in self._entries[connector_id]:
            lease = entry.lease
            if lease.slot == slot and (newest is None or lease.seq > newest.seq):
                newest = lease
        return newest

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
                for kind in (
                    f"{kind} {one.seq}" for one in gone for kind in ("plain", "permitted")
                ):
                    self._lines.pop((connector_id, kind), None)
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
        """Forget what was derived from a station's class.

        A station of which it is learned late that its leases do not lapse keeps those it has; one
        that was spoken to so, and turns out to let them lapse, has some without an end still.
        """
        for name in self._names_of[station_id]:
            for entry in self._entries[name]:
                if not (entry.is_endless or self.trust[station_id].can_expire):
                    entry.is_endless = True
                    entry.line = self._widened(entry.lease, after_kw=0.0, is_endless=True)
                self._lines.pop((name, f"plain {entry.lease.seq}"), None)
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

    def _reserved(self, connector_id: str, measure: Measure) -> StepLine:
        outlet = self.outlets[connector_id]
        trust = self.trust[outlet.station_id]
        if trust.station_class == "C":
            return constant(outlet.worst_kw(self._measured_kw(connector_id), measure=measure))
        by_unit: dict[LimitUnit, list[StepLine]] = {trust.safe_unit: [constant(outlet.safe_kw)]}
        for entry in self._entries[connector_id]:
            by_unit.setdefault(entry.lease.unit, []).append(entry.line)
        return highest(
            [
                loads(outlet, highest(lines), unit=unit, measure=measure)
                for unit, lines in by_unit.items()
            ]
        )

    def _measured_kw(self, connector_id: str) -> float:
        """Return what a connector that was caught is reckoned to draw by what was measured [kW]."""
        station_id = self.outlets[connector_id].station_id
        return MEASURED_FACTOR * self.trust[station_id].measured_kw.get(connector_id, 0.0)

    def _is_free(self, entry: _Entry, entries: list[_Entry], *, now: datetime) -> bool:
        lease = entry.lease
        if now > lease.valid_to + self._reach and not entry.is_endless:
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

    def _widened(self, lease: Lease, *, after_kw: float, is_endless: bool) -> StepLine:
        valid_to = None if is_endless else lease.valid_to
        line = line_of_steps(lease.steps, valid_to=valid_to, after_kw=after_kw)
        timing = self.timing
        return widened(
            line, before_s=timing.clock_error_s + timing.lag_s, after_s=timing.clock_error_s
        )

    def _forget(self, connector_id: str) -> None:
        for kind in (*get_args(Measure), "expected True", "expected False"):
            self._lines.pop((connector_id, kind), None)
