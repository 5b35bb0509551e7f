"""When a vehicle comes home and with what charge, from its last readings and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from depotlib.model.calendar import BillingPeriod
from depotlib.model.duty import Duty
from depotlib.model.fleet import Vehicle, VehicleClass
from depotlib.needs.consumption import Outing
from depotlib.needs.driving import Driving, class_driving
from depotlib.needs.energy import StartCharge
from depotlib.needs.known import NOTHING_MORE, Known
from depotlib.needs.returns import ReturnHabit
from depotlib.needs.soc_band import SocBand, carried_on
from depotlib.units import duration_h, s_to_h

SILENT_AFTER: Final = timedelta(hours=8)
"""A sleeping vehicle reports nothing for hours: from here on its silence is named and carried on."""
WEEK: Final = timedelta(days=6, hours=12)
"""A weekday named alone is the last one of that name."""
LATE_WORTH_SAYING: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ArrivalCharge:
    """The state of charge a vehicle arrives with, and what had to be assumed for it.

    Parameters
    ----------
    soc : float
        0-1.
    missing : tuple of str
    band : SocBand or None
        Where the reading is old; None: it is fresh.
    limit_soc : float
        Where the vehicle itself stops to charge, 0-1.
    source : str
    """

    soc: float
    missing: tuple[str, ...] = ()
    band: SocBand | None = None
    limit_soc: float = 1.0
    source: str = "telematics"

    @property
    def start(self) -> StartCharge:
        """Return the charge that a need starts from."""
        return StartCharge(
            soc=self.soc,
            sigma_soc=0.0 if self.band is None else self.band.sigma_soc,
            limit_soc=self.limit_soc,
            source=self.source,
        )


@dataclass(frozen=True, slots=True)
class Homecoming:
    """When a vehicle comes home, and with what charge.

    Parameters
    ----------
    arrival : datetime
    charge : ArrivalCharge
    habit : ReturnHabit or None
        How late it comes as a rule; None: not known, or it is home.
    """

    arrival: datetime
    charge: ArrivalCharge
    habit: ReturnHabit | None = None


def departures_of(
    vehicle: Vehicle, duties: Sequence[Duty], *, night: BillingPeriod
) -> tuple[Duty, ...]:
    """Return the duties for which a vehicle leaves after a night's start and by its end."""
    leaving = [
        duty
        for duty in duties
        if duty.vehicle_id == vehicle.vehicle_id and night.start < duty.departure <= night.end
    ]
    return tuple(sorted(leaving, key=lambda duty: duty.departure))


def next_duty_of(vehicle: Vehicle, duties: Sequence[Duty], *, night: BillingPeriod) -> Duty | None:
    """Return the duty before which a vehicle is home the longest in a night, if it is home at all.

    A night plans one stay of each vehicle: the stay between two shifts gives way to the night's.
    """
    stays = [
        (duty.departure - home_at, duty)
        for duty in departures_of(vehicle, duties, night=night)
        if (home_at := _home_at(duty, duties, night=night)) < duty.departure
    ]
    return max(stays, key=lambda one: one[0], default=(None, None))[1]


def _home_at(duty: Duty, duties: Sequence[Duty], *, night: BillingPeriod) -> datetime:
    """Return when a vehicle is home before a duty: after those that it left for earlier."""
    returns = [
        other.return_at
        for other in duties
        if other.vehicle_id == duty.vehicle_id and other.departure < duty.departure
    ]
    return max([night.start, *returns])


def homecoming(
    vehicle: Vehicle,
    vehicle_class: VehicleClass,
    *,
    duties: Sequence[Duty],
    telematics: pl.DataFrame,
    night: BillingPeriod,
    known: Known = NOTHING_MORE,
) -> Homecoming:
    """Return when a vehicle comes home before a night's duty, and with what charge.

    Parameters
    ----------
    vehicle : Vehicle
    vehicle_class : VehicleClass
    duties : sequence of Duty
    telematics : polars.DataFrame
        `TelematicsFrame`.
    night : BillingPeriod
        A vehicle without an earlier duty is home at its start; one that does not leave in the
        night is asked as if it left at its end.
    known : Known, optional
        With past returns it comes as late as it does as a rule.
    """
    next_duty = next_duty_of(vehicle, duties, night=night)
    leaves_at = night.end if next_duty is None else next_duty.departure
    before = [
        duty
        for duty in duties
        if duty.vehicle_id == vehicle.vehicle_id
        and duty.return_at <= leaves_at
        and duty != next_duty
    ]
    last_duty = max(before, key=lambda duty: duty.departure, default=None)
    readings = readings_of(vehicle, telematics).filter(pl.col("at") < leaves_at)
    charge = arrival_charge(
        readings, last_duty, vehicle=vehicle, vehicle_class=vehicle_class, known=known
    )
    if last_duty is None:
        return Homecoming(arrival=night.start, charge=charge)
    habit = _habit(vehicle, last_duty, known=known)
    returns_at = last_duty.return_at
    if habit is not None:
        usual = returns_at + timedelta(seconds=habit.mean_s)
        returns_at = usual if usual < leaves_at else returns_at
    return Homecoming(arrival=max(night.start, returns_at), charge=charge, habit=habit)


def readings_of(vehicle: Vehicle, telematics: pl.DataFrame) -> pl.DataFrame:
    """Return the readings of one vehicle under any of its names, oldest first."""
    names = {vehicle.vehicle_id, *vehicle.telematics_ids}
    return telematics.filter(pl.col("vehicle_id").is_in(sorted(names))).sort("at")


def driving_on(
    vehicle: Vehicle, vehicle_class: VehicleClass, *, duty: Duty, known: Known
) -> Driving:
    """Return what a duty's kilometres take: as learned, failing that by class and weather."""
    if known.consumption is None:
        return class_driving(
            vehicle_class, temperature_c=known.temperature_c, payload_share=duty.payload_share
        )
    return known.consumption.driving(
        Outing(
            vehicle_id=vehicle.vehicle_id,
            vehicle_class=vehicle_class,
            distance_km=duty.distance_km,
            weekday=duty.departure.astimezone(known.time_zone).weekday(),
            temperature_c=known.temperature_c,
            payload_share=duty.payload_share,
        )
    )


def arrival_charge(
    readings: pl.DataFrame,
    last_duty: Duty | None,
    *,
    vehicle: Vehicle,
    vehicle_class: VehicleClass,
    known: Known = NOTHING_MORE,
) -> ArrivalCharge:
    """Return the state of charge on arrival, from the latest reading.

    A reading taken before the return is lowered by the distance that was still to drive: by the
    odometer where both ends are known, else by the share of the duty's time that was left. A
    reading that is hours old is carried on by what past days show, with a band.

    Parameters
    ----------
    readings : polars.DataFrame
        `TelematicsFrame` of one vehicle, oldest first.
    last_duty : Duty or None
        The duty it returns from.
    vehicle : Vehicle
    vehicle_class : VehicleClass
    known : Known, optional
    """
    with_soc = readings.filter(pl.col("soc").is_not_null())
    if with_soc.is_empty():
        return ArrivalCharge(
            soc=0.0,
            missing=("no state of charge: planned as if empty",),
            source="nothing was ever read",
        )
    latest = with_soc.row(-1, named=True)
    at: datetime = latest["at"]
    soc: float = latest["soc"]
    limit_soc = _last_limit_soc(readings)
    is_home = last_duty is None or at >= last_duty.return_at
    missing: tuple[str, ...] = ()
    expected_soc = soc
    if last_duty is not None and not is_home:
        left_km, missing = _distance_left_km(readings, last_duty, at=at, known=known)
        driving = driving_on(vehicle, vehicle_class, duty=last_duty, known=known)
        used_soc = left_km * driving.consumption_kwh_per_km / vehicle_class.usable_kwh
        expected_soc = max(0.0, soc - used_soc)
    read = f"telematics, {when(at, known)}"
    then = _asked_for(last_duty, at=at, is_home=is_home, known=known)
    if then is None:
        return ArrivalCharge(soc=expected_soc, missing=missing, limit_soc=limit_soc, source=read)
    past = known.soc_history and known.soc_history.pairs(vehicle, last=at, then=then)
    band = carried_on(
        soc if past else expected_soc, last=at, then=then, vehicle_class=vehicle_class, past=past
    )
    silent_h = duration_h(min(then, known.now or then) - at)
    words = (
        f"no state of charge for {silent_h:.0f} h: estimated from {soc:.0%} {when(at, known)} "
        f"and {band.source}, {band.low_soc:.0%} to {band.high_soc:.0%}"
    )
    return ArrivalCharge(
        soc=band.soc, missing=(words, *missing), band=band, limit_soc=limit_soc, source=read
    )


def when(at: datetime, known: Known) -> str:
    """Return an instant in words of the depot: the weekday, of older ones the date."""
    local = at.astimezone(known.time_zone)
    is_recent = known.now is None or known.now - at < WEEK
    return f"{local:%A %H:%M}" if is_recent else f"{local:%d %B %Y}"


def late_words(habit: ReturnHabit | None) -> tuple[str, ...]:
    """Return how late a vehicle comes home as a rule, in words; nothing if in time."""
    if habit is None or abs(habit.mean_s) < LATE_WORTH_SAYING.total_seconds():
        return ()
    minutes = timedelta(seconds=abs(habit.mean_s)) / timedelta(minutes=1)
    side = "later" if habit.mean_s > 0 else "earlier"
    return (
        f"comes home {minutes:.0f} min {side} than its duty says, as in {habit.returns} returns "
        f"of its own; 90 of 100 within {s_to_h(habit.high_s - habit.low_s):.1f} h",
    )


def _habit(vehicle: Vehicle, duty: Duty, *, known: Known) -> ReturnHabit | None:
    if known.returns is None or (known.now is not None and known.now >= duty.return_at):
        return None
    weekday = duty.return_at.astimezone(known.time_zone).weekday()
    return known.returns.habit(vehicle.vehicle_id, weekday=weekday)


def _asked_for(
    last_duty: Duty | None, *, at: datetime, is_home: bool, known: Known
) -> datetime | None:
    """Return for when an old reading has to be carried on; None while it is not old."""
    if known.now is None:
        return None
    then = known.now if last_duty is None or is_home else last_duty.return_at
    return then if min(known.now, then) - at >= SILENT_AFTER else None


def _last_limit_soc(readings: pl.DataFrame) -> float:
    limits = readings["charge_limit_soc"].drop_nulls()
    return 1.0 if limits.is_empty() else float(limits[-1])


def _distance_left_km(
    readings: pl.DataFrame, duty: Duty, *, at: datetime, known: Known
) -> tuple[float, tuple[str, ...]]:
    odometer = readings.filter(pl.col("odometer_km").is_not_null())
    # The last reading before it left and the last one before the state of charge was read.
    out = odometer.filter(pl.col("at") <= duty.departure)
    now = odometer.filter(pl.col("at").is_between(duty.departure, at))
    if at <= duty.departure:
        return duty.distance_km, ()
    if out.is_empty() or now.is_empty():
        left_share = (duty.return_at - at) / (duty.return_at - duty.departure)
        since = "" if odometer.is_empty() else f" since {when(odometer['at'][-1], known)}"
        return duty.distance_km * min(1.0, left_share), (
            f"no odometer{since}: what is left of the route was taken by time",
        )
    driven_km: float = now["odometer_km"][-1] - out["odometer_km"][-1]
    return max(0.0, duty.distance_km - driven_km), ()
