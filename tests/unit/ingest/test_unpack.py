"""Archives, workbooks and Parquet files hold what sources read, however they are wrapped."""

import gzip
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
import xlsxwriter

from depotlib.errors import (
    ArchiveError,
    EmptyFileError,
    InputError,
    MalformedFileError,
    TruncatedFileError,
    UnpackLimitError,
)
from depotlib.ingest.archive import members_of
from depotlib.ingest.content import content_of, file_at
from depotlib.ingest.delimited import read_table
from depotlib.ingest.read_parts import read_parts
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpack import parts_of
from depotlib.ingest.unpacked import Allowance, UnpackLimits
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest"
LOG = SAMPLES / "leeds_depot" / "log.csv"
CHARGES = SAMPLES / "geotab" / "charge_events.json"
SMALL = UnpackLimits(free_bytes=100_000, memory_bytes=1_000)


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def workbook(sheets: dict[str, list[tuple[int, int, object]]]) -> bytes:
    """Return a workbook with cells (row and column from 0) in its sheets."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        kinds = {
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
            timedelta: book.add_format({"num_format": "[h]:mm:ss"}),
        }
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for row, column, value in cells:
                if isinstance(value, datetime | timedelta):
                    sheet.write_datetime(row, column, value, kinds[type(value)])
                else:
                    sheet.write(row, column, value)
    return target.getvalue()


def parts(data: bytes, *, name="given", limits=SMALL, folder=None):
    content = content_of(name, data)
    allowance = Allowance(name, len(data), folder=folder, limits=limits)
    return list(parts_of(content, allowance=allowance, is_one_dataset=lambda _: False))


def texts(data: bytes, **how) -> dict[str, str]:
    return {part.file: part.content.text for part in parts(data, **how)}


def error_of(data: bytes, **how) -> InputError:
    (part,) = parts(data, **how)
    assert part.content is None
    return part.error


@pytest.mark.parametrize(
    "wrap",
    [
        bytes,
        gzip.compress,
        lambda data: gzip.compress(gzip.compress(data)),
        lambda data: gzip.compress(zipped({"a.bin": data})),
        lambda data: zipped({"inner/a.txt": gzip.compress(zipped({"x": data}))}),
    ],
    ids=["plain", "gz", "gz in gz", "zip in gz", "zip in gz in zip"],
)
@pytest.mark.parametrize("path", [LOG, CHARGES], ids=lambda path: path.name)
def test_a_wrapping_changes_nothing_of_what_is_read(path, wrap):
    plain = recognise(file_at(path), sources=SOURCES).source.read(file_at(path), ReadOptions())
    data = wrap(path.read_bytes())

    (part,) = read_parts(
        content_of("given", data),
        sources=SOURCES,
        options=ReadOptions(),
        allowance=Allowance("given", len(data)),
    )

    assert part.read.digest == file_at(path).digest
    assert part.read.rows.rejections == plain.rejections
    assert part.read.rows.findings == plain.findings
    found, wanted = (each.sessions.drop("src_file") for each in (part.read.rows, plain))
    assert found.equals(wanted)


def test_a_fourth_level_of_archives_is_refused():
    data = b"a,b\n1,2\n"
    for _ in range(4):
        data = gzip.compress(data)

    error = error_of(data)

    assert isinstance(error, ArchiveError)
    assert "3 deep" in error.what


def test_each_file_of_an_archive_is_one_of_its_own_and_notes_of_the_system_are_none():
    data = zipped(
        {
            "march/": b"",
            "march/a.csv": b"a\n1\n",
            "__MACOSX/march/._a.csv": b"\0",
            "march/.DS_Store": b"\0",
            "empty.csv": b"",
            "b.csv": b"b\n2\n",
        }
    )

    found = parts(data, name="y.zip")

    assert [part.file for part in found] == ["y.zip/march/a.csv", "y.zip/empty.csv", "y.zip/b.csv"]
    assert [isinstance(part.error, EmptyFileError) for part in found] == [False, True, False]


def test_a_big_part_lies_on_disk_and_a_small_one_in_memory(tmp_path):
    data = zipped({"big": b"a,b\n" * 1_000, "small": b"a,b\n1,2\n"})

    big, small = (part.content for part in parts(data, folder=tmp_path))

    assert big.path is not None
    assert big.data == b"a,b\n" * 1_000
    assert small.path is None


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(bytes(10_000_000)),
        zipped({"a": bytes(10_000_000)}),
        zipped({"good.csv": b"a\n1\n"} | {f"{n}": bytes(30_000) for n in range(300)}),
        gzip.compress(zipped({"a": gzip.compress(bytes(10_000_000))})),
    ],
    ids=["gz", "zip", "many members", "nested"],
)
def test_an_archive_out_of_which_too_much_comes_is_refused_as_a_whole(data: bytes):
    given = content_of("bomb", data)

    (part,) = read_parts(
        given,
        sources=SOURCES,
        options=ReadOptions(),
        allowance=Allowance("bomb", len(data), limits=UnpackLimits(free_bytes=1_000_000)),
    )

    assert isinstance(part.error, UnpackLimitError)
    assert part.error.where.startswith("bomb")


def test_too_many_files_in_an_archive_are_refused():
    data = zipped({f"{number}.csv": b"a\n" for number in range(4)})

    error = error_of(data, limits=UnpackLimits(most_members=3))

    assert isinstance(error, ArchiveError)
    assert "4 files" in error.what


def locked(data: bytes) -> bytes:
    """Return a zip whose member says that it is encrypted, in both of its headers."""
    marked = bytearray(data)
    marked[6] |= 1  # general purpose flags of the local header
    marked[data.index(b"PK\x01\x02") + 8] |= 1  # and of the central directory
    return bytes(marked)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (gzip.compress(b"a,b\n" * 999)[:-12], TruncatedFileError, "ends in the middle"),
        (gzip.compress(b"a,b\n")[:-6] + b"\1" * 6, ArchiveError, "broken"),
        (zipped({"a": b"a,b\n" * 99})[:-9], ArchiveError, "broken"),
        (locked(zipped({"a": b"a,b\n"})), ArchiveError, "encrypted"),
        (b"PK\x05\x06" + bytes(18), EmptyFileError, "empty"),
        (zipped({"xl/workbook.xml": b"<a"}), ArchiveError, "workbook"),
        (b"PAR1" + bytes(40) + b"PAR1", MalformedFileError, "Parquet"),
    ],
    ids=["cut gz", "bad gz", "cut zip", "encrypted", "empty zip", "bad workbook", "bad Parquet"],
)
def test_an_archive_that_cannot_be_opened_says_why(data: bytes, kind, words: str):
    error = error_of(data)

    assert isinstance(error, kind)
    assert words in error.what
    assert error.where
    assert error.hint


def test_a_sheet_is_a_table_with_the_row_numbers_of_the_sheet():
    at = datetime(2026, 3, 1, 10, 20, 30)
    cells = [(2, 1, "Charging in March"), (4, 1, "when"), (4, 2, "kWh"), (4, 3, "plugged"),
             (5, 1, at), (5, 2, 12.5), (5, 3, timedelta(hours=30, minutes=5)),
             (7, 1, "01/03/2026"), (7, 2, "12,5"), (7, 3, "two\nlines")]  # fmt: skip

    table = read_table(texts(workbook({"Data": cells, "Empty": []}))["given"], file="x")

    assert table.header == ("when", "kWh", "plugged")
    assert table.title_rows == 1
    # Rows of a sheet are counted from 1 where the library counts from 0.
    assert [(record.row, *record.fields.values()) for record in table.records] == [
        (6, "2026-03-01 10:20:30", "12.5", "30:05:00"),
        (8, "01/03/2026", "12,5", "two lines"),
    ]
    assert [(each.row, each.reason) for each in table.rejections] == [(7, "blank")]


def test_each_filled_sheet_is_a_file_of_its_own_and_told_from_the_others():
    data = workbook({"One": [(0, 0, "a")], "Two": [(0, 0, "a")], "None": []})

    found = parts(data, name="book.xlsx")

    assert [part.file for part in found] == ["book.xlsx/One", "book.xlsx/Two"]
    assert len({part.content.digest for part in found}) == 2


def test_a_workbook_without_any_cell_is_empty():
    assert isinstance(error_of(workbook({"One": []})), EmptyFileError)


def test_a_parquet_file_is_a_table_with_instants_that_name_their_offset():
    frame = pl.DataFrame(
        {
            "at": [datetime(2026, 3, 1, 10, tzinfo=UTC), None],
            "local": [datetime(2026, 3, 1, 10, 0, 0, 500_000), None],
            "day": [date(2026, 3, 1), None],
            "lasted": [timedelta(hours=1, milliseconds=5), None],
            "kwh": [0.1, 1e-7],
            "name": ['a "b", c\nd', ""],
            "list": [[1, 2], None],
            "raw": [b"\xff", None],
        }
    )
    target = io.BytesIO()
    frame.write_parquet(target)

    (part,) = parts(target.getvalue())

    table = read_table(part.content.text, file="x")
    assert table.header == tuple(frame.columns)
    assert [tuple(record.fields.values()) for record in table.records] == [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00.500", "2026-03-01", "3600.005", "0.1",
         'a "b", c d', "[1, 2]", "ff"),
        ("", "", "", "", "1e-7", "", "", ""),
    ]  # fmt: skip
    assert part.content.digest == content_of("x", target.getvalue()).digest


class _Dataset:
    """Reads archives that hold ``one.txt`` and ``two.txt`` as a whole."""

    name = title = "dataset"

    def recognise(self, sample):
        return NOT_MINE

    def recognise_archive(self, names):
        return Recognition(1.0 if {"one.txt", "two.txt"} <= set(names) else 0.0, "its files")

    def read(self, content, options):
        raise AssertionError(sorted(members_of(content)))


def test_a_source_may_read_a_whole_archive():
    data = zipped({"one.txt": b"1", "two.txt": b"2"})

    with pytest.raises(AssertionError, match=r"\['one.txt', 'two.txt'\]"):
        read_parts(
            content_of("given.zip", data),
            sources=(*SOURCES, _Dataset()),
            options=ReadOptions(),
            allowance=Allowance("given.zip", len(data)),
        )


def test_members_of_an_archive_are_found_by_their_bare_names():
    files = members_of(content_of("feed.zip", zipped({"feed/stops.txt": b"a\n1\n"})))

    assert files["stops.txt"].text == "a\n1\n"
    assert files["stops.txt"].file == "feed.zip/feed/stops.txt"


def test_each_example_of_a_vendors_description_is_a_file_of_its_own():
    stats = {"data": [{"id": "281", "evStateOfChargeMilliPercent":
                       [{"time": "2026-03-08T06:59:11Z", "value": 41_500}]}]}  # fmt: skip
    described = {
        "note": "made up",
        "history": {"quirks": ["milli-percent"], "example": stats},
        "charges": {"source": "an adapter", "example": json.loads(CHARGES.read_text())},
    }

    parts = read_parts(
        content_of("shapes.json", json.dumps(described).encode()),
        sources=SOURCES,
        options=ReadOptions(),
        allowance=Allowance("shapes.json", 10_000),
    )

    assert [(part.file, part.source) for part in parts] == [
        ("shapes.json/history", "samsara"),
        ("shapes.json/charges", "geotab"),
    ]
    assert parts[0].read.rows.telematics["soc"].to_list() == [pytest.approx(0.415)]
    alone = read_parts(
        file_at(CHARGES), sources=SOURCES, options=ReadOptions(), allowance=Allowance("a", 10_000)
    )
    assert parts[1].read.rows.rows_in == alone[0].read.rows.rows_in


@pytest.mark.parametrize(
    "document", ['{"a": {"example": {"b": 1}', '{"example": [1]}', '{"a": [{"example": {}}]}']
)
def test_a_document_without_named_examples_is_left_to_the_sources(document: str):
    given = content_of("export.json", document.encode())

    parts = list(
        parts_of(given, allowance=Allowance("export.json", 100), is_one_dataset=lambda _: False)
    )

    assert [part.content for part in parts] == [given]
