"""Notebooks are committed without outputs, and argue rather than define."""

import json
import re

from tests.house.source_tree import tracked_files, violations

NOTEBOOKS = [path for path in tracked_files() if path.suffix == ".ipynb"]


def leftovers(text: str) -> list[str]:
    found = []
    for number, cell in enumerate(json.loads(text)["cells"]):
        if cell["cell_type"] != "code":
            continue
        if cell.get("outputs") or cell.get("execution_count"):
            found.append(f"cell {number} holds an output or a count")
        if re.search(r"^(def|class) ", "".join(cell["source"]), re.MULTILINE):
            found.append(f"cell {number} defines something that deserves a home in the library")
    return found


def test_a_notebook_holds_no_output_and_no_definition():
    assert NOTEBOOKS, "there are no notebooks"
    assert violations(NOTEBOOKS, lambda _, text: leftovers(text)) == {}


def test_the_rule_catches_a_violation():
    ran = {"cell_type": "code", "source": ["1"], "outputs": [{"x": 1}], "execution_count": 1}
    defines = {"cell_type": "code", "source": "def f():\n    pass", "outputs": []}

    assert len(leftovers(json.dumps({"cells": [ran, defines, {"cell_type": "markdown"}]}))) == 2
