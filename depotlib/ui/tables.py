"""Tables on a page: units in their headings, local times, a file to take away."""

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from depotlib.ui.downloads import offer_csv

MONEY: Final = re.compile(r"\([A-Z]{3}\b")
"""A heading that names a currency: two decimals, thousands apart."""
NUMBER: Final = re.compile(r"^[-−+]?[\d,]+(\.\d+)?$")
LOCAL_FORMAT: Final = "%Y-%m-%d %H:%M"


def show_table(
    frame: pl.DataFrame, *, key: str, alt: str, height: int | None = None, is_offered: bool = True
) -> None:
    """Show a frame as a table; numbers with one decimal, amounts and prices with their own.

    Parameters
    ----------
    frame : polars.DataFrame
        Its columns are the headings.
    key : str
        Unique on the page; also the name of the file.
    alt : str
        What the table holds, in words.
    height : int, optional
        [px]; default: ten rows.
    is_offered : bool, optional
        Whether it can be downloaded.
    """
    st.dataframe(
        frame,
        key=key,
        alt=alt,
        hide_index=True,
        height="auto" if height is None else height,
        placeholder="",
        column_config={name: column for name in frame.columns if (column := _column(frame[name]))},
    )
    if is_offered and frame.height:
        offer_csv(frame, name=key)


def without_empty(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table without the columns that say nothing in any row."""
    said = [
        name
        for name in table.columns
        if table[name].drop_nulls().len()
        and not (table[name].dtype == pl.String and (table[name].fill_null("") == "").all())
    ]
    return table.select(said)


def local_text(instant: datetime | None, time_zone: ZoneInfo) -> str:
    """Return an instant as local text that sorts by time; empty for none."""
    return "" if instant is None else instant.astimezone(time_zone).strftime(LOCAL_FORMAT)


def second_text(instant: datetime | None, time_zone: ZoneInfo) -> str:
    """Return an instant of the night as local time to the second; empty for none."""
    return "" if instant is None else instant.astimezone(time_zone).strftime("%H:%M:%S")


def local_column(name: str, time_zone: ZoneInfo) -> pl.Expr:
    """Return an instant column as local text that sorts by time."""
    return pl.col(name).dt.convert_time_zone(time_zone.key).dt.strftime(LOCAL_FORMAT)


def _column(values: pl.Series) -> ColumnConfig | None:
    """Return how a column is shown where it is not as it would be anyway."""
    name = values.name
    if values.dtype.is_float():
        return st.column_config.NumberColumn(name, format=_number_format(name))
    if values.dtype == pl.String and _are_numbers(values):
        return st.column_config.TextColumn(name, alignment="right")
    return None


def _are_numbers(texts: pl.Series) -> bool:
    """Return whether a column of texts holds numbers, written so to keep their own decimals."""
    said = texts.drop_nulls().filter(texts.drop_nulls() != "")
    return bool(len(said)) and bool(said.str.contains(NUMBER.pattern).all())


def _number_format(heading: str) -> str:
    return "accounting" if MONEY.search(heading) else "%.1f"
