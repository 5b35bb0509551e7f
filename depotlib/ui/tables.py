"""Tables on a page: units in their headings, local times, a file to take away."""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.elements.lib.column_types import ColumnConfig

from depotlib.model.display import DateForm, Display
from depotlib.ui.downloads import offer_csv
from depotlib.ui.state import display
from depotlib.ui.wording import day_and_time, number, said

MONEY: Final = re.compile(r"\([A-Z]{3}\b")
"""A heading that names a currency: two decimals, thousands apart."""
NUMBER: Final = re.compile(r"^[-−+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$")
"""As it is written in English; what was written for the depot already is left as it is."""
LOCAL_FORMAT: Final = "%Y-%m-%d %H:%M"
INSTANT: Final = r"^\d{4}-\d\d-\d\d \d\d:\d\d$"
"""As `local_text` writes it."""
DATE_SHAPES: Final[dict[DateForm, str]] = {
    "day_first": "D MMM YYYY",
    "month_first": "MMM D, YYYY",
    "iso": "YYYY-MM-DD",
}
"""As the browser is told to write a day."""
AUTO_ROWS: Final = 10
"""So many rows a table shows of itself."""


def show_table(
    frame: pl.DataFrame,
    *,
    key: str,
    alt: str,
    height: int | None = None,
    is_offered: bool = True,
    amounts: Collection[str] = (),
) -> None:
    """Show a frame as a table; numbers with one decimal, amounts and prices with their own.

    The file to take away holds what the frame holds, whatever the depot writes numbers and dates
    like.

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
    amounts : collection of str, optional
        Columns of money whose heading names no currency, since each row has its own.
    """
    _draw(with_days(frame), key=key, alt=alt, height=height, amounts=amounts)
    if is_offered and frame.height:
        offer_csv(frame, name=key)


def show_quoted(frame: pl.DataFrame, *, key: str, alt: str, is_offered: bool = True) -> None:
    """Show records of a file as `show_table` would, but their times as they stand there."""
    _draw(frame, key=key, alt=alt)
    if is_offered and frame.height:
        offer_csv(frame, name=key)


def _draw(
    shown: pl.DataFrame,
    *,
    key: str,
    alt: str,
    height: int | None = None,
    amounts: Collection[str] = (),
) -> None:
    is_english = display().separators == Display().separators
    st.dataframe(
        shown if is_english else as_written(shown, amounts=amounts),
        key=key,
        alt=alt,
        hide_index=True,
        # Else a few rows would stand above empty ones.
        height="auto" if height is None or shown.height <= AUTO_ROWS else height,
        placeholder="",
        column_config={
            name: column
            for name in shown.columns
            if (
                column := _column(
                    shown[name], is_formatted=is_english, is_money=_is_money(name, amounts)
                )
            )
        },
    )


def without_empty(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table without the columns that say nothing in any row."""
    said = [
        name
        for name in table.columns
        if table[name].drop_nulls().len()
        and not (table[name].dtype == pl.String and (table[name].fill_null("") == "").all())
    ]
    return table.select(said)


def with_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose local times are times, to be shown as the depot writes its days.

    They sort as they happened. Where other words stand among them they become texts.
    """
    return frame.with_columns(
        _told(frame[name]) for name in frame.columns if frame[name].dtype == pl.String
    )


def _told(texts: pl.Series) -> pl.Series:
    said = texts.drop_nulls().filter(texts.drop_nulls() != "")
    times = said.str.contains(INSTANT)
    if times.all() and len(said):
        return texts.str.to_datetime(LOCAL_FORMAT, strict=False)
    if not times.any():
        return texts
    times_told = {
        text: day_and_time(datetime.fromisoformat(text)) for text in said.filter(times).unique()
    }
    return texts.replace(times_told)


def local_text(instant: datetime | None, time_zone: ZoneInfo) -> str:
    """Return an instant as local text that sorts by time; empty for none."""
    return "" if instant is None else instant.astimezone(time_zone).strftime(LOCAL_FORMAT)


def second_text(instant: datetime | None, time_zone: ZoneInfo) -> str:
    """Return an instant of the night as local time to the second; empty for none."""
    return "" if instant is None else instant.astimezone(time_zone).strftime("%H:%M:%S")


def local_column(name: str, time_zone: ZoneInfo) -> pl.Expr:
    """Return an instant column as local text that sorts by time."""
    return pl.col(name).dt.convert_time_zone(time_zone.key).dt.strftime(LOCAL_FORMAT)


def as_written(frame: pl.DataFrame, *, amounts: Collection[str] = ()) -> Styler:
    """Return a table that sorts by its numbers and shows them as the depot writes them."""
    styler = frame.to_pandas().style
    for name in frame.columns:
        written = _written(frame[name], is_money=_is_money(name, amounts))
        if written is not None:
            styler.format(written, subset=[name], na_rep="")
    return styler


def _is_money(heading: str, amounts: Collection[str]) -> bool:
    return heading in amounts or MONEY.search(heading) is not None


def _written(values: pl.Series, *, is_money: bool) -> Callable[..., str] | None:
    """Return how a column's figures become text; None for what is no figure."""
    if values.dtype == pl.Datetime:
        return day_and_time
    if values.dtype.is_float():
        return partial(number, decimals=2 if is_money else 1)
    is_number = values.dtype == pl.String and _are_numbers(values)
    return display().formed if is_number else None


def _column(values: pl.Series, *, is_formatted: bool, is_money: bool) -> ColumnConfig | None:
    """Return how a column is shown where it is not as it would be anyway."""
    name = values.name
    label = said(name)
    if values.dtype == pl.Datetime:
        days = f"{DATE_SHAPES[display().dates]}, HH:mm" if is_formatted else None
        return st.column_config.DatetimeColumn(label, format=days)
    if values.dtype.is_float():
        shape = ("accounting" if is_money else "%.1f") if is_formatted else None
        return st.column_config.NumberColumn(label, format=shape)
    if values.dtype == pl.String and _are_numbers(values):
        return st.column_config.TextColumn(label, alignment="right")
    return None if label == name else st.column_config.Column(label)


def _are_numbers(texts: pl.Series) -> bool:
    """Return whether a column of texts holds numbers, written so to keep their own decimals."""
    said = texts.drop_nulls().filter(texts.drop_nulls() != "")
    return bool(len(said)) and bool(said.str.contains(NUMBER.pattern).all())
