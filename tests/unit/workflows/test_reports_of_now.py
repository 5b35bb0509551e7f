"""How things stand and what could be, as reports: the workflows' own figures, and asked again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from depotlib.reports.html_page import html_page
from depotlib.reports.notebook import NotebookRecipe, notebook
from depotlib.reports.report import Report, Value
from depotlib.settings import Settings
from depotlib.studies.band import Band
from depotlib.studies.declaration import Axis, Study
from depotlib.studies.paired import PairedDifference
from depotlib.studies.tornado import Swing
from depotlib.workflows.audit_trail import AuditWish, audit_trail
from depotlib.workflows.compare_scenarios import NightScenario, ScenarioOrder, SolvedScenario
from depotlib.workflows.declare_study import EXAMPLE, study_currency
from depotlib.workflows.notebook_now import (
    deeds_recipe,
    live_recipe,
    tonight_recipe,
)
from depotlib.workflows.open_notebook import scenarios_recipe, study_recipe
from depotlib.workflows.report_now import deeds_report, live_report
from depotlib.workflows.report_scenarios import scenarios_report, study_report
from depotlib.workflows.run_study import StudyState, show_study
from depotlib.workflows.trace_night import NightTrace, trace_night
from depotlib.workflows.watch_night import watch_night
from tests.unit.charts.chart_cases import plan
from tests.unit.workflows.test_reconcile_night import MORNING, play_night

AT = datetime(2026, 11, 2, 22, tzinfo=UTC)
STUDY = Study("small", (Axis("ac_stations", (2, 4)),), seeds=(0, 1))
MEANS = pl.DataFrame(
    {
        "ac_stations": [2, 4],
        "ready_mean_share": [0.75, 1.0],
        "ready_mean_share_low": [0.7, None],
        "bill": [100.0, 130.0],
    }
)


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("now"))
    play_night(settings)
    return settings


@pytest.fixture(scope="module")
def live(played) -> tuple[Report, NotebookRecipe]:
    night = watch_night(played, now=MORNING)
    assert night is not None
    trace = trace_night(played, before=NightTrace(since=night.begins_at))
    return live_report(night, trace), live_recipe(played, now=MORNING, since=night.begins_at)


def figures(report: Report) -> dict[str, Value]:
    return {one.name: one.value for one in report.figures}


def table(report: Report, name: str):
    return next(one for one in report.tables if one.name == name)


def names_after(report: Report, recipe: NotebookRecipe, *, cells: int | None = None) -> dict:
    """Return what a notebook's cells leave behind; the first ones alone, or all."""
    names: dict = {}
    code = [
        one for one in json.loads(notebook(report, recipe))["cells"] if one["cell_type"] == "code"
    ]
    for cell in code[:cells]:
        exec("".join(cell["source"]), names)  # noqa: S102 - what this test made itself
    return names


def test_the_night_as_it_is_is_asked_again_and_not_asserted(live):
    report, recipe = live

    names = names_after(report, recipe)

    assert figures(names["report"]) == figures(report)
    assert figures(report)["Vans"] == len(table(report, "Vans").rows) > 0
    assert "assert here" not in notebook(report, recipe).decode()
    # Nothing more has happened since: no figure stands apart from the page's.
    assert names["here"] == names["on_the_page"]


def test_deeds_are_asked_again(played):
    wish = AuditWish()
    deeds = deeds_report(audit_trail(played, wish), time_zone="UTC")

    again = names_after(deeds, deeds_recipe(played, wish, time_zone="UTC"))

    assert figures(again["report"]) == figures(deeds)


def test_scenarios_stand_beside_each_other_and_one_that_cannot_be_says_why():
    same = SolvedScenario(NightScenario("As it is", {}), plan())
    tight = SolvedScenario(NightScenario("Tight", {"service_kw": 1.0}), None, why_not="too little")

    report = scenarios_report([same, tight], time_zone="UTC")

    header = plan().header
    assert figures(report)["Bill a month, As it is"] == header.bill_amount
    assert figures(report)["Peak, As it is"] == header.peak_kw
    assert table(report, "What differs").rows == (("As it is", None), ("Tight", 1.0))
    assert "Tight cannot be planned: too little" in report.notes
    assert [chart.name for chart, _ in report.pictures] == ["What a month of such nights costs"]


def test_a_study_names_its_cheapest_point_and_draws_those_that_no_other_beats():
    state = StudyState(STUDY, 4, 4, 1, ("it broke",), MEANS, MEANS.head(1), {})

    report = study_report(state, currency="EUR")

    assert figures(report)["Lowest bill"] == 100.0
    assert figures(report)["It is"] == "AC stations: 2"
    assert figures(report)["Points beaten by none"] == 1
    # A share of 0.75 is 75 %.
    assert table(report, "All points").column("Ready (%)") == [75.0, 100.0]
    assert table(report, "All points").column("Ready, low (%)") == [70.0, None]
    assert "it broke" in report.notes
    assert [chart.table for chart, _ in report.pictures] == ["Points that no other beats"]
    assert "75.0" in html_page(report)


def test_a_tornado_says_how_far_each_axis_moves_the_bill():
    effect = PairedDifference("bill", Band(12.5, 10.0, 15.0, 2), 1.0)
    swing = Swing("ac_stations", 2, ((4, effect),))
    tornado = Study("t", STUDY.axes, design="tornado", base={"ac_stations": 2})
    state = StudyState(tornado, 2, 2, 0, (), MEANS, pl.DataFrame(), {"bill": (swing,)})

    report = study_report(state, currency="EUR")

    assert report.tables[0].rows == (("AC stations: 2 to 4", 12.5, 10.0, 15.0),)
    assert report.pictures[0][0].unit == "EUR"


def test_a_study_is_read_again_by_its_notebook_and_nothing_is_run(tmp_path):
    report = study_report(show_study(EXAMPLE, tmp_path), currency=study_currency(EXAMPLE))

    names = names_after(report, study_recipe(EXAMPLE, tmp_path))

    assert figures(names["report"]) == figures(report)
    assert figures(report)["With a result"] == 0
    assert list(tmp_path.iterdir()) == []


def test_what_takes_a_solve_to_ask_again_names_what_there_is(tmp_path):
    settings = Settings(home=tmp_path)
    order = ScenarioOrder(at=AT, occupancy="relaxed")
    more = NightScenario("More", {"vehicles": 70})
    empty = scenarios_report([], time_zone="UTC")
    recipes = (
        scenarios_recipe(settings, order, scenarios=[more], time_zone="UTC"),
        tonight_recipe(settings, now=AT),
    )

    # Parameters and imports; what they call is run with the full counts, in test_reports_agree.
    asked, tonight = (names_after(empty, recipe, cells=2) for recipe in recipes)

    assert asked["scenarios"] == ("More: vehicles=70",)
    assert asked["home"] == Path(tmp_path).resolve()
    assert callable(asked["compare_scenarios"])
    assert tonight["evening"] is None
    assert callable(tonight["tonight_report"])
