"""The loop closes on disk: the live side's journal becomes rows of the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.exchange.chain import JournalVerdict
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalRecord
from depotlib.settings import Settings
from depotlib.store.journal import append_journal

PAGE_LENGTH: Final = 5000


@dataclass(frozen=True, slots=True)
class Collected:
    """What one collection brought.

    Parameters
    ----------
    records : int
        New journal records.
    sessions : int
        Sessions stored or brought up to date.
    """

    records: int
    sessions: int


def collect_journal(settings: Settings, *, now: datetime) -> Collected:
    """Return what was new in the journal, now in the store; collecting twice changes nothing.

    Parameters
    ----------
    settings : Settings
    now : datetime
        Instant of the import.

    Raises
    ------
    StoreBusyError
        If another process holds the store for longer than 10 s.
    JournalForkError
        If the journal differs from what the store had collected of it.
    """
    records = _records_after(settings, last_seq_or_zero(settings))
    if not records:
        return Collected(records=0, sessions=0)
    new = append_journal(settings.warehouse_path, records)
    return Collected(records=new, sessions=store_journal_sessions(settings, now=now))


def verify_journal(settings: Settings) -> JournalVerdict:
    """Return whether the journal's chain is whole.

    Raises
    ------
    MailboxMissingError
        If the depot has no mailbox yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        return mailbox.verify_journal()


def journal_tail(settings: Settings, *, count: int) -> list[JournalRecord]:
    """Return the last records of the journal, oldest first.

    Raises
    ------
    MailboxMissingError
        If the depot has no mailbox yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        head = mailbox.journal_head()
        return mailbox.journal(after_seq=max(0, head.seq - count), limit=count)
