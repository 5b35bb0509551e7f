"""From steps in kilowatts to a charging profile in a station's own unit, never above intended.

Pure; the workbench shows with it what a push would send. Every rounding goes down: limits to
tenths (the message schema refuses finer steps), a raise to the next whole second and a reduction
to the one before, and where a station takes fewer periods than there are steps, neighbours merge
at the lower of their limits, those first that lose the least energy.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from depotlib.gateway.quirks import Dialect
from depotlib.gateway.steps import StepLine, instant_of, line_of
from depotlib.model.battery import MIN_PILOT_A
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.units import ac_current_a, ac_power_kw, kw_to_w, w_to_kw

Purpose = Literal["station_maximum", "default", "transaction"]

BACKDATE_S: Final = 60
"""A schedule starts this long ago, so that a slow clock leaves no gap (OCPP 1.6 section 3.13.2)."""
TENTHS: Final = 10
TENTH_TOLERANCE: Final = 1e-6
"""Of a tenth: what floating point loses in 6.0 must not make it 5.9."""

MOST_DC_V: Final = 1000.0
"""The highest output of a DC station (IEC 61851-23)."""

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
    transaction_name : str
        The station's own for it (2.x).
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
    transaction_name: str = ""


def limit_tenths(limit_kw: float, dialect: Dialect) -> int:
    """Return a limit in tenths of the dialect's unit, rounded down; 0 for what is no number.

    A positive current below 6 A cannot be signalled on AC (IEC 61851-1), so it becomes 0.
    """
    if dialect.unit == "W":
        amount = kw_to_w(limit_kw)
    else:
        voltage_v, phases = _supply(dialect)
        amount = ac_current_a(limit_kw, voltage_v, phases=phases)
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
    voltage_v, phases = _supply(dialect)
    return ac_power_kw(amount, voltage_v, phases=phases)


def shaped_line(line: StepLine, dialect: Dialect, *, now_s: float, end_s: float) -> StepLine:
    """Return what a station will really hold of a line, nowhere above it.

    Parameters
    ----------
    line : StepLine
        Intended limit [kW]; what lies before `now_s` is carried to it.
    dialect : Dialect
    now_s, end_s : float
        Span of the schedule [s since 1970].

    Returns
    -------
    StepLine
        At most `dialect.max_periods` steps; shaping them again changes nothing.
    """
    origin_s = _origin_s(now_s)
    periods = _periods(
        zip(line.starts_s.tolist(), line.values_kw.tolist(), strict=True),
        dialect,
        origin_s=origin_s,
        end_s=end_s,
    )
    return line_of(
        (origin_s + period.start_s, kw_of_tenths(period.limit_tenths, dialect))
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
    origin_s = _origin_s(now.timestamp())
    points = ((step.start.timestamp(), step.limit_kw) for step in steps)
    periods = _periods(points, dialect, origin_s=origin_s, end_s=valid_to.timestamp())
    length_s = math.floor(valid_to.timestamp()) - origin_s
    first_id = DEFAULT_LEASE_ID if transaction_id is None else TRANSACTION_LEASE_ID
    return ChargingProfile(
        profile_id=first_id + connector,
        connector=connector,
        purpose="default" if transaction_id is None else "transaction",
        stack_level=dialect.lease_level,
        unit=dialect.unit,
        phases=dialect.phases,
        start=instant_of(origin_s),
        valid_to=instant_of(origin_s + length_s) if dialect.can_expire else None,
        periods=periods,
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


def evse_fallback_profile(
    safe_limit_kw: float, dialect: Dialect, *, connector: int, now: datetime
) -> ChargingProfile:
    """Return the safe limit of one EVSE, under the id of the lease that will take its place."""
    whole = fallback_profile(safe_limit_kw, dialect, now=now)
    return replace(whole, profile_id=DEFAULT_LEASE_ID + connector, connector=connector)


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
    losses = [_merge_loss(kept, at=at, end_s=end_s) for at in range(len(kept) - 1)]
    while len(kept) > most:
        at = losses.index(min(losses))
        low = min(kept[at].limit_tenths, kept[at + 1].limit_tenths)
        kept[at : at + 2] = [Period(kept[at].start_s, low)]
        del losses[at]
        for beside in (at - 1, at):
            if 0 <= beside < len(losses):
                losses[beside] = _merge_loss(kept, at=beside, end_s=end_s)
    # What merging has made equal to its neighbour is said once.
    earlier = (None, *(period.limit_tenths for period in kept))
    pairs = zip(kept, earlier, strict=False)
    return tuple(period for period, before in pairs if period.limit_tenths != before)


def _merge_loss(kept: Sequence[Period], *, at: int, end_s: int) -> int:
    """Return what merging a period with the next loses, in tenths times seconds."""
    this, following = kept[at], kept[at + 1]
    lost = this.limit_tenths - following.limit_tenths
    if lost > 0:
        return lost * (following.start_s - this.start_s)
    until_s = kept[at + 2].start_s if at + 2 < len(kept) else end_s
    return -lost * (until_s - following.start_s)


def _periods(
    points: Iterable[tuple[float, float]], dialect: Dialect, *, origin_s: int, end_s: float
) -> tuple[Period, ...]:
    """Return (start [s], limit [kW]) points as periods of a profile that begins at its origin."""
    length_s = math.floor(end_s) - origin_s
    if not dialect.can_expire:
        length_s += 1  # the last step, from the end on, stays for good
    periods: list[Period] = []
    for start_s, limit_kw in points:
        tenths = limit_tenths(limit_kw, dialect)
        offset_s = start_s - origin_s
        is_raise = bool(periods) and tenths > periods[-1].limit_tenths
        begin_s = max(0, math.ceil(offset_s) if is_raise else math.floor(offset_s))
        if begin_s >= length_s and periods:
            break
        if offset_s <= BACKDATE_S or not periods:
            periods = [Period(0, tenths)]
        else:
            _add(periods, Period(begin_s, tenths))
    found = periods or [Period(0, 0)]
    return merged_periods(found, end_s=length_s, most=dialect.max_periods)


def _add(periods: list[Period], newer: Period) -> None:
    """Add a period; where two meet within a second, a lower one holds for all of it."""
    last = periods[-1]
    if newer.start_s < last.start_s and newer.limit_tenths < periods[-2].limit_tenths:
        # A raise that waits for its second, and a reduction below what it was to be raised from.
        periods.pop()
        last = periods[-1]
    if last.start_s >= newer.start_s:
        # Raises wait for their second: in it the later one holds already, whatever came before.
        periods[-1] = Period(last.start_s, newer.limit_tenths)
    elif newer.limit_tenths != last.limit_tenths:
        periods.append(newer)


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
        start=instant_of(_origin_s(now.timestamp())),
        valid_to=None,
        periods=(Period(0, tenths),),
    )


def _supply(dialect: Dialect) -> tuple[float, int]:
    """Return voltage and phases that a limit in amperes is reckoned with.

    On DC amperes go to the battery, whose voltage nobody knows here: the highest there is.
    """
    if dialect.current_type == "DC":
        return MOST_DC_V, 1
    return dialect.voltage_v, dialect.phases


def _least_tenths(dialect: Dialect) -> int:
    if dialect.unit == "A":
        return round(MIN_PILOT_A * TENTHS)
    least_w = kw_to_w(ac_power_kw(MIN_PILOT_A, dialect.voltage_v, phases=dialect.phases))
    return math.floor(least_w * TENTHS)


def _origin_s(now_s: float) -> int:
    return math.floor(now_s) - BACKDATE_S
