"""Small facts by name, such as which depot is worked on."""

from pathlib import Path

from depotlib.store.connection import reading, writing


def save_setting(path: Path, name: str, *, value: str) -> None:
    """Set a fact, replacing what it was."""
    with writing(path) as connection:
        connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value])


def setting(path: Path, name: str) -> str | None:
    """Return a fact, or None if it was never set."""
    with reading(path) as connection:
        found = connection.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchall()
    return str(found[0][0]) if found else None
