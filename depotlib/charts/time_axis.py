"""Instants on a chart: even in elapsed time, labelled in local time, clock changes included.

Plotly knows no zones. It is given UTC without a zone, so that no hour of an autumn night lies on
another, and the labels and hover texts are written here from the depot's own clock.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import polars as pl

from depotlib.model.calendar import local_instant

MOST_TICKS: Final = 12
QUARTER: Final = timedelta(minutes=15)
DAY: Final = timedelta(days=1)
STEPS: Final = (QUARTER, 2 * QUARTER, *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)))
PLOTTED: Final = "%Y-%m-%dT%H:%M:%S%.f"
LABEL: Final = "%a %-d %b %H:%M"
"""As `local_label` writes it."""
DAY_STEPS: Final = (1, 2, 3, 5, 7, 14, 28)
Instants = Sequence[datetime] | pl.Series
"""Aware instants, or a column of them."""


def plotted(instant: datetime) -> str:
    """Return an instant as Plotly is to place it."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat()


def all_plotted(instants: Instants) -> list[str]:
    """Return instants as Plotly is to place them, all at once: a month has 3,000."""
    return _column(instants).dt.strftime(PLOTTED).to_list()


def local_label(instant: datetime, time_zone: ZoneInfo) -> str:
    """Return an instant for a hover text: weekday, date and local time."""
    local = instant.astimezone(time_zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def local_labels(instants: Instants, time_zone: ZoneInfo) -> list[str]:
    """Return instants for hover texts, all at once."""
    return _column(instants).dt.convert_time_zone(time_zone.key).dt.strftime(LABEL).to_list()


def time_axis(start: datetime, end: datetime, *, time_zone: ZoneInfo) -> go.layout.XAxis:
    """Return the horizontal axis of [start, end), with its ticks on round local times."""
    ticks = _ticks(start, end, time_zone=time_zone)
    return go.layout.XAxis(
        type="date",
        title=go.layout.xaxis.Title(text=f"Local time ({time_zone.key})"),
        range=[plotted(start), plotted(end)],
        tickmode="array",
        tickvals=[plotted(tick) for tick, _ in ticks],
        ticktext=[label for _, label in ticks],
        tickangle=0,
    )


def _column(instants: Instants) -> pl.Series:
    kind = pl.Datetime("us", "UTC")
    return (
        instants.cast(kind) if isinstance(instants, pl.Series) else pl.Series(instants, dtype=kind)
    )


def _ticks(start: datetime, end: datetime, *, time_zone: ZoneInfo) -> list[tuple[datetime, str]]:
    span = end - start
    for step in STEPS:
        if span <= step * MOST_TICKS:
            return _hour_ticks(start, end, step=step, time_zone=time_zone)
    days = next((n for n in DAY_STEPS if span <= n * DAY * MOST_TICKS), DAY_STEPS[-1])
    return _day_ticks(start, end, days=days, time_zone=time_zone)


def _hour_ticks(
    start: datetime, end: datetime, *, step: timedelta, time_zone: ZoneInfo
) -> list[tuple[datetime, str]]:
    """Every instant whose local time of day is a multiple of the step; the first with its date."""
    ticks: list[tuple[datetime, str]] = []
    # Offsets of all zones are multiples of 15 minutes, so local round times are found by quarters.
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    at = epoch - ((epoch - start) // QUARTER) * QUARTER
    while at <= end:
        local = at.astimezone(time_zone)
        since_midnight = timedelta(hours=local.hour, minutes=local.minute)
        if since_midnight % step == timedelta(0):
            is_dated = not ticks or not since_midnight
            date = f"<br>{local:%a} {local.day} {local:%b}" if is_dated else ""
            ticks.append((at, f"{local:%H:%M}{date}"))
        at += QUARTER
    return ticks


def _day_ticks(
    start: datetime, end: datetime, *, days: int, time_zone: ZoneInfo
) -> list[tuple[datetime, str]]:
    day = start.astimezone(time_zone).date()
    ticks: list[tuple[datetime, str]] = []
    while (at := local_instant(day, time(0), time_zone=time_zone)) <= end:
        if at >= start:
            ticks.append((at, f"{day.day} {day:%b}" + ("" if ticks else f"<br>{day:%Y}")))
        day += timedelta(days=days)
    return ticks
