"""Intervals of a mapped table: readings of meters and market prices."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import polars as pl

from depotlib.errors import MalformedFileError
from depotlib.ingest.interval_series import Stamp, interval_length_s, interval_series
from depotlib.ingest.mapping.mapped_table import MappedTable
from depotlib.ingest.meter_rows import MeterRow, meter_frame
from depotlib.ingest.open_table import clock_findings
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.source import ReadOptions, SourceRows, Stamps
from depotlib.model.frames import PriceFrame
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import mean_power_kw

_SCHEMA: Final = {name: column.dtype for name, column in PriceFrame.columns().items()}


@dataclass(frozen=True, slots=True)
class _Value:
    """One record: what it is of, when, how long where it says so, and the one quantity it gives."""

    of: str
    stamp: Stamp
    row: int
    interval_s: int | None
    power_kw: float = 0.0
    energy_kwh: float = 0.0
    price_per_kwh: float = 0.0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class _Interval:
    value: _Value
    start: datetime
    interval_s: int


def mapped_meter(table: MappedTable, options: ReadOptions) -> SourceRows:
    """Return the meter readings of a file, every record accounted for."""
    is_energy = not table.has("power_kw")
    quantity = "energy_kwh" if is_energy else "power_kw"
    values = [_value(table, reader, quantity=quantity, of=options.meter_id)
              for reader in table.readers]  # fmt: skip
    placed, findings = _placed([value for value in values if value], table=table, options=options)
    rows = [
        MeterRow(
            meter_id=each.value.of,
            interval_start=each.start,
            interval_s=each.interval_s,
            power_kw=mean_power_kw(each.value.energy_kwh, each.interval_s)
            if is_energy
            else each.value.power_kw,
            src_row=each.value.row,
        )
        for each in placed
    ]
    meter = meter_frame(rows, file=table.opened.content.file)
    return SourceRows(
        rows_in=table.opened.table.rows_in,
        conventions=table.opened.conventions,
        meter=meter.frame,
        duplicates=meter.duplicates,
        rejections=_rejections(table),
        findings=(
            *table.findings, *clock_findings(table.readers), *findings, *meter.findings,
        ),
    )  # fmt: skip


def mapped_prices(table: MappedTable, options: ReadOptions) -> SourceRows:
    """Return the market prices of a file, every record accounted for."""
    values = [_value(table, reader, quantity="price_per_kwh", of="") for reader in table.readers]
    placed, findings = _placed([value for value in values if value], table=table, options=options)
    latest = {(each.value.of, each.start): each for each in placed}
    frame = pl.DataFrame(
        [
            (each.value.of, each.start, each.interval_s, each.value.price_per_kwh, each.value.currency,
             each.value.row)
            for each in latest.values()
        ],
        schema=_SCHEMA,
        orient="row",
    )  # fmt: skip
    return SourceRows(
        rows_in=table.opened.table.rows_in,
        conventions=table.opened.conventions,
        prices=PriceFrame.validate(frame.sort("series", "interval_start"), cast=True),
        duplicates=len(placed) - len(latest),
        rejections=_rejections(table),
        findings=(*table.findings, *clock_findings(table.readers), *findings),
    )


def _value(table: MappedTable, reader: FieldReader, *, quantity: str, of: str) -> _Value | None:
    column = "interval_start" if table.has("interval_start") else "interval_end"
    at = table.needed_instant(reader, column)
    reader.needed_text(table.label(quantity))
    value = table.number(reader, quantity)
    is_price = quantity == "price_per_kwh"
    named = table.needed_text(reader, "series") if is_price else table.text(reader, "meter_id")
    currency = table.needed_text(reader, "currency") if is_price else ""
    interval_s = _length_s(table, reader, at=at)
    if at is None or value is None or reader.rejection is not None:
        return None
    stamp = Stamp(at, is_repeated="repeat" in reader.clock_changes)
    read = _Value(named or of, stamp, reader.record.row, interval_s, currency=currency)
    if is_price:
        return replace(read, price_per_kwh=value)
    is_power = quantity == "power_kw"
    return replace(read, power_kw=value) if is_power else replace(read, energy_kwh=value)


def _length_s(table: MappedTable, reader: FieldReader, *, at: datetime | None) -> int | None:
    """Return how long a record says its interval is [s], None where it does not."""
    length_s = table.duration_s(reader, "interval_s")
    if length_s is None and table.has("interval_start"):
        end = table.instant(reader, "interval_end")
        length_s = (end - at).total_seconds() if end and at else None
    if length_s is not None and length_s < 1:
        reader.reject("ends_before_start", f"the interval lasts {length_s:g} s")
    return None if length_s is None else round(length_s)


def _placed(
    values: Sequence[_Value], *, table: MappedTable, options: ReadOptions
) -> tuple[list[_Interval], list[Finding]]:
    """Return the interval of each value, by what it is of."""
    groups: dict[str, list[_Value]] = defaultdict(list)
    for value in values:
        groups[value.of].append(value)
    stamped: Stamps = "start" if table.has("interval_start") else "end"
    placed: list[_Interval] = []
    findings: list[Finding] = []
    for of, group in groups.items():
        interval_s = group[0].interval_s or interval_length_s([each.stamp for each in group])
        if interval_s is None:
            raise MalformedFileError(
                f"{len(group)} values of {of!r} do not show how long their interval is",
                where=table.opened.content.file,
                hint='fill interval_s in the mapping: { constant = "900", unit = "s" }',
            )
        series = interval_series(
            [each.stamp for each in group],
            interval_s=interval_s,
            named=options.stamps or stamped,
            time_zone=table.opened.reading.time_zone,
        )
        placed += [
            _Interval(value, start, value.interval_s or interval_s)
            for value, start in zip(group, series.starts, strict=True)
        ]
        findings += series.findings
    return placed, findings


def _rejections(table: MappedTable) -> tuple[Rejection, ...]:
    faults = [reader.rejection for reader in table.readers if reader.rejection is not None]
    return in_row_order(table.opened.table.rejections, faults)
