"""The fifty requirements: each is met by a test."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.requirements.pointer import covered_by

FOLDER = Path(__file__).parent


def numbers_tested() -> list[int]:
    names = (
        node.name
        for path in FOLDER.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    )
    matches = (re.match(r"test_requirement_(\d\d)_[a-z]", name) for name in names)
    return [int(match.group(1)) for match in matches if match]


def test_every_requirement_is_met():
    assert sorted(set(numbers_tested())) == list(range(1, 51))


def test_every_requirement_has_one_test():
    assert [number for number, count in Counter(numbers_tested()).items() if count > 1] == []


def test_a_pointer_to_a_test_that_is_not_there_is_caught():
    with pytest.raises(AssertionError, match="no such test"):
        covered_by("tests/requirements/test_all_fifty.py::test_that_nobody_wrote")


def test_a_pointer_to_a_test_that_is_set_aside_is_caught():
    with pytest.raises(AssertionError, match="is set aside"):
        covered_by(
            "tests/chaos/test_safety_simulation.py"
            "::test_no_node_is_ever_above_its_hard_limit_in_500_long_days"
        )
