"""The map of the house is complete: every room has its line, every workflow its command."""

import re

import depotlib
from tests.house.source_tree import imported_modules, python_files
from tests.places import ROOT

PACKAGE = ROOT / "depotlib"
ROOMS = {
    path.stem
    for path in PACKAGE.iterdir()
    if (path.suffix == ".py" or (path / "__init__.py").is_file()) and not path.stem.startswith("__")
}
WORKFLOWS = {path.stem for path in (PACKAGE / "workflows").glob("[!_]*.py")}


def rooms_on_the_map(docstring: str) -> set[str]:
    return set(re.findall(r"^([a-z_]+) {2,}\S", docstring, re.MULTILINE))


def without_a_command(workflows: set[str], *, command_texts: list[str]) -> set[str]:
    called = set().union(*(imported_modules(text) for text in command_texts))
    return {name for name in workflows if f"depotlib.workflows.{name}" not in called}


def test_the_map_shows_every_room_and_no_other():
    assert rooms_on_the_map(depotlib.__doc__ or "") == ROOMS


def test_every_room_says_its_job_in_its_first_lines():
    for room in sorted(PACKAGE.glob("*/__init__.py")):
        assert re.match(r'"""\S.{20,}', room.read_text()), room


def test_every_workflow_has_a_command():
    texts = [path.read_text() for path in python_files("depotlib/cli")]

    assert without_a_command(WORKFLOWS, command_texts=texts) == set()


def test_the_rules_catch_a_violation():
    text = "from depotlib.workflows.plan_night import plan_night"

    assert rooms_on_the_map("store    the warehouse\nprose with words\n") == {"store"}
    assert without_a_command({"plan_night", "push_plan"}, command_texts=[text]) == {"push_plan"}
