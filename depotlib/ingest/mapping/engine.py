"""A table read by a column mapping."""

from depotlib.ingest.content import FileContent
from depotlib.ingest.mapping.fleet import (
    mapped_duties,
    mapped_readings,
    mapped_trips,
    mapped_vehicles,
)
from depotlib.ingest.mapping.intervals import mapped_meter, mapped_prices
from depotlib.ingest.mapping.mapped_table import open_mapped
from depotlib.ingest.mapping.sessions import mapped_sessions
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.model.column_mapping import ColumnMapping


def read_mapped(
    content: FileContent, options: ReadOptions, *, mapping: ColumnMapping
) -> SourceRows:
    """Return all rows of a table as its mapping says, checked and accounted for.

    Raises
    ------
    TruncatedFileError, MalformedFileError
        If the table cannot be read whole.
    MappingError
        If a column by which the mapping knows its files is not there.
    TimeZoneNeededError
        If its times are local and nobody says where.
    """
    table = open_mapped(content, options, mapping=mapping)
    if mapping.kind == "meter":
        return mapped_meter(table, options)
    if mapping.kind == "prices":
        return mapped_prices(table, options)
    readers = {
        "sessions": mapped_sessions,
        "telematics": mapped_readings,
        "trips": mapped_trips,
        "duties": mapped_duties,
        "vehicles": mapped_vehicles,
    }
    return readers[mapping.kind](table)
