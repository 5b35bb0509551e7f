"""Rejected records given out to be mended: a file that can be imported as it is once they are."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import polars as pl

from depotlib.errors import RawFileError, RejectionsError
from depotlib.ingest.content import FileContent
from depotlib.ingest.recognise import is_one_dataset
from depotlib.ingest.rejected_records import rejected_records
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpack import parts_of
from depotlib.ingest.unpacked import Allowance
from depotlib.model.import_report import Rejection
from depotlib.settings import Settings
from depotlib.store.imports import import_history, recorded_import, rejections
from depotlib.store.raw import raw_file
from depotlib.workflows.stored_file import HOW_READ

_SHORTEST_DIGEST = 6


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """Rejected records of one import, ready to be mended.

    Parameters
    ----------
    name : str
        For the file.
    text : str
        The records in the shape of the original, with what is around them.
    count : int
        Records in it.
    rejected : int
        Records that were rejected; empty rows are not in `count`.
    reasons : tuple of Rejection
        Each of them with its place in the original and why it was rejected.
    """

    name: str
    text: str
    count: int
    rejected: int
    reasons: tuple[Rejection, ...]


def rejected_file(settings: Settings, *, named: str) -> RejectedFile:
    """Return the rejected records of an import, in the shape of the file that they came in.

    Parameters
    ----------
    settings : Settings
    named : str
        The file as it was imported, its bare name, or the start of its digest; of several imports
        under one name the latest.

    Raises
    ------
    RejectionsError
        If there is no such import, nothing of it was rejected but empty rows, or its records
        cannot be taken out of a file of its kind.
    RawFileError
        If the raw file is not kept any more.
    StoreMissingError
        If there is no store yet.
    """
    path = settings.warehouse_path
    digest = _digest(import_history(path), named)
    refused = rejections(path, digest).select("row", "reason", "detail", "raw")
    reasons = tuple(Rejection(**one) for one in refused.to_dicts())
    with TemporaryDirectory(prefix="depot-mending-") as folder:
        content = _content(settings, digest=digest, folder=folder)
        records = rejected_records(content, reasons)
    return RejectedFile(
        name=f"{PurePath(content.file).stem}.rejected{records.suffix}",
        text=records.text,
        count=records.count,
        rejected=len(reasons),
        reasons=reasons,
    )


def _digest(history: pl.DataFrame, named: str) -> str:
    """Return the digest of the latest import that is meant."""
    for digest, file in history.select("digest", "file").iter_rows():
        is_digest = len(named) >= _SHORTEST_DIGEST and digest.startswith(named)
        if is_digest or named in {file, PurePath(file).name}:
            return digest
    raise RejectionsError(
        f"nothing was imported under {named!r}",
        where=named,
        hint="depot store lists the imports with their digests",
    )


def _content(settings: Settings, *, digest: str, folder: str) -> FileContent:
    """Return what the source read; it was read under limits once, so it is opened here."""
    record = recorded_import(settings.warehouse_path, digest)
    assert record is not None, "an import of the history"
    how = None if record.options_json == "{}" else HOW_READ.validate_json(record.options_json)
    kept = raw_file(settings.raw_path, how.raw_digest if how else digest)
    if kept is None:
        raise RawFileError(
            "the raw file is not kept any more",
            where=record.file,
            hint="mend the records in the original and import it again",
        )
    given = FileContent(file=how.raw_name if how else record.file, held=kept)
    parts = parts_of(
        given,
        allowance=Allowance(given.file, given.size_bytes, folder=Path(folder)),
        is_one_dataset=partial(is_one_dataset, sources=SOURCES),
    )
    content = next(
        (each.content for each in parts if each.content and each.content.digest == digest), None
    )
    assert content is not None, "the part that was imported"
    return FileContent(file=content.file, held=content.data)
