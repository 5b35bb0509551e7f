"""Readings that a scan left on disk are merged as those of a frame are."""

from pathlib import Path

import polars as pl
import pytest

from depotlib.errors import StoreError
from depotlib.ingest.content import file_at
from depotlib.ingest.read_parts import ReadRows
from depotlib.ingest.report import TrialStore
from depotlib.ingest.scan import scan_readings
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.model.column_mapping import mapping_from_toml
from depotlib.model.import_report import ImportReport
from depotlib.model.scanned_readings import ScannedReadings
from depotlib.store.batch import ImportBatch
from depotlib.store.connection import reading
from depotlib.store.imports import write_import
from depotlib.store.query import frame
from tests.unit.store.samples import NOON

MAPPING = mapping_from_toml(
    """
    name = "wide"
    title = "Wide"
    kind = "telematics"
    header = ["vehicle", "time"]
    [fields]
    vehicle_id = { column = "vehicle" }
    at = { column = "time" }
    soc = { column = "soc", unit = "share" }
    power_kw = { column = "power", unit = "kW" }
    """,
    where="test",
)
HEAD = "vehicle,time,soc,power\n"
FIRST = [f"van-{n % 3},2026-10-01T00:{n // 3:02}:00Z,0.{n:03},{n}" for n in range(120)]
AGAIN = [
    "van-0,2026-10-01T00:00:00Z,0.000,",  # says nothing new
    "van-1,2026-10-01T00:00:00Z,0.999,1",  # contradicts; the first stands
    "van-9,2026-10-01T00:00:00Z,,5",
    "van-9,2026-10-01T00:00:00Z,0.5,",  # fills in
    "van-9,2026-10-01T00:00:00Z,0.5,5",  # says nothing new
]


def scan(folder: Path, lines: list[str]) -> SourceRows:
    folder.mkdir()
    path = folder / "big.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n")
    rows = scan_readings(
        file_at(path), ReadOptions(scan_folder=folder), mapping=MAPPING, block_bytes=1_000
    )
    assert rows is not None
    return rows


def store(warehouse: Path, rows: SourceRows, digest: str, *, as_frame: bool) -> ImportReport:
    given: dict[str, object] = {"scanned": rows.scanned}
    if as_frame:
        assert rows.scanned is not None
        readings = pl.read_parquet(list(rows.scanned.parts))
        given = {"telematics": readings.with_columns(source=pl.lit("s"), src_file=pl.lit("it's"))}
    batch = ImportBatch("it's", "s", digest, rows_in=rows.rows_in, **given)
    return write_import(warehouse, batch, imported_at=NOON)


def stored(warehouse: Path) -> pl.DataFrame:
    with reading(warehouse) as connection:
        return frame(connection, 'SELECT * FROM telematics ORDER BY vehicle_id, "at"')


def test_a_scan_and_a_frame_of_the_same_readings_give_the_same_tables_and_accounts(tmp_path: Path):
    first = scan(tmp_path / "first", FIRST)
    # The second file overlaps the first, adds an hour later and contradicts and repeats.
    second = scan(tmp_path / "second", [*AGAIN, *FIRST[60:], "van-0,2026-10-01T01:00:00Z,0.5,1"])

    reports = {
        as_frame: [
            store(tmp_path / f"{as_frame}.duckdb", rows, digest, as_frame=as_frame)
            for digest, rows in (("d1", first), ("d2", second))
        ]
        for as_frame in (False, True)
    }

    assert reports[False] == reports[True]
    # Of the second: the two that fill van-9 and the hour later; the rest is known or contradicts.
    assert [(each.stored, each.duplicates) for each in reports[False]] == [(120, 0), (3, 63)]
    assert stored(tmp_path / "False.duckdb").equals(stored(tmp_path / "True.duckdb"))


def test_a_dry_run_of_a_scan_says_what_the_import_does(tmp_path: Path):
    rows = scan(tmp_path / "scan", [*FIRST, *AGAIN])

    tried = TrialStore().account("it's", ReadRows("d1", "s", rows))
    done = store(tmp_path / "warehouse.duckdb", rows, "d1", as_frame=False)

    assert (tried.stored, tried.duplicates) == (done.stored, done.duplicates) == (122, 3)


def test_a_scan_that_breaks_the_rules_of_readings_is_refused(tmp_path: Path):
    rows = scan(tmp_path / "scan", FIRST)
    assert rows.scanned is not None
    part = rows.scanned.parts[0]
    pl.read_parquet(part).with_columns(soc=pl.lit(1.5)).write_parquet(part)
    told = ScannedReadings(rows.scanned.parts, rows.scanned.count, rows.scanned.suspects)
    batch = ImportBatch("f", "s", "d1", rows_in=rows.rows_in, scanned=told)

    with pytest.raises(StoreError) as refused:
        write_import(tmp_path / "warehouse.duckdb", batch, imported_at=NOON)

    assert "breaks the rules" in refused.value.what
    assert stored(tmp_path / "warehouse.duckdb").is_empty()
