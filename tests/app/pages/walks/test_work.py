"""Work that a person sets off in a real browser: compared, cancelled, judged, taken away."""

import json
import re
from pathlib import Path

import fastexcel
import pytest
from playwright.sync_api import Browser, Page, expect

from depotlib.drills.progress import drills_folder, is_playing
from depotlib.drills.registry import DRILLS
from depotlib.drills.results import kept_reports
from depotlib.workflows.background_job import seen_job
from depotlib.workflows.compare_scenarios import (
    ScenarioOrder,
    compare_scenarios,
    scenario_from_text,
)
from depotlib.workflows.declare_study import keep_study, results_folder
from depotlib.workflows.review_demand import list_tariffs, review_demand
from depotlib.workflows.review_sessions import list_sites
from depotlib.workflows.run_study import show_study
from tests.app.browser import chromium, desk, metric, shown_rows
from tests.app.pages.walks.conftest import Workbench
from tests.app.tour import stand_still
from tests.app.whole_night import wait_for
from tests.study_files import STUDY, write_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.timeout(900),
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]
WORK_WITHIN_MS = 300_000
FIGURES = "Every figure of each scenario"
NEW_YORK = "America/New_York"  # data/demo/site.toml
FULL_KW = 7.2
OUTSIDE = "http"


def test_scenarios_are_compared_and_their_address_shows_somebody_else_the_same(
    browser: Browser, workbench: Workbench, page: Page
):
    page.goto("/Scenarios?relaxed=true")
    page.get_by_label("Name", exact=True).fill("Tight")
    page.get_by_label("Operating limit (kW)", exact=True).fill("150")
    page.get_by_role("button", name="Add and plan").click()
    heading = page.get_by_role("heading", name="What differs")
    expect(heading).to_be_visible(timeout=WORK_WITHIN_MS)
    stand_still(page)
    shown = shown_rows(page, FIGURES)

    with desk(browser, workbench.address) as context:
        other = context.new_page()
        other.goto(page.url)
        expect(other.get_by_role("heading", name="What differs")).to_be_visible()
        stand_still(other)
        theirs = shown_rows(other, FIGURES)

    order = ScenarioOrder(at=workbench.settings.depot_clock().now(), occupancy="relaxed")
    tight = scenario_from_text("Tight: operating_limit_kw=150")
    same, tried = compare_scenarios(workbench.settings, order, scenarios=[tight])
    assert same.plan is not None
    assert tried.plan is not None
    bills = {row["Figure"]: row for row in shown}["Bill"]
    assert bills["As it is"] == f"{same.plan.header.bill_amount:,.2f} USD"
    assert bills["Tight"].startswith(f"{tried.plan.header.bill_amount:,.2f} USD (")
    assert theirs == shown


def test_a_study_runs_beside_the_page_is_cancelled_and_found_again_by_its_address(
    browser: Browser, workbench: Workbench, page: Page, tmp_path: Path
):
    # Few scenarios, each of which plans its nights anew again and again: nobody can be too slow for it.
    text = STUDY.replace("seeds = 2", "seeds = 50").replace("days = 2", "days = 7")
    text = text.replace("fcfs", "replanned")
    write_study(tmp_path, text=text)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    study = keep_study(workbench.settings, "long", files=files)

    page.goto("/Study_grid?study=long")
    page.get_by_role("button", name="Run", exact=True).click()
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    expect(cancel).to_be_visible()
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    page.wait_for_url("**job=**")
    address = page.url
    with desk(browser, workbench.address) as context:
        other = context.new_page()
        other.goto(address)
        other.get_by_role("button", name="Cancel", exact=True).click()
        kept = other.get_by_text("What was done is kept: run it again to go on", exact=False)
        expect(kept).to_be_visible()
    expect(page.get_by_text("What was done is kept: run it again", exact=False)).to_be_visible()
    stand_still(page)

    job_id = page.evaluate("new URLSearchParams(location.search).get('job')")
    state = show_study(study, results_folder(workbench.settings))
    assert seen_job(workbench.settings, job_id).job.state == "cancelled"
    # 2 axes of 2 values, 50 draws each.
    assert state.total == 200 > state.found
    assert metric(page, "Scenarios") == f"{state.found} of 200"


def test_drills_are_judged_beside_the_page_and_their_report_is_taken_away(
    workbench: Workbench, page: Page, tmp_path: Path
):
    folder = drills_folder(workbench.settings)

    page.goto("/Drills")
    page.get_by_text("Judge the connected stations", exact=False).click()
    page.get_by_role("combobox", name="Drill", exact=False).first.click()
    page.get_by_role("option", name="all of them", exact=False).click()
    page.get_by_role("button", name="Run", exact=True).click()
    reports = page.get_by_role("combobox", name="Report", exact=True)
    expect(reports).to_have_value(re.compile("in shadow,"))
    wait_for(lambda: not is_playing(folder), within_s=120, what="the end of the drills")
    (report,) = kept_reports(folder)
    stand_still(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Figures (JSON)").click()
    download.value.save_as(tmp_path / "drills.json")

    told = json.loads((tmp_path / "drills.json").read_text())
    assert [one["name"] for one in told["drills"]] == [one.name for one in DRILLS]
    assert (tmp_path / "drills.json").read_bytes() == report.json_path.read_bytes()
    rows = {row["Drill"]: row for row in shown_rows(page, "Go-live drills")}
    judged = {one.name: one.word for one in report.told.drills}
    assert {
        name: row["In shadow"] for name, row in rows.items() if row["In shadow"] in judged.values()
    }.items() <= judged.items()


def taken(page: Page, label: str, *, path: Path) -> Path:
    """Return a file after a person took it away; it is made once it is asked for."""
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    download.value.save_as(path)
    return path


def test_demand_charges_are_taken_away_to_print_and_to_work_with(
    browser: Browser, workbench: Workbench, page: Page, tmp_path: Path
):
    review = review_demand(
        workbench.settings,
        site=list_sites(workbench.settings)[0],
        tariff_id=next(iter(list_tariffs(workbench.settings))),
        time_zone=NEW_YORK,
        max_kw=FULL_KW,
    )
    total = f"{review.total_amount:,.2f} USD"

    page.goto("/Demand_charges")
    expect(page.get_by_role("heading", name="Take it away")).to_be_visible()
    stand_still(page)
    paper = taken(page, "Report to print", path=tmp_path / "report.html")
    pdf = taken(page, "Report (PDF)", path=tmp_path / "report.pdf")
    book = taken(page, "Workbook (XLSX)", path=tmp_path / "report.xlsx")
    notebook = taken(page, "Open as notebook", path=tmp_path / "report.ipynb")

    assert metric(page, "All bills") == total
    assert pdf.read_bytes().startswith(b"%PDF-")
    sheet = fastexcel.read_excel(book).load_sheet("Figures", header_row=None, dtypes="string")
    assert f"{review.total_amount}" in {
        cell for row in sheet.to_polars().rows() for cell in row if cell is not None
    }
    assert json.loads(notebook.read_text())["nbformat"] == 4
    asked: list[str] = []
    with desk(browser, workbench.address) as context:
        report = context.new_page()
        report.on("request", lambda request: asked.append(request.url))
        report.goto(paper.as_uri())
        expect(report.get_by_text(total, exact=False).first).to_be_visible()
    # The file stands for itself: nothing is asked of any machine.
    assert [url for url in asked if url.startswith(OUTSIDE)] == []
