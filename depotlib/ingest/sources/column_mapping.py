"""Tables of which a mapping says what their columns hold: shipped ones, and those of a person.

A row is what the mapping says it is: a session, a reading, a trip. It is recognised by its header,
whatever the order of the columns and whatever else is there.
"""

from dataclasses import dataclass, replace
from typing import Final

from depotlib.errors import MappingError
from depotlib.ingest.content import FileContent, FileSample, sample_of
from depotlib.ingest.mapping.engine import read_mapped
from depotlib.ingest.mapping.shipped_mappings import fitting, shipped_mappings
from depotlib.ingest.scan import can_scan, scan_readings
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.column_mapping import ColumnMapping

_LEAST_SHARE: Final = 0.6
"""A header that holds all columns of a mapping is its own, however many others there are."""


@dataclass(frozen=True, slots=True)
class MappedColumns:
    """Reads tables by a column mapping.

    Parameters
    ----------
    mappings : tuple of ColumnMapping
        Of a person; they go before the shipped ones.
    """

    mappings: tuple[ColumnMapping, ...] = ()
    name: str = "column_mapping"
    title: str = "Tables whose columns a mapping names (CSV, TSV, XLSX, Parquet)"

    def with_mappings(self, mappings: tuple[ColumnMapping, ...]) -> "MappedColumns":
        """Return this source, knowing these mappings of a person."""
        return replace(self, mappings=mappings)

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether a mapping fits the header."""
        own = fitting(sample.header, self.mappings)
        if own is not None:
            return Recognition(1.0, f"it has the columns of your mapping: {own.title}")
        mapping = fitting(sample.header, shipped_mappings())
        if mapping is None:
            return NOT_MINE
        share = max(_LEAST_SHARE, len(mapping.header) / len(sample.header))
        return Recognition(share, f"it has the columns of: {mapping.title}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return all rows of a table: by a person's mapping where one fits, else a shipped one."""
        header = sample_of(content.head).header
        own = (*options.mappings, *self.mappings)
        mapping = fitting(header, own) or fitting(header, shipped_mappings())
        if mapping is None:
            raise MappingError(
                "no mapping fits the columns of this file",
                where=content.file,
                hint=f"map its columns: {', '.join(header)}",
            )
        if can_scan(content, options, mapping=mapping):
            scanned = scan_readings(content, options, mapping=mapping)
            if scanned is not None:
                return scanned
        return read_mapped(content, options, mapping=mapping)
