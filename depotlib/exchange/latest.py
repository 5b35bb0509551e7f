"""Records of which only the latest counts: station states, readings, heartbeats and their like."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from depotlib.exchange.codec import Codec
from depotlib.exchange.database import Database

Record = TypeVar("Record")


class Latest(Generic[Record]):
    """The latest record of each name within one family.

    Parameters
    ----------
    database : Database
    family : str
        What the records are of.
    codec : Codec
    """

    def __init__(self, database: Database, family: str, *, codec: Codec[Record]) -> None:
        self._database = database
        self._family = family
        self._codec = codec

    def put(self, name: str, record: Record) -> None:
        """Write a record over the one of that name."""
        self._database.write(
            "INSERT INTO latest (family, name, body) VALUES (?, ?, ?)"
            " ON CONFLICT (family, name) DO UPDATE SET body = excluded.body",
            (self._family, name, self._codec.text(record)),
        )

    def get(self, name: str) -> Record | None:
        """Return the record of a name, or None."""
        row = self._database.row(
            "SELECT body FROM latest WHERE family = ? AND name = ?", (self._family, name)
        )
        return self._codec.record(str(row[0])) if row else None

    def all(self) -> tuple[Record, ...]:
        """Return all records, by name."""
        bodies = self._database.texts(
            "SELECT body FROM latest WHERE family = ? ORDER BY name", (self._family,)
        )
        return tuple(self._codec.record(body) for body in bodies)

    def replace_all(self, records: Iterable[tuple[str, Record]]) -> None:
        """Write these records in the place of all that were there, in one transaction."""
        with self._database.transaction():
            self._database.write("DELETE FROM latest WHERE family = ?", (self._family,))
            for name, record in records:
                self.put(name, record)

    def drop(self, name: str) -> None:
        """Take a record out, if it is there."""
        self._database.write(
            "DELETE FROM latest WHERE family = ? AND name = ?", (self._family, name)
        )
