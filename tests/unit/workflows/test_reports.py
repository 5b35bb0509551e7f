"""Reports hold what their workflows answer, figure by figure, and every notebook's calls are ours."""

import ast
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import fastexcel
import pytest

from depotlib.errors import InputError
from depotlib.model.reconciliation import NightReconciliation
from depotlib.reports.notebook import NotebookRecipe, notebook
from depotlib.reports.report import Report, Value
from depotlib.settings import Settings
from depotlib.units import wh_to_kwh
from depotlib.workflows.attribute_peak import attribute_peak
from depotlib.workflows.audit_bill import GivenBill, audit_utility_bill
from depotlib.workflows.billing_cases import StoredCase
from depotlib.workflows.compare_tariffs import compare_stored
from depotlib.workflows.data_quality import data_quality
from depotlib.workflows.load_demo import DEMO_SITE
from depotlib.workflows.notebook_now import quality_recipe
from depotlib.workflows.open_notebook import (
    audit_recipe,
    comparison_recipe,
    demand_recipe,
    morning_recipe,
    sessions_recipe,
)
from depotlib.workflows.reconcile_night import reconcile_night
from depotlib.workflows.report_bills import audit_report, comparison_report, demand_report
from depotlib.workflows.report_nights import night_report, sessions_report
from depotlib.workflows.report_now import quality_report
from depotlib.workflows.review_demand import review_demand
from depotlib.workflows.review_sessions import review_sessions
from depotlib.workflows.set_up_depot import save_site_text
from depotlib.workflows.write_report import report_bytes, write_report
from tests.unit.workflows.test_compare_tariffs import YARD, record, stored
from tests.unit.workflows.test_reconcile_night import MORNING, play_night

AUGUST = (date(2020, 8, 1), date(2020, 9, 1))
PRINTED = "kind,name,quantity,unit,price,amount\ndemand,Flat demand,14.4,kW,10,154.00\n"
"""14.4 kW at 10 are 144: ten too many."""


@pytest.fixture(scope="module")
def yard(tmp_path_factory) -> Settings:
    demand = record("demand", per_kwh=0.10, per_kw=10.0)
    energy = record("energy", per_kwh=2.0)
    return stored(tmp_path_factory.mktemp("reports"), [demand, energy])


@pytest.fixture(scope="module")
def case(yard) -> StoredCase:
    return StoredCase(yard, "Yard", "demand", "Europe/London", *AUGUST)


@pytest.fixture(scope="module")
def night(tmp_path_factory) -> NightReconciliation:
    settings = Settings(home=tmp_path_factory.mktemp("night"))
    play_night(settings)
    return reconcile_night(settings, now=MORNING)


@pytest.fixture(scope="module")
def demand(case) -> Report:
    return demand_report(reviewed(case), peaks=attribute_peak(case))


def reviewed(case: StoredCase):
    return review_demand(
        case.settings,
        site=case.site,
        tariff_id=case.tariff_id,
        time_zone=case.time_zone,
        max_kw=case.max_kw,
    )


def figures(report: Report) -> dict[str, Value]:
    return {one.name: one.value for one in report.figures}


def table(report: Report, name: str):
    return next(one for one in report.tables if one.name == name)


def sheet(content: bytes, name: str) -> list[dict]:
    book = fastexcel.read_excel(content)
    return book.load_sheet(name, schema_sample_rows=None).to_polars().to_dicts()


def test_the_demand_report_adds_up_to_the_bills(demand, case):
    bill = attribute_peak(case).bill

    # 28.8 kWh at 0.10, two vans of 7.2 kW at once at 10 a kW.
    assert figures(demand)["All bills"] == Decimal("146.88") == bill.total
    assert figures(demand)["Demand charges"] == Decimal("144.00")
    assert figures(demand)["Highest 15-minute mean"] == pytest.approx(14.4)
    assert table(demand, "Bills").total("Total (USD)") == bill.total
    assert table(demand, "Lines").total("Amount (USD)") == bill.total


def test_the_demand_report_draws_the_months_load_and_its_causers(demand):
    drawn = {chart.name: table for chart, table in demand.pictures}

    # A day of 2020 in August has 96 quarter-hours; the sessions are all on its third.
    load = drawn["Load, August 2020"]
    assert max(load.column("Mean of 15 minutes (kW)")) == pytest.approx(14.4)
    assert load.rows
    assert not load.is_printed
    assert list(drawn) == [
        "What each month's bill is made of",
        "Load, August 2020",
        # The log names no vehicle: one party alone is no picture.
        "Flat demand by station, August 2020",
    ]


def test_who_caused_a_peak_is_shared_out_to_the_cent(demand):
    by_station = table(demand, "Flat demand by station, August 2020")

    assert by_station.total("Cost (USD)") == Decimal("144.00")
    # Two stations of 7.2 kW at once: half of 144 each.
    assert [row[2] for row in by_station.rows] == [Decimal("72.00")] * 2


def test_the_demand_workbook_opens_with_the_same_amounts(demand):
    rows = sheet(report_bytes(demand, ending=".xlsx"), "Lines")

    assert rows[-1]["Month"] == "Total"
    assert rows[-1]["Amount (USD)"] == 146.88
    assert sum(row["Amount (USD)"] for row in rows[:-1]) == pytest.approx(146.88)


def test_the_comparison_names_the_cheapest_and_holds_every_load(yard):
    comparison = compare_stored(yard, YARD, tariff_ids=["energy", "demand"])

    report = comparison_report(comparison, time_zone="Europe/London")

    assert figures(report)["Cheapest"] == "Test: demand"
    planned = comparison.tariffs[0].planned
    assert planned is not None
    assert figures(report)["It costs"] == planned.total_amount
    assert [row[2] for row in table(report, "Tariffs").rows] == ["as it was", "planned"] * 2
    totals = table(report, "What each costs (USD)")
    assert totals.column("Planned anew (USD)")[0] == planned.total_amount
    rows = sheet(report_bytes(report, ending=".xlsx"), "Tariffs")
    # Past under "energy": 28.8 kWh at 2.00.
    assert rows[2]["Total"] == 57.6


def test_the_audit_pack_holds_both_bills_and_what_is_too_much(case):
    given = GivenBill(Path("b.csv"), text=PRINTED, first_day=AUGUST[0], end_day=AUGUST[1])
    audited = audit_utility_bill(case, given)

    report = audit_report(audited)

    assert figures(report)["The utility's bill"] == Decimal("154.00")
    assert figures(report)["Ours"] == Decimal("146.88")
    assert figures(report)["Too much, where above 0"] == audited.audit.variance
    lines = table(report, "Line by line")
    assert lines.total("Difference (USD)") == Decimal("154.00") - Decimal("146.88")
    assert table(report, "The utility's bill as printed").total("Amount (USD)") == Decimal("154.00")
    assert [row[0] for row in table(report, "Likely causes").rows] == [
        cause.sentence for cause in audited.audit.causes
    ]


def test_the_morning_report_accounts_for_every_watt_hour(night):
    report = night_report(night)

    assert figures(report)["Vans"] == len(night.vehicles)
    assert figures(report)["Energy missing"] == wh_to_kwh(night.missing_wh)
    for name in ("Vans", "What took it"):
        assert table(report, name).total("Missing (kWh)") == pytest.approx(
            wh_to_kwh(night.missing_wh)
        )
    rows = sheet(report_bytes(report, ending=".xlsx"), "Vans")
    assert [row["Van"] for row in rows[:-1]] == [one.vehicle_id for one in night.vehicles]
    # The zone of the night's depot is on UTC in November.
    assert rows[0][f"Arrival ({report.time_zone})"] == night.vehicles[0].arrival.replace(
        tzinfo=None
    )


def test_the_sessions_report_sums_what_was_charged(yard):
    review = review_sessions(yard)

    report = sessions_report(review, time_zone="Europe/London")

    assert figures(report)["Sessions"] == 2
    # Two sessions of 14.4 kWh.
    assert table(report, "Sessions").total("Energy (kWh)") == pytest.approx(28.8)
    # 20:00 in British summer time, as the log says; with a total under it the reader gives texts.
    rows = sheet(report_bytes(report, ending=".xlsx"), "Sessions")
    assert [row["Plugged in (Europe/London)"] for row in rows] == ["2020-08-03 20:00:00"] * 2 + [
        "Total"
    ]


def test_every_recipe_asks_for_the_same_figures(yard, case, night, demand, tmp_path):
    given = GivenBill(Path("b.csv"), text=PRINTED, first_day=AUGUST[0], end_day=AUGUST[1])
    ids = ("demand", "energy")
    made: list[tuple[Report, NotebookRecipe]] = [
        (demand, demand_recipe(case)),
        (
            sessions_report(review_sessions(yard, site="Yard"), time_zone="UTC"),
            sessions_recipe(yard, site="Yard", time_zone="UTC"),
        ),
        (
            comparison_report(
                compare_stored(yard, YARD, tariff_ids=ids), time_zone="Europe/London"
            ),
            comparison_recipe(yard, YARD, tariff_ids=ids),
        ),
        (audit_report(audit_utility_bill(case, given)), audit_recipe(case, given)),
        (
            quality_report(data_quality(yard, now=MORNING), time_zone="UTC"),
            quality_recipe(yard, now=MORNING, time_zone="UTC"),
        ),
    ]

    for report, recipe in made:
        path = tmp_path / "asked.ipynb"
        write_report(path, report, recipe=recipe)

        names = run(path.read_bytes())

        assert figures(names["report"]) == figures(report)


def test_the_mornings_recipe_names_its_night_and_is_code(night, tmp_path):
    recipe = morning_recipe(Settings(home=tmp_path), now=MORNING, night=night.night)

    content = notebook(night_report(night), recipe)

    assert f"night = date.fromisoformat('{night.night}')" in code_of(content)
    assert ast.parse(code_of(content))


def run(content: bytes) -> dict:
    """Return the names of a notebook after its last cell, its own check."""
    names: dict = {}
    exec(code_of(content), names)  # noqa: S102 - what this test made itself
    return names


def code_of(content: bytes) -> str:
    cells = json.loads(content)["cells"]
    return "\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "code")


def test_a_notebook_without_a_recipe_and_an_unknown_kind_are_refused(demand):
    for ending in (".ipynb", ".docx", ""):
        with pytest.raises(InputError, match="cannot be written"):
            report_bytes(demand, ending=ending)


def test_nothing_half_written_is_left(demand, tmp_path):
    path = tmp_path / "reports" / "demand.html"

    write_report(path, demand)

    assert [one.name for one in path.parent.iterdir()] == ["demand.html"]
    assert "146.88 USD" in path.read_text()


def test_a_report_of_a_depot_is_written_with_its_numbers(demand, tmp_path):
    settings = Settings(home=tmp_path / "home")
    site = DEMO_SITE.read_text() + '\n[display]\nnumbers = "1.234,5"\n'
    save_site_text(settings, site, where="site.toml", now=MORNING)

    write_report(tmp_path / "demand.html", demand, settings=settings)

    assert "146,88 USD" in (tmp_path / "demand.html").read_text()


def test_tariffs_of_two_currencies_are_two_pictures(yard):
    comparison = compare_stored(yard, YARD, tariff_ids=["energy", "demand"])
    first, second = comparison.tariffs
    both = replace(comparison, tariffs=(first, replace(second, currency="EUR")))

    report = comparison_report(both, time_zone="Europe/London")

    assert [(chart.unit, len(held.rows)) for chart, held in report.pictures] == [
        ("USD", 1),
        ("EUR", 1),
    ]
