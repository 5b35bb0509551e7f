"""Every float field and every float column ends in its unit, as docs/nomenclature.md lists them."""

import ast
import re
from functools import cache

from tests.house.source_tree import PRODUCT, classes, parsed, python_files, violations
from tests.places import ROOT

FLOAT = re.compile(r"\b(float|float64|Float64|Float32|FloatArray)\b")
SQL_COLUMN = re.compile(r"^\s*\"?(\w+)\"?\s+(?:DOUBLE|REAL|FLOAT)\b", re.MULTILINE)


@cache
def allowed_suffixes() -> tuple[str, ...]:
    text = (ROOT / "docs" / "nomenclature.md").read_text()
    table = text.split("## Unit suffixes")[1].split("\n## ")[0]
    return tuple(re.findall(r"^\| `(_\w+)`", table, re.MULTILINE))


def has_unit(name: str) -> bool:
    return f"_{name.lower()}".endswith(allowed_suffixes())


def is_quantity(annotation: str) -> bool:
    """Return whether a field holds floats of one unit: no function, no mapping of mixed kinds."""
    return bool(FLOAT.search(annotation)) and not re.search(r"\bbool\b|^Callable\[", annotation)


def nameless_fields(text: str) -> list[str]:
    """Return float fields and frame columns of classes, and frame columns of schema dicts."""
    names: list[str] = []
    for owner in classes(text):
        for item in owner.body:
            if isinstance(item, ast.AnnAssign) and is_quantity(ast.unparse(item.annotation)):
                names.append(ast.unparse(item.target))
            elif isinstance(item, ast.Assign) and re.match(r"dy\.Float", ast.unparse(item.value)):
                names.append(ast.unparse(item.targets[0]))
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Dict):
            names += [
                str(key.value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and ast.unparse(value).startswith("pl.Float")
            ]
    return [name for name in names if not has_unit(name)]


def nameless_columns(sql: str) -> list[str]:
    return [name for name in SQL_COLUMN.findall(sql) if not has_unit(name)]


# A source file names its vendor's columns as the vendor does; what leaves it is a checked frame.
OURS = [path for path in python_files(*PRODUCT) if "sources" not in path.parts]


def test_a_float_field_ends_in_its_unit():
    assert violations(OURS, lambda _, text: nameless_fields(text)) == {}


def test_a_float_column_of_a_table_ends_in_its_unit():
    assert violations(OURS, lambda _, text: nameless_columns(text)) == {}


def test_the_warehouse_names_its_columns_with_units():
    scripts = sorted((ROOT / "depotlib").rglob("*.sql"))

    assert [nameless_columns(script.read_text()) for script in scripts] == [[] for _ in scripts]


def test_the_rule_catches_a_violation():
    assert nameless_fields("class D:\n    power: float | None = None\n") == ["power"]
    assert nameless_fields("class D:\n    powers: NDArray[np.float64]\n") == ["powers"]
    assert nameless_fields("class F(dy.Schema):\n    energy = dy.Float64()\n") == ["energy"]
    assert nameless_fields("S = {'load': pl.Float64, 'load_kw': pl.Float64()}") == ["load"]
    assert nameless_columns("  power DOUBLE,\n  power_kw DOUBLE\n") == ["power"]
    assert nameless_fields("class D:\n    power_kw: float\n    soc: float\n    n: int\n") == []
