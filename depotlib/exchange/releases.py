"""Releases: written once, never edited; one of them is current."""

from depotlib.errors import RecordConflictError, UnknownRecordError
from depotlib.exchange.codec import RELEASE
from depotlib.exchange.database import Database
from depotlib.exchange.facts import CURRENT_RELEASE, Facts
from depotlib.model.release import Release


class Releases:
    """The releases of one mailbox."""

    def __init__(self, database: Database, facts: Facts) -> None:
        self._database = database
        self._facts = facts

    def add(self, release: Release) -> None:
        """Write a release; writing the same one again changes nothing.

        Raises
        ------
        RecordConflictError
            If another release has its id.
        """
        body = RELEASE.text(release)
        with self._database.transaction():
            held = self._database.texts(
                "SELECT body FROM release WHERE release_id = ?", (release.release_id,)
            )
            if not held:
                self._database.write(
                    "INSERT INTO release (release_id, body) VALUES (?, ?)",
                    (release.release_id, body),
                )
            elif held[0] != body:
                raise RecordConflictError(
                    f"there is another release {release.release_id!r} already",
                    where=f"release {release.release_id}",
                    hint="a release is never edited: give the new one its own id",
                )

    def get(self, release_id: str) -> Release | None:
        """Return a release, or None."""
        bodies = self._database.texts(
            "SELECT body FROM release WHERE release_id = ?", (release_id,)
        )
        return RELEASE.record(bodies[0]) if bodies else None

    def newest(self, limit: int) -> list[Release]:
        """Return releases, the newest first."""
        bodies = self._database.texts(
            "SELECT body FROM release ORDER BY place DESC LIMIT ?", (limit,)
        )
        return [RELEASE.record(body) for body in bodies]

    def set_current(self, release_id: str) -> Release:
        """Return the release that is current from now on.

        Raises
        ------
        UnknownRecordError
            If there is none of that id.
        """
        release = self.get(release_id)
        if release is None:
            raise UnknownRecordError(
                f"there is no release {release_id!r}",
                where=f"release {release_id}",
                hint="add it before it is made current",
            )
        self._facts.put(CURRENT_RELEASE, release_id)
        return release

    def current(self) -> Release | None:
        """Return the current release, or None before the first push."""
        release_id = self.current_id()
        return self.get(release_id) if release_id else None

    def current_id(self) -> str | None:
        """Return the current release's id, or None before the first push."""
        return self._facts.get(CURRENT_RELEASE) or None
