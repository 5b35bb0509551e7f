"""docs/mathematics.md holds the planner's formulas as its docstrings do, and leaves none out."""

import ast
import importlib
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from depotlib.planning.lp import PARTS
from tests.house.source_tree import parsed, python_files
from tests.places import ROOT
from tests.requirements.pointer import covered_by

PAGE = (ROOT / "docs" / "mathematics.md").read_text()
FORMULA = re.compile(r"^- `(.+)`\n  `(depotlib[\w.]+)`, `(test_\w+)`$", re.MULTILINE)
JOB = re.compile(r"^\| `(depotlib\.planning[\w.]*)` \| (.+) \|$", re.MULTILINE)
NAME = re.compile(r"`(depotlib\.[\w.]+)`")
TEST = re.compile(r"`(test_\w+)`")
CODE = re.compile(r"``(.+?)``", re.DOTALL)
RELATION = re.compile(r"\S (=|<=|>=) \S|Σ")
"""What makes code in a docstring a formula: a relation between two sides, or a sum."""


def plain(text: str) -> str:
    """Return a text with every break of a line as a space."""
    return " ".join(text.split())


@cache
def named(name: str) -> object:
    """Return the module, class, field, method or function of a dotted name."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            fields: dict[str, object] = getattr(found, "__dataclass_fields__", {})
            found = fields[part] if part in fields else getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


def drifted(page: str) -> list[tuple[str, str]]:
    """Return names with the formulas of a page that their docstrings do not hold."""
    return [
        (name, formula)
        for formula, name, _ in FORMULA.findall(page)
        if plain(formula) not in plain(inspect.getdoc(named(name)) or "")
    ]


def formulas_of(text: str) -> Iterator[str]:
    """Yield the formulas that stand in the docstrings of a file."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            for code in CODE.findall(ast.get_docstring(node) or ""):
                if RELATION.search(plain(code)):
                    yield plain(code)


def missing_from(page: str, text: str) -> set[str]:
    """Return the formulas of a file that are not on a page."""
    return set(formulas_of(text)) - {plain(formula) for formula, _, _ in FORMULA.findall(page)}


def modules() -> dict[str, Path]:
    """Return the planner's public modules by name."""
    files = python_files("depotlib/planning")
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in files
        if path.name == "__init__.py" or not path.name.startswith("_")
    }


def unnamed(page: str, names: list[str]) -> list[str]:
    """Return the modules that a page names neither themselves nor by something in them."""
    on_page = NAME.findall(page)
    return [
        name
        for name in names
        if not any(one == name or one.startswith(f"{name}.") for one in on_page)
    ]


@cache
def places_of_tests() -> dict[str, list[str]]:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in python_files("tests"):
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE):
            places[name].append(str(path.relative_to(ROOT)))
    return places


def test_every_formula_stands_in_the_docstring_of_what_holds_it():
    assert len(FORMULA.findall(PAGE)) > 100
    assert drifted(PAGE) == []


def test_every_line_of_the_page_that_looks_like_a_formula_is_read_as_one():
    sections = PAGE.split("## Symbols")[1].split("## Laws")[0]

    assert len(re.findall(r"^- ", sections, re.MULTILINE)) == len(FORMULA.findall(sections))


def test_every_formula_of_a_docstring_is_on_the_page():
    missing = {
        name: found
        for name, path in modules().items()
        if (found := missing_from(PAGE, path.read_text()))
    }

    assert missing == {}


def test_every_part_of_the_linear_model_has_its_formulas():
    pieces = [piece for part in PARTS for piece in (part.columns, part.rows, part.cost) if piece]

    names = {f"{piece.__module__}.{piece.__qualname__}" for piece in pieces}

    assert names - {name for _, name, _ in FORMULA.findall(PAGE)} == set()


def test_every_name_on_the_page_exists():
    for name in NAME.findall(PAGE):
        named(name)


def test_every_module_of_the_planner_is_on_the_page():
    # A new module: give it a formula, or a row among "The other modules".
    assert unnamed(PAGE, list(modules())) == []


def test_the_job_of_a_module_is_the_first_line_of_its_docstring():
    jobs = dict(JOB.findall(PAGE))
    jobs = {name: job for name, job in jobs.items() if name in modules()}

    lines = {name: (inspect.getdoc(named(name)) or "").splitlines()[0] for name in jobs}

    assert len(jobs) > 30
    assert jobs == lines


def test_every_formula_and_law_is_tested_by_one_test_that_is_run():
    for name in sorted(set(TEST.findall(PAGE)) - {Path(__file__).stem}):
        places = places_of_tests()[name]
        assert len(places) == 1, f"{name}: {places}"
        covered_by(f"{places[0]}::{name}")


def test_the_rules_catch_a_violation():
    page = "- `a = b + c`\n  `depotlib.planning.month.peak_targets`, `test_that_nobody_wrote`\n"
    text = '"""A room.\n\n``x = y\nz`` and ``Δ`` and ``Σ e``\n"""'

    assert drifted(page) == [("depotlib.planning.month.peak_targets", "a = b + c")]
    assert missing_from(page, text) == {"x = y z", "Σ e"}
    assert unnamed(page, ["depotlib.planning.month", "depotlib.planning.mon"]) == [
        "depotlib.planning.mon"
    ]
    assert places_of_tests()["test_that_nobody_wrote_either"] == []
    with pytest.raises(AttributeError):
        named("depotlib.planning.month.nothing_there")
