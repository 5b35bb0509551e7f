"""The files a house rule looks at, and how it reads them."""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tests.places import ROOT

PRODUCT: Final = ("depotlib", "pages", "app.py")
WRITTEN_BY_US: Final = (*PRODUCT, "tests", "benchmarks", "data")


def python_files(*places: str) -> list[Path]:
    """Return the Python files of some folders or files below the root, sorted."""
    return sorted(
        path
        for place in places
        for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
        if path.is_file()
    )


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file of the project: what git tracks, or all but what git would ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode == 0:
        names = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:  # an unpacked archive
        hidden = {".venv", ".depot", ".git", "__pycache__", ".pytest_cache", ".ruff_cache"}
        names = [path for path in ROOT.rglob("*") if not hidden & set(path.parts)]
    return tuple(sorted(path for path in names if path.is_file()))


def label(path: Path) -> str:
    """Return a path as a test's id: relative to the root."""
    return str(path.relative_to(ROOT))


def violations(
    paths: Iterable[Path], rule: Callable[[Path, str], list[str]]
) -> dict[str, list[str]]:
    """Return what a rule says of each file it is not content with; {} when all is well."""
    return {label(path): found for path in paths if (found := rule(path, path.read_text()))}


@cache
def parsed(text: str) -> ast.Module:
    """Return the syntax tree of a source text, parsed once for all rules."""
    return ast.parse(text)


def classes(text: str) -> Iterator[ast.ClassDef]:
    """Yield the classes of a source text, nested ones too."""
    return (node for node in ast.walk(parsed(text)) if isinstance(node, ast.ClassDef))


def imported_modules(text: str) -> set[str]:
    """Return the dotted names that a source text imports, ``from a import b`` as ``a.b`` too."""
    found: set[str] = set()
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
