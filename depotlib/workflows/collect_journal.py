"""The loop closes on disk: the live side's journal becomes rows of the store."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.errors import JournalForkError, MailboxMissingError
from depotlib.exchange.chain import JournalVerdict
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.ingest.sources.journal import SESSION_KINDS, sessions_of_journal
from depotlib.model.live import JournalKind, JournalRecord
from depotlib.settings import Settings
from depotlib.store.imports import ImportBatch, write_import
from depotlib.store.journal import append_journal, journal, last_seq

PAGE_LENGTH: Final = 5000
LOOK_BACK: Final = timedelta(days=7)
"""Longer than any stay at the depot that the live side follows."""
TURNING_KINDS: Final[tuple[JournalKind, ...]] = (
    "session_started",
    "identity_resolved",
    "session_ended",
)


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
    path = settings.warehouse_path
    known_seq = last_seq(path)
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            # With the last one that is known, which shows whether it is still the same journal.
            records = _records_after(mailbox, max(0, known_seq - 1))
    except MailboxMissingError:
        return Collected(records=0, sessions=0)
    if known_seq and not records:
        raise JournalForkError(
            f"the mailbox's journal ends before record {known_seq}, which the warehouse holds",
            where=str(settings.mailbox_path),
            hint="the mailbox was replaced: put the former one back, or give the new one a "
            "DEPOT_HOME of its own",
        )
    new = append_journal(path, records)
    if not any(one.seq > known_seq and one.entry.kind in TURNING_KINDS for one in records):
        return Collected(records=new, sessions=0)
    # A session that began before the last collection needs its beginning too.
    known = journal(path, SESSION_KINDS, start=now - LOOK_BACK)
    rows = sessions_of_journal(known, file=settings.mailbox_path.name)
    report = write_import(
        path,
        ImportBatch(
            file=settings.mailbox_path.name,
            source="journal",
            digest=f"journal {records[-1].hash}",
            rows_in=rows.rows_in,
            duplicates_within=rows.duplicates,
            rejections=rows.rejections,
            findings=rows.findings,
            sessions=rows.sessions,
            merged_rows=rows.merged_rows,
        ),
        imported_at=now,
    )
    return Collected(records=new, sessions=report.stored)


def _records_after(mailbox: Mailbox, seq: int) -> list[JournalRecord]:
    records: list[JournalRecord] = []
    while page := mailbox.journal(records[-1].seq if records else seq, PAGE_LENGTH):
        records += page
    return records


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
