"""Rows as CSV that a spreadsheet opens without running anything in it."""

import re
from typing import Final

import polars as pl

FORMULA_STARTS: Final = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
"""A cell that begins so is a formula to a spreadsheet, whoever wrote it; some take the wide signs
of East Asian keyboards for the same."""
PLAIN_NUMBER: Final = r"^[-+]?[\d,]+(\.\d+)?$"
"""Runs nothing, and as a text it would be no number any more."""


def safe_csv(frame: pl.DataFrame) -> bytes:
    """Return a frame as CSV; a text that a spreadsheet would run is led by an apostrophe.

    Headings too, which may be a file's own. Instants keep their offset; lists are joined by
    semicolons.
    """
    columns: list[pl.Expr] = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if isinstance(kind, pl.List):
            column = column.cast(pl.List(pl.String)).list.join("; ")
        if isinstance(kind, pl.List | pl.String):
            column = _disarmed(column)
        if isinstance(kind, pl.Datetime):
            column = column.dt.strftime("%Y-%m-%dT%H:%M:%S%:z")
        columns.append(column.alias(name))
    safe = frame.select(columns)
    headings = pl.select(_disarmed(pl.lit(pl.Series(frame.columns, dtype=pl.String))))
    safe.columns = headings.to_series().to_list()
    return safe.write_csv().encode()


def safe_text(text: str) -> str:
    """Return a cell as `safe_csv` writes it, for tables whose form somebody else has fixed."""
    runs = re.match(FORMULA_STARTS, text) and not re.match(PLAIN_NUMBER, text)
    return f"'{text}" if runs else text


def _disarmed(column: pl.Expr) -> pl.Expr:
    runs = column.str.contains(FORMULA_STARTS) & ~column.str.contains(PLAIN_NUMBER)
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), column)).otherwise(column)
