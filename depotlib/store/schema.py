"""The warehouse's version: which migrations it has had, and those it still needs."""

from collections.abc import Sequence

import duckdb

from depotlib.errors import StoreVersionError
from depotlib.store.migrations import MIGRATIONS, Migration


def version(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the last migration a warehouse has had, 0 for an empty one."""
    # Asked of every connection, so not of the information schema, which is made anew each time.
    has_table = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_version'"
    ).fetchall()
    if has_table == [(0,)]:
        return 0
    return int(connection.execute("SELECT max(number) FROM schema_version").fetchall()[0][0])


def is_current(
    connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration] = MIGRATIONS
) -> bool:
    """Return whether a warehouse has had every migration.

    Raises
    ------
    StoreVersionError
        If it has had one that this code does not know.
    """
    has, knows = version(connection), migrations[-1].number
    if has > knows:
        raise StoreVersionError(
            f"the warehouse has version {has}, this depotlib knows versions up to {knows}",
            where="schema_version",
            hint="update depotlib; an older one must not write to it",
        )
    return has == knows


def bring_up_to_date(
    connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Apply every migration a warehouse still needs, each whole or not at all, in order.

    Raises
    ------
    StoreVersionError
        If it has had one that this code does not know.
    """
    if is_current(connection, migrations):
        return
    has = version(connection)
    for migration in migrations:
        if migration.number > has:
            connection.begin()
            connection.execute("CREATE TABLE IF NOT EXISTS schema_version (number INTEGER)")
            connection.execute(migration.sql)
            connection.execute("INSERT INTO schema_version VALUES (?)", [migration.number])
            connection.commit()
