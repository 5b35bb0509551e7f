"""Files and functions stay small enough to read, and no file is a drawer for odds and ends."""

import ast
from pathlib import Path

from tests.house.source_tree import PRODUCT, WRITTEN_BY_US, parsed, python_files, violations
from tests.places import ROOT

MAX_FILE_LINES = 400
MAX_PAGE_LINES = 150
MAX_FUNCTION_LINES = 40
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "stuff"}


def too_long(path: Path, text: str) -> list[str]:
    wall = MAX_PAGE_LINES if path.parent.name == "pages" else MAX_FILE_LINES
    lines = len(text.splitlines())
    return [f"{path.name} has {lines} lines; the wall is {wall}"] if lines > wall else []


def long_functions(text: str) -> list[str]:
    code = {number for number, line in enumerate(text.splitlines(), 1) if line.strip(" )]},#")}
    found = []
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = len(code & set(range(body[0].lineno, node.end_lineno + 1))) if body else 0
            if lines > MAX_FUNCTION_LINES:
                found.append(f"{node.name} (line {node.lineno}) has {lines} lines of code")
    return found


def drawer_names(path: Path) -> list[str]:
    return sorted(DRAWERS & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts})


def test_a_file_stays_below_the_wall():
    assert violations(python_files(*WRITTEN_BY_US), too_long) == {}


def test_a_file_is_named_after_a_noun():
    assert [name for path in python_files(*WRITTEN_BY_US) for name in drawer_names(path)] == []


def test_a_function_fits_on_a_screen():
    assert violations(python_files(*PRODUCT), lambda _, text: long_functions(text)) == {}


def test_the_rules_catch_a_violation():
    assert too_long(Path("depotlib/x.py"), "x = 1\n" * 401)
    assert too_long(Path("pages/x.py"), "x = 1\n" * 151)
    assert drawer_names(ROOT / "depotlib" / "planning" / "utils.py") == ["utils"]
    assert long_functions("def f():\n" + "    x = 1\n" * 41)
    assert long_functions("def f():\n    '''Doc.\n" + "    text\n" * 50 + "    '''\n") == []
