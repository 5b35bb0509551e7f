"""Waiting lives in the live rooms only, and no task outlives its group."""

import ast
from pathlib import Path

import pytest

from tests.house.source_tree import PRODUCT, label, python_files

MAY_WAIT = {"gateway", "virtual", "api", "feeds"}


def waits(text: str) -> list[str]:
    return [
        f"line {node.lineno}: {type(node).__name__}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor)
    ]


def loose_tasks(text: str) -> list[str]:
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return [
        f"line {call.lineno}: {name}"
        for call in calls
        if (name := ast.unparse(call.func))
        in {"asyncio.create_task", "asyncio.ensure_future", "loop.create_task", "asyncio.gather"}
    ]


@pytest.mark.parametrize("path", python_files(*PRODUCT), ids=label)
def test_only_the_live_rooms_wait_and_their_tasks_belong_to_a_group(path: Path):
    text = path.read_text()

    assert loose_tasks(text) == []
    assert MAY_WAIT & set(path.parts) or waits(text) == []


def test_the_rule_catches_a_violation():
    assert waits("async def f():\n    await g()")
    assert loose_tasks("asyncio.create_task(f())")
    assert loose_tasks("group.create_task(f())") == []
