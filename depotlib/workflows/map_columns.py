"""Look at files and map the columns of their tables: preview, guess, confirm, remember by header."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from depotlib.errors import DepotError, MappingError, MissingFileError, UnknownSourceError
from depotlib.ingest.guess.file_head import FileHead, file_heads
from depotlib.ingest.guess.guess import guess_mapping as guess_of
from depotlib.ingest.mapping.shipped_mappings import fitting, shipped_mappings
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ReadOptions, Source
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.sources.column_mapping import MappedColumns
from depotlib.model.column_mapping import (
    ColumnField,
    ColumnMapping,
    MappingKind,
    mapping_from_json,
    mapping_from_toml,
)
from depotlib.model.mapping_guess import MappingGuess
from depotlib.settings import Settings
from depotlib.store.mappings import header_digest, mappings
from depotlib.store.mappings import save_mapping as save_to_store
from depotlib.workflows.import_files import (
    SHOWN_ROWS,
    GivenFile,
    ImportChoices,
    ImportedFile,
    import_files,
    opened,
)

LINE: Final = "Line"
MAPPED_SOURCE: Final = MappedColumns().name


@dataclass(frozen=True, slots=True)
class FilePreview:
    """The first rows of a file as they stand, what it is taken for, and what it may hold.

    Parameters
    ----------
    file : str
        ``archive.zip/member.csv`` for a part of an archive.
    source, title : str or None
        Registry name and plain words of its source; None: nothing recognises it.
    confidence_share : float
        0-1.
    reason : str
        What it was recognised by.
    header : tuple of str
        Of a table; empty for what is none.
    rows : polars.DataFrame
        Texts as they stand; the first column is the line. Empty for what is no table.
    guess : MappingGuess or None
        None: nothing speaks for any kind of table.
    """

    file: str
    source: str | None
    title: str | None
    confidence_share: float
    reason: str
    header: tuple[str, ...]
    rows: pl.DataFrame
    guess: MappingGuess | None


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """Where a person says that a canonical column comes from.

    Parameters
    ----------
    fills : str
    field : ColumnField
    """

    fills: str
    field: ColumnField


@dataclass(frozen=True, slots=True)
class FileTrial:
    """What files are, and what importing them would do.

    Parameters
    ----------
    previews : tuple of (GivenFile, FilePreview)
        Of every part that can be opened, with the file it came in.
    tried : tuple of ImportedFile
        Of every part, in order.
    """

    previews: tuple[tuple[GivenFile, FilePreview], ...]
    tried: tuple[ImportedFile, ...]


def try_files(
    files: Sequence[GivenFile], *, settings: Settings, choices: ImportChoices
) -> FileTrial:
    """Return what files are, and what importing them would do; nothing is stored.

    Parameters
    ----------
    files : sequence of GivenFile
    settings : Settings
    choices : ImportChoices
        With the mappings that a person confirmed.
    """
    tried = import_files(
        files,
        settings=settings,
        now=settings.depot_clock().now(),
        choices=replace(choices, is_dry_run=True),
    )
    previews: list[tuple[GivenFile, FilePreview]] = []
    for file in files:
        with suppress(DepotError):  # what cannot be opened is told by the trial
            found = preview_file(file, mappings=choices.mappings)
            previews.extend((file, preview) for preview in found)
    return FileTrial(tuple(previews), tuple(tried))


def preview_file(
    file: Path | GivenFile, *, mappings: tuple[ColumnMapping, ...] = (), rows: int = SHOWN_ROWS
) -> list[FilePreview]:
    """Return the first rows of a file as they stand, and what it is taken for.

    Parameters
    ----------
    file : Path or GivenFile
    mappings : tuple of ColumnMapping, optional
        Those that a person confirmed.
    rows : int, optional

    Returns
    -------
    list of FilePreview
        One; for an archive or a workbook one for each part of it that can be opened.

    Raises
    ------
    MissingFileError, UnreadableFileError, EmptyFileError, UnpackLimitError
        If there is nothing that could be read.
    """
    return [_preview(head, mappings=mappings, rows=rows) for head in file_heads(opened(file))]


def guess_mapping(
    file: Path | GivenFile, *, kind: MappingKind | None = None, part: str | None = None
) -> MappingGuess:
    """Return what the columns of a table may be.

    Parameters
    ----------
    file : Path or GivenFile
    kind : MappingKind, optional
        What a person says that it is.
    part : str, optional
        ``archive.zip/member.csv``, where a file has several tables; default: the first.

    Raises
    ------
    MappingError
        If the file holds no table, or nothing speaks for any kind.
    """
    head = _first_table(file, part=part)
    guess = guess_of(head.sample, kind=kind)
    if guess is None:
        raise MappingError(
            "nothing in this table says what it holds",
            where=head.content.file,
            hint="say its kind, or write a mapping (docs/column-mapping.md)",
        )
    return guess


def guessed_mapping(
    file: Path | GivenFile,
    *,
    kind: MappingKind | None = None,
    time_zone: str | None = None,
    vehicle_id: str | None = None,
) -> ColumnMapping:
    """Return a guess at a file's first table as a mapping, to be looked at and mended.

    Parameters
    ----------
    file : Path or GivenFile
    kind : MappingKind, optional
    time_zone : str, optional
        IANA name of its local times.
    vehicle_id : str, optional
        Of every row, where no column names the vehicle.

    Raises
    ------
    MappingError
        If nothing can be guessed, or something that the kind needs is missing.
    """
    guess, head = guess_mapping(file, kind=kind), _first_table(file)
    header = _header(head)
    constants = {"vehicle_id": vehicle_id} if vehicle_id and "vehicle_id" in guess.missing else {}
    return guess.as_mapping(
        name=own_name(header),
        title=Path(head.content.file).stem,
        header=header,
        time_zone=time_zone,
        constants=constants,
    )


def chosen_mapping(
    preview: FilePreview,
    choices: Sequence[FieldChoice],
    *,
    kind: MappingKind,
    title: str,
    time_zone: str | None,
) -> ColumnMapping:
    """Return the mapping that a person chose for the files with a header.

    What a guess knows of a chosen column beside its unit (a zone column, texts that mean that
    nobody knows) is kept.

    Raises
    ------
    MappingError
        If something that the kind needs is missing.
    """
    guess = preview.guess or MappingGuess(kind=kind, confidence_share=0.0, fields=())
    known = {one.field.column: one.field for one in guess.fields}
    fields = {
        choice.fills: replace(choice.field, zone_column=known[choice.field.column].zone_column)
        if choice.field.column in known
        else choice.field
        for choice in choices
    }
    return ColumnMapping(
        name=own_name(preview.header),
        title=title.strip() or preview.file,
        kind=kind,
        header=preview.header,
        fields=fields,
        key=guess.key if kind == guess.kind else (),
        time_zone=time_zone,
        unknown=guess.unknown,
        zone_offsets=dict(guess.zone_offsets),
        ignore_offset=guess.ignore_offset,
    )


def own_name(header: Sequence[str]) -> str:
    """Return what a person's mapping of a header is called in keys: always the same."""
    return f"own_{header_digest(header)[:8]}"


def save_mapping(settings: Settings, mapping: ColumnMapping, *, now: datetime) -> int:
    """Return the version under which a mapping is remembered for the files with its header."""
    return save_to_store(settings.warehouse_path, mapping, saved_at=now)


def remembered_mappings(settings: Settings) -> tuple[ColumnMapping, ...]:
    """Return the mappings that were confirmed here, by name."""
    return mappings(settings.warehouse_path)


def read_mapping(path: Path) -> ColumnMapping:
    """Return the mapping that a TOML or JSON file holds.

    Raises
    ------
    MissingFileError
        If it cannot be read.
    MappingError
        If it describes nothing that could be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MissingFileError(
            f"the mapping cannot be read: {error}", where=str(path), hint="check its name"
        ) from error
    is_json = text.lstrip().startswith("{")
    return (mapping_from_json if is_json else mapping_from_toml)(text, where=str(path))


def preview_mapped(
    file: Path | GivenFile, mapping: ColumnMapping, *, part: str | None = None
) -> pl.DataFrame:
    """Return the first rows of a table as a mapping reads them; nothing is stored.

    Judged over the first rows only; local times are taken as UTC where no zone is named.

    Parameters
    ----------
    file : Path or GivenFile
    mapping : ColumnMapping
    part : str, optional
        ``archive.zip/member.csv``, where a file has several tables; default: the first.

    Raises
    ------
    InputError
        If they cannot be read so.
    """
    head = _first_table(file, part=part)
    options = ReadOptions(time_zone=mapping.time_zone, mappings=(mapping,), is_trial=True)
    rows = MappedColumns((mapping,)).read(head.content, options)
    frames = [frame for frame in rows.frames.values() if frame is not None and frame.height]
    if not frames:
        raise MappingError(
            "no row can be read so",
            where=head.content.file,
            hint=rows.rejections[0].detail if rows.rejections else "choose other columns",
        )
    return frames[0].sort("src_row").head(SHOWN_ROWS)


def _preview(head: FileHead, *, mappings: tuple[ColumnMapping, ...], rows: int) -> FilePreview:
    guess = guess_of(head.sample) if head.table is not None else None
    try:
        found = recognise(head.content, sources=SOURCES, mappings=mappings)
    except UnknownSourceError as error:
        found, reason = None, error.what
    else:
        reason = found.recognition.reason
    return FilePreview(
        file=head.content.file,
        source=None if found is None else found.source.name,
        title=None if found is None else _title(found.source, header=_header(head), own=mappings),
        confidence_share=0.0 if found is None else found.recognition.confidence_share,
        reason=reason,
        header=_header(head),
        rows=_raw_rows(head, rows=rows),
        guess=guess,
    )


def _title(source: Source, *, header: Sequence[str], own: tuple[ColumnMapping, ...]) -> str:
    """Return what a file is in plain words: for a mapped table what its mapping says."""
    mapping = fitting(header, own) or fitting(header, shipped_mappings())
    return mapping.title if source.name == MAPPED_SOURCE and mapping else source.title


def _first_table(file: Path | GivenFile, *, part: str | None = None) -> FileHead:
    content = opened(file)
    tables = [
        head
        for head in file_heads(content)
        if head.table is not None and part in {None, head.content.file}
    ]
    if not tables:
        raise MappingError(
            "there is no table in it",
            where=content.file,
            hint="columns are mapped in CSV, TSV, XLSX and Parquet files",
        )
    return tables[0]


def _header(head: FileHead) -> tuple[str, ...]:
    return () if head.table is None else head.table.header


def _raw_rows(head: FileHead, *, rows: int) -> pl.DataFrame:
    if head.table is None:
        return pl.DataFrame()
    shown = head.table.records[:rows]
    columns = {
        name: [str(record.fields.get(name) or "") for record in shown] for name in _header(head)
    }
    return pl.DataFrame({LINE: [record.row for record in shown]} | columns)
