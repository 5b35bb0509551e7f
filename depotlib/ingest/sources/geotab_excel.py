"""Geotab "Status Data" report (Excel or its CSV): readings in the units and zone of a user.

A row is one reading. Title rows stand above the header; the diagnostic goes by its display name or
its id, and its unit is in the row: the user who exported it chose metric or imperial. Times are in
that user's zone, which the report does not name. `vehicle_id` is the device's name.

References
----------
.. [1] Geotab, "EV data diagnostics",
   https://support.geotab.com/en-GB/mygeotab/doc/ev-data-diagnostics
"""

from functools import partial
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, facts_of, reading_of, source_rows
from depotlib.ingest.fleet_rows import Origin
from depotlib.ingest.geotab_diagnostics import measure_of, measured
from depotlib.ingest.open_table import TableShape, clock_findings, file_findings, open_table
from depotlib.ingest.reading_findings import reading_findings, with_power_into_vehicle
from depotlib.ingest.record import FieldReader
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows

_DEVICE: Final = ".StatusData.Device.DeviceName"
_TIME: Final = "StatusDataDateTime"
_DIAGNOSTIC: Final = ".StatusData.Diagnostic.DiagnosticName"
_VALUE: Final = "StatusDataRecordDisplayData"
_UNIT: Final = "StatusDataRecordUnitOfMeasureName"
_NEEDED: Final = frozenset({_DEVICE, _TIME, _DIAGNOSTIC, _VALUE, _UNIT})
_SHAPE: Final = TableShape(times=(_TIME,), numbers=(_VALUE,), date_order="month_day_year")


class GeotabExcel:
    """Reads the status data report of MyGeotab."""

    name = "geotab_excel"
    title = "Geotab Status Data report (Excel)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header is the report's."""
        if not set(sample.header) >= _NEEDED:
            return NOT_MINE
        return Recognition(1.0, "the header is that of the Status Data report")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the readings of a report.

        Raises
        ------
        TimeZoneNeededError
            If nobody says which zone the user had.
        """
        opened = open_table(content, options, shape=_SHAPE)
        readers = opened.readers()
        charges = [reader for reader in readers
                   if measure_of(reader.text(_DIAGNOSTIC) or "") == "charge"]  # fmt: skip
        charge = soc_column(charges, _VALUE, documented="percent")
        facts = facts_of(
            readers, partial(_say, charge=charge), origin=Origin(self.name, content.file)
        )
        signed = with_power_into_vehicle(facts)
        return source_rows(
            signed.facts,
            conventions=opened.conventions,
            rows_in=opened.table.rows_in,
            rejections=opened.table.rejections,
            findings=(
                *file_findings(opened),
                *clock_findings(readers),
                *charge.findings(),
                *signed.findings,
                *reading_findings(signed.facts),
            ),
        )


def _say(reader: FieldReader, *, charge: SocColumn) -> list[Fact]:
    diagnostic = reader.needed_text(_DIAGNOSTIC)
    vehicle_id, at = reader.needed_text(_DEVICE), reader.needed_instant(_TIME)
    measure = measure_of(diagnostic)
    if measure is None:
        reader.reject("not_used", f"{diagnostic} is not used")
        return []
    unit = reader.text(_UNIT) or ""
    values = measured(reader, _VALUE, measure=measure, unit=unit, charge=charge)
    return reading_of(reader, vehicle_id, at=at, values=values)
