"""The loop closes on disk: the live side's journal becomes rows of the store."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import TypeAdapter

from depotlib.errors import JournalForkError, MailboxMissingError
from depotlib.exchange.chain import JournalVerdict
from depotlib.exchange.journal_pages import records_after
from depotlib.exchange.mailbox import open_mailbox
from depotlib.ingest.sources.journal import SESSION_KINDS, sessions_of_journal
from depotlib.model.live import JournalKind, JournalRecord
from depotlib.settings import Settings
from depotlib.store.catalogue import chosen_depot_id, load_depot
from depotlib.store.imports import ImportBatch, write_import
from depotlib.store.journal import append_journal, journal, last_seq

LOOK_BACK: Final = timedelta(days=7)
"""Longer than any stay at the depot that the live side follows."""
JOURNAL_DIGEST: Final = "journal "
"""What the digest of a collection begins with; the hash of its last record follows."""
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
            records = list(records_after(mailbox, max(0, known_seq - 1)))
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
    # A session that began before the last collection needs its beginning too; the first collection
    # takes all of the mailbox, since a new warehouse has none of its sessions.
    span = CollectedSpan(
        start=now - LOOK_BACK if known_seq else None,
        last_seq=records[-1].seq,
        last_hash=records[-1].hash,
        site=own_site(path),
    )
    batch = journal_batch(path, span, file=settings.mailbox_path.name)
    report = write_import(path, batch, imported_at=now)
    return Collected(records=new, sessions=report.stored)


@dataclass(frozen=True, slots=True)
class CollectedSpan:
    """Which records of the journal a collection made sessions of.

    Parameters
    ----------
    start : datetime or None
        From when on; None: all.
    last_seq : int
    last_hash : str
        Number and hash of the last record.
    site : str or None
        What the depot was called then; None: it had no name yet, or nobody took it down.
    """

    start: datetime | None
    last_seq: int
    last_hash: str
    site: str | None = None


SPAN: Final = TypeAdapter(CollectedSpan)


def journal_batch(path: Path, span: CollectedSpan, *, file: str) -> ImportBatch:
    """Return the sessions of collected journal records, as the warehouse takes them.

    Parameters
    ----------
    path : Path
        The database file, which holds the records.
    span : CollectedSpan
    file : str
        Name of the mailbox.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    records = journal(path, SESSION_KINDS, start=span.start)
    rows = sessions_of_journal(
        records.filter(pl.col("seq") <= span.last_seq), file=file, site=span.site
    )
    return ImportBatch(
        file=file,
        source="journal",
        digest=f"{JOURNAL_DIGEST}{span.last_hash}",
        rows_in=rows.rows_in,
        duplicates_within=rows.duplicates,
        rejections=rows.rejections,
        findings=rows.findings,
        sessions=rows.sessions,
        merged_rows=rows.merged_rows,
        options_json=SPAN.dump_json(span).decode(),
    )


def own_site(path: Path) -> str | None:
    """Return the site of the sessions at our own stations: the depot's name; None without one.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    depot_id = chosen_depot_id(path)
    return None if depot_id is None else load_depot(path, depot_id).name


def journal_mark(settings: Settings) -> tuple[int, str]:
    """Return number and hash of the newest record of the journal: another one after every record.

    Raises
    ------
    MailboxMissingError
        If the depot has no mailbox yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        head = mailbox.journal_head()
    return head.seq, head.hash


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
