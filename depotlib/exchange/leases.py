"""Leases: what the gateway has permitted stations, and the number each connector is at."""

from depotlib.exchange.codec import LEASE
from depotlib.exchange.database import Database
from depotlib.model.live import Lease


class Leases:
    """The leases of one mailbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, lease: Lease) -> None:
        """Write a lease over the one of the same connector and number."""
        with self._database.transaction():
            self._database.write(
                "INSERT INTO lease (connector_id, seq, state, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (connector_id, seq)"
                " DO UPDATE SET state = excluded.state, body = excluded.body",
                (lease.connector_id, lease.seq, lease.state, LEASE.text(lease)),
            )
            self._database.write(
                "INSERT INTO lease_seq (connector_id, last_seq) VALUES (?, ?)"
                " ON CONFLICT (connector_id)"
                " DO UPDATE SET last_seq = max(last_seq, excluded.last_seq)",
                (lease.connector_id, lease.seq),
            )

    def held(self) -> list[Lease]:
        """Return every lease that is not released, by connector and number."""
        bodies = self._database.texts(
            "SELECT body FROM lease WHERE state <> 'released' ORDER BY connector_id, seq"
        )
        return [LEASE.record(body) for body in bodies]

    def last_seq(self, connector_id: str) -> int:
        """Return the largest number a connector's leases ever had; dropped ones count."""
        row = self._database.row(
            "SELECT last_seq FROM lease_seq WHERE connector_id = ?", (connector_id,)
        )
        return int(row[0] or 0) if row else 0

    def drop(self, connector_id: str, seq: int) -> None:
        """Take a lease out, if it is there; its number is never used again."""
        self._database.write(
            "DELETE FROM lease WHERE connector_id = ? AND seq = ?", (connector_id, seq)
        )
