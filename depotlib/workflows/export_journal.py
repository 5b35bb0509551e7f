"""Write the journal as Parquet, a file for each day, to be kept elsewhere and read with others'.

The folders are named as readers of many files expect it (``depot=north/day=2026-11-02``), so that
the journals of hundreds of depots in one object storage are one table. What an id may hold and a
folder may not is written as in an address (``north%2Fyard``), which they read back.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

import polars as pl
from pydantic import TypeAdapter

from depotlib.errors import InputError
from depotlib.exchange.journal_pages import records_after, seq_before
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.frames import JournalFrame
from depotlib.model.live import JournalRecord, Scalar
from depotlib.settings import Settings

FILE_NAME: Final = "journal.parquet"
NO_DEPOT: Final = "unnamed"
"""Of a journal whose depot was never published."""
PAYLOAD: Final = TypeAdapter(dict[str, Scalar])


@dataclass(frozen=True, slots=True)
class ExportedDay:
    """A day of the journal as a file.

    Parameters
    ----------
    day : date
        In UTC.
    records : int
    path : Path
    """

    day: date
    records: int
    path: Path


def export_journal(
    settings: Settings, folder: Path, *, now: datetime, days: int
) -> tuple[ExportedDay, ...]:
    """Return the days that were written: the running one and those before it, each file whole.

    Writing a day again gives it anew, with what has come since; a day without records has no file.

    Parameters
    ----------
    settings : Settings
    folder : Path
        Of the export; made where there is none.
    now : datetime
    days : int
        How many days in UTC, the running one among them.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    InputError
        If the folder cannot be written to.
    """
    last = now.astimezone(UTC).date()
    first = last - timedelta(days=days - 1)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        brief = mailbox.brief()
        name = brief[1].depot.depot_id if brief is not None else NO_DEPOT
        told = _frame(_records(mailbox, first, last=last))
    written: list[ExportedDay] = []
    for (day,), records in told.group_by(pl.col("at").dt.date(), maintain_order=True):
        path = folder / f"depot={quote(name, safe='')}" / f"day={day}" / FILE_NAME
        _write(records, path)
        written.append(ExportedDay(day=_day(day), records=records.height, path=path))
    return tuple(sorted(written, key=lambda one: one.day))


def _records(mailbox: Mailbox, first: date, *, last: date) -> Iterator[JournalRecord]:
    start, end = (
        datetime.combine(day, time(), tzinfo=UTC) for day in (first, last + timedelta(days=1))
    )
    for record in records_after(mailbox, seq_before(mailbox, start)):
        if start <= record.entry.at < end:
            yield record


def _frame(records: Iterator[JournalRecord]) -> pl.DataFrame:
    rows = [
        (
            one.seq,
            one.entry.at,
            one.entry.kind,
            one.entry.station_id,
            one.entry.connector_id,
            PAYLOAD.dump_json(dict(one.entry.payload)).decode(),
            one.hash,
        )
        for one in records
    ]
    schema = {name: column.dtype for name, column in JournalFrame.columns().items()}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("seq")


def _write(records: pl.DataFrame, path: Path) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        records.write_parquet(beside)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise InputError(
            f"the journal cannot be written: {error.strerror or error}",
            where=str(path),
            hint="name a folder that may be written to",
        ) from error


def _day(found: object) -> date:
    assert isinstance(found, date), "grouped by a date"
    return found
