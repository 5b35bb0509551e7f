"""Units are converted in `depotlib/units.py` and nowhere else."""

import ast
import re

import pytest

from tests.house.source_tree import PRODUCT, parsed, python_files, violations
from tests.places import ROOT

UNITS = ROOT / "depotlib" / "units.py"
FACTORS = {60, 3600, 86400, 1000, 1e6, 1e9, 1e-3, 1e-6}
SQL_FACTOR = re.compile(r"[*/]\s*(?:60|3600|86400|1000|1e3|1e-3)(?:\.0*)?\b(?!\.?\d)")
SCALING = (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)


def _is_factor(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in {int, float} and (
        node.value in FACTORS
    )  # fmt: skip


def conversions(text: str) -> list[str]:
    found = []
    for node in ast.walk(parsed(text)):
        match node:
            case ast.BinOp(op=op, left=left, right=right):
                is_scaled = isinstance(op, SCALING) and (_is_factor(left) or _is_factor(right))
            case ast.AugAssign(op=op, value=value):
                is_scaled = isinstance(op, SCALING) and _is_factor(value)
            case ast.Constant(value=str(sql)):
                is_scaled = "select" in sql.lower() and bool(SQL_FACTOR.search(sql))
            case _:
                is_scaled = False
        if is_scaled:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def test_only_units_converts():
    others = [path for path in python_files(*PRODUCT) if path != UNITS]

    assert violations(others, lambda _, text: conversions(text)) == {}


@pytest.mark.parametrize(
    "line",
    [
        "x_kw = x_w / 1000",
        "x_h = minutes / 60.0",
        "x_s = 3600 * hours",
        "x *= 1e-3",
        "q = 'SELECT energy_wh / 1000 FROM t'",
    ],
)
def test_the_rule_catches_a_violation(line: str):
    assert conversions(line)
    assert conversions("x = timedelta(seconds=3600); y = 1000; z = x * 24") == []
