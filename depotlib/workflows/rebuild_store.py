"""Make the warehouse again from the kept raw files: the same tables, row for row."""

from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from depotlib.errors import RawFileError, StoreDamagedError, StoreMissingError
from depotlib.ingest.content import FileContent
from depotlib.ingest.read_parts import ReadPart
from depotlib.ingest.reading_worker import ReadingWorker
from depotlib.model.import_report import ImportReport
from depotlib.settings import Settings
from depotlib.store.import_notes import RecordedImport, is_noted, write_note
from depotlib.store.imports import ImportStamp, import_history, write_import_again
from depotlib.store.journal import journal
from depotlib.store.raw import raw_file
from depotlib.store.rebuild import rebuilding
from depotlib.workflows.collect_journal import (
    JOURNAL_DIGEST,
    LOOK_BACK,
    SPAN,
    CollectedSpan,
    journal_batch,
    own_site,
)
from depotlib.workflows.stored_file import HowRead, ReadFile, batch_of, how_read


@dataclass(frozen=True, slots=True)
class RebuiltStore:
    """What became of the warehouse.

    Parameters
    ----------
    reports : tuple of ImportReport
        The account of each import, done again.
    changed : tuple of str
        Files whose account differs from the former one: depotlib reads them otherwise by now.
    has_decisions : bool
        Whether documents, settings, plans and the journal of the old warehouse were taken over;
        False where it was lost or damaged.
    """

    reports: tuple[ImportReport, ...]
    changed: tuple[str, ...]
    has_decisions: bool


def rebuild_store(
    settings: Settings,
    *,
    instead: Sequence[RecordedImport] = (),
    worker: ReadingWorker | None = None,
) -> RebuiltStore:
    """Return what became of the warehouse, made again from the kept raw files.

    Every import is done again in its order, as it was done: source options, number and time. The
    new warehouse takes the old one's place when it is whole; until then, and if anything goes
    wrong, the old one stays.

    Parameters
    ----------
    settings : Settings
    instead : sequence of RecordedImport
        Other readings of files that were imported: the former ones are left out, these come last
        and are numbered anew.
    worker : ReadingWorker or None
        Reads the files; None: one of its own.

    Raises
    ------
    RawFileError
        If a raw file is missing, or is not what was imported: nothing would make up for it.
    StoreBusyError
        If somebody writes, or reads at the end, for longer than 10 s; names who.
    InputError
        If a file that was imported cannot be read any more.
    """
    accounts = _accounts(settings.warehouse_path)
    with rebuilding(settings.warehouse_path, settings.raw_path) as job:
        imports = _with_other_readings(job.imports, instead)
        _check_kept(imports, raw_path=settings.raw_path)
        with closing(ReadingWorker()) if worker is None else nullcontext(worker) as reading:
            reader = _RawReader(settings.raw_path, reading)
            reports = tuple(_done_again(record, reader, path=job.path) for record in imports)
    for record in imports:
        if not _is_collected(record) and not is_noted(settings.raw_path, record):
            write_note(settings.raw_path, record)
    known = accounts.keys() - {record.digest for record in instead}
    return RebuiltStore(
        reports=reports,
        changed=tuple(
            report.file
            for report in reports
            if report.digest in known and accounts[report.digest] != _account(report)
        ),
        has_decisions=job.has_decisions,
    )


def _with_other_readings(
    imports: Sequence[RecordedImport], instead: Sequence[RecordedImport]
) -> tuple[RecordedImport, ...]:
    read_otherwise = {record.digest for record in instead}
    last_no = max((record.import_no for record in imports), default=0)
    return (
        *(record for record in imports if record.digest not in read_otherwise),
        *(replace(one, import_no=no) for no, one in enumerate(instead, last_no + 1)),
    )


@dataclass(slots=True)
class _RawReader:
    """Reads kept files; an archive's parts follow each other, so the last reading is kept."""

    raw_path: Path
    worker: ReadingWorker
    last: tuple[HowRead, list[ReadPart]] | None = field(default=None)

    def read(self, record: RecordedImport) -> ReadFile:
        how = how_read(record)
        raw = FileContent(file=how.raw_name, held=_kept(self.raw_path, how.raw_digest))
        if raw.digest != how.raw_digest:
            raise RawFileError(
                "a kept raw file is not what was imported any more",
                where=str(raw.path),
                hint="put the original file back under this name",
            )
        if self.last is None or self.last[0] != how:
            self.last = how, self.worker.read(raw, how.options)
        part = next((one for one in self.last[1] if one.file == record.file), None)
        if part is None or part.read is None:
            raise (part.error if part is not None and part.error is not None else None) or (
                RawFileError(
                    f"a kept archive has no {record.file!r} any more",
                    where=str(raw.path),
                    hint="put the original archive back under this name",
                )
            )
        return ReadFile(raw, file=record.file, read=part.read, options=how.options)


def _done_again(record: RecordedImport, reader: _RawReader, *, path: Path) -> ImportReport:
    made = ImportStamp(import_no=record.import_no, imported_at=record.imported_at)
    if _is_collected(record):
        batch = journal_batch(path, _collected_span(record, path=path), file=record.file)
    else:
        batch = batch_of(reader.read(record))
    return write_import_again(path, batch, made=made)


def _collected_span(record: RecordedImport, *, path: Path) -> CollectedSpan:
    """Return what a collection of the journal took; earlier ones did not record it, or no site."""
    if record.options_json != "{}":
        span = SPAN.validate_json(record.options_json)
    else:
        last_hash = record.digest.removeprefix(JOURNAL_DIGEST)
        last_seq = journal(path).filter(pl.col("hash") == last_hash)["seq"].item()
        span = CollectedSpan(record.imported_at - LOOK_BACK, last_seq, last_hash)
    return span if span.site is not None else replace(span, site=own_site(path))


def _check_kept(imports: Sequence[RecordedImport], *, raw_path: Path) -> None:
    missing = [
        record.file
        for record in imports
        if not _is_collected(record) and raw_file(raw_path, how_read(record).raw_digest) is None
    ]
    if missing:
        raise RawFileError(
            f"{len(missing)} raw files are missing: {', '.join(missing[:5])}",
            where=str(raw_path),
            hint="put them back; without them the warehouse would lose what they told",
        )


def _kept(raw_path: Path, digest: str) -> Path:
    kept = raw_file(raw_path, digest)
    assert kept is not None, "checked before"
    return kept


def _is_collected(record: RecordedImport) -> bool:
    return record.digest.startswith(JOURNAL_DIGEST)


def _accounts(path: Path) -> dict[str, tuple[int, ...]]:
    try:
        history = import_history(path)
    except (StoreMissingError, StoreDamagedError):
        return {}
    columns = ("digest", "rows_in", "stored", "duplicates", "rejected")
    return {digest: tuple(counts) for digest, *counts in history.select(columns).rows()}


def _account(report: ImportReport) -> tuple[int, ...]:
    return report.rows_in, report.stored, report.duplicates, len(report.rejections)
