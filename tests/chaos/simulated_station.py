"""A station of the simulation: its profile store, its clock that is wrong, its vehicle that is late."""

import random
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from depotlib.gateway.guard import Payload
from depotlib.virtual.charging_profiles import ProfileStore, read_profile


def snake(value: object) -> object:
    """Return a payload with the names the station's own reader uses."""
    if isinstance(value, dict):
        return {
            re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower(): snake(one) for key, one in value.items()
        }
    return [snake(one) for one in value] if isinstance(value, list) else value


@dataclass
class SimulatedStation:
    """What stands in the yard: obeys its profiles, by its own clock, after its vehicle's lag."""

    station_id: str
    max_kw: float
    voltage_v: float
    phases: int
    clock_error_s: float
    lag_s: int
    store: ProfileStore = field(default_factory=ProfileStore)
    transaction_id: int | None = None
    transaction_start: datetime | None = None
    wants_answer: bool = False
    is_plugged: bool = False
    boots_until: datetime | None = None
    recent_kw: deque[float] = field(default_factory=deque)
    energy_kwh: float = 0.0
    writes: int = 0

    def install(self, payload: Payload, *, rng: random.Random, reject_share: float) -> str:
        """Take a profile in, or refuse it; a TxProfile only for the transaction that runs."""
        body = snake(payload)["cs_charging_profiles"]
        if rng.random() < reject_share:
            return "Rejected"
        is_for_another = self.transaction_id is None or (
            body.get("transaction_id") != self.transaction_id
        )
        if body["charging_profile_purpose"] == "TxProfile" and is_for_another:
            return "Rejected"
        self.writes += 1
        self.store.install(
            read_profile(
                body,
                connector=int(payload["connectorId"]),
                voltage_v=self.voltage_v,
                phases=self.phases,
            )
        )
        return "Accepted"

    def plug_in(self, now: datetime) -> None:
        self.is_plugged, self.wants_answer = True, True
        self.transaction_id, self.transaction_start = None, now

    def unplug(self) -> None:
        self.is_plugged, self.wants_answer = False, False
        self.transaction_id = self.transaction_start = None
        self.store.end_transaction(1)
        self.recent_kw.clear()

    def power_kw(self, now: datetime) -> tuple[float, bool]:
        """Return what the vehicle draws this second, and whether a lease permits it.

        It draws all it may, and follows a lower limit only after its lag.
        """
        if not self.is_plugged or (self.boots_until is not None and now < self.boots_until):
            self.recent_kw.clear()
            return 0.0, False
        at = now + timedelta(seconds=self.clock_error_s)
        limit_kw = self.store.connector_limit_kw(1, at=at, transaction_start=self.transaction_start)
        limit_kw = min(limit_kw, self.max_kw)
        self.recent_kw.append(limit_kw)
        while len(self.recent_kw) > self.lag_s + 1:
            self.recent_kw.popleft()
        return max(self.recent_kw), self._holds_lease(at)

    def _holds_lease(self, at: datetime) -> bool:
        return any(
            profile.stack_level > 0
            and profile.limit_kw(at, transaction_start=self.transaction_start) is not None
            for profile in self.store.profiles
        )
