"""Limits from outside as the mailbox keeps them, with what they cost in readiness."""

from datetime import UTC, datetime
from typing import Final

from depotlib.exchange.codec import GRID_LIMIT, GRID_LIMIT_IMPACT
from depotlib.exchange.database import Database
from depotlib.exchange.latest import Latest
from depotlib.model.grid_limit import GridLimit, GridLimitImpact, standing

FAMILY: Final = "grid_limit"


class GridLimits:
    """The limits from outside of one mailbox; those that are over are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._limits = Latest(database, FAMILY, codec=GRID_LIMIT)
        self._impacts = Latest(database, "grid_limit_impact", codec=GRID_LIMIT_IMPACT)

    def put(self, limit: GridLimit) -> None:
        """Write a limit, or what became of it."""
        self._limits.put(limit.limit_id, limit)

    def get(self, limit_id: str) -> GridLimit | None:
        """Return a limit, or None."""
        return self._limits.get(limit_id)

    def all(self) -> tuple[GridLimit, ...]:
        """Return every limit there ever was, by its start."""
        return tuple(sorted(self._limits.all(), key=lambda one: (one.start, one.limit_id)))

    def standing(self, at: datetime) -> tuple[GridLimit, ...]:
        """Return the limits that hold at an instant or will, by their start."""
        bodies = self._database.texts(
            "SELECT body FROM latest WHERE family = ?"
            " AND julianday(json_extract(body, '$[0].end')) > julianday(?)",
            (FAMILY, at.astimezone(UTC).isoformat()),
        )
        return standing((GRID_LIMIT.record(body) for body in bodies), at)

    def put_impact(self, impact: GridLimitImpact) -> None:
        """Write what limits cost, for each of them."""
        with self._database.transaction():
            for limit_id in impact.limit_ids:
                self._impacts.put(limit_id, impact)

    def impact(self, limit_id: str) -> GridLimitImpact | None:
        """Return what a limit was last found to cost, or None: nobody has planned with it yet."""
        return self._impacts.get(limit_id)
