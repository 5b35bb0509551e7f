"""Earlier months as a CSV: their peaks, energies and amounts, for ratchets and sums over a year."""

import io
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final

import polars as pl

from depotlib.errors import HistoryError
from depotlib.model.local_time import MONTHS_PER_YEAR
from depotlib.tariffs.history import BillingHistory, EarlierMonth

KNOWN_COLUMNS: Final = ("month", "peak_kw", "energy_kwh", "amount")
MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
FIRST_ROW: Final = 2
"""Line of the first month: the header is line 1."""
HINT: Final = (
    "give a CSV with the columns month (2025-07), peak_kw and, where known, energy_kwh, amount and "
    "a column for each demand line by its name"
)


def history_from_csv(document: bytes, *, where: str) -> BillingHistory:
    """Return the earlier months that a CSV document holds.

    Parameters
    ----------
    document : bytes
        UTF-8, with a header: month as ``2025-07``, peak_kw [kW], energy_kwh [kWh], amount (of the
        month's bill); every further column is the measured peak of the demand line of that name
        [kW]. A value that is not known is left empty.
    where : str
        What to call the document in an error.

    Raises
    ------
    HistoryError
        If the document is no such table, a month stands twice, or a value cannot be.
    """
    try:
        table = pl.read_csv(io.StringIO(document.decode("utf-8-sig")), infer_schema=False)
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise HistoryError(
            f"this is no table of earlier months: {error}", where=where, hint=HINT
        ) from error
    columns = [name.strip() for name in table.columns]
    table = table.rename(dict(zip(table.columns, columns, strict=True)))
    if "month" not in columns or len(columns) == 1 or table.height == 0:
        raise HistoryError(
            f"the columns {', '.join(columns)} tell of no earlier month", where=where, hint=HINT
        )
    months = [
        _month(row, where=f"{where}, line {number}")
        for number, row in enumerate(table.to_dicts(), FIRST_ROW)
    ]
    numbers = [month.month_number for month in months]
    if len(set(numbers)) < len(numbers):
        raise HistoryError(
            "a month stands in the history twice", where=where, hint="keep one row a month"
        )
    return BillingHistory(tuple(sorted(months, key=lambda month: month.month_number)))


def _month(row: Mapping[str, str | None], *, where: str) -> EarlierMonth:
    text = (row["month"] or "").strip()
    found = MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= MONTHS_PER_YEAR:
        raise HistoryError(f"{text!r} is no month", where=where, hint="write months as 2025-07")
    by_line = {
        name: _kw(value, where=f"{where}, {name}")
        for name, value in row.items()
        if name not in KNOWN_COLUMNS
    }
    amount = _number(row.get("amount"), where=f"{where}, amount")
    return EarlierMonth(
        month_number=int(found[1]) * MONTHS_PER_YEAR + int(found[2]) - 1,
        peak_kw=_kw(row.get("peak_kw"), where=f"{where}, peak_kw"),
        energy_kwh=_kw(row.get("energy_kwh"), where=f"{where}, energy_kwh"),
        amount=amount,
        peaks_by_line_kw={name: peak for name, peak in by_line.items() if peak is not None},
    )


def _kw(text: str | None, *, where: str) -> float | None:
    number = _number(text, where=where)
    if number is not None and number < 0:
        raise HistoryError(f"{number} is below 0", where=where, hint="leave it empty if unknown")
    return None if number is None else float(number)


def _number(text: str | None, *, where: str) -> Decimal | None:
    if text is None or not text.strip():
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise HistoryError(
            f"{text!r} is not a number", where=where, hint="leave it empty if unknown"
        ) from error
    if not isfinite(number):
        raise HistoryError(f"{text!r} is not a number", where=where, hint="leave it empty")
    return number
