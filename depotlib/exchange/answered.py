"""Calls that were answered under a key of their own: repeated, they get the same answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import TypeAdapter

from depotlib.errors import RecordConflictError
from depotlib.exchange.codec import Codec
from depotlib.exchange.database import Database
from depotlib.exchange.latest import Latest

KEPT_FOR: Final = timedelta(days=1)
"""How long a call may be repeated under its key."""
_FAMILY: Final = "answered"


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call and its answer.

    Parameters
    ----------
    at : datetime
        UTC.
    content : str
        Digest of what was asked.
    answer : str
        As it was given, JSON.
    """

    at: datetime
    content: str
    answer: str


_CODEC: Final = Codec(TypeAdapter(tuple[AnsweredCall]), name="AnsweredCall")


class Answered:
    """The answered calls of one mailbox, each for a day."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._calls = Latest(database, _FAMILY, codec=_CODEC)

    def answer(self, name: str, *, content: str, now: datetime) -> str | None:
        """Return what a call was answered before, or None: it is new, or older than a day.

        Raises
        ------
        RecordConflictError
            If something else was asked under its name.
        """
        held = self._calls.get(name)
        if held is None or held.at <= now - KEPT_FOR:
            return None
        if held.content != content:
            raise RecordConflictError(
                "this idempotency key stands for another call",
                where="header Idempotency-Key",
                hint="give each call its own key; repeat a call only as it was",
            )
        return held.answer

    def keep(self, name: str, call: AnsweredCall) -> None:
        """Write a call and its answer; those that are older than a day are forgotten."""
        self._database.write(
            "DELETE FROM latest WHERE family = ? AND"
            " julianday(json_extract(body, '$[0].at')) <= julianday(?)",
            (_FAMILY, (call.at - KEPT_FOR).isoformat()),
        )
        self._calls.put(name, call)
