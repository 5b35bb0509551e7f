"""The secrets with which webhooks are signed: each follows from one key that only its owner reads.

Nothing secret lies in the mailbox: a webhook's secret is made from the depot's key, the webhook's
name and a number that a new secret counts up.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from depotlib.errors import CredentialError
from depotlib.exchange.locks import file_lock
from depotlib.exchange.owned_file import write_for_owner
from depotlib.model.webhook import Webhook

KEY_NAME: Final = "webhook-key.json"
KEY_BYTES: Final = 32
PREFIX: Final = "whsec_"
"""So that one who finds it knows what it is."""
_KEY: Final = TypeAdapter(tuple[str])


def secret_of(place: Path, webhook: Webhook) -> str:
    """Return the secret of a webhook.

    Parameters
    ----------
    place : Path
        File of the operator's token; the key lies beside it and is made on first use.
    webhook : Webhook

    Raises
    ------
    CredentialError
        If the key cannot be read.
    """
    said = f"{webhook.webhook_id}\n{webhook.secret_version}\n{webhook.given_at.isoformat()}"
    return PREFIX + hmac.new(_key(place).encode(), said.encode(), hashlib.sha256).hexdigest()


def _key(place: Path) -> str:
    path = place.with_name(KEY_NAME)
    try:
        if not path.exists():
            with file_lock(place.with_name(f"{KEY_NAME}.lock")):
                if not path.exists():
                    write_for_owner(path, [secrets.token_urlsafe(KEY_BYTES)])
        return _KEY.validate_json(path.read_bytes())[0]
    except (OSError, ValueError) as error:
        raise CredentialError(
            "the key that webhooks are signed with cannot be read",
            where=KEY_NAME,
            hint="put back a copy; or delete it, and make the secret of every webhook anew",
        ) from error
