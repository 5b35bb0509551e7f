"""The operator's token: a secret in a file that only its owner reads; the mailbox keeps a digest.

Only an operator's token commits a push. Whoever asks puts it into the request; the mailbox stores
its digest, and the gateway compares that with the digest of the token file. The token itself is
never stored elsewhere and never journalled.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from depotlib.model.live import PushRequest

DIGEST_MARK: Final = "sha256:"
TOKEN_BYTES: Final = 32
OWNER_ONLY: Final = 0o600


def token_digest(token: str, *, salt: str) -> str:
    """Return the digest of a token, salted so that equal tokens look different."""
    return DIGEST_MARK + hashlib.sha256(f"{salt}\n{token}".encode()).hexdigest()


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
