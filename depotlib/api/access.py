"""Who is calling, and whether they may: keys with scopes, tokens with roles, and calls counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.params import Depends as DependsOn

from depotlib.api.door import AtDoor, Bearer, Door
from depotlib.api.throttle import Throttle
from depotlib.api.wishes import MAX_NAME
from depotlib.clock import real_clock
from depotlib.errors import ApiKeyError, ModelError, OperatorTokenError, ScopeError
from depotlib.exchange.api_keys import SCOPES, Scope, key_of, read_keys
from depotlib.exchange.operator import holder_of, read_holders

READING: Final = frozenset[Scope](scope for scope in SCOPES if scope.endswith(":read"))
EVERYTHING: Final = frozenset[Scope](SCOPES)
NOBODY: Final = ""
STRANGER: Final = "callers with a wrong key"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call.

    Parameters
    ----------
    name : str
        Of the key or of the token's holder; empty: a call without either.
    scopes : frozenset of Scope
    """

    name: str
    scopes: frozenset[Scope]


def caller_of(door: Door, given: str) -> Caller:
    """Return who a bearer's secret stands for.

    Parameters
    ----------
    door : Door
    given : str
        Key or token; empty: none came.

    Raises
    ------
    ApiKeyError
        If nobody holds it, or none came where keys are issued.
    """
    keys = read_keys(door.operator_token_path)
    if not given:
        if keys is None:
            return Caller(NOBODY, EVERYTHING)
        raise ApiKeyError(
            "this door asks for a key",
            where="header Authorization",
            hint="send it as bearer; depot security key NAME --scope SCOPE makes one",
        )
    key = key_of(given, keys or ())
    if key is not None and key.has_ended(real_clock().now()):
        raise ApiKeyError(
            f"the key {key.name} has ended",
            where="header Authorization",
            hint="revoke it and have another made: depot security key NAME --days N",
        )
    if key is not None:
        return Caller(f"key {key.name}", frozenset(key.scopes))
    holders = read_holders(door.operator_token_path, token=door.operator_token)
    holder = holder_of(given, holders)
    if holder is not None:
        scopes = EVERYTHING if holder.role == "operator" else READING
        return Caller(f"{holder.role} {holder.name}", scopes)
    raise ApiKeyError(
        "nobody holds this key",
        where="header Authorization",
        hint="it may have been revoked; depot security list shows the keys there are",
    )


def is_still(caller: Caller, door: Door, *, given: str) -> bool:
    """Return whether a bearer's secret stands for the same caller, with the same scopes, now.

    What stays open after its handshake asks again: a key that has ended or was revoked, or the
    first key that is issued, must not wait for a reconnect.
    """
    try:
        return caller_of(door, given) == caller
    except (ApiKeyError, OperatorTokenError):
        return False


def counted_caller(request: Request, door: AtDoor, *, credentials: Bearer) -> Caller:
    """Return who is calling, with the call counted; a wrong key counts on all strangers."""
    throttle = throttle_of(request)
    try:
        caller = caller_of(door, credentials.credentials if credentials else "")
    except ApiKeyError:
        throttle.take(STRANGER)
        raise
    throttle.take(caller.name)
    refuse_unknown_parameters(request)
    return caller


def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a parameter that a route does not have: misspelt, it would be passed over in silence.

    Raises
    ------
    ModelError
        If there is one.
    """
    operations = request.app.openapi()["paths"].get(request.scope["route"].path, {})
    operation = operations.get(request.method.lower(), {})
    known = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    unknown = next((name for name in request.query_params if name not in known), None)
    if unknown is not None:
        raise ModelError(
            f"there is no parameter {unknown[:MAX_NAME]!r} here",
            where="query",
            hint=f"there are {', '.join(known)}" if known else "there are none",
        )


def throttle_of(request: Request) -> Throttle:
    """Return what counts the calls of this application."""
    throttle = request.app.state.throttle
    assert isinstance(throttle, Throttle)
    return throttle


def count_anyone(request: Request) -> None:
    """Count a call that anybody may make."""
    throttle_of(request).take(NOBODY)
    refuse_unknown_parameters(request)


AsCaller = Annotated[Caller, Depends(counted_caller)]


def needs(scope: Scope) -> DependsOn:
    """Return the dependency of a route that only callers with a scope may use.

    It raises `ScopeError` where they lack it.
    """
    return Depends(_requiring(scope))


def _requiring(scope: Scope) -> Callable[[Caller], None]:
    def require_scope(caller: AsCaller) -> None:
        if scope not in caller.scopes:
            raise ScopeError(
                f"{caller.name} may not do this",
                where="header Authorization",
                hint=f"it takes a key with the scope {scope}",
            )

    return require_scope
