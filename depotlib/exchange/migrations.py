"""The mailbox's tables, as steps that only ever go forward; `user_version` counts them.

A step that has shipped is never edited: a change is a new step at the end. Records are JSON in
`body`, read through `codec`; columns beside it are what queries ask for.
"""

from typing import Final

APPLICATION_ID: Final = 0x44455054
"""``DEPT``: marks the file as ours in SQLite's header."""

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE brief (version INTEGER PRIMARY KEY, body TEXT NOT NULL)",
        "CREATE TABLE release (place INTEGER PRIMARY KEY, release_id TEXT NOT NULL UNIQUE,"
        " body TEXT NOT NULL)",
        "CREATE TABLE request (place INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE,"
        " body TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, changed_at TEXT NOT NULL)",
        "CREATE TABLE lease (connector_id TEXT NOT NULL, seq INTEGER NOT NULL,"
        " state TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (connector_id, seq)) WITHOUT ROWID",
        "CREATE TABLE lease_seq (connector_id TEXT PRIMARY KEY, last_seq INTEGER NOT NULL)"
        " WITHOUT ROWID",
        "CREATE TABLE latest (family TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,"
        " PRIMARY KEY (family, name)) WITHOUT ROWID",
        "CREATE TABLE job (place INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE,"
        " body TEXT NOT NULL, state TEXT NOT NULL, is_cancel_asked INTEGER NOT NULL DEFAULT 0)",
        "CREATE TABLE journal (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL,"
        " station_id TEXT, connector_id TEXT, payload TEXT NOT NULL, hash TEXT NOT NULL)",
    ),
    (
        "CREATE TABLE operator_order (place INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE,"
        " body TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, changed_at TEXT NOT NULL,"
        " taken_by TEXT NOT NULL)",
    ),
)
