"""A notebook asks the page's question again; what a name holds can be nothing but a text in it."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import nbformat
import pytest

from depotlib.reports.notebook import NamedParameter, NotebookRecipe, notebook
from tests.house.test_notebooks import leftovers
from tests.unit.reports.samples import REPORT

INJECTED = "Bob's\"; import os\nos.abort() #"
RECIPE = NotebookRecipe(
    parameters=(
        NamedParameter("home", Path("/a folder")),
        NamedParameter("site", INJECTED, "the yard"),
        NamedParameter("now", datetime(2026, 11, 2, tzinfo=UTC)),
        NamedParameter("night", date(2026, 11, 1)),
        NamedParameter("limit_kw", None),
        NamedParameter("tariff_ids", ("a", "b")),
    ),
    imports=("from tests.unit.reports.samples import REPORT",),
    calls=("report = REPORT",),
    rows="site",
)


@pytest.fixture(scope="module")
def cells():
    return json.loads(notebook(REPORT, RECIPE))["cells"]


def run(cells: list[dict], names: dict) -> dict:
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # noqa: S102 - what this test made itself
    return names


def test_it_is_a_notebook_as_its_format_wants_it(cells):
    assert nbformat.validate(nbformat.reads(notebook(REPORT, RECIPE), as_version=4)) is None
    assert leftovers(notebook(REPORT, RECIPE).decode()) == []
    tags = [cell["metadata"].get("tags") for cell in cells if cell["metadata"].get("tags")]
    assert tags == [["parameters"], ["check"]]


def test_parameters_are_what_was_asked_whatever_a_name_holds(cells):
    names = run(cells[:2], {})

    assert names["site"] == INJECTED
    assert names["home"] == Path("/a folder")
    assert (names["now"], names["night"]) == (datetime(2026, 11, 2, tzinfo=UTC), date(2026, 11, 1))
    assert (names["limit_kw"], names["tariff_ids"]) == (None, ("a", "b"))


def test_run_to_its_end_the_figures_are_the_pages(cells):
    assert run(cells, {})["report"] is REPORT


def test_an_answer_that_has_changed_is_told_by_the_last_cell(cells):
    names = run(cells[:-1], {})
    names["report"] = type(REPORT)("t", "q", REPORT.figures[1:], (), (), "UTC")

    with pytest.raises(AssertionError, match=r"6,764\.94 USD"):
        exec("".join(cells[-1]["source"]), names)  # noqa: S102 - as above
