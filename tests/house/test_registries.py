"""Every registry holds every member of its family, and each has a file of its own and a sentence.

A file beside the members that is no member itself must serve somebody (a protocol, a shared table).
"""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.house.source_tree import imported_modules, parsed, python_files
from tests.places import ROOT


class Registry(NamedTuple):
    """Where a family's tuple stands, and where its members' files are."""

    file: str
    name: str
    package: str


REGISTRIES = [
    Registry("depotlib/ingest/sources/__init__.py", "SOURCES", "depotlib.ingest.sources"),
    Registry("depotlib/planning/baselines/__init__.py", "BASELINES", "depotlib.planning.baselines"),
    Registry("depotlib/planning/lp/__init__.py", "PARTS", "depotlib.planning.lp"),
    Registry("depotlib/tariffs/tariff.py", "COMPONENTS", "depotlib.tariffs"),
    Registry("depotlib/store/migrations/__init__.py", "MIGRATIONS", "depotlib.store.migrations"),
    Registry("depotlib/drills/registry.py", "DRILLS", "depotlib.drills"),
    Registry("depotlib/gateway/versions/__init__.py", "VERSIONS", "depotlib.gateway.versions"),
]


def value_of(text: str, name: str) -> ast.expr | None:
    """Return what a module assigns to a name at its top level, or None."""
    for node in parsed(text).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return getattr(node, "value", None)
    return None


def members(text: str, registry: Registry) -> set[str]:
    """Return the stems of the files whose names stand in the registry's value."""
    value = value_of(text, registry.name)
    used = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)} if value else set()
    found = set()
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) in used:
                    path = f"{node.module}.{alias.name}".removeprefix(f"{registry.package}.")
                    found.add(path.split(".")[0])
    return found


def idle_files(stems: set[str], *, used_by: list[str], package: str) -> set[str]:
    """Return the files that nobody imports."""
    served = set().union(*(imported_modules(text) for text in used_by))
    return {stem for stem in stems if f"{package}.{stem}" not in served}


PRODUCT = [path.read_text() for path in python_files("depotlib")]


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.package)
def test_a_registry_holds_its_family(registry: Registry):
    text = (ROOT / registry.file).read_text()
    folder = ROOT / registry.package.replace(".", "/")
    texts = {path.stem: path.read_text() for path in folder.glob("[!_]*.py")}

    registered = members(text, registry)

    assert registered, f"{registry.file} holds no {registry.name}"
    assert registered <= set(texts)
    assert idle_files(set(texts) - registered, used_by=PRODUCT, package=registry.package) == set()
    assert [stem for stem in registered if not re.match(r'r?"""\S.{15,}', texts[stem])] == []


def pages_named(text: str) -> set[str]:
    value = value_of(text, "PAGES")
    constants = (node.value for node in ast.walk(value) if isinstance(node, ast.Constant))
    return {Path(name).stem for name in constants if str(name).endswith(".py")}


def test_the_registry_of_pages_holds_every_page():
    pages = {path.stem for path in (ROOT / "pages").glob("[!_]*.py")}

    assert pages_named((ROOT / "depotlib" / "ui" / "entry.py").read_text()) == pages


def commands_named(text: str) -> set[str]:
    return set(re.findall(r'^ +"[\w-]+": \("(\w+)",', text, re.MULTILINE))


def test_the_table_of_commands_holds_every_command():
    folder = ROOT / "depotlib" / "cli"
    offered = {
        path.stem for path in folder.glob("[!_]*.py") if "\ndef command(" in path.read_text()
    }

    assert commands_named((folder / "main.py").read_text()) == offered


def test_the_rules_catch_a_violation():
    registry = Registry("x", "SOURCES", "depotlib.ingest.sources")
    text = "from depotlib.ingest.sources import geotab, samsara\nSOURCES = (geotab,)\n"

    assert members(text, registry) == {"geotab"}
    assert members("OTHER = ()", registry) == set()
    user = "from depotlib.ingest.sources.clock_words import x"
    idle = idle_files({"clock_words", "samsara"}, used_by=[user], package=registry.package)
    assert idle == {"samsara"}
    assert pages_named("PAGES = (Page('Home', 'home.py'),)") == {"home"}
