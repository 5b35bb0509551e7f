"""What keys and tokens have in common: names that are taken, digests, and who holds a secret."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from depotlib.errors import RecordConflictError, UnknownRecordError


class Named(Protocol):
    """Somebody who holds a secret under a name."""

    @property
    def name(self) -> str:
        """Return the holder's name."""
        ...


Held = TypeVar("Held", bound=Named)


def digest_of(secret: str) -> str:
    """Return the digest of a secret: they are machine-made, so that a plain one cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def who_holds(held: Iterable[Held], digest: Callable[[Held], str], *, seen: str) -> Held | None:
    """Return the holder whose digest was seen; every one is looked at, whichever it is."""
    found = [one for one in held if hmac.compare_digest(digest(one).encode(), seen.encode())]
    return found[0] if found else None


def refuse_taken(name: str, taken: Iterable[str], *, what: str, where: str) -> None:
    """Refuse a second secret for a name.

    Raises
    ------
    RecordConflictError
        If somebody of that name holds one already.
    """
    if name in set(taken):
        raise RecordConflictError(
            f"{name!r} holds a {what} already",
            where=where,
            hint="revoke it first, or choose another name",
        )


def taken_out(
    held: Sequence[Held], name: str, *, what: str, where: str
) -> tuple[Held, tuple[Held, ...]]:
    """Return who holds a secret no more, and everybody else.

    Raises
    ------
    UnknownRecordError
        If nobody of that name holds one.
    """
    gone = next((one for one in held if one.name == name), None)
    if gone is None:
        raise UnknownRecordError(
            f"nobody called {name!r} holds a {what}", where=where, hint="see the list"
        )
    return gone, tuple(one for one in held if one is not gone)
