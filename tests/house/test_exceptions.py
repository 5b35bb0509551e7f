"""A check is set aside with its reason, and tests neither mock our code nor sleep."""

import ast
import re
from pathlib import Path

from tests.house.source_tree import WRITTEN_BY_US, parsed, python_files, violations

SET_ASIDE = re.compile(r"#.*?\b(noqa|type: ignore|pyright: ignore|pragma: no)\b(.*)$")
REAL_PROCESSES = {"app", "chaos", "conformance", "requirements"}


def without_reason(text: str) -> list[str]:
    """Return the lines that set a check aside with no words behind it or in the comment above."""
    lines, found = text.splitlines(), []
    for number, line in enumerate(lines):
        if match := SET_ASIDE.search(line):
            above = lines[number - 1].strip() if number else ""
            reason = re.sub(r"\[[^\]]*\]|\b[A-Z]+\d+\b|\bcover\b|[,:\s-]", "", match.group(2))
            if len(reason) < 6 and not (above.startswith("#") and len(above) > 12):
                found.append(f"line {number + 1}: {line.strip()}")
    return found


def shortcuts(text: str, *, may_wait: bool) -> list[str]:
    waits = set() if may_wait else {"time.sleep", "asyncio.sleep"}
    names = {
        ast.unparse(node)
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.Attribute) and node.attr == "sleep"
    }
    words = {word for word in ("unittest.mock", "mocker") if re.search(rf"\b{word}\b", text)}
    return sorted((names & waits) | words)


def test_a_check_is_set_aside_with_its_reason():
    others = [path for path in python_files(*WRITTEN_BY_US) if path != Path(__file__)]

    assert violations(others, lambda _, text: without_reason(text)) == {}


def test_a_test_neither_mocks_nor_sleeps():
    others = [path for path in python_files("tests") if path != Path(__file__)]

    def rule(path: Path, text: str) -> list[str]:
        return shortcuts(text, may_wait=bool(REAL_PROCESSES & set(path.parts)))

    assert violations(others, rule) == {}


def test_the_rules_catch_a_violation():
    assert without_reason("x = f()  # noqa: S608")
    assert without_reason("x = f()  # pyright: ignore[reportA, reportB]")
    assert without_reason("x = f()  # noqa: S608 - the table comes from the schema") == []
    assert without_reason("# The stubs lack this overload.\nx = f()  # type: ignore[call]") == []
    assert shortcuts("time.sleep(1)", may_wait=False) == ["time.sleep"]
    assert shortcuts("from unittest.mock import patch", may_wait=True) == ["unittest.mock"]
