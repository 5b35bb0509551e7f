"""What every answer of the door needs: the mailbox, the clock, and who is asking."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from depotlib.clock import Clock
from depotlib.errors import MailboxMissingError
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import read_holders, require
from depotlib.model.brief import Brief
from depotlib.model.webhook_address import Network


@dataclass(frozen=True, slots=True)
class Door:
    """Where the door leads to.

    Parameters
    ----------
    mailbox_path : Path
    clock : Clock
        Of the whole depot.
    operator_token_path : Path
        File of the operator's token.
    operator_token : str
        Given instead of the file. Without either, nobody may push through this door.
    webhook_networks : tuple of Network
        Private networks that webhooks may lead into.
    """

    mailbox_path: Path
    clock: Clock
    operator_token_path: Path
    operator_token: str = ""
    webhook_networks: tuple[Network, ...] = ()

    @contextmanager
    def mailbox(self) -> Generator[Mailbox, None, None]:
        """Open the mailbox for one answer, in the thread that makes it.

        Opening takes about a millisecond, and a depot that is published again, or whose mailbox
        comes later than this process, is seen by the next answer.
        """
        with open_mailbox(self.mailbox_path, create=False) as mailbox:
            yield mailbox


def published_brief(mailbox: Mailbox) -> tuple[int, Brief]:
    """Return the newest brief with its version.

    Raises
    ------
    MailboxMissingError
        If no site was published yet.
    """
    held = mailbox.brief()
    if held is None:
        raise MailboxMissingError(
            "the live side has no site yet",
            where="exchange",
            hint="publish the site first (depot publish)",
        )
    return held


def door_of(request: Request) -> Door:
    """Return the door that the application was made with."""
    door = request.app.state.door
    assert isinstance(door, Door)
    return door


AtDoor = Annotated[Door, Depends(door_of)]
_BEARER = HTTPBearer(auto_error=False, description="an API key, or a token of the depot")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


def operator_token(door: AtDoor, credentials: Bearer) -> str:
    """Return the token of an operator that came with a call.

    Raises
    ------
    OperatorTokenError
        If none came, or one that may not do this.
    """
    given = credentials.credentials if credentials else ""
    holders = read_holders(door.operator_token_path, token=door.operator_token)
    require("operator", token=given, holders=holders)
    return given


AsOperator = Annotated[str, Depends(operator_token)]
