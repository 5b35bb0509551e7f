"""Keys of programs at the HTTP door: what each may do, kept as digests beside the tokens.

A depot without the file has never issued a key. Where the file is, an empty one too, the door asks
every caller for a key: taking the last one back does not open the door again.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import TypeAdapter

from depotlib.errors import ApiKeyError, InputError
from depotlib.exchange.owned_file import write_for_owner
from depotlib.exchange.secret_book import digest_of, refuse_taken, taken_out, who_holds

Scope = Literal[
    "stations:read",
    "plans:read",
    "journal:read",
    "fleet:read",
    "fleet:write",
    "limits:read",
    "limits:write",
    "webhooks:read",
    "webhooks:write",
]
"""What a key may be good for. No key pushes: that takes an operator's token."""

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
KEYS_NAME: Final = "api-keys.json"
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that a program holds.

    Parameters
    ----------
    name : str
        Whose it is.
    scopes : tuple of Scope
    digest : str
        Of the key: keys are machine-made, so that a plain digest cannot be guessed.
    made_at, ends_at : str
        ISO 8601, UTC; without an end it counts until it is revoked.
    """

    name: str
    scopes: tuple[Scope, ...]
    digest: str
    made_at: str = ""
    ends_at: str = ""

    def has_ended(self, at: datetime) -> bool:
        """Return whether it counts no more at an instant of the machine's own clock."""
        return bool(self.ends_at) and at >= datetime.fromisoformat(self.ends_at)


_KEYS: Final = TypeAdapter(tuple[ApiKey, ...])


def read_keys(path: Path) -> tuple[ApiKey, ...] | None:
    """Return the keys of a depot, or None where none was ever issued.

    Parameters
    ----------
    path : Path
        File of the operator's token; the keys lie beside it.

    Raises
    ------
    ApiKeyError
        If the file is damaged: then nobody is let in.
    """
    try:
        return _KEYS.validate_json(path.with_name(KEYS_NAME).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ApiKeyError(
            "the file of API keys cannot be read: no key counts",
            where=KEYS_NAME,
            hint="put back a copy, or delete it and issue the keys again",
        ) from error


def issue_key(
    path: Path,
    name: str,
    *,
    scopes: Sequence[Scope],
    now: datetime,
    lifetime: timedelta | None = None,
) -> str:
    """Return a new key; it is shown this once, and only its digest is kept.

    Parameters
    ----------
    path : Path
    name : str
    scopes : sequence of Scope
    now : datetime
        On the machine's own clock, as its end is.
    lifetime : timedelta or None
        After it the key counts no more; None: it has no end.

    Raises
    ------
    InputError
        If it would be good for nothing, or for what there is not.
    RecordConflictError
        If there is a key of that name.
    """
    unknown = [one for one in scopes if one not in SCOPES]
    if unknown or not scopes:
        raise InputError(
            f"there is no scope {unknown[0]!r}" if unknown else "a key needs a scope",
            where="--scope",
            hint=f"give one or more of {', '.join(SCOPES)}",
        )
    held = read_keys(path) or ()
    refuse_taken(name, (one.name for one in held), what="key", where=KEYS_NAME)
    key = secrets.token_urlsafe(KEY_BYTES)
    ends_at = _text(now + lifetime) if lifetime is not None else ""
    new = ApiKey(name, tuple(dict.fromkeys(scopes)), digest_of(key), _text(now), ends_at)
    _write(path, (*held, new))
    return key


def revoke_key(path: Path, name: str) -> ApiKey:
    """Return the key that counts no more.

    Raises
    ------
    UnknownRecordError
        If there is none of that name.
    """
    gone, rest = taken_out(read_keys(path) or (), name, what="key", where=KEYS_NAME)
    _write(path, rest)
    return gone


def key_of(given: str, keys: Iterable[ApiKey]) -> ApiKey | None:
    """Return the key that was given, or None; one that has ended is given all the same."""
    return who_holds(keys, lambda one: one.digest, seen=digest_of(given))


def _write(path: Path, keys: Iterable[ApiKey]) -> None:
    write_for_owner(path.with_name(KEYS_NAME), [asdict(one) for one in keys])


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds")
