"""Every page opens itself, keeps its state in one place and reads like its outline."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.source_tree import label, python_files

PAGES = [path for path in python_files("pages") if path.name != "__init__.py"]
SHARED = python_files("depotlib/ui")


def opens_late(text: str) -> bool:
    """Return whether the first call of a page, after imports and constants, is another one."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    first = min(calls, key=lambda call: (call.lineno, call.col_offset), default=None)
    return first is None or ast.unparse(first.func).split(".")[-1] != "open_page"


def out_of_place(text: str) -> list[str]:
    return re.findall(r"session_state|\bSELECT\b|duckdb|sqlite3", text)


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_a_page_opens_itself_and_holds_no_state_and_no_query(path: Path):
    assert not opens_late(path.read_text())
    assert out_of_place(path.read_text()) == []


@pytest.mark.parametrize("path", SHARED, ids=label)
def test_session_state_is_touched_in_one_file_only(path: Path):
    assert path.name == "state.py" or "session_state" not in path.read_text()


def test_the_rules_catch_a_violation():
    assert opens_late("import streamlit as st\nst.title('x')\nopen_page('x')")
    assert not opens_late("from depotlib.ui.page import open_page\nopen_page('x')\nst.title('x')")
    assert out_of_place("st.session_state['x'] = 1")
