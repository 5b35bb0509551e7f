"""What may be told to whom: a webhook hears no more than its giver might read, now as then."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from depotlib.clock import real_clock
from depotlib.exchange.api_keys import SCOPES, Scope, read_keys
from depotlib.exchange.operator import read_holders
from depotlib.model.webhook import EventFamily, Webhook

SCOPE_OF: Final[dict[EventFamily, Scope]] = {
    "session": "stations:read",
    "estimate": "stations:read",
    "exception": "stations:read",
    "plan": "plans:read",
    "limit": "limits:read",
}
"""The scope under which a caller might read the same."""
KEY_MARK: Final = "key "
OPERATOR_MARK: Final = "operator "


def missing_scopes(families: Sequence[EventFamily], scopes: frozenset[Scope]) -> tuple[Scope, ...]:
    """Return the scopes that somebody lacks who wants to be told of families of events."""
    lacking = {SCOPE_OF[family] for family in families} - scopes
    return tuple(scope for scope in SCOPES if scope in lacking)


def why_stopped(webhook: Webhook, place: Path, *, token: str = "") -> str:
    """Return why a webhook is told nothing now, or an empty text.

    Parameters
    ----------
    webhook : Webhook
    place : Path
        File of the operator's token; keys and other tokens lie beside it.
    token : str
        The operator's, where the environment gives it.

    Raises
    ------
    ApiKeyError, OperatorTokenError
        If one of these files is damaged.
    """
    keys = read_keys(place)
    if not webhook.given_by:
        return "" if keys is None else "it came without a key, and keys are needed since"
    if webhook.given_by.startswith(OPERATOR_MARK):
        name = webhook.given_by.removeprefix(OPERATOR_MARK)
        known = read_holders(place, token=token)
        is_known = any(one.name == name and one.role == "operator" for one in known)
        return "" if is_known else "the token that it was given with counts no more"
    name = webhook.given_by.removeprefix(KEY_MARK)
    key = next((one for one in keys or () if one.name == name), None)
    if key is None:
        return "the key that it was given with was revoked"
    if key.has_ended(real_clock().now()):
        return "the key that it was given with has ended"
    lacking = missing_scopes(webhook.families, frozenset(key.scopes))
    return f"its key has no longer the scope {lacking[0]}" if lacking else ""
