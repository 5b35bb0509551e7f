"""The token of the workbench's own desk: with it, who has logged in as an operator may push.

It is one of the depot's tokens, held under a name of its own, so that the gateway checks it like
any other and `depot security revoke-token workbench` ends every push through the login at once.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.errors import OperatorTokenError, RecordConflictError
from depotlib.exchange.operator import issue_token, read_operator_token
from depotlib.exchange.owned_file import OWNER_ONLY

DESK: Final = "workbench"
DESK_FILE: Final = "workbench.token"


def desk_token(operator_token_path: Path, *, now: datetime) -> str:
    """Return the token of the workbench's desk, issued on first use and never shown.

    One that was revoked stays in its file: it is not made anew, and the gateway refuses it.

    Parameters
    ----------
    operator_token_path : Path
        File of the operator's token; this one lies beside it.
    now : datetime

    Raises
    ------
    OperatorTokenError
        If it was issued once and its file is gone.
    """
    path = operator_token_path.with_name(DESK_FILE)
    held = read_operator_token(path)
    if held:
        return held
    try:
        token = issue_token(operator_token_path, DESK, role="operator", now=now)
    except RecordConflictError as error:
        raise OperatorTokenError(
            "the token of the workbench was issued, but its file is not there",
            where=DESK_FILE,
            hint=f"depot security revoke-token {DESK}, and act once more",
        ) from error
    draft = path.with_name(f"{DESK_FILE}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return token
