"""Vehicles as vendors list them."""

from pathlib import Path

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame


def listed_vehicles(path: Path) -> pl.DataFrame:
    """Return every vehicle of every vendor's list, by id, a `VehicleFrame`.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(connection, "SELECT * FROM vehicle ORDER BY vehicle_id, source")
