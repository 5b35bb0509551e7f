"""How a station obeys OCPP 1.6 charging profiles: what it keeps, and which limit is in force.

Written from the specification, apart from the gateway's own profile code, so that the two check
each other: within a purpose the highest stack level that is valid wins, TxProfile beats
TxDefaultProfile, the ChargePointMaxProfile caps the station (OCPP 1.6 section 3.13).
"""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.units import ac_power_kw, w_to_kw

MAX_PURPOSE: Final = "ChargePointMaxProfile"
DEFAULT_PURPOSE: Final = "TxDefaultProfile"
TX_PURPOSE: Final = "TxProfile"


@dataclass(frozen=True, slots=True)
class Period:
    """A limit from an offset on [kW for the whole connector]."""

    start_s: float
    limit_kw: float


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """One profile as the station understood it."""

    profile_id: int
    connector: int
    stack_level: int
    purpose: str
    start: datetime | None
    valid_from: datetime | None
    valid_to: datetime | None
    duration_s: float | None
    periods: tuple[Period, ...]
    transaction_id: int | None = None
    most_offline_s: float | None = None
    """2.1: after so long without a connection it says nothing, by the station's own stopwatch."""

    def limit_kw(self, at: datetime, *, transaction_start: datetime | None) -> float | None:
        """Return the limit at an instant, or None where the profile says nothing [kW]."""
        if (self.valid_from is not None and at < self.valid_from) or (
            self.valid_to is not None and at >= self.valid_to
        ):
            return None
        begin = self.start or transaction_start
        if begin is None or at < begin:
            return None
        offset_s = (at - begin) / timedelta(seconds=1)
        if self.duration_s is not None and offset_s >= self.duration_s:
            return None
        return next(
            (one.limit_kw for one in reversed(self.periods) if one.start_s <= offset_s), None
        )


@dataclass(slots=True)
class ProfileStore:
    """The profiles a station keeps; they survive a reboot (errata 3.37)."""

    max_stack_level: int = 8
    max_profiles: int = 20
    profiles: list[StoredProfile] = field(default_factory=list[StoredProfile])
    offline_since: datetime | None = None

    def install(self, profile: StoredProfile) -> None:
        """Keep a profile, replacing the same id or the same level, purpose and connector."""
        self.profiles = [
            kept
            for kept in self.profiles
            if kept.profile_id != profile.profile_id
            and (kept.connector, kept.purpose, kept.stack_level)
            != (profile.connector, profile.purpose, profile.stack_level)
        ]
        self.profiles.append(profile)

    def clear(
        self,
        *,
        profile_id: int | None,
        connector: int | None,
        purpose: str | None,
        stack_level: int | None,
    ) -> bool:
        """Return whether anything was cleared; an id makes the other criteria ignored."""

        def matches(kept: StoredProfile) -> bool:
            if profile_id is not None:
                return kept.profile_id == profile_id
            return (
                connector in {None, kept.connector}
                and purpose in {None, kept.purpose}
                and stack_level in {None, kept.stack_level}
            )

        left = [kept for kept in self.profiles if not matches(kept)]
        cleared = len(left) < len(self.profiles)
        self.profiles = left
        return cleared

    def end_transaction(self, connector: int) -> None:
        """Drop the profiles that lived with a connector's transaction."""
        self.profiles = [
            kept
            for kept in self.profiles
            if not (kept.purpose == TX_PURPOSE and kept.connector == connector)
        ]

    def connector_limit_kw(
        self, connector: int, *, at: datetime, transaction_start: datetime | None
    ) -> float:
        """Return the limit in force on a connector; infinite where no profile speaks [kW]."""
        for purpose, places in (
            (TX_PURPOSE, (connector,)),
            (DEFAULT_PURPOSE, (connector,)),
            (DEFAULT_PURPOSE, (0,)),
        ):
            limit_kw = self._highest(purpose, places, at=at, transaction_start=transaction_start)
            if limit_kw is not None:
                return limit_kw
        return math.inf

    def station_limit_kw(self, at: datetime) -> float:
        """Return the cap on the station as a whole; infinite without one [kW]."""
        limit_kw = self._highest(MAX_PURPOSE, (0,), at=at, transaction_start=None)
        return math.inf if limit_kw is None else limit_kw

    def _has_lapsed(self, profile: StoredProfile, at: datetime) -> bool:
        if profile.most_offline_s is None or self.offline_since is None:
            return False
        return at - self.offline_since > timedelta(seconds=profile.most_offline_s)

    def _highest(
        self,
        purpose: str,
        connectors: tuple[int, ...],
        *,
        at: datetime,
        transaction_start: datetime | None,
    ) -> float | None:
        speaking = [
            (profile.stack_level, limit_kw)
            for profile in self.profiles
            if profile.purpose == purpose
            and profile.connector in connectors
            and not self._has_lapsed(profile, at)
            and (limit_kw := profile.limit_kw(at, transaction_start=transaction_start)) is not None
        ]
        return max(speaking)[1] if speaking else None


def read_profile(
    payload: dict[str, object], *, connector: int, voltage_v: float, phases: int
) -> StoredProfile:
    """Return a profile from the (snake-case) payload of a SetChargingProfile request.

    A limit in amperes is per phase and a missing ``number_phases`` means three, but a station
    with fewer phases uses what it has (errata 3.34: the limit per used phase stays as given).
    """
    schedule = payload["charging_schedule"]
    assert isinstance(schedule, dict)
    is_current = schedule["charging_rate_unit"] == "A"

    def in_kw(period: dict[str, float]) -> float:
        used = min(int(period.get("number_phases") or 3), phases)
        # The `ocpp` package reads limits as Decimal.
        limit = float(period["limit"])
        if is_current:
            return ac_power_kw(limit, voltage_v, phases=used)
        return w_to_kw(limit)

    periods = tuple(
        Period(start_s=period["start_period"], limit_kw=in_kw(period))
        for period in schedule["charging_schedule_period"]
    )
    stored = StoredProfile(
        profile_id=int(str(payload["charging_profile_id"])),
        connector=connector,
        stack_level=int(str(payload["stack_level"])),
        purpose=str(payload["charging_profile_purpose"]),
        start=_instant(schedule.get("start_schedule")),
        valid_from=_instant(payload.get("valid_from")),
        valid_to=_instant(payload.get("valid_to")),
        duration_s=schedule.get("duration"),
        most_offline_s=_seconds(payload.get("max_offline_duration")),
        periods=periods,
    )
    transaction_id = payload.get("transaction_id")
    return (
        stored
        if transaction_id is None
        else replace(stored, transaction_id=int(str(transaction_id)))
    )


def _seconds(number: object) -> float | None:
    return None if number is None else float(str(number))


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
