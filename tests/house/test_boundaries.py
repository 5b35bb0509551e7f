"""Nothing shapeless crosses a room's boundary, and no module keeps a state that changes."""

import ast
import re

from tests.house.source_tree import parsed, python_files, violations

# What comes off a wire or out of a vendor's file has no shape yet: these files give it one.
SHAPELESS_BY_NATURE = {"sources", "versions", "client.py", "client201.py", "service201.py"}
CONSTANT = re.compile(r"_{0,2}[A-Z][A-Z0-9_]*$|__\w+__$")
MUTABLE = re.compile(r"[\[{]|(?:\w+\.)?(?:list|dict|set|defaultdict|deque|Counter|OrderedDict)\(")


def shapeless(text: str) -> list[str]:
    found = []
    for node in ast.walk(parsed(text)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                kinds = [
                    each.annotation for each in ast.walk(node.args) if isinstance(each, ast.arg)
                ]
                kinds.append(node.returns)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind):
                kinds = [kind]
            case _:
                continue
        words = " ".join(ast.unparse(kind) for kind in kinds if kind)
        if not name.startswith("_") and re.search(r"(?:dict|Mapping)\[str, Any\]", words):
            found.append(f"line {node.lineno}: {name}")
    return found


def changing_state(text: str) -> list[str]:
    """Return top-level names that hold something mutable and are not written as constants."""
    found = []
    for node in parsed(text).body:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if MUTABLE.match(ast.unparse(node.value)):
                found += [name for each in targets if not CONSTANT.match(name := ast.unparse(each))]
    return found


def test_a_module_keeps_no_state():
    assert violations(python_files("depotlib"), lambda _, text: changing_state(text)) == {}


def test_only_shapes_cross_a_boundary():
    inner = [path for path in python_files("depotlib") if not SHAPELESS_BY_NATURE & set(path.parts)]

    assert violations(inner, lambda _, text: shapeless(text)) == {}


def test_the_rules_catch_a_violation():
    assert shapeless("def read(path: Path) -> list[dict[str, Any]]: ...") == ["line 1: read"]
    assert shapeless("class D:\n    facts: dict[str, Any]\n") == ["line 2: facts"]
    assert shapeless("def _parse(x: dict[str, Any]) -> Dwell: ...") == []
    assert changing_state("cache = {}\nLIMITS: Final = {3: 4}\nlog = get_logger()\n") == ["cache"]
    assert changing_state("seen: set[str] = set()") == ["seen"]
