"""Duties from a timetable (GTFS, a zip archive): the blocks of its trips.

A row is one trip of trips.txt. A block is what one vehicle drives on one day: each service day of
a block is a duty, from its first departure to its last arrival. No vehicle is named, and the ways
from and to the depot are not told. Times count from noon less twelve hours, so they may go past 24
hours. Of a feed that is valid for longer, the first `MOST_DAYS` days are taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import MalformedFileError
from depotlib.ingest.archive import members_of
from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.delimited import read_table
from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import DutyRow, Origin, fleet_frame
from depotlib.ingest.gtfs_distance import BlockDistances, DistanceUnit, trip_distances
from depotlib.ingest.gtfs_feed import service_days, text_table, trip_ends
from depotlib.ingest.readings import MERGED_SCHEMA
from depotlib.ingest.record import FieldReader, Reading, in_row_order
from depotlib.ingest.source import NOT_MINE, Conventions, ReadOptions, Recognition, SourceRows
from depotlib.model.calendar import zone
from depotlib.model.frames import DutyFrame
from depotlib.model.import_report import Finding, Rejection

MOST_DAYS: Final = 366
_NEEDED: Final = frozenset({"trips.txt", "stop_times.txt", "stops.txt", "agency.txt"})
_CALENDARS: Final = frozenset({"calendar.txt", "calendar_dates.txt"})
_HALF_DAY: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class _Trip:
    row: int
    trip_id: str
    block_id: str
    days: frozenset[date]
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class _Feed:
    """What a trip needs to know of the rest of the feed."""

    days: Mapping[str, frozenset[date]]
    ends: Mapping[str, tuple[int | None, int | None]]
    by_headway: frozenset[str]


class Gtfs:
    """Reads the blocks of timetables."""

    name = "gtfs"
    title = "GTFS timetable, its blocks as duties (zip)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return that a lone file is never a feed."""
        del sample
        return NOT_MINE

    def recognise_archive(self, names: Sequence[str]) -> Recognition:
        """Return whether an archive holds the files that a feed must have."""
        bare = {name.rpartition("/")[2] for name in names}
        if not bare >= _NEEDED or bare.isdisjoint(_CALENDARS):
            return NOT_MINE
        return Recognition(1.0, "it holds the files of a GTFS feed")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the duties of a feed.

        Raises
        ------
        MalformedFileError
            If a table of the feed cannot be read or its zone is not known.
        """
        files = members_of(content)
        time_zone = _time_zone(files, options, file=content.file)
        table = read_table(files["trips.txt"].text, file=files["trips.txt"].file)
        days, cut_days = _bounded(service_days(files))
        ends = trip_ends(files)
        feed = _Feed(days, _ends_by_trip(ends), _by_headway(files))
        readers = [FieldReader(record, Reading()) for record in table.records]
        told = [trip for reader in readers if (trip := _trip(reader, feed)) is not None]
        trips = list({trip.trip_id: trip for trip in reversed(told)}.values())
        rejections = [each.rejection for each in readers if each.rejection is not None]
        distances, unit = trip_distances(ends)
        duties, merged, overlaps = _duties(trips, distances=distances, time_zone=time_zone)
        return SourceRows(
            rows_in=table.rows_in,
            conventions=Conventions(
                time_zone.key, "offsets in the file", "year_month_day", table.header
            ),
            duties=fleet_frame(duties, DutyFrame, origin=Origin(self.name, content.file)),
            merged_rows=merged,
            duplicates=len(told) - len(trips),
            rejections=in_row_order(table.rejections, rejections),
            findings=_findings(duties, rejections, cut_days=cut_days, overlaps=overlaps, unit=unit),
        )


def _time_zone(files: Mapping[str, FileContent], options: ReadOptions, *, file: str) -> ZoneInfo:
    agencies = text_table(files, "agency.txt", needed=("agency_timezone",))
    names = agencies["agency_timezone"].drop_nulls().unique().to_list()
    if len(names) == 1:
        return zone(names[0])
    if options.time_zone is not None:
        return zone(options.time_zone)
    raise MalformedFileError(
        f"agency.txt names {len(names)} time zones",
        where=file,
        hint="name the depot's, for example --time-zone America/New_York",
    )


def _bounded(days: Mapping[str, set[date]]) -> tuple[dict[str, frozenset[date]], int]:
    """Return the days within the bound, and how many days of service lie beyond it."""
    every = {day for runs in days.values() for day in runs}
    last = min(every) + timedelta(days=MOST_DAYS - 1) if every else date.max
    kept = {
        service: frozenset(day for day in runs if day <= last) for service, runs in days.items()
    }
    return kept, sum(day > last for day in every)


def _ends_by_trip(ends: pl.DataFrame) -> dict[str, tuple[int | None, int | None]]:
    rows = ends.select("trip_id", "start_s", "end_s").iter_rows()
    return {trip_id: (start_s, end_s) for trip_id, start_s, end_s in rows}


def _by_headway(files: Mapping[str, FileContent]) -> frozenset[str]:
    table = text_table(files, "frequencies.txt", needed=("trip_id",))
    return frozenset(table["trip_id"].drop_nulls())


def _trip(reader: FieldReader, feed: _Feed) -> _Trip | None:
    trip_id = reader.needed_text("trip_id")
    service = reader.needed_text("service_id")
    block_id = reader.text("block_id")
    if block_id is None:
        reader.reject("no_block", "the trip belongs to no block: which vehicle drives it, nobody "
                      "says")  # fmt: skip
        return None
    if trip_id in feed.by_headway:
        reader.reject("not_used", "the trip runs by headway, its times are not told")
    days = feed.days.get(service, frozenset())
    if not days:
        reader.reject("no_service_days", f"service {service} runs on no day")
    start_s, end_s = feed.ends.get(trip_id, (None, None))
    if start_s is None or end_s is None or end_s < start_s:
        reader.reject("no_stop_times", f"trip {trip_id} has no times from a first to a last stop")
        return None
    if reader.rejection is not None:
        return None
    return _Trip(reader.record.row, trip_id, block_id, days, start_s, end_s)


def _duties(
    trips: Sequence[_Trip], *, distances: BlockDistances, time_zone: ZoneInfo
) -> tuple[list[DutyRow], pl.DataFrame, int]:
    """Return the duties, the trips that joined one, and on how many days trips of a block cross."""
    runs: dict[tuple[str, date], list[_Trip]] = {}
    for trip in trips:
        for day in trip.days:
            runs.setdefault((trip.block_id, day), []).append(trip)
    duties: list[DutyRow] = []
    joined: set[tuple[int, int]] = set()
    overlaps = 0
    for (block_id, day), of_day in runs.items():
        ordered = sorted(of_day, key=lambda trip: (trip.start_s, trip.end_s, trip.row))
        begin = datetime.combine(day, time(12), time_zone).astimezone(UTC) - _HALF_DAY
        overlaps += any(after.start_s < before.end_s for before, after in pairwise(ordered))
        duties.append(
            DutyRow(
                duty_id=f"{block_id} {day.isoformat()}",
                vehicle_id=None,
                departure=begin + timedelta(seconds=ordered[0].start_s),
                return_at=begin + timedelta(seconds=max(trip.end_s for trip in ordered)),
                distance_km=distances.of([trip.trip_id for trip in ordered]),
                src_row=ordered[0].row,
            )
        )
        joined |= {(trip.row, ordered[0].row) for trip in ordered[1:]}
    merged = pl.DataFrame(sorted(joined), schema=MERGED_SCHEMA, orient="row")
    return duties, merged, overlaps


def _findings(
    duties: Sequence[DutyRow],
    rejections: Sequence[Rejection],
    *,
    cut_days: int,
    overlaps: int,
    unit: DistanceUnit | None,
) -> tuple[Finding, ...]:
    without = sum(rejection.reason == "no_block" for rejection in rejections)
    origin = (
        f"told by the feed, whose unit fits {unit}" if unit else "great circles from stop to stop"
    )
    return tuple(
        counted(
            [
                ("no_vehicle", len(duties), "duties that name no vehicle, as a timetable does"),
                ("distance_without_depot", len(duties), f"duties whose distance is that of the "
                 f"timetable ({origin}), without the ways from and to the depot"),
                ("no_block", without, "trips that belong to no block"),
                ("overlap", overlaps, "duties in which trips of the block cross in time, which one "
                 "vehicle cannot drive"),
                ("beyond_bound", cut_days, f"days of service after the first {MOST_DAYS}, which "
                 "were left out"),
            ]
        )
    )  # fmt: skip
