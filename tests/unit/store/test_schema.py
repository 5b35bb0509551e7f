from pathlib import Path

import duckdb
import pytest

from depotlib.errors import StoreVersionError
from depotlib.model.frames import (
    ImportHistoryFrame,
    JournalFrame,
    MeterFrame,
    RejectionFrame,
    SessionFrame,
    TelematicsFrame,
)
from depotlib.store.connection import reading, writing
from depotlib.store.journal import last_seq
from depotlib.store.migrations import MIGRATIONS, Migration
from depotlib.store.schema import bring_up_to_date, version

NEXT = MIGRATIONS[-1].number + 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def test_migrations_are_numbered_from_one_without_a_gap():
    numbers = [migration.number for migration in MIGRATIONS]

    assert numbers == list(range(1, NEXT))


@pytest.mark.parametrize("opening", [reading, writing])
@pytest.mark.parametrize("had", range(NEXT))
def test_an_old_warehouse_is_brought_up_to_date_and_keeps_its_rows(path: Path, opening, had: int):
    with duckdb.connect(path) as old:
        if had:
            bring_up_to_date(old, MIGRATIONS[:had])
            old.execute("INSERT INTO journal VALUES (7, now(), 'boot', NULL, NULL, '{}', 'h')")

    with opening(path) as connection:
        found = version(connection)

    assert found == MIGRATIONS[-1].number
    assert last_seq(path) == (7 if had else 0)


def test_own_sessions_of_an_old_warehouse_are_at_the_depot_that_was_chosen(path: Path):
    with duckdb.connect(path) as old:
        bring_up_to_date(old, MIGRATIONS[:5])
        old.execute("INSERT INTO setting VALUES ('active depot', 'east')")
        for version_no, name in ((1, "East yard"), (2, "East depot")):
            old.execute(
                "INSERT INTO document (kind, document_id, version, saved_at, document) "
                "VALUES ('depot', 'east', ?, now(), ?)",
                [version_no, f'{{"name": "{name}"}}'],
            )
        for source in ("journal", "geotab"):
            old.execute(
                "INSERT INTO session (session_key, source, plug_start, is_estimated, src_file, "
                "src_row) VALUES ($1, $1, now(), false, 'f', 1)",
                [source],
            )

    with reading(path) as connection:
        sites = connection.execute("SELECT source, site FROM session ORDER BY source").fetchall()

    # What a vehicle told may have been charged anywhere.
    assert sites == [("geotab", None), ("journal", "East depot")]


@pytest.mark.parametrize("opening", [reading, writing])
def test_a_newer_warehouse_is_refused_and_left_alone(path: Path, opening):
    with writing(path) as connection:
        connection.execute("INSERT INTO schema_version VALUES (?)", [NEXT])

    with pytest.raises(StoreVersionError) as caught, opening(path):
        pass

    assert f"version {NEXT}" in caught.value.what
    assert "update depotlib" in caught.value.hint


def test_a_migration_that_fails_half_way_leaves_nothing_of_itself(path: Path):
    with writing(path):
        pass
    broken = Migration(NEXT, "CREATE TABLE half (a INTEGER); INSERT INTO nowhere VALUES (1)")

    with duckdb.connect(path) as connection, pytest.raises(duckdb.CatalogException):
        bring_up_to_date(connection, (*MIGRATIONS, broken))

    with reading(path) as connection:
        assert version(connection) == MIGRATIONS[-1].number
        assert ("half",) not in connection.execute("SHOW TABLES").fetchall()


@pytest.mark.parametrize(
    ("table", "schema"),
    [
        ("session", SessionFrame),
        ("telematics", TelematicsFrame),
        ("meter", MeterFrame),
        ("journal", JournalFrame),
        ("rejection", RejectionFrame),
        ("ingest_file", ImportHistoryFrame),
    ],
)
def test_a_table_gives_the_frame_that_the_model_promises(path: Path, table: str, schema):
    with writing(path) as connection:
        found = connection.sql(f"FROM {table}").pl()

    assert found.schema == schema.create_empty().schema
