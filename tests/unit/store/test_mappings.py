"""Remembered column mappings: found by the header, whatever the order of its columns."""

from dataclasses import replace
from datetime import UTC, datetime

from depotlib.model.column_mapping import ColumnField, ColumnMapping
from depotlib.store.mappings import header_digest, mappings, save_mapping

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINE = ColumnMapping(
    name="mine",
    title="Our log",
    kind="sessions",
    header=("Start", "End", "kWh"),
    fields={"plug_start": ColumnField(column="Start"), "plug_end": ColumnField(column="End")},
)


def test_a_mapping_comes_back_as_it_was_saved(tmp_path):
    path = tmp_path / "depot.duckdb"

    assert save_mapping(path, MINE, saved_at=NOW) == 1

    assert mappings(path) == (MINE,)


def test_another_mapping_of_the_same_header_is_its_next_version(tmp_path):
    path = tmp_path / "depot.duckdb"
    save_mapping(path, MINE, saved_at=NOW)
    later = replace(MINE, title="Our log, in Oslo", time_zone="Europe/Oslo")

    assert save_mapping(path, later, saved_at=NOW) == 2
    assert save_mapping(path, later, saved_at=NOW) == 2

    assert mappings(path) == (later,)


def test_no_warehouse_remembers_nothing(tmp_path):
    assert mappings(tmp_path / "none.duckdb") == ()


def test_a_header_is_the_same_in_any_order_and_no_other():
    assert header_digest(("a", "b")) == header_digest(("b", "a"))
    assert header_digest(("a", "b")) != header_digest(("ab",))
