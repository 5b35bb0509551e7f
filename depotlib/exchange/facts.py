"""Single facts of a mailbox: which release is current, which gateway is the present one."""

from typing import Final

from depotlib.exchange.database import Database

CURRENT_RELEASE: Final = "current_release"
GENERATION: Final = "generation"
CLAIMED_AT: Final = "generation_claimed_at"


class Facts:
    """The named facts of one mailbox, each a text."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> str | None:
        """Return a fact, or None."""
        values = self._database.texts("SELECT value FROM fact WHERE name = ?", (name,))
        return values[0] if values else None

    def put(self, name: str, value: str) -> None:
        """Write a fact over what it was."""
        self._database.write(
            "INSERT INTO fact (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )
