"""Which source a file belongs to, judged by what it holds and never by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from depotlib.errors import UnknownSourceError
from depotlib.ingest.archive import member_names
from depotlib.ingest.content import FileContent, FileSample, sample_of
from depotlib.ingest.source import ArchiveSource, MappingSource, Recognition, Source
from depotlib.ingest.unpack import wrapping_of
from depotlib.model.column_mapping import ColumnMapping

LEAST_CONFIDENCE_SHARE: Final = 0.5
_SHOWN_CHARACTERS: Final = 80
_MAGICS: Final = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of before 2007, or one with a password"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The source that a file belongs to, and how sure it is."""

    source: Source
    recognition: Recognition


def recognise(
    content: FileContent, *, sources: Sequence[Source], mappings: tuple[ColumnMapping, ...] = ()
) -> Recognised:
    """Return the source that is surest of a file; the first of equals.

    Parameters
    ----------
    content : FileContent
    sources : sequence of Source
    mappings : tuple of ColumnMapping
        What a person said of tables; a file with the columns of one is read by it.

    Raises
    ------
    UnknownSourceError
        If none is at least half sure.
    """
    sample = sample_of(content.head)
    told = [each.with_mappings(mappings) if isinstance(each, MappingSource) else each
            for each in sources]  # fmt: skip
    verdicts = [Recognised(source, source.recognise(sample)) for source in told]
    if wrapping_of(content) == "zip":
        verdicts += _of_archive(member_names(content), sources=sources)
    best = max(verdicts, key=lambda verdict: verdict.recognition.confidence_share)
    if best.recognition.confidence_share < LEAST_CONFIDENCE_SHARE:
        titles = "; ".join(source.title for source in sources)
        raise UnknownSourceError(
            f"no source recognises this file: {_seen(content, sample)}",
            where=content.file,
            hint=f"it reads: {titles}",
        )
    return best


def is_one_dataset(names: Sequence[str], *, sources: Sequence[Source]) -> bool:
    """Return whether a source reads an archive of files with these names as a whole."""
    return any(
        verdict.recognition.confidence_share >= LEAST_CONFIDENCE_SHARE
        for verdict in _of_archive(names, sources=sources)
    )


def _of_archive(names: Sequence[str], *, sources: Sequence[Source]) -> list[Recognised]:
    return [
        Recognised(source, source.recognise_archive(names))
        for source in sources
        if isinstance(source, ArchiveSource)
    ]


def _seen(content: FileContent, sample: FileSample) -> str:
    """Return what the file looks like, for the person who gave it."""
    if sample.kind == "binary":
        kind = next((what for magic, what in _MAGICS if content.head.startswith(magic)), None)
        return f"it is {kind}" if kind else "it is not text"
    if sample.kind == "json":
        return f"JSON with the fields {', '.join(sorted(sample.keys)[:12]) or '(none)'}"
    first = sample.text.strip().splitlines()[0]
    return f"its first line is {first[:_SHOWN_CHARACTERS]!r}"
