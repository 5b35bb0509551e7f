"""Frames out of the warehouse."""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import polars as pl

Parameter = str | float | int | bool | datetime | Sequence[str] | None


def frame(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: Parameter) -> pl.DataFrame:
    """Return a query's rows as a polars frame; instants in UTC with microseconds."""
    return connection.sql(sql, params=list(parameters)).pl()


def count(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: Parameter) -> int:
    """Return the one whole number that a query answers with; an absent one is 0."""
    return int(connection.execute(sql, list(parameters)).fetchall()[0][0] or 0)
