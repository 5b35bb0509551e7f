"""Waiting lives in the live rooms only, and no task outlives its group."""

import ast

from tests.house.source_tree import PRODUCT, parsed, python_files, violations

MAY_WAIT = {"gateway", "virtual", "api", "feeds"}


def waits(text: str) -> list[str]:
    return [
        f"line {node.lineno}: {type(node).__name__}"
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor)
    ]


def loose_tasks(text: str) -> list[str]:
    calls = (node for node in ast.walk(parsed(text)) if isinstance(node, ast.Call))
    return [
        f"line {call.lineno}: {name}"
        for call in calls
        if (name := ast.unparse(call.func))
        in {"asyncio.create_task", "asyncio.ensure_future", "loop.create_task", "asyncio.gather"}
    ]


def test_only_the_live_rooms_wait():
    others = [path for path in python_files(*PRODUCT) if not MAY_WAIT & set(path.parts)]

    assert violations(others, lambda _, text: waits(text)) == {}


def test_every_task_belongs_to_a_group():
    assert violations(python_files(*PRODUCT), lambda _, text: loose_tasks(text)) == {}


def test_the_rule_catches_a_violation():
    assert waits("async def f():\n    await g()")
    assert loose_tasks("asyncio.create_task(f())")
    assert loose_tasks("group.create_task(f())") == []
