"""Speed of one vehicle from a GPS logger (CSV, such as CMAP's 1 Hz logs): its trips.

A row is one reading; those of a trip become one trip. A gap of more than `PARKED_S` ends a trip:
loggers run while a vehicle is on. Its length is each speed held for the usual time between
readings. The file names no vehicle: a person does, else the folder it lies in.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import PurePath
from typing import Final

import polars as pl

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import FileContent, FileSample, sample_of
from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import Origin, TripRow, fleet_frame
from depotlib.ingest.open_table import TableShape, clock_findings, file_findings, open_table
from depotlib.ingest.readings import MERGED_SCHEMA
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.frames import TripFrame
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import h_to_s, metres_to_km, miles_to_km, s_to_h

PARKED_S: Final = 300
"""The published trips of the CMAP sample follow from its readings: no gap within one is longer than
282 s, and none between two is shorter than 322 s."""
_STAMPS: Final = ("timestamp", "datetime", "time")
_SPEED: Final = re.compile(r"^(?:gps_?)?speed_?(?P<unit>mph|kmh|kph|km_h|mps|m_s)$")
_FOREIGN: Final = re.compile(r"vehicle|vin$|soc|driver|device|session")
_IN_KMH: Final[Mapping[str, Callable[[float], float]]] = {
    "mph": miles_to_km,
    "kmh": float,
    "kph": float,
    "km_h": float,
    "mps": lambda speed: metres_to_km(h_to_s(speed)),
    "m_s": lambda speed: metres_to_km(h_to_s(speed)),
}
_CONFIDENCE_SHARE: Final = 0.8
_FASTEST_KMH: Final = 500.0


@dataclass(frozen=True, slots=True)
class _Columns:
    stamp: str
    speed: str
    in_kmh: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Speed:
    at: datetime
    speed_kmh: float
    row: int


class GpsSpeed:
    """Reads speeds of a GPS logger."""

    name = "gps_speed"
    title = "Speed log of one vehicle from GPS (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header has a time and a speed with its unit, and no vehicle."""
        columns = _columns(sample.header)
        if columns is None:
            return NOT_MINE
        return Recognition(_CONFIDENCE_SHARE, f"it has times and {columns.speed}, of no vehicle")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the trips of one vehicle.

        Raises
        ------
        MalformedFileError
            If neither a person nor a folder names the vehicle.
        """
        columns = _columns(sample_of(content.head).header)
        assert columns is not None, "the source recognised this file by these columns"
        vehicle_id = options.vehicle_id or _folder(content.file)
        shape = TableShape(times=(columns.stamp,), numbers=(columns.speed,))
        opened = open_table(content, options, shape=shape)
        readers = opened.readers()
        speeds, rejections = _speeds(readers, columns)
        once = {speed.at: speed for speed in reversed(speeds)}
        ordered = [once[at] for at in sorted(once)]
        trips, merged = _trips(ordered, vehicle_id=vehicle_id)
        return SourceRows(
            rows_in=opened.table.rows_in,
            conventions=opened.conventions,
            trips=fleet_frame(trips, TripFrame, origin=Origin(self.name, content.file)),
            merged_rows=pl.DataFrame(merged, schema=MERGED_SCHEMA, orient="row"),
            duplicates=len(speeds) - len(ordered),
            rejections=in_row_order(opened.table.rejections, rejections),
            findings=(
                *file_findings(opened),
                *clock_findings(readers),
                *_trip_findings(trips, is_named=options.vehicle_id is not None),
            ),
        )


def _columns(header: Sequence[str]) -> _Columns | None:
    names = {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"): name for name in header}
    stamp = next((names[name] for name in _STAMPS if name in names), None)
    found = [match for name in names if (match := _SPEED.match(name))]
    if stamp is None or not found or any(_FOREIGN.search(name) for name in names):
        return None
    return _Columns(stamp, names[found[0][0]], _IN_KMH[found[0]["unit"]])


def _folder(file: str) -> str:
    folder = PurePath(file).parent.name
    if not folder:
        raise MalformedFileError(
            "the file names no vehicle, and lies in no folder that could",
            where=file,
            hint="name it, for example --vehicle van-7",
        )
    return folder


def _speeds(
    readers: Sequence[FieldReader], columns: _Columns
) -> tuple[list[_Speed], list[Rejection]]:
    speeds: list[_Speed] = []
    rejections: list[Rejection] = []
    for reader in readers:
        reader.needed_text(columns.stamp)
        reader.needed_text(columns.speed)
        at = reader.instant(columns.stamp)
        speed = reader.amount(columns.speed, reason="negative_speed")
        if speed is not None and columns.in_kmh(speed) > _FASTEST_KMH:
            reader.reject("implausible_speed", f"{columns.speed} is {speed:g}")
        if at is None or speed is None or reader.rejection is not None:
            assert reader.rejection is not None, "a reading without time or speed has a fault"
            rejections.append(reader.rejection)
        else:
            speeds.append(_Speed(at, columns.in_kmh(speed), reader.record.row))
    return speeds, rejections


def _trips(
    speeds: Sequence[_Speed], *, vehicle_id: str
) -> tuple[list[TripRow], list[tuple[int, int]]]:
    """Return the trips, and which readings joined the first of each."""
    steps = Counter(
        (after.at - before.at).total_seconds() for before, after in pairwise(speeds)
    ).most_common(1)
    held_h = s_to_h(steps[0][0]) if steps else 0.0
    legs: list[list[_Speed]] = []
    for speed in speeds:
        if legs and (speed.at - legs[-1][-1].at).total_seconds() <= PARKED_S:
            legs[-1].append(speed)
        else:
            legs.append([speed])
    trips = [
        TripRow(
            vehicle_id=vehicle_id,
            start=leg[0].at,
            end=leg[-1].at,
            distance_km=sum(speed.speed_kmh for speed in leg) * held_h,
            src_row=leg[0].row,
        )
        for leg in legs
    ]
    return trips, [(speed.row, leg[0].row) for leg in legs for speed in leg[1:]]


def _trip_findings(trips: Sequence[TripRow], *, is_named: bool) -> list[Finding]:
    return counted(
        [
            ("trips_from_speed", len(trips), "trips concluded from speeds: a gap of more than "
             f"{PARKED_S} s is a stay"),
            ("zero_distance", sum(not trip.distance_km for trip in trips), "trips without any "
             "speed"),
            ("vehicle_from_folder", len(trips) * (not is_named), "trips of a file that names no "
             "vehicle; the name of its folder was taken"),
        ]
    )  # fmt: skip
