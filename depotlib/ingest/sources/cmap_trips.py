"""Trips of the CMAP travel survey (Chicago, 2007), as cut from its GPS logs (CSV).

A row is one trip. A vehicle is a household's (``sampno``) and its number in it (``vehno``).
Distances are miles. The speed logs of the same vehicles give the same trips (`gps_speed`), which
begin some seconds earlier: import one of the two.
"""

from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, facts_of, source_rows
from depotlib.ingest.fleet_rows import Origin, TripRow
from depotlib.ingest.open_table import TableShape, clock_findings, file_findings, open_table
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import reject_backward
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.units import miles_to_km

_DISTANCE: Final = "distance_total"
_NEEDED: Final = frozenset({"sampno", "vehno", "start_ts", "end_ts", _DISTANCE})
_SHAPE: Final = TableShape(
    times=("start_ts", "end_ts"), numbers=(_DISTANCE,), time_zone="America/Chicago"
)


class CmapTrips:
    """Reads the survey's tables of trips."""

    name = "cmap_trips"
    title = "CMAP travel survey, trips of a vehicle (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header has the survey's columns."""
        if not set(sample.header) >= _NEEDED:
            return NOT_MINE
        return Recognition(1.0, "it has the columns of the survey's trips")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the trips of a table."""
        opened = open_table(content, options, shape=_SHAPE)
        readers = opened.readers()
        facts = facts_of(readers, _trip, origin=Origin(self.name, content.file))
        return source_rows(
            facts,
            conventions=opened.conventions,
            rows_in=opened.table.rows_in,
            rejections=opened.table.rejections,
            findings=(*file_findings(opened), *clock_findings(readers)),
        )


def _trip(reader: FieldReader) -> list[Fact]:
    household, number = reader.needed_text("sampno"), reader.needed_text("vehno")
    start, end = reader.needed_instant("start_ts"), reader.needed_instant("end_ts")
    miles = reader.amount(_DISTANCE, reason="negative_distance")
    reject_backward(reader, start=start, end=end)
    if start is None:
        return []
    return [
        TripRow(
            vehicle_id=f"{household}_{number}",
            start=start,
            end=end,
            distance_km=None if miles is None else miles_to_km(miles),
            src_row=reader.record.row,
        )
    ]
