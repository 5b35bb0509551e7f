"""Where a requirement is covered by a test of another family."""

import ast

from tests.places import ROOT


def covered_by(test_id: str) -> None:
    """Assert that a test exists under its id, and that `make test` runs it."""
    path, _, name = test_id.partition("::")
    found = [
        node
        for node in ast.parse((ROOT / path).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]

    assert len(found) == 1, f"{test_id}: there is no such test"
    marks = [ast.unparse(mark) for mark in found[0].decorator_list]
    set_aside = [mark for mark in marks if mark.startswith(SET_ASIDE)]
    assert not set_aside, f"{test_id} is set aside: {set_aside}"


SET_ASIDE = ("pytest.mark.full", "pytest.mark.skip", "pytest.mark.xfail")
