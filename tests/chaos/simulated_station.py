"""A station of the simulation: its profile store, its clock that is wrong, its vehicles that are late."""

import random
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from depotlib.gateway.guard import Payload
from depotlib.gateway.profiles import DEFAULT_LEASE_ID
from depotlib.model.depot import ChargingStation
from depotlib.virtual.charging_profiles import ProfileStore, StoredProfile, read_profile
from tests.chaos.simulated_plans import PHASE_KW, START, Stay


def snake(value: object) -> object:
    """Return a payload with the names the station's own reader uses."""
    if isinstance(value, dict):
        return {_snake_word(key): snake(one) for key, one in value.items()}
    return [snake(one) for one in value] if isinstance(value, list) else value


@cache
def _snake_word(key: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower()


def profile_is_lease(body: dict) -> bool:
    """Return whether a profile is for a connector: safe limit and maximum are for the station."""
    return body["charging_profile_id"] >= DEFAULT_LEASE_ID


@dataclass
class SimulatedPlug:
    """A connector, the vehicle at it, and the limits that it may still be following."""

    connector_id: str
    number: int
    stay: Stay | None = None
    transaction_id: int | None = None
    started_at: datetime | None = None
    wants_answer: bool = False
    left_kwh: float = 0.0
    power_kw: float = 0.0
    energy_kwh: float = 0.0
    since_s: float = 0.0
    recent: deque[tuple[float, float]] = field(default_factory=deque)

    def count(self, at_s: float) -> None:
        """Add the energy since the last change."""
        energy_kwh = self.power_kw * (at_s - self.since_s) / 3600.0
        self.energy_kwh += energy_kwh
        self.left_kwh -= energy_kwh
        self.since_s = at_s


@dataclass
class SimulatedStation:
    """What stands in the yard: obeys its profiles, by its own clock, after its vehicles' lag."""

    station: ChargingStation
    clock_error_s: float
    lag_s: float
    is_in_watts: bool
    phase_offset: int
    plugs: list[SimulatedPlug]
    store: ProfileStore = field(default_factory=ProfileStore)
    boots_until_s: float | None = None
    writes: int = 0
    armings: int = 0
    version: int = 0
    voltage_share: float = 1.0

    @property
    def most_kw(self) -> float:
        """Return what all its connectors together can give now [kW]: on AC a current."""
        is_ac = self.station.current_type == "AC"
        return self.station.max_kw * (self.voltage_share if is_ac else 1.0)

    def install(self, payload: Payload, *, rng: random.Random, reject_share: float) -> str:
        """Take a profile in, or refuse it; a TxProfile only for the transaction that runs."""
        body = snake(payload)["cs_charging_profiles"]
        number = int(payload["connectorId"])
        if rng.random() < reject_share:
            return "Rejected"
        running = [plug.transaction_id for plug in self.plugs if plug.number == number]
        is_for_another = body.get("transaction_id") is None or (
            body.get("transaction_id") not in running
        )
        if body["charging_profile_purpose"] == "TxProfile" and is_for_another:
            return "Rejected"
        if profile_is_lease(body):
            self.writes += 1
        else:
            self.armings += 1
        profile = read_profile(
            body,
            connector=number,
            voltage_v=self.station.voltage_v,
            phases=self.station.phases,
        )
        self.store.install(profile)
        return "Accepted"

    def follow(self, plug: SimulatedPlug, *, at_s: float) -> float:
        """Return what a vehicle draws now [kW]: all it may of what held within its lag."""
        limit_kw = self.limit_kw(plug, at_s=at_s)
        if not plug.recent or plug.recent[-1][1] != limit_kw:
            plug.recent.append((at_s, limit_kw))
        # A limit counts until it was replaced the lag ago.
        while len(plug.recent) > 1 and plug.recent[1][0] <= at_s - self.lag_s + 1e-6:
            plug.recent.popleft()
        if plug.stay is None or plug.left_kwh <= 1e-6 or self.boots_until_s is not None:
            return 0.0
        power_kw = min(plug.stay.max_kw, max(kw for _, kw in plug.recent))
        if self.station.current_type == "DC":
            return power_kw
        # Amperes carry more at a higher voltage; watts no more than the amperes of each phase can.
        most_kw = min(plug.stay.max_kw, PHASE_KW * plug.stay.phases) * self.voltage_share
        return min(power_kw, most_kw) if self.is_in_watts else power_kw * self.voltage_share

    def limit_kw(self, plug: SimulatedPlug, *, at_s: float) -> float:
        """Return what the vehicle on a plug may draw by the station's profiles and clock [kW]."""
        stay = plug.stay
        if stay is None:
            return 0.0
        at = START + timedelta(seconds=at_s + self.clock_error_s)
        limit_kw = self.store.connector_limit_kw(
            plug.number, at=at, transaction_start=plug.started_at
        )
        if self.station.current_type == "DC" or self.is_in_watts:
            return limit_kw
        return limit_kw * stay.phases / self.station.phases

    def next_change_s(self, at_s: float) -> float:
        """Return when one of its profiles says something else by itself [s], or infinity."""
        edges = (edge for profile in self.store.profiles for edge in self._edges(profile))
        return min((edge for edge in edges if edge > at_s + 1e-6), default=float("inf"))

    def on_phases(self, plug: SimulatedPlug) -> tuple[float, float, float]:
        """Return what a vehicle draws from each of the depot's phases [kW]."""
        if plug.stay is None or plug.power_kw == 0.0:
            return 0.0, 0.0, 0.0
        # How the wires really lie where the depot does not know.
        offset = self.phase_offset
        wiring = self.station.wiring or tuple((n + offset) % 3 + 1 for n in range(3))
        used = wiring if self.station.current_type == "DC" else wiring[: plug.stay.phases]
        share_kw = plug.power_kw / len(used)
        return tuple(share_kw if phase in used else 0.0 for phase in (1, 2, 3))

    def _edges(self, profile: StoredProfile) -> list[float]:
        instants = [profile.valid_from, profile.valid_to]
        if profile.start is not None:
            instants += [profile.start + timedelta(seconds=one.start_s) for one in profile.periods]
        return [
            (one - START).total_seconds() - self.clock_error_s
            for one in instants
            if one is not None
        ]
