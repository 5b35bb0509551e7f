"""Webhooks of the fleet's systems: who is told of which events, and how far that has come."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from depotlib.errors import ModelError
from depotlib.model.journal_kind import JournalKind

EventFamily = Literal["session", "estimate", "exception", "plan", "limit"]
"""What a system may ask to be told of."""
WebhookStanding = Literal["told", "waiting", "failing", "stopped"]

FAMILIES: Final[tuple[EventFamily, ...]] = get_args(EventFamily)
KINDS_OF: Final[dict[EventFamily, tuple[JournalKind, ...]]] = {
    "session": ("session_started", "session_ended", "identity_resolved"),
    "estimate": ("estimate_changed",),
    "exception": (
        "identity_exception",
        "vehicle_asleep",
        "disobedience",
        "site_over_limit",
        "station_connected",
        "station_disconnected",
        "connections_too_often",
    ),
    "plan": ("release_published", "dispatch_failed"),
    "limit": ("grid_limit",),
}
"""Kinds of journal records in each family."""
ID_PATTERN: Final = "^[a-z0-9][a-z0-9-]{0,59}$"
MOST_ADDRESS: Final = 2000
_PRINTABLE: Final = "[!-~]+"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address of another system that is told of events by signed POSTs.

    Parameters
    ----------
    webhook_id : str
        Small letters, digits and hyphens.
    address : str
        ``https://…``; may hold a key in its path, so it is shown to nobody but who gave it.
    families : tuple of EventFamily
    given_by : str
        Key or token it came with; empty: a caller without either.
    given_at : datetime
    secret_version : int
        Counts how often its secret was made anew.
    """

    webhook_id: str
    address: str
    families: tuple[EventFamily, ...]
    given_by: str
    given_at: datetime
    secret_version: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be called, or says nothing."""
        if not re.fullmatch(ID_PATTERN, self.webhook_id):
            raise ModelError(
                f"{self.webhook_id!r} cannot name a webhook",
                where="webhook_id",
                hint="use up to 60 small letters, digits and hyphens",
            )
        if not self.families:
            raise ModelError(
                "a webhook that is told of nothing",
                where="families",
                hint=f"give one or more of {', '.join(FAMILIES)}",
            )
        _require_form(self.address)

    @property
    def host(self) -> str:
        """Return the name and port of the other system, without path and query."""
        return urlsplit(self.address).netloc

    def kinds(self) -> tuple[JournalKind, ...]:
        """Return the kinds of journal records that it is told."""
        return tuple(kind for family in self.families for kind in KINDS_OF[family])


@dataclass(frozen=True, slots=True)
class WebhookProgress:
    """How far a webhook has been told; durable, so that a killed teller goes on from there.

    Parameters
    ----------
    webhook_id : str
    after_seq : int
        Number of the journal record up to which nothing is left to do.
    tries : int
        How often in a row the address has failed; 0: it took the last message.
    tried_at, told_at : datetime or None
        The last try, and the last one that was answered with 2xx.
    trouble : str
        What failed last; empty: nothing since `told_at`.
    refusals : int
        How often in a row, last, the other side answered that it does not want the next event.
    failing_since : datetime or None
        First of the tries that failed in a row; None: none did, or it was not tried for long.
    """

    webhook_id: str
    after_seq: int
    tries: int = 0
    tried_at: datetime | None = None
    told_at: datetime | None = None
    trouble: str = ""
    refusals: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a webhook was not told, and will not be unless somebody asks for it.

    Parameters
    ----------
    webhook_id : str
    seq : int
        Number of its journal record.
    event : JournalKind
    trouble : str
        Why it was given up.
    given_up_at : datetime
    is_wanted : bool
        Whether it is to be sent again.
    """

    webhook_id: str
    seq: int
    event: JournalKind
    trouble: str
    given_up_at: datetime
    is_wanted: bool = False


@dataclass(frozen=True, slots=True)
class EstimateTold:
    """What was last told of a session's charge.

    Parameters
    ----------
    session_id : str
    at : datetime
    soc : float or None
    energy_remaining_kwh : float or None
    completes_at : datetime or None
    """

    session_id: str
    at: datetime
    soc: float | None
    energy_remaining_kwh: float | None
    completes_at: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook, and how it stands; without the path of its address.

    Parameters
    ----------
    webhook_id, host : str
    families : tuple of EventFamily
    given_by : str
    given_at : datetime
    state : {'told', 'waiting', 'failing', 'stopped'}
        told: nothing is left to say; waiting: something is; failing: the last try failed; stopped:
        whoever gave it may no longer know these events.
    trouble : str
        Why it is failing or stopped.
    tries : int
    tried_at, told_at : datetime or None
    after_seq : int
        Number of the journal record up to which it was told.
    dead_letters : int
        Events that were given up.
    """

    webhook_id: str
    host: str
    families: tuple[EventFamily, ...]
    given_by: str
    given_at: datetime
    state: WebhookStanding
    trouble: str
    tries: int
    tried_at: datetime | None
    told_at: datetime | None
    after_seq: int
    dead_letters: int


def _require_form(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_sound = False
        parts = urlsplit("")
    is_printable = len(address) <= MOST_ADDRESS and re.fullmatch(_PRINTABLE, address)
    if (
        not (is_sound and is_printable)
        or parts.scheme not in {"https", "http"}
        or "@" in parts.netloc
        or parts.fragment
    ):
        raise ModelError(
            "this is no address that can be called",
            where="address",
            hint="write it as https://host/path, without a user and without a fragment",
        )
