"""What is refused before it is read: calls under a foreign name, and bodies that are too large."""

import re
from typing import Final

from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_BODY_BYTES: Final = 1_048_576
"""A release of 60 vans on 64 quarter-hours takes about a quarter of this."""
MISDIRECTED: Final = 421
LENGTH_REQUIRED: Final = 411
TOO_LARGE: Final = 413
UNAUTHORISED: Final = 401
TOO_MANY: Final = 429
_HEADERS: Final = {UNAUTHORISED: {"WWW-Authenticate": "Bearer"}, TOO_MANY: {"Retry-After": "1"}}


async def guard(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Return the answer of the application, or a refusal.

    A web page from anywhere can make a browser call loopback, under a name that its owner points
    there: such a call carries that name. A body must say its length, which the server holds it to.
    """
    if request.url.hostname not in LOOPBACK_NAMES:
        return error_response(
            MISDIRECTED,
            what=f"this is not {request.url.hostname!r}",
            where="header Host",
            hint="call the door by 127.0.0.1 or localhost",
        )
    if "transfer-encoding" in request.headers:
        return error_response(
            LENGTH_REQUIRED,
            what="a body must say its length",
            where="header Transfer-Encoding",
            hint="send Content-Length",
        )
    length = request.headers.get("content-length", "0")
    if not (re.fullmatch("[0-9]{1,12}", length) and int(length) <= MAX_BODY_BYTES):
        return error_response(
            TOO_LARGE,
            what=f"a body of {length[:20]} bytes is too large",
            where="header Content-Length",
            hint=f"send at most {MAX_BODY_BYTES} bytes",
        )
    return await call_next(request)


def error_response(status: int, *, what: str, where: str, hint: str) -> JSONResponse:
    """Return an answer that says no, in the three parts of every error."""
    body = {"error": {"what": what, "where": where, "hint": hint}}
    return JSONResponse(body, status_code=status, headers=_HEADERS.get(status))
