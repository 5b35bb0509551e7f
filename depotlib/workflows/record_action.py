"""What somebody changed at a desk goes into the journal with their name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.workflows.set_up_depot import Edited, read_versions

SAVED: Final = "saved the"
PLANNED: Final = "planned the night"
STUDIED: Final = "ran the study"
DRILLED: Final = "played the drill"
SHADOWED: Final = "judged the drill in shadow"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody did.

    Parameters
    ----------
    what : str
        In a few words, as ``imported``.
    subject : str
        Of what: a file, a depot, a night.
    by : str
        Who.
    """

    what: str
    subject: str
    by: str


def record_action(settings: Settings, deed: Deed, *, now: datetime) -> JournalEntry:
    """Return the entry of the journal that says who did what.

    Raises
    ------
    ExchangeError
        If the mailbox cannot be written.
    """
    return _append(settings, deed, version_of="", now=now)


def record_version(
    settings: Settings, kind: Edited, *, depot_id: str, by: str, now: datetime
) -> JournalEntry | None:
    """Return the entry that says who saved the newest version of something of a depot.

    None if there is no version of it.
    """
    versions = read_versions(settings, kind, depot_id=depot_id)
    if not versions:
        return None
    deed = Deed(what=f"{SAVED} {kind}", subject=depot_id, by=by)
    return _append(settings, deed, version_of=f"{kind} {versions[0].version}", now=now)


def _append(settings: Settings, deed: Deed, *, version_of: str, now: datetime) -> JournalEntry:
    facts = {"what": deed.what, "subject": deed.subject, "asked_by": deed.by}
    if version_of:
        facts["version_of"] = version_of
    entry = JournalEntry(now, "operator_action", payload=facts)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append([entry])
    return entry
