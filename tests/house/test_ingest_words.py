"""docs/ingest.md explains every word that an import report may hold."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.places import ROOT

PAGE = ROOT / "docs" / "ingest.md"
ROOMS = ("ingest", "store", "tariffs/spot", "workflows")
REASON_PLACE = {"Rejection": 1, "reject": 0, "BadTime": 0, "rejected": 1}
"""Where a call that rejects a record has its reason."""
IS_WORD = re.compile(r"^[a-z][a-z0-9_]+$")


@cache
def nodes() -> tuple[ast.AST, ...]:
    files = [path for room in ROOMS for path in sorted((ROOT / "depotlib" / room).rglob("*.py"))]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    return tuple(node for tree in trees for node in ast.walk(tree))


def calls() -> Iterator[tuple[str, ast.Call]]:
    for node in nodes():
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else ""
            yield called.id if isinstance(called, ast.Name) else name, node


def words(expressions: list[ast.expr]) -> set[str]:
    """Return the words that expressions may stand for: literals, and both sides of a choice."""
    found: set[str] = set()
    for node in expressions:
        if isinstance(node, ast.IfExp):
            found |= words([node.body, node.orelse])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} if IS_WORD.match(node.value) else set()
    return found


def sentence(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def is_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def finding_kinds() -> set[str]:
    kinds: set[str] = set()
    for name, call in calls():
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if name in {"Finding", "finding"}:
            kinds |= words([given["kind"]] if "kind" in given else call.args[:1])
        if name == "counted" and call.args and isinstance(call.args[0], ast.List):
            claims = [each for each in call.args[0].elts if isinstance(each, ast.Tuple)]
            kinds |= words([claim.elts[0] for claim in claims])
        # a kind and the sentence that counts it, side by side
        beside = zip(call.args, call.args[1:], strict=False)
        kinds |= words([kind for kind, text in beside if "{count}" in sentence(text)])
    for node in nodes():
        # a claim for `counted`: kind, count, sentence
        if isinstance(node, ast.Tuple) and len(node.elts) == 3 and is_sentence(node.elts[2]):
            kinds |= words(node.elts[:1])
    return kinds


def rejection_reasons() -> set[str]:
    reasons: set[str] = set()
    for name, call in calls():
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "reason" in given:
            reasons |= words([given["reason"]])
        elif name in REASON_PLACE:
            place = REASON_PLACE[name]
            reasons |= words(call.args[place : place + 1])
    for node in nodes():
        # a fault on its way to a `Rejection`: reason, detail
        is_fault = isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple)
        if is_fault and len(node.value.elts) == 2 and is_sentence(node.value.elts[1]):
            reasons |= words(node.value.elts[:1])
    return reasons


def explained(heading: str) -> set[str]:
    """Return the words in the first column of the table below a heading of the page."""
    part = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n", maxsplit=1)[1]
    table = part.split("\n## ", maxsplit=1)[0]
    return set(re.findall(r"^\| `([a-z0-9_]+)`", table, flags=re.MULTILINE))


def test_every_kind_of_finding_stands_in_the_page():
    kinds = finding_kinds()

    assert {"zero_energy", "soc_scale", "restated", "wrong_interval_end"} <= kinds
    assert kinds - explained("Findings") == set()


def test_every_reason_of_a_rejection_stands_in_the_page():
    reasons = rejection_reasons()

    assert {"blank", "bad_time", "no_block", "bad_price"} <= reasons
    assert reasons - explained("Rejections") == set()


def test_every_source_stands_in_the_page():
    page = PAGE.read_text(encoding="utf-8")
    sources = {path.stem for path in (ROOT / "depotlib" / "ingest" / "sources").glob("*.py")}

    missing = {name for name in sources - {"__init__"} if f"`{name}`" not in page}

    assert missing == set()
