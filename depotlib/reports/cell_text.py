"""A value as people read it: thousands apart, local times, as many decimals as its kind has."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.reports.report import ColumnKind, Figure, Value

DECIMALS: Final[dict[ColumnKind, int]] = {"money": 2, "number": 1, "energy": 3, "count": 0}
LOCAL_FORMAT: Final = "%Y-%m-%d %H:%M"


def cell_text(value: Value, kind: ColumnKind, *, time_zone: ZoneInfo) -> str:
    """Return a cell in words; empty for None.

    A price, and a number in a column of texts, keep the decimals they came with.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(time_zone).strftime(LOCAL_FORMAT)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    if kind in DECIMALS:
        return f"{value:,.{DECIMALS[kind]}f}"
    return f"{value.normalize():,f}" if isinstance(value, Decimal) else f"{value:,}"


def figure_text(figure: Figure, *, time_zone: ZoneInfo) -> str:
    """Return a figure with its unit: money with two decimals, a measured number with one."""
    return f"{cell_text(figure.value, figure.kind, time_zone=time_zone)} {figure.unit}".strip()
