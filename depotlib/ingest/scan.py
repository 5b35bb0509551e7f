"""Big tables of vehicle readings, scanned block by block: what is clear quickly, the rest row by row.

A block is a stretch of whole lines. Its rows are read as columns; those that the columns are not
sure of (a fault, a doubtful local time, an odd shape) go through the same reader as the rows of a
small file. What was read is written block by block, so that memory does not grow with the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import FileContent
from depotlib.ingest.delimited import read_table, rows_of
from depotlib.ingest.facts import facts_of
from depotlib.ingest.fleet_rows import Origin
from depotlib.ingest.mapping.fast_columns import FastColumns, fast_columns
from depotlib.ingest.mapping.fleet import SOURCE, mapped_reading
from depotlib.ingest.mapping.mapped_table import MappedTable, open_mapped
from depotlib.ingest.mapping.prepared import Preparation
from depotlib.ingest.normalise.quantities import SocScale, SocTally, full_soc
from depotlib.ingest.open_table import clock_findings
from depotlib.ingest.readings import VehicleReading
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.scan_blocks import BLOCK_BYTES, Block, TableOnDisk, table_on_disk
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.model.column_mapping import ColumnMapping
from depotlib.model.frames import TelematicsFrame
from depotlib.model.import_report import Finding, Rejection
from depotlib.model.scanned_readings import ScannedReadings

SCAN_BYTES: Final = 64 * 1024 * 1024
"""Smaller files are read at once."""
MOST_REJECTIONS: Final = 200_000
"""More rejected rows than this are no bad rows but another kind of file."""
_WHOLE_FILE: Final = frozenset(
    {"assumed_time_zone", "assumed_date_order", "ignored_offset", "assumed_unit", "soc_scale"}
)
"""Findings that hold for every row although a sample showed them."""
_SAMPLE_ONLY: Final = frozenset({"no_final_newline", "guessed_encoding", "unknown_value"})
_SCALES: Final[tuple[SocScale, ...]] = ("fraction", "percent", "milli_percent")
_SCHEMA: Final = {
    name: column.dtype
    for name, column in TelematicsFrame.columns().items()
    if name not in {"source", "src_file"}
}
_KEY: Final = ("vehicle_id", "at")
_SOC: Final = "state of charge "


@dataclass(slots=True)
class _Scanned:
    """What the blocks gave so far."""

    count: int = 0
    parts: list[Path] = field(default_factory=list[Path])
    keys: list[NDArray[np.uint64]] = field(default_factory=list[NDArray[np.uint64]])
    rejections: list[Rejection] = field(default_factory=list[Rejection])
    doubtful: list[FieldReader] = field(default_factory=list[FieldReader])
    tally: SocTally = field(default_factory=SocTally)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the blocks of one file are read."""

    disk: TableOnDisk
    table: MappedTable
    fast: FastColumns
    folder: Path


def can_scan(content: FileContent, options: ReadOptions, *, mapping: ColumnMapping) -> bool:
    """Return whether a file is read by `scan_readings`: a big table of readings, on disk."""
    return (
        mapping.kind == "telematics"
        and mapping.long_form is None
        and content.path is not None
        and options.scan_folder is not None
        and content.size_bytes >= SCAN_BYTES
        and not content.head.startswith((b"\xff\xfe", b"\xfe\xff"))
    )


def scan_readings(
    content: FileContent,
    options: ReadOptions,
    *,
    mapping: ColumnMapping,
    block_bytes: int = BLOCK_BYTES,
) -> SourceRows | None:
    """Return all readings of a big table, written to the scan folder; every row accounted for.

    None where its times have no shape that can be read quickly.

    Parameters
    ----------
    content : FileContent
        On disk.
    options : ReadOptions
        With a scan folder.
    mapping : ColumnMapping
    block_bytes : int
        How much is read at once.

    Raises
    ------
    TruncatedFileError, MalformedFileError
        If the table cannot be read whole, or most of it is no readings.
    MappingError, TimeZoneNeededError
        As for a small file.
    """
    assert content.path is not None
    assert options.scan_folder is not None
    disk = replace(table_on_disk(content.path, file=content.file), block_bytes=block_bytes)
    sample = FileContent(file=content.file, held=disk.sample.encode())
    table = open_mapped(sample, options, mapping=mapping)
    texts = _sample_texts(disk)
    while True:
        fast = fast_columns(table, texts)
        if fast is None:
            return None
        plan = _Plan(disk, table, fast, folder=options.scan_folder)
        scanned = _scanned(plan)
        judged = _judged_again(table, scanned.tally)
        if judged is None:
            return _account(plan, scanned)
        table = judged


def _sample_texts(disk: TableOnDisk) -> pl.DataFrame:
    table = read_table(disk.sample, file=disk.file)
    return pl.DataFrame(
        {name: [record.fields.get(name) for record in table.records] for name in table.header},
        schema=dict.fromkeys(table.header, pl.String),
    )


def _scanned(plan: _Plan) -> _Scanned:
    scanned = _Scanned()
    for block in plan.disk.blocks():
        readings = _readings(plan, block, scanned=scanned)
        path = plan.folder / f"readings-{len(scanned.parts):05}.parquet"
        readings.write_parquet(path, compression="uncompressed", statistics=False)
        scanned.parts.append(path)
        scanned.count += readings.height
        scanned.keys.append(readings.select(_KEY).hash_rows().to_numpy())
        if len(scanned.rejections) > MOST_REJECTIONS:
            raise _no_readings(plan, scanned)
    return scanned


def _readings(plan: _Plan, block: Block, *, scanned: _Scanned) -> pl.DataFrame:
    """Return the readings of a block, those that were read one by one at its end."""
    texts = block.texts(plan.table.mapping.columns)
    # One query, so that what several expressions share is worked out once.
    read = texts.lazy().select(**_columns(plan.fast)).collect()
    scanned.tally += _tally(read)
    if read["is_sure"].all():
        return read.select(list(_SCHEMA))
    is_sure = read["is_sure"].fill_null(value=False)
    lines = block.lines(texts["line"].filter(~is_sure).to_list())
    others = _read_singly(plan, lines, scanned=scanned)
    sure = read.filter(is_sure).select(list(_SCHEMA))
    return pl.concat([sure, others]) if others.height else sure


def _read_singly(
    plan: _Plan, lines: Sequence[tuple[int, str]], *, scanned: _Scanned
) -> pl.DataFrame:
    """Return the readings of some lines, read as those of a small file; note the rejections."""
    disk, table = plan.disk, plan.table
    records, misshapen = rows_of(
        lines, delimiter=disk.delimiter, header=disk.header, width=disk.width
    )
    preparation = Preparation(table.mapping)
    blank = [
        Rejection(each.row, "blank", "the row says nothing", each.raw)
        for each in records
        if preparation.is_blank(each)
    ]
    readers = [
        FieldReader(preparation.prepared(each), table.opened.reading)
        for each in records
        if not preparation.is_blank(each)
    ]
    facts = facts_of(
        readers, lambda reader: mapped_reading(table, reader), origin=Origin(SOURCE, disk.file)
    )
    scanned.rejections += in_row_order(misshapen, blank, facts.rejections)
    scanned.doubtful += [reader for reader in readers if reader.clock_changes]
    return pl.DataFrame(
        [
            {"vehicle_id": each.vehicle_id, "at": each.at, "src_row": each.row, **each.values}
            for each in facts.of(VehicleReading)
        ],
        schema=_SCHEMA,
    )


def _columns(fast: FastColumns) -> dict[str, pl.Expr]:
    """Return the columns of the frame, whether a row is sure, and the numbers to be judged."""
    return {
        **{
            name: fast.values[name].cast(dtype)
            if name in fast.values
            else pl.lit(None, dtype=dtype)
            for name, dtype in _SCHEMA.items()
            if name != "src_row"
        },
        "src_row": pl.col("line"),
        "is_sure": fast.is_sure & pl.col("is_whole"),
        **{f"{_SOC}{place}": number for place, number in enumerate(fast.soc_numbers)},
    }


def _tally(read: pl.DataFrame) -> SocTally:
    tally = SocTally()
    for name in (each for each in read.columns if each.startswith(_SOC)):
        positive = pl.col(name).filter(pl.col(name) > 0)
        counts = read.select(
            positive.len().alias("positive"),
            (positive == positive.floor()).sum().alias("whole"),
            *((positive <= full_soc(scale)).sum().alias(scale) for scale in _SCALES),
        ).row(0)
        tally += SocTally(counts[0], counts[1], tuple(counts[2:]))
    return tally


def _judged_again(table: MappedTable, tally: SocTally) -> MappedTable | None:
    """Return the table with the scale that the whole column has, None where it is the sample's."""
    socs = {
        name: replace(column, scale=tally.scale(column.documented))
        for name, column in table.units.socs.items()
    }
    if socs == table.units.socs:
        return None
    findings = [each for each in table.findings if each.kind != "soc_scale"]
    findings += [each for column in dict.fromkeys(socs.values()) for each in column.findings()]
    return replace(table, units=replace(table.units, socs=socs), findings=tuple(findings))


def _account(plan: _Plan, scanned: _Scanned) -> SourceRows:
    table = plan.table
    findings = [
        _over_all(each, count=scanned.count)
        for each in table.findings
        if each.kind not in _SAMPLE_ONLY
    ]
    return SourceRows(
        rows_in=scanned.count + len(scanned.rejections),
        conventions=table.opened.conventions,
        scanned=ScannedReadings(
            tuple(scanned.parts), scanned.count, suspects=_write_suspects(plan, scanned)
        ),
        rejections=tuple(scanned.rejections),
        findings=(*findings, *clock_findings(scanned.doubtful)),
    )


def _over_all(finding: Finding, *, count: int) -> Finding:
    """Return a finding that a sample showed, with the count of the whole file."""
    if finding.kind not in _WHOLE_FILE:
        return finding
    text = finding.sentence.rsplit(":", maxsplit=1)[0]
    return Finding(finding.kind, count, f"{text}: {count:,}")


def _write_suspects(plan: _Plan, scanned: _Scanned) -> Path:
    """Write the rows whose vehicle and instant may stand in the file again."""
    keys = np.concatenate(scanned.keys)
    keys.sort()
    again = np.unique(keys[1:][keys[1:] == keys[:-1]])
    del keys
    rows: list[pl.Series] = []
    for path, of_part in zip(scanned.parts, scanned.keys, strict=True):
        is_suspect = pl.Series(of_part).is_in(pl.Series(again).implode())
        rows.append(pl.read_parquet(path, columns=["src_row"])["src_row"].filter(is_suspect))
    target = plan.folder / "suspects.parquet"
    pl.concat(rows).to_frame().write_parquet(target)
    return target


def _no_readings(plan: _Plan, scanned: _Scanned) -> MalformedFileError:
    first = scanned.rejections[0]
    return MalformedFileError(
        f"more than {MOST_REJECTIONS:,} rows cannot be read, the first on line {first.row}: "
        f"{first.detail}",
        where=plan.disk.file,
        hint="check the mapping of its columns; nothing of it was imported",
    )
