"""A value as people read it: thousands apart, local times, as many decimals as its kind has."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.model.display import Display
from depotlib.reports.report import ColumnKind, Figure, Value

DECIMALS: Final[dict[ColumnKind, int]] = {"money": 2, "number": 1, "energy": 3, "count": 0}
BY_ISO: Final = Display(dates="iso")
"""Numbers in English, days by ISO 8601: of a report for nobody in particular."""


def cell_text(
    value: Value, kind: ColumnKind, *, time_zone: ZoneInfo, display: Display = BY_ISO
) -> str:
    """Return a cell in words; empty for None.

    A price, and a number in a column of texts, keep the decimals they came with.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = value.astimezone(time_zone)
        return f"{display.dated(local)} {local:%H:%M}"
    if isinstance(value, date):
        return display.dated(value)
    if isinstance(value, str):
        return value
    return display.formed(_number(value, kind))


def figure_text(figure: Figure, *, time_zone: ZoneInfo, display: Display = BY_ISO) -> str:
    """Return a figure with its unit: money with two decimals, a measured number with one."""
    text = cell_text(figure.value, figure.kind, time_zone=time_zone, display=display)
    return f"{text} {figure.unit}".strip()


def _number(value: float | Decimal, kind: ColumnKind) -> str:
    if kind in DECIMALS:
        return f"{value:,.{DECIMALS[kind]}f}"
    return f"{value.normalize():,f}" if isinstance(value, Decimal) else f"{value:,}"
