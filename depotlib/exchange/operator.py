"""Who may do what: roles, and the tokens that prove them, kept where only their owner reads.

A token is a secret that a person or a program holds; its role says what it may ask for. The
operator's own token lies in a file of its own; further ones have a name and a role, and only their
digests are kept. Whoever asks puts the token into the request; the mailbox stores a salted digest
of it, and the gateway finds its holder among those it knows. Tokens are never journalled; the names
of their holders are.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from depotlib.errors import OperatorTokenError
from depotlib.exchange.owned_file import OWNER_ONLY, write_for_owner
from depotlib.exchange.secret_book import digest_of, refuse_taken, taken_out, who_holds
from depotlib.model.live import PushRequest

Role = Literal["viewer", "planner", "operator"]
"""A viewer sees; a planner also plans and previews; only an operator commits."""

RANKS: Final[dict[Role, int]] = {"viewer": 0, "planner": 1, "operator": 2}
DIGEST_MARK: Final = "sha256:"
TOKEN_BYTES: Final = 32
HOLDERS_NAME: Final = "tokens.json"
FIRST_HOLDER: Final = "operator"
"""Name of whoever holds the token of the operator's own file, or that of the environment."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a token.

    Parameters
    ----------
    name : str
    role : {'viewer', 'planner', 'operator'}
    digest : str
        Of the token: tokens are machine-made, so that a plain digest cannot be guessed.
    made_at : str
        ISO 8601, UTC.
    """

    name: str
    role: Role
    digest: str
    made_at: str = ""


# --- who it is --------------------------------------------------------------------------------


def read_holders(path: Path, *, token: str = "") -> tuple[Holder, ...]:
    """Return everybody who holds a token of this depot.

    Parameters
    ----------
    path : Path
        File of the operator's token; the other holders lie beside it.
    token : str
        The operator's token where the environment gives it; goes before the file.

    Raises
    ------
    OperatorTokenError
        If the file of the other holders is damaged.
    """
    own = token or read_operator_token(path)
    first = (Holder(FIRST_HOLDER, "operator", digest_of(own)),) if own else ()
    return (*first, *_held(path))


def holder_of(token: str, holders: Iterable[Holder]) -> Holder | None:
    """Return who holds a token, or None: nobody does."""
    return who_holds(holders, lambda one: one.digest, seen=digest_of(token)) if token else None


def role_of(token: str, holders: Iterable[Holder]) -> Role | None:
    """Return the role that a token gives, or None: it gives none."""
    holder = holder_of(token, holders)
    return holder.role if holder else None


def holder_of_request(request: PushRequest, holders: Iterable[Holder]) -> Holder | None:
    """Return who asked, or None.

    Parameters
    ----------
    request : PushRequest
        As `Mailbox.request` gives it: `token` holds the salted digest.
    holders : iterable of Holder
    """
    return holder_of_digest(request.token, holders, salt=request.request_id)


def holder_of_digest(digest: str, holders: Iterable[Holder], *, salt: str) -> Holder | None:
    """Return whose token has a digest as `token_digest` makes it, or None."""
    return who_holds(holders, lambda one: _salted(one.digest, salt=salt), seen=digest)


def require(role: Role, *, token: str, holders: Iterable[Holder]) -> Holder:
    """Return the holder of a token whose role is at least the one that is needed.

    Raises
    ------
    OperatorTokenError
        If there is no token, nobody holds it, or its role is too low.
    """
    holder = holder_of(token, holders)
    if holder is not None and RANKS[holder.role] >= RANKS[role]:
        return holder
    who = f"{holder.name!r} is a {holder.role}: " if holder else ""
    raise OperatorTokenError(
        f"{who}only the {role} may do this" if token else f"this needs the {role}'s token",
        where="token",
        hint=f"use a token of the role {role}: depot security token NAME --role {role}",
    )


def token_digest(token: str, *, salt: str) -> str:
    """Return the digest of a token, salted so that equal tokens look different."""
    return _salted(digest_of(token), salt=salt)


def is_from_operator(request: PushRequest, operator_token: str) -> bool:
    """Return whether a request read from the mailbox carries the operator's token.

    Parameters
    ----------
    request : PushRequest
        As `Mailbox.request` gives it: `token` holds the digest.
    operator_token : str
        From `read_operator_token`; empty: nobody is an operator.
    """
    if not operator_token:
        return False
    expected = token_digest(operator_token, salt=request.request_id)
    return hmac.compare_digest(expected.encode(), request.token.encode())


# --- the files --------------------------------------------------------------------------------


def read_operator_token(path: Path) -> str:
    """Return the operator's token, or an empty text where there is none."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def ensure_operator_token(path: Path) -> str:
    """Return the operator's token, made on first use in a file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError:
        return read_operator_token(path)
    with os.fdopen(handle, "w") as file:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        file.write(token + "\n")
    return token


def issue_token(path: Path, name: str, *, role: Role, now: datetime) -> str:
    """Return a new token; it is shown this once, and only its digest is kept.

    Raises
    ------
    RecordConflictError
        If somebody of that name holds one already.
    """
    held = _held(path)
    taken = (FIRST_HOLDER, *(one.name for one in held))
    refuse_taken(name, taken, what="token", where=HOLDERS_NAME)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made_at = now.astimezone(UTC).isoformat(timespec="seconds")
    _write(path, (*held, Holder(name, role, digest_of(token), made_at)))
    return token


def revoke_token(path: Path, name: str) -> Holder:
    """Return the holder whose token counts no more.

    Raises
    ------
    UnknownRecordError
        If nobody of that name holds one.
    """
    gone, rest = taken_out(_held(path), name, what="token", where=HOLDERS_NAME)
    _write(path, rest)
    return gone


def _held(path: Path) -> tuple[Holder, ...]:
    try:
        rows = json.loads(path.with_name(HOLDERS_NAME).read_text())
        return tuple(Holder(**row) for row in rows)
    except FileNotFoundError:
        return ()
    except (OSError, TypeError, ValueError) as error:
        raise OperatorTokenError(
            "the file of tokens cannot be read: nobody in it may do anything",
            where=HOLDERS_NAME,
            hint="put back a copy, or delete it and issue the tokens again",
        ) from error


def _write(path: Path, holders: Iterable[Holder]) -> None:
    write_for_owner(path.with_name(HOLDERS_NAME), [asdict(one) for one in holders])


def _salted(digest: str, *, salt: str) -> str:
    return DIGEST_MARK + hashlib.sha256(f"{salt}\n{digest}".encode()).hexdigest()
