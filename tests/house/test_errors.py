"""Every leaf of the error tree is raised somewhere and asserted somewhere."""

import ast
import re

from tests.house.source_tree import classes, python_files
from tests.places import ROOT


def leaves(text: str) -> set[str]:
    tree = {node.name: {ast.unparse(parent) for parent in node.bases} for node in classes(text)}
    return set(tree) - set().union(*tree.values())


def raised(texts: list[str]) -> set[str]:
    return {name for text in texts for name in re.findall(r"\b(\w+Error)\(", text)}


def asserted(texts: list[str]) -> set[str]:
    """Return the errors that tests expect: by `raises`, by `isinstance`, by type or by name."""
    claims = r"(?:raises|isinstance)\(([^)]*)|\bis (\w+Error)\b|\"(\w+Error)\""
    found = [" ".join(groups) for text in texts for groups in re.findall(claims, text)]
    return set(re.findall(r"\w+Error\b", " ".join(found)))


LEAVES = leaves((ROOT / "depotlib" / "errors.py").read_text())
PRODUCT_TEXTS = [
    path.read_text() for path in python_files("depotlib", "pages") if path.name != "errors.py"
]
TEST_TEXTS = [path.read_text() for path in python_files("tests") if path.name != "test_errors.py"]


def test_every_error_is_raised():
    assert LEAVES - raised(PRODUCT_TEXTS) == set()


def test_every_error_is_asserted():
    assert LEAVES - asserted(TEST_TEXTS) == set()


def test_every_error_is_named_as_one_and_has_its_sentence():
    for node in classes((ROOT / "depotlib" / "errors.py").read_text()):
        assert node.name.endswith("Error")
        assert ast.get_docstring(node)


def test_the_rule_catches_a_violation():
    tree = "class AError(Exception): ...\nclass BError(AError): ...\nclass CError(AError): ..."

    assert leaves(tree) == {"BError", "CError"}
    assert leaves(tree) - raised(["raise BError('x')"]) == {"CError"}
    assert asserted(["with pytest.raises(BError, match='x'):", "CError"]) == {"BError"}
