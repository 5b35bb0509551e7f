"""The linters catch what they are there for: each is shown a deliberate violation."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.places import ROOT

BIN = Path(sys.executable).parent
CLEAN = '"""A file without a fault."""\n'


def run(*command: str | Path, cwd: Path = ROOT, text: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, input=text, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def ruff(text: str) -> tuple[int, str]:
    name = "depotlib/planning/sample.py"
    return run(BIN / "ruff", "check", "--no-cache", "--stdin-filename", name, "-", text=text)


RUFF_VIOLATIONS = {
    "TID252": "from .flow import solve",
    "PLC0415": "def f() -> None:\n    import json",
    "FBT001": "def f(is_final: bool) -> None: ...",
    "PLR0913": "def f(*, a: int, b: int, c: int, d: int, e: int, f: int, g: int) -> None: ...",
    "PLR0917": "def f(a: int, b: int, c: int) -> None: ...",
    "DTZ005": "from datetime import datetime\n\nnow = datetime.now()",
    "BLE001": "try:\n    x = 1\nexcept Exception:\n    x = 2",
    "F403": "from math import *",
    "T201": "print(1)",
    "ANN201": "def f(): ...",
    "D103": "def public() -> None:\n    return None",
    "PLR0915": "def f() -> None:\n" + "    x = 1\n" * 31,
    "C901": "def f(x: int) -> int:\n" + "    if x:\n        x = x + 1\n" * 8 + "    return x",
}


@pytest.mark.parametrize("rule", RUFF_VIOLATIONS)
def test_ruff_catches(rule: str):
    code, said = ruff(CLEAN + "\n" + RUFF_VIOLATIONS[rule] + "\n")

    assert code == 1
    assert rule in said


def test_ruff_lets_a_clean_file_pass():
    assert ruff(CLEAN)[0] == 0


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and of its rules, to break."""
    folder = tmp_path_factory.mktemp("skeleton")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("depotlib", "pages"):
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=skip)
    return folder


def lint_imports(folder: Path) -> tuple[int, str]:
    return run(BIN / "lint-imports", "--no-cache", "--no-logo", cwd=folder)


# Which contract an import breaks, and where it is written.
ARROWS = {
    "flow": ("depotlib/planning/bad_flow.py", "from depotlib import workflows"),
    "loops": ("depotlib/errors.py", "from depotlib import units"),
    "core": ("depotlib/model/bad_core.py", "import asyncio"),
    "live": ("depotlib/gateway/bad_live.py", "from depotlib import needs"),
    "pages": ("pages/bad_page.py", "from depotlib import store"),
    "door-duckdb": ("depotlib/planning/bad_duckdb.py", "import duckdb"),
    "door-sqlite3": ("depotlib/store/bad_sqlite3.py", "import sqlite3"),
    "door-ortools": ("depotlib/needs/bad_ortools.py", "import ortools"),
    "door-plotly": ("pages/bad_plotly.py", "import plotly"),
    "door-streamlit": ("depotlib/charts/bad_streamlit.py", "import streamlit"),
    "door-ocpp": ("depotlib/dispatch/bad_ocpp.py", "import websockets"),
    "door-cryptography": ("depotlib/api/bad_cryptography.py", "import cryptography"),
    "door-fastapi": ("depotlib/gateway/bad_fastapi.py", "import fastapi"),
    "door-typer": ("depotlib/workflows/bad_typer.py", "import typer"),
    "door-dataframely": ("depotlib/store/bad_dataframely.py", "import dataframely"),
    "door-dask": ("depotlib/workflows/bad_dask.py", "import distributed"),
    "door-xlsxwriter": ("depotlib/workflows/bad_xlsxwriter.py", "import xlsxwriter"),
    "door-settings": ("depotlib/model/bad_settings.py", "import pydantic_settings"),
}


@pytest.fixture(scope="module")
def broken_everywhere(skeleton: Path) -> str:
    """What import-linter says of a copy in which each contract is broken once."""
    shutil.copytree(skeleton, folder := skeleton.parent / "broken")
    for place, line in ARROWS.values():
        path = folder / place
        path.write_text((path.read_text() if path.exists() else CLEAN) + f"\n{line}\n")
    (folder / "depotlib" / "annex").mkdir()
    (folder / "depotlib" / "annex" / "__init__.py").write_text(CLEAN)
    code, said = lint_imports(folder)
    shutil.rmtree(folder)
    assert code == 1
    return said


@pytest.mark.parametrize("contract", ARROWS)
def test_import_linter_catches(contract: str, broken_everywhere: str):
    assert f"{_contract_name(contract)} BROKEN" in broken_everywhere


def test_import_linter_catches_an_undeclared_room(broken_everywhere: str):
    # A room that is in no layer stops the check of the layers with its name.
    assert "annex" in broken_everywhere


def test_every_contract_is_shown_to_catch():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

    assert {contract["id"] for contract in contracts["contracts"]} == set(ARROWS)


def test_import_linter_lets_the_copy_pass(skeleton: Path):
    code, said = lint_imports(skeleton)

    assert code == 0, said


def _contract_name(identifier: str) -> str:
    text = (ROOT / "pyproject.toml").read_text()
    return text.split(f'id = "{identifier}"\nname = "')[1].split('"')[0]


PYRIGHT_VIOLATIONS = {
    "reportReturnType": "def f() -> int:\n    return 'one'",
    "reportUnknownParameterType": "def g(x):\n    return x",
    "reportOptionalMemberAccess": "def h(x: str | None) -> str:\n    return x.upper()",
    "reportPrivateUsage": "from depotlib.model.frames import _instant\n\nx = _instant()",
}


def test_pyright_catches(skeleton: Path):
    sample = skeleton / "depotlib" / "sample.py"
    sample.write_text("\n".join([CLEAN, *PYRIGHT_VIOLATIONS.values()]))

    code, said = run(BIN / "pyright", "--pythonpath", sys.executable, sample, cwd=skeleton)

    sample.unlink()
    assert code == 1
    assert [rule for rule in PYRIGHT_VIOLATIONS if rule not in said] == []
