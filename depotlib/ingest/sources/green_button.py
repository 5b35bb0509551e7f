"""Interval readings in ESPI XML ("Green Button"), as utilities hand them to their customers.

A row is one IntervalReading. Starts are seconds since 1970, UTC, so the feed's local time
parameters are not needed. A value counts in its unit times a power of ten. What a customer
receives is delivered and positive; what the customer feeds back is a meter of its own, named
``<usage point> received``, and negative: their sum is the net.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.espi import EspiFlow, EspiReading, espi_flows
from depotlib.ingest.findings import counted
from depotlib.ingest.meter_rows import MeterRow, meter_frame
from depotlib.ingest.normalise.times import FIRST_YEAR, LAST_YEAR
from depotlib.ingest.record import in_row_order
from depotlib.ingest.source import NOT_MINE, Conventions, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import mean_power_kw, w_to_kw, wh_to_kwh

_NAMESPACE: Final = "http://naesb.org/espi"
_ENERGY: Final = "72"  # ESPI UnitSymbolKind: watt-hours
_POWER: Final = "38"  # watts
_UNIT_NAMES: Final[Mapping[str, str]] = {
    "5": "A", "29": "V", "42": "m3", "61": "VA", "63": "var", "65": "power factor", "71": "VAh",
    "73": "varh", "119": "ft3", "132": "BTU", "169": "therm",
}  # fmt: skip
_REVERSE: Final = "19"  # FlowDirectionKind: from the customer to the grid
_CUMULATIVE: Final = frozenset({"1", "3"})  # AccumulationKind: registers, not intervals
_ESTIMATED: Final = frozenset({"7", "8", "9", "11", "12", "13"})  # QualityOfReading
_QUESTIONABLE: Final = "10"
_WHOLE: Final = re.compile(r"^[+-]?\d{1,15}$")
_NUMBER: Final = re.compile(r"^[+-]?\d{1,15}(\.\d{1,9})?$")
_LARGEST_POWER_OF_TEN: Final = 12


@dataclass(frozen=True, slots=True)
class _Measure:
    """How values of one flow are read."""

    factor: float
    is_energy: bool
    is_received: bool
    interval_s: int | None

    def power_kw(self, value: float, interval_s: int) -> float:
        """Return a reading as mean power, negative where it flows to the grid."""
        scaled = -value * self.factor if self.is_received else value * self.factor
        if self.is_energy:
            return mean_power_kw(wh_to_kwh(scaled), interval_s)
        return w_to_kw(scaled)


class GreenButton:
    """Reads Green Button feeds."""

    name = "green_button"
    title = "Green Button / ESPI interval readings of a utility (XML)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the file speaks of ESPI's namespace."""
        if not sample.text.startswith("<") or _NAMESPACE not in sample.text:
            return NOT_MINE
        return Recognition(1.0, "it is XML of the ESPI namespace")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the interval readings of a feed, by usage point and flow."""
        flows = espi_flows(content)
        rows: list[MeterRow] = []
        rejections: list[Rejection] = []
        for flow in flows:
            for outcome in _outcomes(flow, meter_id=flow.usage_point or options.meter_id):
                if isinstance(outcome, MeterRow):
                    rows.append(outcome)
                else:
                    rejections.append(outcome)
        meter = meter_frame(rows, file=content.file)
        return SourceRows(
            rows_in=sum(len(flow.readings) for flow in flows),
            conventions=Conventions("UTC", "offsets in the file", "", ()),
            meter=meter.frame,
            duplicates=meter.duplicates,
            rejections=in_row_order(rejections),
            findings=(*meter.findings, *_quality_findings(flows), *_flow_findings(rows)),
        )


def _outcomes(flow: EspiFlow, *, meter_id: str) -> Iterator[MeterRow | Rejection]:
    measure = _measure(flow.reading_type)
    for reading in flow.readings:
        if isinstance(measure, tuple):
            yield Rejection(reading.number, *measure, reading.raw)
        else:
            name = f"{meter_id} received" if measure.is_received else meter_id
            yield _outcome(reading, measure, meter_id=name)


def _measure(fields: Mapping[str, str] | None) -> _Measure | tuple[str, str]:
    """Return how a flow is read, or why it is not: a reason and a detail."""
    if fields is None:
        return "no_reading_type", "the feed does not say what these readings measure"
    unit = fields.get("uom", "")
    if unit not in {_ENERGY, _POWER}:
        named = _UNIT_NAMES.get(unit, f"of kind {unit or 'unknown'}")
        return "not_used", f"the unit is {named}, neither energy nor active power"
    if fields.get("accumulationBehaviour") in _CUMULATIVE:
        return "not_used", "these are states of a register, not readings of intervals"
    power_of_ten = fields.get("powerOfTenMultiplier", "0")
    is_whole = _WHOLE.match(power_of_ten) is not None
    if not is_whole or abs(int(power_of_ten)) > _LARGEST_POWER_OF_TEN:
        return "bad_number", f"powerOfTenMultiplier is {power_of_ten!r}"
    return _Measure(
        factor=10.0 ** int(power_of_ten),
        is_energy=unit == _ENERGY,
        is_received=fields.get("flowDirection") == _REVERSE,
        interval_s=_positive(fields.get("intervalLength")),
    )


def _outcome(reading: EspiReading, measure: _Measure, *, meter_id: str) -> MeterRow | Rejection:
    fields = reading.fields
    start, value = fields.get("start", ""), fields.get("value", "")
    interval_s = _positive(fields.get("duration")) or measure.interval_s
    if not start or not value:
        missing = "value" if start else "start"
        return Rejection(reading.number, "missing_field", f"{missing} is empty", reading.raw)
    if interval_s is None:
        return Rejection(reading.number, "no_interval", "its length is not told", reading.raw)
    if not _NUMBER.match(value):
        return Rejection(reading.number, "bad_number", f"value is {value!r}", reading.raw)
    at = _instant(start)
    if at is None:
        return Rejection(reading.number, "bad_time", f"start is {start!r}", reading.raw)
    return MeterRow(
        meter_id=meter_id,
        interval_start=at,
        interval_s=interval_s,
        power_kw=measure.power_kw(float(value), interval_s),
        src_row=reading.number,
    )


def _instant(text: str) -> datetime | None:
    if not _WHOLE.match(text):
        return None
    try:
        at = datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if FIRST_YEAR <= at.year <= LAST_YEAR else None


def _positive(text: str | None) -> int | None:
    return int(text) if text and _WHOLE.match(text) and 0 < int(text) < 2**31 else None


def _quality_findings(flows: list[EspiFlow]) -> list[Finding]:
    qualities = [reading.fields.get("quality") for flow in flows for reading in flow.readings]
    return counted(
        [
            ("estimated", sum(quality in _ESTIMATED for quality in qualities),
             "readings that the utility estimated or edited"),
            ("questionable", sum(quality == _QUESTIONABLE for quality in qualities),
             "readings that the utility calls questionable"),
        ]
    )  # fmt: skip


def _flow_findings(rows: list[MeterRow]) -> list[Finding]:
    received = sum(row.meter_id.endswith(" received") for row in rows)
    text = "readings of energy fed to the grid, kept as a meter of its own with negative power"
    return counted([("received", received, text)])
