"""From steps in kilowatts to a charging profile in a station's own unit, never above intended.

Pure; the workbench shows with it what a push would send. Every rounding goes down: limits to
tenths (the message schema refuses finer steps), a raise to the next whole second and a reduction
to the one before, and where a station takes fewer periods than there are steps, neighbours merge
at the lower of their limits, those first that lose the least energy.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from depotlib.gateway.quirks import Dialect
from depotlib.model.battery import MIN_PILOT_A
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.units import ac_current_a, ac_power_kw, kw_to_w, w_to_kw

Purpose = Literal["station_maximum", "default", "transaction"]

BACKDATE_S: Final = 60
"""A schedule starts this long ago, so that a slow clock leaves no gap (OCPP 1.6 section 3.13.2)."""
TENTHS: Final = 10
TENTH_TOLERANCE: Final = 1e-6
"""Of a tenth: what floating point loses in 6.0 must not make it 5.9."""

STATION_MAXIMUM_ID: Final = 1
FALLBACK_ID: Final = 2
DEFAULT_LEASE_ID: Final = 10
TRANSACTION_LEASE_ID: Final = 20


@dataclass(frozen=True, slots=True)
class Period:
    """A limit from an offset on, in the profile's unit."""

    start_s: int
    limit_tenths: int

    @property
    def limit(self) -> float:
        """Return the limit in the profile's unit, with one decimal."""
        return self.limit_tenths / TENTHS


@dataclass(frozen=True, slots=True)
class ChargingProfile:
    """A charging profile in neutral words; every OCPP version writes it in its own.

    Parameters
    ----------
    profile_id : int
    connector : int
        0: the whole station.
    purpose : {'station_maximum', 'default', 'transaction'}
    stack_level : int
    unit : {'A', 'W'}
    phases : int
    start : datetime
        Start of the schedule and of its validity, a whole second.
    valid_to : datetime or None
        None: it never expires.
    periods : tuple of Period
    transaction_id : int or None
    """

    profile_id: int
    connector: int
    purpose: Purpose
    stack_level: int
    unit: Literal["A", "W"]
    phases: int
    start: datetime
    valid_to: datetime | None
    periods: tuple[Period, ...]
    transaction_id: int | None = None


def limit_tenths(limit_kw: float, dialect: Dialect) -> int:
    """Return a limit in tenths of the dialect's unit, rounded down; 0 for what is no number.

    A positive current below 6 A cannot be signalled on AC (IEC 61851-1), so it becomes 0.
    """
    if dialect.unit == "W":
        amount = kw_to_w(limit_kw)
    else:
        amount = ac_current_a(limit_kw, dialect.voltage_v, phases=dialect.phases)
    if not 0.0 < amount < math.inf:
        return 0
    tenths = math.floor(amount * TENTHS + TENTH_TOLERANCE)
    is_too_low = dialect.current_type == "AC" and tenths < _least_tenths(dialect)
    return 0 if is_too_low else tenths


def kw_of_tenths(tenths: int, dialect: Dialect) -> float:
    """Return the power that a limit in tenths of the dialect's unit permits [kW]."""
    amount = tenths / TENTHS
    if dialect.unit == "W":
        return w_to_kw(amount)
    return ac_power_kw(amount, dialect.voltage_v, phases=dialect.phases)


def shaped_steps(
    steps: Sequence[LimitStep], dialect: Dialect, *, now: datetime, valid_to: datetime
) -> tuple[LimitStep, ...]:
    """Return the steps that a station will really hold of those intended, none above them.

    Parameters
    ----------
    steps : sequence of LimitStep
        Intended, by rising start; what lies before `now` is carried to it.
    dialect : Dialect
    now, valid_to : datetime
        Span of the schedule.

    Returns
    -------
    tuple of LimitStep
        At most `dialect.max_periods`; shaping them again changes nothing.
    """
    origin = _origin(now)
    end_s = _end_s(dialect, valid_to=valid_to, origin=origin)
    periods = _whole_seconds(steps, dialect, origin=origin, end_s=end_s)
    periods = merged_periods(periods, end_s=end_s, most=dialect.max_periods)
    return tuple(
        LimitStep(
            start=origin + timedelta(seconds=period.start_s),
            limit_kw=kw_of_tenths(period.limit_tenths, dialect),
        )
        for period in periods
    )


def lease_profile(
    steps: Sequence[LimitStep],
    dialect: Dialect,
    *,
    connector: int,
    transaction_id: int | None,
    valid_to: datetime,
    now: datetime,
) -> ChargingProfile:
    """Return the profile that carries a lease: absolute, in UTC, valid until it ends.

    Parameters
    ----------
    steps : sequence of LimitStep
    dialect : Dialect
    connector : int
        As the station counts, from 1.
    transaction_id : int or None
        None: it travels as a default above the safe limit.
    valid_to, now : datetime
    """
    origin = _origin(now)
    end_s = _end_s(dialect, valid_to=valid_to, origin=origin)
    periods = _whole_seconds(steps, dialect, origin=origin, end_s=end_s)
    first_id = DEFAULT_LEASE_ID if transaction_id is None else TRANSACTION_LEASE_ID
    return ChargingProfile(
        profile_id=first_id + connector,
        connector=connector,
        purpose="default" if transaction_id is None else "transaction",
        stack_level=dialect.lease_level,
        unit=dialect.unit,
        phases=dialect.phases,
        start=origin,
        valid_to=origin + timedelta(seconds=end_s) if dialect.can_expire else None,
        periods=merged_periods(periods, end_s=end_s, most=dialect.max_periods),
        transaction_id=transaction_id,
    )


def schedule_profile(
    schedule: ConnectorSchedule, dialect: Dialect, *, connector: int, now: datetime
) -> ChargingProfile:
    """Return the profile that a push would send for one vehicle's stay on a connector."""
    return lease_profile(
        schedule.steps,
        dialect,
        connector=connector,
        transaction_id=None,
        valid_to=schedule.valid_to,
        now=now,
    )


def fallback_profile(safe_limit_kw: float, dialect: Dialect, *, now: datetime) -> ChargingProfile:
    """Return the profile of the safe limit: level 0, every connector, never expiring.

    Parameters
    ----------
    safe_limit_kw : float
        Share of one connector [kW]: a default on connector 0 applies to each of them.
    """
    return _constant_profile(
        FALLBACK_ID,
        "default",
        tenths=limit_tenths(safe_limit_kw, dialect),
        dialect=dialect,
        now=now,
    )


def maximum_profile(max_kw: float, dialect: Dialect, *, now: datetime) -> ChargingProfile:
    """Return the profile of a station's own maximum, all connectors together, never expiring."""
    tenths = limit_tenths(max_kw, dialect)
    return _constant_profile(
        STATION_MAXIMUM_ID, "station_maximum", tenths=tenths, dialect=dialect, now=now
    )


def merged_periods(periods: Sequence[Period], *, end_s: int, most: int) -> tuple[Period, ...]:
    """Return at most so many periods, nowhere above the given ones, losing little energy.

    Parameters
    ----------
    periods : sequence of Period
        By rising start.
    end_s : int
        End of the last one.
    most : int
        At least 1.
    """
    kept = list(periods)
    while len(kept) > most:
        edges_s = [period.start_s for period in kept[1:]] + [end_s]
        losses = [_merge_loss(kept, at=at, edges_s=edges_s) for at in range(len(kept) - 1)]
        at = losses.index(min(losses))
        low = min(kept[at].limit_tenths, kept[at + 1].limit_tenths)
        kept[at : at + 2] = [Period(kept[at].start_s, low)]
    return tuple(kept)


def _merge_loss(kept: Sequence[Period], *, at: int, edges_s: Sequence[int]) -> int:
    """Return what merging a period with the next loses, in tenths times seconds."""
    this, following = kept[at], kept[at + 1]
    lost = this.limit_tenths - following.limit_tenths
    if lost > 0:
        return lost * (edges_s[at] - this.start_s)
    return -lost * (edges_s[at + 1] - following.start_s)


def _whole_seconds(
    steps: Sequence[LimitStep], dialect: Dialect, *, origin: datetime, end_s: int
) -> list[Period]:
    """Return steps as periods on whole seconds, the first at 0."""
    periods: list[Period] = []
    for step in steps:
        tenths = limit_tenths(step.limit_kw, dialect)
        offset_s = _offset_s(step.start, origin)
        is_raise = bool(periods) and tenths > periods[-1].limit_tenths
        start_s = max(0, math.ceil(offset_s) if is_raise else math.floor(offset_s))
        if start_s >= end_s and periods:
            break
        if offset_s <= BACKDATE_S or not periods:
            periods = [Period(0, tenths)]
        elif periods[-1].start_s >= start_s:
            periods[-1] = Period(periods[-1].start_s, min(tenths, periods[-1].limit_tenths))
        elif tenths != periods[-1].limit_tenths:
            periods.append(Period(start_s, tenths))
    return periods or [Period(0, 0)]


def _constant_profile(
    profile_id: int, purpose: Purpose, *, tenths: int, dialect: Dialect, now: datetime
) -> ChargingProfile:
    return ChargingProfile(
        profile_id=profile_id,
        connector=0,
        purpose=purpose,
        stack_level=0,
        unit=dialect.unit,
        phases=dialect.phases,
        start=_origin(now),
        valid_to=None,
        periods=(Period(0, tenths),),
    )


def _least_tenths(dialect: Dialect) -> int:
    if dialect.unit == "A":
        return round(MIN_PILOT_A * TENTHS)
    least_w = kw_to_w(ac_power_kw(MIN_PILOT_A, dialect.voltage_v, phases=dialect.phases))
    return math.floor(least_w * TENTHS)


def _end_s(dialect: Dialect, *, valid_to: datetime, origin: datetime) -> int:
    """Return where a schedule ends [s]; one that cannot expire keeps a last step from there on."""
    end_s = math.floor(_offset_s(valid_to, origin))
    return end_s if dialect.can_expire else end_s + 1


def _origin(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(microsecond=0) - timedelta(seconds=BACKDATE_S)


def _offset_s(instant: datetime, origin: datetime) -> float:
    return (instant - origin) / timedelta(seconds=1)
