"""Every leaf of the error tree is raised somewhere and asserted somewhere."""

import ast
import re

from tests.house.source_tree import classes, python_files
from tests.places import ROOT


def leaves(text: str) -> set[str]:
    tree = {node.name: {ast.unparse(parent) for parent in node.bases} for node in classes(text)}
    return set(tree) - set().union(*tree.values())


def unused(names: set[str], *, sources: list[str], pattern: str) -> set[str]:
    everything = "\n".join(sources)
    return {name for name in names if not re.search(pattern.format(name=name), everything)}


LEAVES = leaves((ROOT / "depotlib" / "errors.py").read_text())
PRODUCT_TEXTS = [
    path.read_text() for path in python_files("depotlib", "pages") if path.name != "errors.py"
]
TEST_TEXTS = [path.read_text() for path in python_files("tests") if path.name != "test_errors.py"]


def test_every_error_is_raised():
    assert unused(LEAVES, sources=PRODUCT_TEXTS, pattern=r"\b{name}\(") == set()


def test_every_error_is_asserted():
    pattern = r"(raises|isinstance)\([^)]*\b{name}\b|is {name}\b|\"{name}\""

    assert unused(LEAVES, sources=TEST_TEXTS, pattern=pattern) == set()


def test_every_error_is_named_as_one_and_has_its_sentence():
    for node in classes((ROOT / "depotlib" / "errors.py").read_text()):
        assert node.name.endswith("Error")
        assert ast.get_docstring(node)


def test_the_rule_catches_a_violation():
    tree = "class AError(Exception): ...\nclass BError(AError): ...\nclass CError(AError): ..."

    assert leaves(tree) == {"BError", "CError"}
    assert unused(leaves(tree), sources=["raise BError('x')"], pattern=r"\b{name}\(") == {"CError"}
