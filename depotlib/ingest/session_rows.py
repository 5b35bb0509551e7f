"""Sessions on their way to a frame: latest version of each, checked, with what is worth knowing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

import polars as pl

from depotlib.ingest.findings import counted
from depotlib.ingest.record import FieldReader
from depotlib.model.frames import SessionFrame
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import HOURS_PER_DAY, SECONDS_PER_DAY, h_to_s, mean_power_kw

IMPLAUSIBLE_KW: Final = 1_000.0
"""No vehicle takes more: an energy that implies it is in another unit or at another time."""
IMPLAUSIBLE_KWH: Final = 1_000.0
"""No vehicle's battery holds more."""
LONGEST_S: Final = 366 * SECONDS_PER_DAY
"""No vehicle stays plugged in longer: such a duration is in another unit."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as a source maps it; the columns are those of `SessionFrame`."""

    session_key: str
    source: str
    plug_start: datetime
    plug_end: datetime | None
    src_file: str
    src_row: int
    site: str | None = None
    station_id: str | None = None
    connector_id: str | None = None
    vehicle_id: str | None = None
    id_tag: str | None = None
    charge_start: datetime | None = None
    charge_end: datetime | None = None
    energy_wall_kwh: float | None = None
    energy_battery_kwh: float | None = None
    peak_kw: float | None = None
    start_soc: float | None = None
    end_soc: float | None = None
    is_estimated: bool = False
    version: int = 0

    @property
    def duration_s(self) -> float | None:
        """Return how long the vehicle was plugged in [s], None while it still is."""
        if self.plug_end is None:
            return None
        return (self.plug_end - self.plug_start).total_seconds()


@dataclass(frozen=True, slots=True)
class Stay:
    """A span of time on one place."""

    place: str
    start: datetime
    end: datetime


def session_frame(rows: Sequence[SessionRow]) -> pl.DataFrame:
    """Return sessions as a checked frame, in order of time."""
    columns = list(SessionFrame.column_names())
    schema = {name: column.dtype for name, column in SessionFrame.columns().items()}
    frame = pl.DataFrame(
        list(map(attrgetter(*columns), rows)),
        schema=schema,
        orient="row",
    )
    return SessionFrame.validate(frame.sort("plug_start", "session_key"), cast=True)


def latest_versions(rows: Iterable[SessionRow]) -> tuple[list[SessionRow], int]:
    """Return the last version of each session, and how many others there were.

    Of equal versions the later row stands: an export is written in order.
    """
    latest: dict[str, SessionRow] = {}
    superseded = 0
    for row in rows:
        known = latest.get(row.session_key)
        superseded += known is not None
        if known is None or row.version >= known.version:
            latest[row.session_key] = row
    return list(latest.values()), superseded


def reject_backward(reader: FieldReader, *, start: datetime | None, end: datetime | None) -> None:
    """Make a session that ends before it starts a rejection."""
    if start is not None and end is not None and end < start:
        reader.reject("ends_before_start", f"it starts at {start} and ends at {end}")


def end_after(
    reader: FieldReader, start: datetime | None, *, duration_s: float | None
) -> datetime | None:
    """Return when something ends that takes so long [s]; more than a year of it is a fault."""
    if start is None or duration_s is None:
        return None
    if not 0 <= duration_s <= LONGEST_S:
        reader.reject("bad_duration", f"it takes {duration_s:g} s, which is more than a year")
        return None
    return start + timedelta(seconds=duration_s)


def collect(
    readers: Iterable[tuple[FieldReader, SessionRow | None]],
) -> tuple[list[SessionRow], list[Rejection]]:
    """Return what was read: the rows without a fault, and the rejections."""
    rows: list[SessionRow] = []
    rejections: list[Rejection] = []
    for reader, row in readers:
        if reader.rejection is not None:
            rejections.append(reader.rejection)
        else:
            assert row is not None, "a record without a row has a fault"
            rows.append(row)
    return rows, rejections


def session_findings(
    rows: Sequence[SessionRow], *, stays: Iterable[Stay] | None = None
) -> list[Finding]:
    """Return what an analyst should know of sessions that are stored all the same.

    Parameters
    ----------
    rows : sequence of SessionRow
    stays : iterable of Stay, optional
        What overlaps are sought in, where a file's own stamps are better for it than the rows.
    """
    claims: list[tuple[str, Callable[[SessionRow], bool], str]] = [
        ("zero_energy", lambda row: row.energy_wall_kwh == 0, "sessions that delivered no energy"),
        ("zero_length", lambda row: row.duration_s == 0, "sessions that lasted no time at all"),
        ("longer_than_24_h", _is_longer_than_a_day, "sessions that lasted longer than 24 h"),
        ("open", lambda row: row.plug_end is None, "sessions without an end, since they still ran"),
        ("implausible_power", _is_implausible, f"sessions of more than {IMPLAUSIBLE_KW:g} kW"),
        ("implausible_energy", _holds_too_much, f"sessions of more than {IMPLAUSIBLE_KWH:,g} kWh"),
    ]
    overlapping = overlaps(_stays(rows) if stays is None else stays)
    return counted(
        [
            *((kind, sum(map(claim, rows)), text) for kind, claim, text in claims),
            ("overlap", overlapping, "pairs of sessions that overlap on one device, so that it "
             "has several outlets under one name or a clock is wrong"),
        ]
    )  # fmt: skip


def overlaps(stays: Iterable[Stay]) -> int:
    """Return how many pairs of stays share a place for some time."""
    places: dict[str, list[Stay]] = {}
    for stay in stays:
        places.setdefault(stay.place, []).append(stay)
    return sum(map(_overlaps_in_place, places.values()))


def _stays(rows: Sequence[SessionRow]) -> list[Stay]:
    return [
        Stay(f"{row.station_id}|{row.connector_id}", row.plug_start, row.plug_end)
        for row in rows
        if row.station_id is not None and row.plug_end is not None
    ]


def _overlaps_in_place(stays: list[Stay]) -> int:
    running: list[datetime] = []
    count = 0
    for stay in sorted(stays, key=lambda stay: (stay.start, stay.end)):
        running = [end for end in running if end > stay.start]
        count += len(running)
        running.append(stay.end)
    return count


def _is_longer_than_a_day(row: SessionRow) -> bool:
    return row.duration_s is not None and row.duration_s > h_to_s(HOURS_PER_DAY)


def _holds_too_much(row: SessionRow) -> bool:
    return (row.energy_wall_kwh or 0) > IMPLAUSIBLE_KWH


def _is_implausible(row: SessionRow) -> bool:
    if not row.duration_s or row.energy_wall_kwh is None:
        return False
    return mean_power_kw(row.energy_wall_kwh, row.duration_s) > IMPLAUSIBLE_KW
