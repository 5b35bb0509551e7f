"""Documents by kind, id and version; each save keeps the former versions."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from depotlib.store.connection import reading, writing
from depotlib.store.query import count, frame

DocumentKind = Literal[
    "depot", "site", "fleet", "identities", "duties", "policy", "tariff", "mapping"
]


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """One version of a document; the highest is the one in use.

    Parameters
    ----------
    version : int
        From 1.
    saved_at : datetime
    text : str
    """

    version: int
    saved_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """A document as somebody, or an import, hands it over.

    Parameters
    ----------
    kind : DocumentKind
    document_id : str
    text : str
    saved_at : datetime
    import_no : int or None
        The import it came with; None: a person saved it.
    """

    kind: DocumentKind
    document_id: str
    text: str
    saved_at: datetime
    import_no: int | None = None


def save_document(
    path: Path, kind: DocumentKind, *, document_id: str, text: str, saved_at: datetime
) -> int:
    """Return the version under which a document now stands; the same text again adds none."""
    given = DocumentVersion(kind, document_id, text=text, saved_at=saved_at)
    with writing(path) as connection:
        add_document(connection, given)
        return _latest(connection, given)[0]


def add_document(connection: duckdb.DuckDBPyConnection, given: DocumentVersion) -> bool:
    """Return whether a document's text is another than its latest one, and was added."""
    version, text = _latest(connection, given)
    if version and text == given.text:
        return False
    connection.execute(
        "INSERT INTO document BY NAME SELECT ? AS kind, ? AS document_id, ? AS version, "
        "? AS saved_at, ? AS document, ?::INTEGER AS import_no",
        [
            given.kind,
            given.document_id,
            version + 1,
            given.saved_at,
            given.text,
            given.import_no,
        ],
    )
    return True


def add_document_again(connection: duckdb.DuckDBPyConnection, given: DocumentVersion) -> bool:
    """Return whether an import that is done again made a document; it is added if it is lost.

    The warehouse may hold later versions of it by now, so that the latest one says nothing.
    """
    known = "FROM document WHERE kind = ? AND document_id = ? AND document = ?"
    facts = (given.kind, given.document_id, given.text)
    if count(connection, f"SELECT count(*) {known} AND import_no = ?", *facts, given.import_no):
        return True
    if count(connection, f"SELECT count(*) {known}", *facts):
        return False
    return add_document(connection, given)


def document(path: Path, kind: DocumentKind, *, document_id: str) -> str | None:
    """Return the latest version of a document, or None if there is none.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = connection.execute(
            "SELECT document FROM document WHERE kind = ? AND document_id = ? "
            "ORDER BY version DESC LIMIT 1",
            [kind, document_id],
        ).fetchall()
    return str(found[0][0]) if found else None


def document_versions(
    path: Path, kind: DocumentKind, *, document_id: str
) -> tuple[SavedVersion, ...]:
    """Return every version of a document, the newest first."""
    with reading(path) as connection:
        found = frame(
            connection,
            "SELECT version, saved_at, document FROM document "
            "WHERE kind = ? AND document_id = ? ORDER BY version DESC",
            kind,
            document_id,
        )
    return tuple(SavedVersion(*row) for row in found.iter_rows())


def document_ids(path: Path, kind: DocumentKind) -> list[str]:
    """Return the ids of every document of a kind, sorted."""
    with reading(path) as connection:
        found = connection.execute(
            "SELECT DISTINCT document_id FROM document WHERE kind = ? ORDER BY document_id", [kind]
        ).fetchall()
    return [str(row[0]) for row in found]


def _latest(connection: duckdb.DuckDBPyConnection, of: DocumentVersion) -> tuple[int, str]:
    found = connection.execute(
        "SELECT version, document FROM document WHERE kind = ? AND document_id = ? "
        "ORDER BY version DESC LIMIT 1",
        [of.kind, of.document_id],
    ).fetchall()
    return (int(found[0][0]), str(found[0][1])) if found else (0, "")
