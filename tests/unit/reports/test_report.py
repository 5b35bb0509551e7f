"""A report's parts fit each other, and a figure knows how it is written."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from depotlib.errors import ModelError
from depotlib.reports.cell_text import cell_text
from depotlib.reports.report import Chart, Column, Figure, Report, Table, summed

UTC_ZONE = ZoneInfo("UTC")


def test_a_row_that_does_not_fit_its_headings_is_refused():
    with pytest.raises(ModelError, match="row 2 has 1 values under 2 headings"):
        Table("Vans", (Column("Van"), Column("kW")), (("a", 1.0), ("b",)))


def test_a_difference_of_what_is_no_column_is_refused():
    with pytest.raises(ModelError, match=r"\['Theirs'\], which are no columns"):
        Table("Lines", (Column("Ours"), Column("d", "money", less=("Theirs", "Ours"))), ())


def test_a_chart_of_what_no_table_holds_is_refused():
    table = Table("Vans", (Column("Van"), Column("kW")), ())

    for chart in (Chart("c", "Vans", "Van", ("kWh",), "kWh"), Chart("c", "X", "Van", (), "kW")):
        with pytest.raises(ModelError, match="which are no columns of"):
            Report("t", "q", (), (table,), (), "UTC", charts=(chart,))


def test_amounts_sum_exactly_and_other_numbers_as_they_are():
    # In binary 0.1 + 0.2 is not 0.3.
    assert summed([Decimal("0.1"), Decimal("0.2"), None]) == Decimal("0.3")
    assert summed([1.5, 2, None, "text"]) == 3.5


@pytest.mark.parametrize(
    ("figure", "kind"),
    [
        (Figure("a", Decimal(1), "USD"), "money"),
        (Figure("a", 1.0, "EUR"), "money"),
        (Figure("a", 1.0, "kW"), "number"),
        (Figure("a", 1), "count"),
        (Figure("a", "yes"), "text"),
    ],
)
def test_a_figure_is_money_where_its_unit_is_a_currency(figure, kind):
    assert figure.kind == kind


def test_a_price_keeps_its_decimals_and_a_day_is_a_day():
    assert cell_text(Decimal("0.11160"), "price", time_zone=UTC_ZONE) == "0.1116"
    assert cell_text(Decimal(1000), "price", time_zone=UTC_ZONE) == "1,000"
    assert cell_text(1234, "text", time_zone=UTC_ZONE) == "1,234"
    assert cell_text(date(2026, 11, 2), "text", time_zone=UTC_ZONE) == "2026-11-02"
