"""A page to print says what the report says, fetches nothing and runs nothing but its charts."""

import re
from dataclasses import replace

from depotlib.charts.report_chart import named_bars
from depotlib.reports.html_page import html_page
from depotlib.reports.report import Chart, Column, Table
from tests.unit.reports.samples import EVIL, LINES, REPORT

PAGE = html_page(REPORT)


def test_figures_stand_with_their_units_and_as_many_decimals_as_they_have():
    assert "<dt>Bill</dt><dd>6,764.94 USD</dd>" in PAGE
    assert "<dt>Peak</dt><dd>43.2 kW</dd>" in PAGE
    assert "<dt>Vans ready</dt><dd>2</dd>" in PAGE
    # 21:45 UTC, local.
    assert "<dt>Began</dt><dd>2026-11-02 16:45</dd>" in PAGE


def test_cells_are_escaped_and_gaps_are_empty():
    assert "&lt;b&gt;van-02&lt;/b&gt;" in PAGE
    assert "<b>van-02" not in PAGE
    assert EVIL in PAGE
    assert "<td></td>" in PAGE


def test_sums_stand_at_the_foot():
    foot = PAGE.split("<tfoot>")[1].split("</tfoot>")[0]

    # 10.10 + 0.07, 10.30 + 0.05, 0.20 - 0.02; 1.5 and a gap
    assert re.findall(">([^<>]+)</td>", foot) == ["Total", "10.17", "10.35", "0.18", "1.500"]


def test_the_page_fetches_and_runs_nothing():
    assert "http" not in PAGE
    assert "<script" not in PAGE
    assert "url(" not in PAGE


def test_a_table_without_rows_says_so_and_one_without_sums_has_no_foot():
    table = Table("Vans", (Column("Van"),), (("van-01",),))

    assert "<p>Nothing.</p>" in PAGE
    assert "<tfoot>" not in html_page(replace(REPORT, tables=(table,), notes=()))


def test_a_chart_is_drawn_by_what_is_written_into_the_page_once():
    bars = Chart("Who <paid>", LINES.name, "Van", ("Ours (USD)",), "USD")
    line = Chart("When", LINES.name, "Since", ("Energy (kWh)",), "kWh", "line")
    empty = Table("Nobody", (Column("Van"), Column("kW")), ())
    without = Chart("Nothing", "Nobody", "Van", ("kW",), "kW")

    page = html_page(replace(REPORT, charts=(bars, line, without), tables=(*REPORT.tables, empty)))

    assert "<figcaption>Who &lt;paid&gt;</figcaption>" in page
    assert page.count("<figure>") == 2
    # The library says its version once at its own head, and each chart asks it once to draw.
    assert page.count("* plotly.js v") == 1
    assert len(re.findall(r"Plotly\.newPlot\(\s+\"chart-", page)) == 2
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page) == []


def test_a_name_on_an_axis_is_shown_as_it_is_written():
    figure = named_bars(["<b>van"], {"kW": [1.0]}, alt="a", unit="kW")

    # Plotly would set it in bold.
    assert figure.layout.xaxis.ticktext == ("&lt;b&gt;van",)


def test_a_table_for_the_workbook_alone_is_not_listed_on_paper():
    hidden = replace(LINES, name="Long", is_printed=False)

    assert "<h2>Long</h2>" not in html_page(replace(REPORT, tables=(hidden,)))
