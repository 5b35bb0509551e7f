"""A page to print says what the report says, fetches nothing and runs nothing."""

import re
from dataclasses import replace

from depotlib.reports.html_page import html_page
from depotlib.reports.report import Column, Table
from tests.unit.reports.samples import EVIL, REPORT

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
