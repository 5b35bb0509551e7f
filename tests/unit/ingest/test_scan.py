"""A scanned table gives what the same table gives when it is read row by row."""

from pathlib import Path

import polars as pl
import pytest

from depotlib.errors import MalformedFileError, TruncatedFileError
from depotlib.ingest.content import file_at
from depotlib.ingest.mapping.engine import read_mapped
from depotlib.ingest.scan import scan_readings
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.model.column_mapping import ColumnMapping, mapping_from_toml

HEAD = "Vehicle;Time;SoC (%);Odometer (m);Power (W);Charging;Note;"
MAPPING = """
name = "vendor"
title = "Vendor"
kind = "telematics"
header = ["Vehicle", "Time", "SoC (%)"]
time_zone = "Europe/Berlin"
unknown = ["n/a"]
[fields]
vehicle_id = { column = "Vehicle" }
at = { column = "Time" }
soc = { column = "SoC (%)", unit = "%" }
odometer_km = { column = "Odometer (m)", unit = "m" }
power_kw = { column = "Power (W)", unit = "W", is_negated = true }
is_charging = { column = "Charging" }
"""
GOOD = [
    f"van-{number % 7};{1 + number // 600:02}.10.2026 {number // 60 % 10:02}:{number % 60:02}:00;"
    f"{20 + number % 75},5;{1_000_000 + number};{-7200 + number};{number % 2};;"
    for number in range(1_500)
]
DIRTY = [
    ";;;;;;;",
    "",
    "van-1;01.10.2026 00:01:00;140,0;;;1;;",  # a state of charge beyond full
    "van-1;31.02.2026 00:01:00;40,0;;;1;;",  # no date
    "van-1;01.10.2026 00:01:00;forty;;;1;;",  # no number
    "van-1;01.10.2026 00:01:00;40,0",  # cut short
    "van-1;01.10.2026 00:01:00;40,0;;;1;;;;more;and more",  # too long
    "van-1;02.10.2026 00:01:00;n/a;n/a;;;;",  # says nothing
    ";02.10.2026 00:01:00;40,0;;;;;",  # of no vehicle
    "van-1;02.10.2026 00:01:00;;-5;;;;",  # a negative odometer
    "van-1;25.10.2026 02:30:00;40,0;;;perhaps;;",  # neither yes nor no
    "van-1;25.10.2026 02:30:00;40,0;;;;;",  # happens twice: clocks go back
    'van-1;"26.10.2026 02:30:00";"40,0";;;TRUE;"a note; with a delimiter";',
    "van-1;26.10.2026 02:31:00; 40,0 ;;;Yes;;",
    " van-1 ;26.10.2026 02:32:00;40,0;;1.234,5;;;",
    "van-2;26.10.2026 2:33;40;inf;;;;",
]


def mapping(text: str = MAPPING) -> ColumnMapping:
    return mapping_from_toml(text, where="test")


def scanned(tmp_path: Path, lines: list[str], told: ColumnMapping) -> SourceRows:
    path = tmp_path / "big.csv"
    path.write_bytes("\r\n".join([HEAD, *lines, ""]).encode())
    folder = tmp_path / "scan"
    folder.mkdir()
    rows = scan_readings(
        file_at(path), ReadOptions(scan_folder=folder), mapping=told, block_bytes=10_000
    )
    assert rows is not None
    return rows


def readings(rows: SourceRows) -> pl.DataFrame:
    assert rows.scanned is not None
    return pl.read_parquet(list(rows.scanned.parts))


def mixed() -> list[str]:
    """Return dirty lines among good ones, in several blocks."""
    lines = list(GOOD)
    for place, line in enumerate(DIRTY):
        lines.insert(place * 90 + 40, line)
    return lines


def test_a_scan_gives_the_readings_and_the_rejections_of_reading_row_by_row(tmp_path: Path):
    lines = mixed()

    rows = scanned(tmp_path, lines, mapping())
    other = read_mapped(file_at(tmp_path / "big.csv"), ReadOptions(), mapping=mapping())

    assert other.telematics is not None
    assert len(rows.scanned.parts if rows.scanned else ()) > 3, "several blocks"
    assert rows.rows_in == other.rows_in == len(lines)
    assert rows.rejections == other.rejections
    singly = other.telematics.drop("source", "src_file")
    assert readings(rows).select(singly.columns).sort("src_row").equals(singly.sort("src_row"))
    assert rows.conventions == other.conventions
    wanted = {each.kind: each.count for each in other.findings}
    assert {each.kind: each.count for each in rows.findings} == {
        **wanted, "assumed_time_zone": 1_500 + 4,  # the good lines and four of the dirty ones
    }  # fmt: skip


def test_readings_of_one_vehicle_and_instant_are_suspects(tmp_path: Path):
    lines = [*GOOD, GOOD[3], GOOD[700].replace(";;", ";note;")]

    rows = scanned(tmp_path, lines, mapping())

    assert rows.scanned is not None
    suspects = pl.read_parquet(rows.scanned.suspects)["src_row"].to_list()
    # Line 1 is the header: GOOD[3] stands on line 5, GOOD[700] on line 702.
    assert set(suspects) == {5, 702, len(GOOD) + 2, len(GOOD) + 3}
    assert rows.scanned.count == len(lines)


def test_a_scale_that_the_sample_does_not_show_is_judged_over_the_whole_column(tmp_path: Path):
    # The sample is the whole of so small a file, so the verdict is made wrong by hand.
    fractions = [line.replace(",5;", ";").replace(";", ";0,", 2).replace(";0,", ";", 1)
                 for line in GOOD]  # fmt: skip

    rows = scanned(tmp_path, fractions, mapping())

    assert readings(rows)["soc"].max() == pytest.approx(0.94)
    assert {each.kind: each.count for each in rows.findings}["soc_scale"] == len(GOOD)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ('{ column = "Time", unit = "s-epoch" }', "1790812800"),
        ('{ column = "Time", unit = "ms-epoch" }', "1790812800000"),
        ('{ column = "Time", unit = "us-epoch" }', "1790812800000000"),
        ('{ column = "Time" }', "2026-10-01T02:00:00+02:00"),
        ('{ column = "Time" }', "2026-10-01 00:00:00Z"),
        ('{ column = "Time" }', "2026/10/01 02:00"),
        ('{ column = "Time", time_column = "Note" }', "01.10.2026"),
    ],
)
def test_each_shape_of_time_is_read_quickly(tmp_path: Path, column: str, text: str):
    told = mapping(MAPPING.replace('{ column = "Time" }', column))

    rows = scanned(tmp_path, [f"van-1;{text};50,0;;;;02:00:00;"] * 2, told)

    # 1 October 2026, 00:00 UTC is 20,727 days of 86,400 s after 1970.
    assert readings(rows)["at"].dt.epoch("s").to_list() == [1_790_812_800] * 2


def test_times_of_a_shape_that_is_not_known_are_left_to_the_other_reader(tmp_path: Path):
    told = mapping(
        MAPPING.replace('{ column = "Time" }', '{ column = "Time", unit = "javascript" }')
    )
    path = tmp_path / "big.csv"
    path.write_text(f"{HEAD}\nvan-1;Fri Apr 14 2017 00:49:24 GMT+0200;50,0;;;;;\n")

    rows = scan_readings(file_at(path), ReadOptions(scan_folder=tmp_path), mapping=told)

    assert rows is None


@pytest.mark.parametrize(
    ("end", "error"),
    [
        ('van-1;01.10.2026 00:01:00;40,0;;;1;"a note\nof two lines";\n', MalformedFileError),
        ("van-1;01.10.2026 00:01", TruncatedFileError),
    ],
)
def test_a_table_that_cannot_be_cut_into_lines_is_refused(
    tmp_path: Path, end: str, error: type[Exception]
):
    path = tmp_path / "big.csv"
    path.write_text("\n".join([HEAD, *GOOD, end]))

    with pytest.raises(error):
        scan_readings(file_at(path), ReadOptions(scan_folder=tmp_path), mapping=mapping())
