"""Facts that are told again: a later telling that differs replaces the earlier one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import duckdb

from depotlib.model.import_report import Finding
from depotlib.model.natural_keys import NATURAL_KEYS, NaturalKey
from depotlib.store.merge.finding import finding
from depotlib.store.query import count


@dataclass(frozen=True, slots=True)
class ReplacingTable:
    """A table of such facts, and how its replacements are reported.

    Parameters
    ----------
    name : str
        The table's.
    natural : NaturalKey
    kind : str
        Of the finding.
    sentence : str
        With a place for ``{count}``.
    """

    name: str
    natural: NaturalKey
    kind: str
    sentence: str


_KEYS: Final = {natural.frame: natural for natural in NATURAL_KEYS}

REPLACING: Final[tuple[ReplacingTable, ...]] = (
    ReplacingTable(
        "session",
        _KEYS["sessions"],
        "later_version",
        "{count} sessions were known in an earlier version; replaced",
    ),
    ReplacingTable(
        "meter",
        _KEYS["meter"],
        "restated_reading",
        "{count} meter readings restate known ones; replaced",
    ),
    ReplacingTable(
        "trip",
        _KEYS["trips"],
        "recalculated_trip",
        "{count} trips were known otherwise and have been recalculated since; replaced",
    ),
    ReplacingTable(
        "duty", _KEYS["duties"], "changed_duty", "{count} duties were known otherwise; replaced"
    ),
    ReplacingTable(
        "vehicle",
        _KEYS["vehicles"],
        "changed_vehicle",
        "{count} vehicles were known otherwise; replaced",
    ),
    ReplacingTable(
        "assignment",
        _KEYS["assignments"],
        "changed_assignment",
        "{count} assignments were known otherwise; replaced",
    ),
    ReplacingTable(
        "price", _KEYS["prices"], "restated_price", "{count} prices restate known ones; replaced"
    ),
)
"""Every table of facts that replace each other."""


def merge_replacing(
    connection: duckdb.DuckDBPyConnection, table: ReplacingTable
) -> tuple[Finding, ...]:
    """Store what is new of a registered frame, or told otherwise than before."""
    name = table.name
    connection.execute(_new_rows_sql(table))
    replaced = count(connection, f"SELECT count(*) FROM new_{name} WHERE replaces")  # noqa: S608 - our own table
    same_key = " AND ".join(f'{name}."{column}" = new."{column}"' for column in table.natural.key)
    if replaced:
        connection.execute(
            f"DELETE FROM {name} USING new_{name} AS new WHERE new.replaces AND {same_key}"  # noqa: S608 - names of our own tables
        )
    connection.execute(f"INSERT INTO {name} BY NAME SELECT * EXCLUDE (replaces) FROM new_{name}")  # noqa: S608 - our own table
    connection.execute(f"CREATE TEMP TABLE {name}_winner AS SELECT src_row FROM new_{name}")  # noqa: S608 - our own table
    return finding(table.kind, replaced, sentence=table.sentence)


def withdraw_duties(
    connection: duckdb.DuckDBPyConnection, source: str, *, listed: list[str], at: datetime
) -> tuple[Finding, ...]:
    """Mark the duties of a source that its complete list, as of an instant, does not hold.

    Those that had departed by then are left alone: a list of what is to come drops them.
    """
    missing = (
        "WHERE source = $1 AND departure >= $2 AND NOT is_withdrawn "
        "AND NOT list_contains($3, duty_id)"
    )
    withdrawn = count(connection, f"SELECT count(*) FROM duty {missing}", source, at, listed)  # noqa: S608 - a constant
    connection.execute(
        f"UPDATE duty SET is_withdrawn = true {missing}",  # noqa: S608 - a constant
        [source, at, listed],
    )
    return finding(
        "withdrawn_duty",
        withdrawn,
        sentence="{count} duties are missing from the newest complete list: withdrawn",
    )


def _new_rows_sql(table: ReplacingTable) -> str:
    natural = table.natural
    key = _columns(natural.key)
    has_end = "" if natural.end is None else f'"{natural.end}" IS NOT NULL DESC, '
    may_replace = (
        "true"
        if natural.end is None
        else f'(latest."{natural.end}" IS NOT NULL OR known."{natural.end}" IS NULL)'
    )
    # Of several tellings in one file the last one counts, but one with an end before any other.
    return f"""
        CREATE TEMP TABLE new_{table.name} AS
        WITH latest AS (
            SELECT * FROM incoming_{table.name}
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {has_end} src_row DESC) = 1
        )
        SELECT latest.*, known."{natural.key[0]}" IS NOT NULL AS replaces
        FROM latest LEFT JOIN {table.name} AS known USING ({key})
        WHERE known."{natural.key[0]}" IS NULL
           OR ({may_replace}
               AND row({_columns(natural.said, of="latest")})
                   IS DISTINCT FROM row({_columns(natural.said, of="known")}))
    """  # noqa: S608 - names of our own tables and columns


def _columns(names: tuple[str, ...], *, of: str = "") -> str:
    prefix = f"{of}." if of else ""
    return ", ".join(f'{prefix}"{name}"' for name in names)
