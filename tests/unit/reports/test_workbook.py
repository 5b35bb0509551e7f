"""A workbook opened again holds the report's own values: numbers, dates, texts and sums."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree as ET

import fastexcel
import pytest

from depotlib.reports.report import Chart, Column, Report, Table
from depotlib.reports.workbook import workbook
from tests.unit.reports.samples import EVIL, FIGURES, LINES, REPORT, ZONE

SHEETS = ["Figures", "Lines  of the bill", "Lines  of the bill 2"]
"""A sheet's name holds no bracket and stands once."""
SINCE = f"Since ({ZONE})"
"""A sheet is read without the page before it: it names the zone of its times."""


@pytest.fixture(scope="module")
def content():
    return workbook(REPORT)


def rows_of(content: bytes, sheet: str, *, header_row: int = 0) -> list[dict]:
    book = fastexcel.read_excel(content)
    return (
        book.load_sheet(sheet, header_row=header_row, schema_sample_rows=None)
        .to_polars()
        .to_dicts()
    )


def part_of(content: bytes, path: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read(f"xl/{path}.xml").decode()


def sheet_text(content: bytes, number: int) -> str:
    return part_of(content, f"worksheets/sheet{number}")


def test_every_table_has_a_sheet_beside_the_figures(content):
    assert fastexcel.read_excel(content).sheet_names == SHEETS


def test_the_figures_read_back_are_the_reports_own(content):
    cells = {
        row["Figure"]: (row["Value"], row["Unit"])
        for row in rows_of(content, "Figures", header_row=4)
    }

    # The sheet holds several kinds in one column, which the reader gives back as texts.
    assert cells["Bill"] == ("6764.94", "USD")
    assert cells["Peak"] == ("43.2", "kW")
    assert cells["Vans ready"][0] == "2"
    assert cells["Worst van"][0] == EVIL
    assert set(cells) >= {one.name for one in FIGURES}


def test_numbers_are_numbers_and_instants_local_dates(content):
    first, second, _ = rows_of(content, SHEETS[1])

    assert (first["Ours (USD)"], first["Theirs (USD)"]) == (10.10, 10.30)
    assert first["Energy (kWh)"] == 1.5
    # 21:45 UTC is 16:45 in New York in November.
    assert first[SINCE] == datetime(2026, 11, 2, 16, 45)
    assert second[SINCE] is None
    assert second["Energy (kWh)"] is None


def test_the_last_row_sums_by_formula_and_already_holds_the_sum(content):
    total = rows_of(content, SHEETS[1])[-1]
    text = sheet_text(content, 2)

    assert total["Van"] == "Total"
    # 10.10 + 0.07, 10.30 + 0.05, 0.20 - 0.02
    assert (total["Ours (USD)"], total["Theirs (USD)"]) == (10.17, 10.35)
    assert total["Difference (USD)"] == 0.18
    assert "<f>SUM(C2:C3)</f><v>10.17</v>" in text
    assert "<f>SUM(F2:F3)</f><v>1.5</v>" in text


def test_a_difference_is_a_formula_over_its_own_row(content):
    text = sheet_text(content, 2)

    assert "<f>D2-C2</f><v>0.20</v>" in text
    assert "<f>D3-C3</f><v>-0.02</v>" in text


def test_a_text_that_looks_like_a_formula_is_a_text(content):
    (first, *_) = rows_of(content, SHEETS[1])

    assert first["Van"] == EVIL
    # All formulas are the report's own.
    assert set(re.findall("<f>(.*?)</f>", sheet_text(content, 2))) == {
        *(f"SUM({letter}2:{letter}3)" for letter in "CDEF"),
        "D2-C2",
        "D3-C3",
    }


def test_a_text_that_looks_like_a_formula_stays_one_when_it_is_typed_again(content):
    van = re.search(r'<c r="A2" s="(\d+)" t="s">', sheet_text(content, 2))
    styles = re.findall("<xf .*?/>", part_of(content, "styles").split("<cellXfs")[1])

    assert van is not None
    assert 'quotePrefix="1"' in styles[int(van[1])]
    assert sum('quotePrefix="1"' in one for one in styles) == 1


def test_an_amount_names_its_currency_and_headings_stay_in_sight(content):
    # ECMA-376 part 1, 18.8.30: a unit in a number's format is quoted.
    assert r"#,##0.00\ &quot;USD&quot;" in part_of(content, "styles")
    assert 'ySplit="1" topLeftCell="A2"' in sheet_text(content, 2)


def test_a_chart_draws_the_cells_of_its_table_without_the_sum_below():
    bars = Chart("Who", LINES.name, "Van", ("Ours (USD)", "Theirs (USD)"), "USD", "stacked bars")
    line = Chart("When", LINES.name, "Since", ("Energy (kWh)",), "kWh", "line")

    content = workbook(replace(REPORT, charts=(bars, line)))

    found = re.findall("<c:f>(.*?)</c:f>", part_of(content, "charts/chart1"))
    # A is the van, C ours, D theirs; rows 2 and 3 are the two vans, row 4 their sum.
    assert [one.split("!")[1] for one in found] == [
        *("$C$1", "$A$2:$A$3", "$C$2:$C$3"),
        *("$D$1", "$A$2:$A$3", "$D$2:$D$3"),
    ]
    assert {one.split("!")[0] for one in found} == {f"'{SHEETS[1]}'"}
    assert "scatterChart" in part_of(content, "charts/chart2")
    assert 'descr="When"' in part_of(content, "drawings/drawing1")


def test_what_xml_cannot_hold_is_replaced_and_every_part_is_well_formed():
    odd = Table("x", (Column("Van"),), (("a\x00b", ), ("<&>\"'", )))  # fmt: skip

    content = workbook(replace(REPORT, tables=(odd,)))

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            assert ET.fromstring(packed.read(name)) is not None  # noqa: S314 - our own
    assert [row["Van"] for row in rows_of(content, "x")] == ["a\ufffdb", "<&>\"'"]


def test_no_number_at_all_is_an_empty_cell():
    gap = Table("x", (Column("Van"), Column("kW", "number")), (("a", float("nan")), ("b", 1.0)))

    content = workbook(replace(REPORT, tables=(gap,)))

    assert [row["kW"] for row in rows_of(content, "x")] == [None, 1.0]


def test_a_table_may_have_more_columns_than_the_alphabet():
    wide = Table("x", tuple(Column(f"c{at}", "count") for at in range(28)), (tuple(range(28)),))

    content = workbook(Report("t", "q", (), (wide,), (), "UTC"))

    # A is 0; Z is 25, then AA and AB.
    assert '<c r="AB2" ' in sheet_text(content, 2)
    assert rows_of(content, "x")[0]["c27"] == 27


def test_the_same_report_is_the_same_file(content):
    assert workbook(REPORT) == content
    assert LINES.rows


def test_a_whole_number_under_a_price_has_no_decimals_it_never_had():
    table = Table(
        "Deeds", (Column("Number", "price"), Column("Price", "price")), ((12, 0.25), (1300, 12.0))
    )
    written = workbook(replace(REPORT, tables=(table,), charts=()))

    cells = re.findall(r'<c r="([A-Z]+[0-9]+)" s="([0-9]+)"><v>', sheet_text(written, 2))
    styles = dict(cells)
    assert styles["A2"] == styles["A3"] != styles["B2"] == styles["B3"]
    formats = re.findall(r'formatCode="([^"]+)"', part_of(written, "styles"))
    # #,##0 is the format's own number 3, and is named by it alone.
    assert "#,##0.00######" in formats
