"""Each outside library that has an owner has one door, and import-linter guards it."""

import tomllib

from tests.places import ROOT

# The room table of the house. A library that everyone may use (polars, numpy) has no owner.
OWNED = {
    "dataframely", "distributed", "duckdb", "fastapi", "ocpp", "ortools", "plotly",
    "pydantic_settings", "sqlite3", "streamlit", "typer", "websockets",
}  # fmt: skip


def unguarded(configuration: str) -> set[str]:
    contracts = tomllib.loads(configuration)["tool"]["importlinter"]["contracts"]
    doors = [contract for contract in contracts if contract["type"] == "protected"]
    return OWNED - {module for door in doors for module in door["protected_modules"]}


def test_every_library_with_an_owner_has_its_door():
    assert unguarded((ROOT / "pyproject.toml").read_text()) == set()


def test_the_rule_catches_a_violation():
    contract = (
        '[[tool.importlinter.contracts]]\ntype = "protected"\nprotected_modules = ["duckdb"]\n'
    )

    assert unguarded(contract) == OWNED - {"duckdb"}
