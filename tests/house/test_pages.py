"""Every page opens itself, keeps its state in one place and reads like its outline."""

import ast
import re
import tomllib

from tests.house.source_tree import parsed, python_files, violations
from tests.places import ROOT

PAGES = [path for path in python_files("pages") if path.name != "__init__.py"]
SHARED = python_files("depotlib/ui")


def opens_late(text: str) -> bool:
    """Return whether the first call of a page, after imports and constants, is another one."""
    calls = (node for node in ast.walk(parsed(text)) if isinstance(node, ast.Call))
    first = min(calls, key=lambda call: (call.lineno, call.col_offset), default=None)
    return first is None or ast.unparse(first.func).split(".")[-1] != "open_page"


def out_of_place(text: str) -> list[str]:
    return re.findall(r"session_state|\bSELECT\b|duckdb|sqlite3", text)


def test_every_page_opens_itself():
    assert PAGES, "there are no pages"
    assert [path.name for path in PAGES if opens_late(path.read_text())] == []


def test_a_string_that_stands_alone_in_a_page_is_not_shown_on_it():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())

    assert config["runner"]["magicEnabled"] is False


def test_a_page_holds_no_state_and_no_query():
    assert violations(PAGES, lambda _, text: out_of_place(text)) == {}


def test_session_state_is_touched_in_one_file_only():
    touching = [path.name for path in SHARED if "session_state" in path.read_text()]

    assert set(touching) <= {"state.py"}


def test_the_rules_catch_a_violation():
    assert opens_late("import streamlit as st\nst.title('x')\nopen_page('x')")
    assert not opens_late("from depotlib.ui.page import open_page\nopen_page('x')\nst.title('x')")
    assert out_of_place("st.session_state['x'] = 1")
