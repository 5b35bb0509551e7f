"""The state of charge of a vehicle that has been silent, with a band that grows with the silence.

Where past days show what happens over such a span of the day, the last reading is carried on by
them: ``soc(then) = a + b soc(last)``, fitted over the same span of past days of the vehicle (or of
its class), with the quantiles of what that misses as the band. Where they do not, the band is what
physics allows: down by driving on, up by charging at full power.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.needs.drives import under_own_names
from depotlib.needs.effects import FloatArray
from depotlib.units import duration_h

LOOK_BACK_DAYS: Final = 56
LEAST_SAMPLES: Final = 40
LOW_SHARE: Final = 0.01
HIGH_SHARE: Final = 0.99
"""Wider than the 95 % that is promised: habits change, and a day is not like the last."""
READING_TOLERANCE: Final = timedelta(hours=1)
MOST_KM_PER_H: Final = 50.0
"""Mean speed over hours that a working vehicle of a depot does not exceed."""
SLOPE_DRAWN_COUNT: Final = 5.0
NORMAL_98: Final = 2.326
SATURDAY: Final = 5
_INSTANT: Final = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class SocBand:
    """A state of charge carried on from a reading.

    Parameters
    ----------
    soc, low_soc, high_soc : float
    sigma_soc : float
    source : str
        ``30 days like this`` or ``what driving and charging allow``.
    """

    soc: float
    low_soc: float
    high_soc: float
    sigma_soc: float
    source: str


@dataclass(frozen=True, slots=True)
class SocHistory:
    """Past readings of a fleet.

    Parameters
    ----------
    readings : polars.DataFrame
        ``vehicle_id`` and ``class_id`` of the fleet, ``at``, ``soc`` (not null).
    """

    readings: pl.DataFrame

    def pairs(
        self, vehicle: Vehicle, *, last: datetime, then: datetime
    ) -> tuple[FloatArray, str] | None:
        """Return what was read at the span's ends on past days, (days, 2), and whose days.

        The vehicle's own days, failing those its class's; None where both are fewer than
        `LEAST_SAMPLES`. Working days look back to working days, weekends to weekends.
        """
        own = self.readings.filter(pl.col("vehicle_id") == vehicle.vehicle_id)
        alike = self.readings.filter(pl.col("class_id") == vehicle.class_id)
        for readings, whose in ((own, "its own"), (alike, "its class's")):
            found = _pairs(readings, last=last, then=then)
            if len(found) >= LEAST_SAMPLES:
                return found, f"the same hours of {len(found)} of {whose} past days"
        return None


def soc_history(telematics: pl.DataFrame, fleet: Fleet) -> SocHistory:
    """Return the states of charge of a fleet that one can look back to.

    Parameters
    ----------
    telematics : polars.DataFrame
        `TelematicsFrame`; vehicle ids may be the vendor's.
    fleet : Fleet
    """
    named = under_own_names(telematics.drop_nulls("soc"), fleet)
    return SocHistory(named.select("vehicle_id", "class_id", "at", "soc").sort("at"))


def _pairs(readings: pl.DataFrame, *, last: datetime, then: datetime) -> FloatArray:
    known = readings.filter(pl.col("at") <= last).sort("at")
    days = [
        timedelta(days=number)
        for number in range(1, LOOK_BACK_DAYS + 1)
        if ((last - timedelta(days=number)).weekday() >= SATURDAY) == (last.weekday() >= SATURDAY)
        and then - timedelta(days=number) <= last
    ]
    asked = pl.DataFrame(
        [
            (name, last - day, then - day)
            for name in known["vehicle_id"].unique(maintain_order=True)
            for day in days
        ],
        schema={"vehicle_id": pl.String, "from_at": _INSTANT, "to_at": _INSTANT},
        orient="row",
    )
    for end in ("from", "to"):
        asked = asked.sort(f"{end}_at").join_asof(
            known.select("vehicle_id", "at", pl.col("soc").alias(f"{end}_soc")),
            left_on=f"{end}_at",
            right_on="at",
            by="vehicle_id",
            strategy="backward",
            tolerance=READING_TOLERANCE,
            coalesce=True,
            check_sortedness=False,
        )
    return asked.drop_nulls().select("from_soc", "to_soc").to_numpy()


def carried_on(
    soc: float,
    *,
    last: datetime,
    then: datetime,
    vehicle_class: VehicleClass,
    past: tuple[FloatArray, str] | None = None,
) -> SocBand:
    """Return the state of charge some time after a reading, with its band.

    Parameters
    ----------
    soc : float
        Last reading, 0-1.
    last, then : datetime
        When it was read, and for when it is asked.
    vehicle_class : VehicleClass
    past : (ndarray, str), optional
        What past days show of the same span, and whose they are (`SocHistory.pairs`).
    """
    if past is None:
        return _allowed(soc, age_h=duration_h(then - last), vehicle_class=vehicle_class)
    pairs, source = past
    before, after = pairs[:, 0], pairs[:, 1]
    # Drawn a little towards "nothing changes but by a constant", where the start hardly varied.
    centred = before - before.mean()
    prior = SLOPE_DRAWN_COUNT * 0.01
    slope = float((centred @ (after - after.mean()) + prior) / (centred @ centred + prior))
    missed = after - after.mean() - slope * centred
    estimate_soc = float(after.mean() + slope * (soc - before.mean()))
    low, high = np.quantile(missed, [LOW_SHARE, HIGH_SHARE])
    # A start unlike any before makes the line itself unsure.
    reach = abs(soc - float(before.mean())) / (float(before.std()) + 1e-3)
    stretch = (1.0 + (1.0 + reach**2) / len(before)) ** 0.5
    low_soc, high_soc = (
        float(np.clip(estimate_soc + stretch * edge, 0.0, 1.0)) for edge in (low, high)
    )
    return SocBand(
        soc=float(np.clip(estimate_soc, 0.0, 1.0)),
        low_soc=low_soc,
        high_soc=high_soc,
        sigma_soc=(high_soc - low_soc) / (2 * NORMAL_98),
        source=source,
    )


def _allowed(soc: float, *, age_h: float, vehicle_class: VehicleClass) -> SocBand:
    usable_kwh = vehicle_class.usable_kwh
    driven_kwh = age_h * MOST_KM_PER_H * vehicle_class.consumption_kwh_per_km
    most_kw = max(vehicle_class.ac_max_kw, vehicle_class.dc_max_kw)
    charged_kwh = age_h * most_kw * vehicle_class.wall_efficiency_share
    low_soc = max(0.0, soc - driven_kwh / usable_kwh)
    high_soc = min(1.0, soc + charged_kwh / usable_kwh)
    return SocBand(
        soc=soc,
        low_soc=low_soc,
        high_soc=high_soc,
        # Anywhere between is as likely: a uniform's deviation is its width / sqrt(12).
        sigma_soc=(high_soc - low_soc) / 12**0.5,
        source="what driving and charging allow",
    )
