"""Market prices of energy: SMARD and CAISO OASIS (CSV), ENTSO-E (XML, A44), or a plain table.

A row is one line of a table, with the prices of all its zones, or one Point of an ENTSO-E document.
A line with a price that cannot be read is rejected whole, so that it can be mended and imported;
a price that the file marks as not there is counted. Local times of a plain table need a zone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.delimited import DelimitedTable, read_table
from depotlib.ingest.findings import counted
from depotlib.ingest.normalise.times import have_offsets
from depotlib.ingest.record import RAW_CHARACTERS, in_row_order
from depotlib.ingest.source import (
    NOT_MINE,
    Conventions,
    ReadOptions,
    Recognition,
    SourceRows,
    ZoneChoice,
    choose_zone,
)
from depotlib.model.import_report import Finding, Rejection
from depotlib.tariffs.spot import caiso, entsoe, smard
from depotlib.tariffs.spot.document import prices_from_document
from depotlib.tariffs.spot.mapped_table import PRICE_NAMES, START_NAMES, PriceColumns
from depotlib.tariffs.spot.reading import SpotReading

_UNIT_PRICE_NAMES: Final = frozenset(PRICE_NAMES) - {"price"}
_PLAIN_CONFIDENCE_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class _PriceFile:
    """A file of prices, opened.

    Parameters
    ----------
    table : DelimitedTable or None
        None for XML.
    zone : ZoneChoice
        Of its local times.
    """

    content: FileContent
    table: DelimitedTable | None
    zone: ZoneChoice


class MarketPrices:
    """Reads files of market prices."""

    name = "market_prices"
    title = "Market prices: SMARD, ENTSO-E, CAISO OASIS, or a table with a start and a price"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the file is of one of the markets, or names a start and a unit price."""
        is_xml = sample.text.startswith("<")
        if is_xml and entsoe.is_mine(sample.text):
            return Recognition(1.0, "it is a market document of ENTSO-E")
        if is_xml or sample.kind != "table":
            return NOT_MINE
        if smard.is_mine(sample.text):
            return Recognition(1.0, "it has SMARD's columns of time and prices in €/MWh")
        if caiso.is_mine(sample.text):
            return Recognition(1.0, "it has the columns of OASIS prices")
        if _is_plain(sample.header):
            return Recognition(_PLAIN_CONFIDENCE_SHARE, "it names a start, a price and its unit")
        return NOT_MINE

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the prices of a file, every zone or node a series."""
        opened = _opened(content, options)
        reading = prices_from_document(
            content.data,
            where=content.file,
            columns=PriceColumns(time_zone=opened.zone.time_zone),
        )
        rejections = list(_rejections(reading, opened.table))
        lost = {rejection.row for rejection in rejections}
        prices = reading.prices.filter(~pl.col("src_row").is_in(lost))
        rows_in = reading.values_in // reading.values_per_row
        return SourceRows(
            rows_in=rows_in,
            conventions=Conventions(
                time_zone=opened.zone.name,
                zone_origin=opened.zone.origin,
                date_order="",
                columns=opened.table.header if opened.table else (),
            ),
            prices=prices,
            duplicates=rows_in - len(lost) - prices["src_row"].n_unique(),
            rejections=in_row_order(rejections),
            findings=(*_file_findings(opened), *_price_findings(reading)),
        )


def _is_plain(header: tuple[str, ...]) -> bool:
    names = {name.lower() for name in header}
    has_price = bool(names & _UNIT_PRICE_NAMES and "currency" in names) or names >= {
        "price",
        "unit",
    }
    return has_price and not names.isdisjoint(START_NAMES)


def _opened(content: FileContent, options: ReadOptions) -> _PriceFile:
    if content.text.lstrip().startswith("<"):
        return _PriceFile(content, None, ZoneChoice(None, "offsets in the file"))
    table = read_table(content.text, file=content.file)
    starts = [name for name in table.header if name.lower() in START_NAMES]
    times = table.column(starts[0]) if starts else []
    is_caiso = caiso.START in table.header
    zone = choose_zone(
        options,
        has_offsets=is_caiso or have_offsets(times),
        assumed=smard.TIME_ZONE.key if smard.START in table.header else None,
        file=content.file,
    )
    return _PriceFile(content, table, zone)


def _rejections(reading: SpotReading, table: DelimitedTable | None) -> Iterator[Rejection]:
    """Yield one rejection for each record that gives no price, with the line as it stands."""
    if table is None:
        yield from reading.rejections
        return
    blank = {each.row: each for each in table.rejections if each.reason == "blank"}
    raw_of = {record.row: record.raw for record in table.records}
    faults: dict[int, tuple[str, str]] = {}
    for rejection in reading.rejections:
        faults.setdefault(rejection.row, (rejection.reason, rejection.detail))
    for row in reading.unpriced_rows:
        faults.setdefault(row, _unpriced(reading))
    for row, (reason, detail) in faults.items():
        raw = raw_of.get(row, "")[:RAW_CHARACTERS]
        yield blank.get(row) or Rejection(row, reason, detail, raw)


def _unpriced(reading: SpotReading) -> tuple[str, str]:
    if reading.other:
        return "not_used", "the value is a part of a price or no price"
    return "no_price", "every price of the row is marked as not there"


def _file_findings(opened: _PriceFile) -> list[Finding]:
    if opened.table is None:
        return []
    records = len(opened.table.records)
    return counted(
        [
            ("assumed_time_zone", records * (opened.zone.origin == "assumed"),
             f"records whose times name no zone; {opened.zone.name} was assumed, as this kind of "
             "export uses it"),
            ("no_final_newline", int(not opened.table.ends_with_newline),
             "the last line has no line end, so if the file was cut there, its last value is "
             "short; lines"),
        ]
    )  # fmt: skip


def _price_findings(reading: SpotReading) -> list[Finding]:
    prices: Mapping[str, int] = {
        "negative": reading.prices.filter(pl.col("price_per_kwh") < 0).height,
        "missing": reading.missing,
        "filled": reading.filled,
    }
    found = counted(
        [
            ("negative_price", prices["negative"], "prices below zero, kept as they are"),
            ("missing_value", prices["missing"], "prices that the file marks as not there"),
            ("filled_price", prices["filled"], "intervals that the format leaves out because the "
             "price before them holds on"),
        ]
    )  # fmt: skip
    return [*reading.findings, *found]
