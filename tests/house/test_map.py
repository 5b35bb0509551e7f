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
WORKFLOWS = {path.stem: path.read_text() for path in (PACKAGE / "workflows").glob("[!_]*.py")}


def rooms_on_the_map(docstring: str) -> set[str]:
    return set(re.findall(r"^([a-z_]+) {2,}\S", docstring, re.MULTILINE))


def without_a_command(workflows: dict[str, str], *, command_texts: list[str]) -> set[str]:
    """Return the workflow files that no command reaches, directly or through another workflow."""
    reached, texts = set(), list(command_texts)
    while texts:
        called = {
            name.split(".")[2] for name in imported_modules(texts.pop()) if _is_workflow(name)
        }
        texts += [workflows[name] for name in called - reached if name in workflows]
        reached |= called
    return set(workflows) - reached


def _is_workflow(module: str) -> bool:
    return module.startswith("depotlib.workflows.")


def test_the_map_shows_every_room_and_no_other():
    assert rooms_on_the_map(depotlib.__doc__ or "") == ROOMS


def test_every_room_says_its_job_in_its_first_lines():
    for room in sorted(PACKAGE.glob("*/__init__.py")):
        assert re.match(r'"""\S.{20,}', room.read_text()), room


def test_every_workflow_has_a_command():
    texts = [path.read_text() for path in python_files("depotlib/cli")]

    assert without_a_command(WORKFLOWS, command_texts=texts) == set()


def test_the_rules_catch_a_violation():
    command = "from depotlib.workflows.plan_night import plan_night"
    files = {"plan_night": "from depotlib.workflows import night", "night": "", "push_plan": ""}

    assert rooms_on_the_map("store    the warehouse\nprose with words\n") == {"store"}
    assert without_a_command(files, command_texts=[command]) == {"push_plan"}
