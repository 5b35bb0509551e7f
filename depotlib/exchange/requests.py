"""Requests: what an operator wants the gateway to do, each under its own id."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from depotlib.errors import RecordConflictError, UnknownRecordError
from depotlib.exchange.codec import REQUEST
from depotlib.exchange.database import Database, Value
from depotlib.exchange.operator import token_digest
from depotlib.model.live import PushRequest, RequestState, RequestStatus


class Requests:
    """The requests of one mailbox; tokens are kept as digests only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, request: PushRequest) -> RequestStatus:
        """Return where a request stands; asked again, it is the same request.

        Raises
        ------
        RecordConflictError
            If another request has its id.
        """
        digest = token_digest(request.token, salt=request.request_id)
        kept = replace(request, token=digest)
        with self._database.transaction():
            held = self.get(request.request_id)
            if held is not None:
                return _same_or_refused(held, kept)
            self._database.write(
                "INSERT INTO request (request_id, body, state, note, changed_at)"
                " VALUES (?, ?, 'queued', '', ?)",
                (request.request_id, REQUEST.text(kept), _text(request.asked_at)),
            )
        return RequestStatus(
            request=kept, state="queued", note="", changed_at=request.asked_at.astimezone(UTC)
        )

    def get(self, request_id: str) -> RequestStatus | None:
        """Return where a request stands, or None."""
        row = self._database.row(
            "SELECT body, state, note, changed_at FROM request WHERE request_id = ?", (request_id,)
        )
        return _status(row) if row else None

    def next(self) -> RequestStatus | None:
        """Return the oldest request that is queued or running, or None."""
        row = self._database.row(
            "SELECT body, state, note, changed_at FROM request"
            " WHERE state IN ('queued', 'running') ORDER BY place LIMIT 1"
        )
        return _status(row) if row else None

    def newest(self, limit: int) -> list[RequestStatus]:
        """Return requests, the newest first."""
        rows = self._database.rows(
            "SELECT body, state, note, changed_at FROM request ORDER BY place DESC LIMIT ?",
            (limit,),
        )
        return [_status(row) for row in rows]

    def set(self, request_id: str, state: RequestState, *, note: str, at: datetime) -> None:
        """Write where a request stands.

        Raises
        ------
        UnknownRecordError
            If there is none of that id.
        """
        changed = self._database.write(
            "UPDATE request SET state = ?, note = ?, changed_at = ? WHERE request_id = ?",
            (state, note, _text(at), request_id),
        )
        if not changed:
            raise UnknownRecordError(
                f"there is no request {request_id!r}", where=f"request {request_id}"
            )


def _same_or_refused(held: RequestStatus, kept: PushRequest) -> RequestStatus:
    # When it was asked may differ: a program repeats a call that it got no answer to.
    if replace(held.request, asked_at=kept.asked_at) != kept:
        raise RecordConflictError(
            f"request {kept.request_id!r} was asked before, for something else",
            where=f"request {kept.request_id}",
            hint="give each request its own id",
        )
    return held


def _status(row: tuple[Value, ...]) -> RequestStatus:
    body, state, note, changed_at = row
    return RequestStatus(
        request=REQUEST.record(str(body)),
        state=cast("RequestState", state),
        note=str(note),
        changed_at=datetime.fromisoformat(str(changed_at)),
    )


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
