"""Duties as fleet systems announce them, for the vehicles of a fleet, beside those of the depot."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import polars as pl

from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet

UNKNOWN_OUTING: Final = timedelta(hours=10)
"""How long a duty without a return is taken to last: a shift with its break."""


def announced_duties_of(announced: pl.DataFrame, fleet: Fleet) -> tuple[Duty, ...]:
    """Return the announced duties of a fleet's vehicles, each vehicle under the fleet's own name.

    Duties without a vehicle (blocks of a timetable) and of strangers are nobody's, and those that
    were withdrawn are gone. One that states neither a distance nor a charge needs its reserve.

    Parameters
    ----------
    announced : polars.DataFrame
        `DutyFrame`.
    fleet : Fleet
    """
    own_id = {
        name: vehicle.vehicle_id
        for vehicle in fleet.vehicles
        for name in (vehicle.vehicle_id, *vehicle.telematics_ids)
    }
    mine = announced.filter(
        pl.col("vehicle_id").is_in(sorted(own_id))
        & ~pl.col("is_withdrawn")
        & (pl.col("return_at").is_null() | (pl.col("return_at") > pl.col("departure")))
    )
    return tuple(
        Duty(
            duty_id=row["duty_id"],
            vehicle_id=own_id[row["vehicle_id"]],
            departure=row["departure"],
            return_at=row["return_at"] or row["departure"] + UNKNOWN_OUTING,
            distance_km=row["distance_km"] or 0.0,
            must_soc=row["must_soc"] or 0.0,
            target_soc=row["target_soc"] or 0.0,
        )
        for row in mine.iter_rows(named=True)
    )


def with_announced(kept: Sequence[Duty], announced: Iterable[Duty]) -> tuple[Duty, ...]:
    """Return the duties of a depot with those announced, which replace what they overlap.

    Parameters
    ----------
    kept : sequence of Duty
        Those that were loaded as the depot's own.
    announced : iterable of Duty
        Those of fleet systems: newer words on the same vehicles.
    """
    newer = tuple(announced)
    still = [
        duty
        for duty in kept
        if not any(
            other.vehicle_id == duty.vehicle_id
            and other.departure < duty.return_at
            and duty.departure < other.return_at
            for other in newer
        )
    ]
    return (*still, *newer)
