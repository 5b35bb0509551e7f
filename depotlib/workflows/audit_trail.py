"""Who did what: what people and programs asked of a depot, out of its chained journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from depotlib.errors import MailboxMissingError, StoreMissingError
from depotlib.exchange.journal_pages import records_after, seq_before
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry, JournalKind, JournalRecord, Scalar
from depotlib.settings import Settings
from depotlib.store.catalogue import chosen_depot_id
from depotlib.workflows.record_action import DRILLED, PLANNED, SAVED, SHADOWED, STUDIED
from depotlib.workflows.set_up_depot import Edited, read_versions

AuditTopic = Literal[
    "push", "plan", "station", "stay", "limit", "identity", "alert", "access", "set-up", "webhook"
]
TOPICS: Final[tuple[AuditTopic, ...]] = get_args(AuditTopic)
KIND_TOPICS: Final[dict[JournalKind, AuditTopic]] = {
    "operator_action": "station",
    "push_requested": "push",
    "push_started": "push",
    "push_finished": "push",
    "push_abandoned": "push",
    "push_refused": "push",
    "grid_limit": "limit",
    "identity_resolved": "identity",
    "alert_acknowledged": "alert",
    "access_refused": "access",
    "certificate_signed": "access",
    "certificate_refused": "access",
    "password_changed": "access",
}
"""The kinds of the journal behind which somebody stands who asked."""
ACTION_TOPICS: Final[dict[str, AuditTopic]] = {
    "change_departure": "stay",
    "withdraw_departure": "stay",
    "give_webhook": "webhook",
    "renew_webhook_secret": "webhook",
    "withdraw_webhook": "webhook",
}
DEED_TOPICS: Final[dict[str, AuditTopic]] = dict.fromkeys(
    (PLANNED, STUDIED, DRILLED, SHADOWED), "plan"
)
PERSON: Final = "person"
WHO: Final = ("asked_by", "by", "holder", "source", "claimed")
"""Facts that name who asked, the first that says something."""
TOKEN_OF: Final = ("token_of", "holder", "by")
WHERE: Final = ("release_id", "node_id", "vehicle_id", "webhook_id", "subject", "alert_id", "host")
OUTCOME: Final = ("state", "outcome")
NOT_DETAIL: Final = frozenset({*WHO, "token_of", "action", "what", *OUTCOME})
EDITED: Final[tuple[Edited, ...]] = ("site", "fleet", "duties", "policy")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that somebody did, or was refused.

    Parameters
    ----------
    seq : int or None
        Number in the journal; None: a version of the set-up, which the warehouse holds.
    at : datetime
    who : str
        As the record names them; empty: it names nobody.
    token_of : str
        Holder of the token or key it came with; empty: the record says none.
    topic : AuditTopic
    what : str
        In a few words.
    where : str
        Connector, station, vehicle, release, node or subject; empty: the whole depot.
    outcome : str
    detail : str
        The other facts.
    hash : str
        Of the record in the chain; empty: it is not chained.
    """

    seq: int | None
    at: datetime
    who: str
    token_of: str
    topic: AuditTopic
    what: str
    where: str
    outcome: str
    detail: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditWish:
    """Which of them are wanted.

    Parameters
    ----------
    start : datetime or None
        None: from the beginning.
    who : str
        Empty: everybody.
    topics : tuple of AuditTopic
        Empty: all.
    """

    start: datetime | None = None
    who: str = ""
    topics: tuple[AuditTopic, ...] = ()


def audit_trail(
    settings: Settings, wish: AuditWish, *, versions: Mapping[str, AuditLine] | None = None
) -> tuple[AuditLine, ...]:
    """Return who did what, the newest first; nothing where nobody did anything yet.

    Parameters
    ----------
    settings : Settings
    wish : AuditWish
    versions : mapping of str to AuditLine, optional
        As `version_lines` returned them; default: read now.

    Raises
    ------
    MailboxDamagedError
        If a record of the journal cannot be read.
    """
    records = _records(settings, start=wish.start)
    lines = [line for record in records if (line := line_of(record)) is not None]
    told = {str(one.entry.payload.get("version_of")) for one in records}
    known = version_lines(settings) if versions is None else versions
    # Those that a record of the journal tells of have their line, with a name.
    lines += [line for version, line in known.items() if version not in told]
    return tuple(
        sorted(matching(lines, wish), key=lambda line: (line.at, line.seq or 0), reverse=True)
    )


def version_lines(settings: Settings) -> dict[str, AuditLine]:
    """Return the versions of the set-up by what a record calls them, such as ``fleet 2``."""
    try:
        depot_id = chosen_depot_id(settings.warehouse_path)
    except StoreMissingError:
        return {}
    if depot_id is None:
        return {}
    return {
        f"{kind} {one.version}": AuditLine(
            seq=None,
            at=one.saved_at,
            who="",
            token_of="",
            topic="set-up",
            what=f"{SAVED} {kind}",
            where=depot_id,
            outcome=f"version {one.version}",
            detail="",
            hash="",
        )
        for kind in EDITED
        for one in read_versions(settings, kind, depot_id=depot_id)
    }


def matching(lines: Sequence[AuditLine], wish: AuditWish) -> tuple[AuditLine, ...]:
    """Return the lines that are wanted, in their order."""
    return tuple(line for line in lines if _is_wanted(line, wish))


def chain_length(settings: Settings) -> int:
    """Return how many records the journal has; 0 where no process of the depot has run yet."""
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            return mailbox.journal_head().seq
    except MailboxMissingError:
        return 0


def line_of(record: JournalRecord) -> AuditLine | None:
    """Return what a record of the journal says somebody did, or None: it says nothing of the kind."""
    entry, facts = record.entry, record.entry.payload
    topic = KIND_TOPICS.get(entry.kind)
    if topic is None:
        return None
    if topic == "identity" and facts.get("identity_source") != PERSON:
        return None  # found by the machine
    who, token_of = _first(facts, WHO), _first(facts, TOKEN_OF)
    return AuditLine(
        seq=record.seq,
        at=entry.at,
        who=who or entry.station_id or "",
        token_of=token_of,
        topic=_topic(facts, topic),
        what=_what(entry),
        where=entry.connector_id or entry.station_id or _first(facts, WHERE),
        outcome=_first(facts, OUTCOME),
        detail=_detail(facts),
        hash=record.hash,
    )


def people_of(lines: Sequence[AuditLine]) -> tuple[str, ...]:
    """Return everybody who is named, in alphabetical order."""
    return tuple(sorted({line.who for line in lines if line.who}))


def _records(settings: Settings, *, start: datetime | None) -> list[JournalRecord]:
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            seq = seq_before(mailbox, start) if start is not None else 0
            return list(records_after(mailbox, seq, kinds=tuple(KIND_TOPICS)))
    except MailboxMissingError:
        return []


def _is_wanted(line: AuditLine, wish: AuditWish) -> bool:
    is_in_time = wish.start is None or line.at >= wish.start
    is_theirs = not wish.who or line.who == wish.who
    return is_in_time and is_theirs and (not wish.topics or line.topic in wish.topics)


def _topic(facts: Mapping[str, Scalar], topic: AuditTopic) -> AuditTopic:
    what = str(facts.get("what") or "")
    if what.startswith("security"):
        return "access"
    if what:
        return DEED_TOPICS.get(what, "set-up")
    return ACTION_TOPICS.get(str(facts.get("action")), topic)


def _what(entry: JournalEntry) -> str:
    facts, kind = entry.payload, entry.kind
    said = str(facts.get("what") or facts.get("action") or "")
    if kind == "grid_limit":
        said = f"limit {said}"
    if kind == "identity_resolved":
        said = "whose session it is"
    return (said or kind).replace("_", " ")


def _detail(facts: Mapping[str, Scalar]) -> str:
    return ", ".join(
        f"{name} {value}"
        for name, value in facts.items()
        if name not in NOT_DETAIL and value is not None and value != ""
    )


def _first(facts: Mapping[str, Scalar], names: Sequence[str]) -> str:
    return next((str(facts[name]) for name in names if facts.get(name)), "")
