"""The application behind the door: its routes, its limits, and how it says no."""

from typing import Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from depotlib.api import asking, limits, reading, stream, webhooks
from depotlib.api.answers import ErrorAnswer
from depotlib.api.door import Door
from depotlib.api.guard import TOO_MANY, UNAUTHORISED, error_response, guard
from depotlib.api.throttle import Throttle
from depotlib.api.vdv463 import endpoint as vdv463
from depotlib.errors import (
    ApiKeyError,
    CallRateError,
    CredentialError,
    DepotError,
    ExchangeError,
    InputError,
    OperatorTokenError,
    RecordConflictError,
    ScopeError,
    UnknownRecordError,
)

STATUS_OF: Final[tuple[tuple[type[DepotError], int], ...]] = (
    (OperatorTokenError, UNAUTHORISED),
    (ApiKeyError, UNAUTHORISED),
    (ScopeError, 403),
    (CallRateError, TOO_MANY),
    (UnknownRecordError, 404),
    (RecordConflictError, 409),
    (CredentialError, 503),
    (InputError, 422),
    (ExchangeError, 503),
)
"""First match counts, so leaves stand before what they are leaves of."""
NOT_ALLOWED: Final = 405
_SAID_NO: Final[dict[int | str, dict[str, object]]] = {
    status: {"model": ErrorAnswer}
    for status in (400, 401, 403, 404, 409, 411, 413, 421, 422, TOO_MANY, 503)
}


def api_app(door: Door, *, throttle: Throttle | None = None) -> FastAPI:
    """Return the application, ready for a server.

    Parameters
    ----------
    door : Door
        Mailbox, clock and operator's token.
    throttle : Throttle or None
        How many calls are served; None: as many as usual.
    """
    app = FastAPI(
        title="depotlib",
        version="1",
        summary="Stations, sessions, ledger, releases and journal of one depot.",
        openapi_url="/openapi.json",
        docs_url=None,  # its pages load scripts from outside the depot
        redoc_url=None,
        responses=_SAID_NO,
    )
    app.state.door = door
    app.state.throttle = throttle or Throttle()
    app.state.is_ending = _never
    app.include_router(reading.router)
    app.include_router(asking.router)
    app.include_router(limits.router)
    app.include_router(stream.router)
    app.include_router(vdv463.router)
    app.include_router(webhooks.router)
    app.middleware("http")(guard)
    app.add_exception_handler(DepotError, _refused)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(HTTPException, _not_served)
    return app


def _never() -> bool:
    return False


def _refused(_request: Request, error: Exception) -> JSONResponse:
    fault = cast("DepotError", error)
    status = next((status for kind, status in STATUS_OF if isinstance(fault, kind)), 500)
    return error_response(status, what=fault.what, where=fault.where, hint=fault.hint)


def _misunderstood(_request: Request, error: Exception) -> JSONResponse:
    first = cast("RequestValidationError", error).errors()[0]
    return error_response(
        422,
        what=f"the call cannot be used: {first['msg']}",
        where=".".join(str(part) for part in first["loc"]),
        hint="see /openapi.json",
    )


def _not_served(request: Request, error: Exception) -> JSONResponse:
    fault = cast("HTTPException", error)
    answer = error_response(
        fault.status_code,
        what=str(fault.detail),
        where=f"{request.method} {request.url.path}",
        hint="see /openapi.json",
    )
    if fault.status_code == NOT_ALLOWED:
        own = (fault.headers or {}).get("Allow", "")
        answer.headers["Allow"] = ", ".join(_methods_at(request)) or own
    return answer


def _methods_at(request: Request) -> list[str]:
    """Return the methods that a path is served with: of all its routes, not of the first alone."""
    served = request.app.openapi()["paths"].get(getattr(request.scope.get("route"), "path", ""), {})
    return sorted(method.upper() for method in served)
