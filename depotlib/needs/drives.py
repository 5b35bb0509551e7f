"""What vehicles drove and what it took from the battery: a day of a vehicle in a row."""

from datetime import datetime
from typing import Final

import polars as pl

from depotlib.model.fleet import Fleet

LEAST_KM: Final = 5.0
"""A shorter day says nothing beside a state of charge in whole percent."""
LEAST_KWH_PER_KM: Final = 0.03
MOST_KWH_PER_KM: Final = 4.0
"""From a light quadricycle to an articulated lorry; outside it is a fault of the readings."""
MOST_GAP_H: Final = 4.0
"""Over a longer silence nobody knows whether it was charged."""

DRIVES_SCHEMA: Final = {
    "vehicle_id": pl.String,
    "class_id": pl.String,
    "day": pl.Int64,
    "weekday": pl.Int64,
    "distance_km": pl.Float64,
    "energy_kwh": pl.Float64,
    "temperature_c": pl.Float64,
}
"""One row a vehicle and local day; ``day`` counts from 1970, Monday is weekday 0."""


def drives_from_telematics(
    telematics: pl.DataFrame, *, fleet: Fleet, time_zone: str
) -> pl.DataFrame:
    """Return distance and battery energy of each vehicle and day, `DRIVES_SCHEMA`.

    Between two readings in which the odometer rose and the state of charge did not, the vehicle
    drove: the fall times the usable battery is the energy. Stretches in which it charged, or of
    which nothing was heard for hours, are left out with their distance.

    Parameters
    ----------
    telematics : polars.DataFrame
        `TelematicsFrame`; vehicle ids may be the vendor's.
    fleet : Fleet
    time_zone : str
        Of the depot, an IANA name.
    """
    stretch = (
        under_own_names(telematics, fleet)
        .sort("vehicle_id", "at")
        .with_columns(pl.col("soc", "odometer_km").forward_fill().over("vehicle_id"))
        .with_columns(
            soc_before=pl.col("soc").shift(1).over("vehicle_id"),
            km_before=pl.col("odometer_km").shift(1).over("vehicle_id"),
            at_before=pl.col("at").shift(1).over("vehicle_id"),
        )
        .with_columns(
            fallen_soc=pl.col("soc_before") - pl.col("soc"),
            distance_km=pl.col("odometer_km") - pl.col("km_before"),
            local=pl.col("at").dt.convert_time_zone(time_zone),
        )
        .filter(
            (pl.col("fallen_soc") >= 0)
            & (pl.col("distance_km") >= 0)
            & (pl.col("at") - pl.col("at_before") <= pl.duration(hours=MOST_GAP_H))
            & ~pl.col("is_charging").fill_null(value=False)
        )
        .with_columns(energy_kwh=pl.col("fallen_soc") * pl.col("usable_kwh"))
    )
    return _by_day(stretch)


def drives_from_trips(trips: pl.DataFrame, *, fleet: Fleet, time_zone: str) -> pl.DataFrame:
    """Return distance and battery energy of each vehicle and day, `DRIVES_SCHEMA`.

    Parameters
    ----------
    trips : polars.DataFrame
        `TripFrame`; trips without an end, a distance or an energy are left out.
    fleet : Fleet
    time_zone : str
        Of the depot, an IANA name.
    """
    stretch = (
        under_own_names(trips, fleet)
        .drop_nulls(["end", "distance_km", "energy_battery_kwh"])
        .with_columns(
            local=pl.col("start").dt.convert_time_zone(time_zone),
            energy_kwh=pl.col("energy_battery_kwh"),
            temperature_c=pl.lit(None, pl.Float64),
        )
    )
    return _by_day(stretch)


def known_drives(*frames: pl.DataFrame) -> pl.DataFrame:
    """Return each vehicle's days once: of the first frame that knows them."""
    joined = pl.concat([pl.DataFrame(schema=DRIVES_SCHEMA), *frames])
    return joined.unique(["vehicle_id", "day"], keep="first", maintain_order=True).sort(
        "day", "vehicle_id"
    )


def usual_temperature_c(telematics: pl.DataFrame, *, since: datetime) -> float | None:
    """Return the mean outside temperature that vehicles reported since an instant, if any did."""
    mean_c = telematics.filter(pl.col("at") >= since)["temperature_c"].mean()
    return float(mean_c) if isinstance(mean_c, float) else None


def under_own_names(frame: pl.DataFrame, fleet: Fleet) -> pl.DataFrame:
    """Return rows under the fleet's own vehicle ids, with ``class_id`` and ``usable_kwh``.

    Parameters
    ----------
    frame : polars.DataFrame
        With ``vehicle_id``, the fleet's or a vendor's; rows of others are left out.
    fleet : Fleet
    """
    names = [
        (name, vehicle.vehicle_id, vehicle.class_id, fleet.class_of(vehicle.vehicle_id).usable_kwh)
        for vehicle in fleet.vehicles
        for name in {vehicle.vehicle_id, *vehicle.telematics_ids}
    ]
    schema = {
        "vehicle_id": pl.String,
        "own_id": pl.String,
        "class_id": pl.String,
        "usable_kwh": pl.Float64,
    }
    known = pl.DataFrame(names, schema=schema, orient="row")
    joined = frame.join(known, on="vehicle_id", how="inner", maintain_order="left")
    return joined.drop("vehicle_id").rename({"own_id": "vehicle_id"})


def _by_day(stretch: pl.DataFrame) -> pl.DataFrame:
    consumption = pl.col("energy_kwh") / pl.col("distance_km")
    return (
        stretch.with_columns(
            day=pl.col("local").dt.date().to_physical().cast(pl.Int64),
            weekday=(pl.col("local").dt.weekday() - 1).cast(pl.Int64),
        )
        .group_by("vehicle_id", "class_id", "day", "weekday")
        .agg(
            pl.col("distance_km").sum(),
            pl.col("energy_kwh").sum(),
            pl.col("temperature_c").mean(),
        )
        .filter(
            (pl.col("distance_km") >= LEAST_KM)
            & consumption.is_between(LEAST_KWH_PER_KM, MOST_KWH_PER_KM)
        )
        .select(list(DRIVES_SCHEMA))
        .sort("day", "vehicle_id")
    )
