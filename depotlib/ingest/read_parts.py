"""A given file read whole, in this process: each of its parts recognised, mapped and accounted for.

Files of strangers go through `reading_worker`, which does this under limits in a process of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from depotlib.errors import DepotError, MalformedFileError, UnpackLimitError
from depotlib.ingest.content import FileContent
from depotlib.ingest.recognise import is_one_dataset, recognise
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, Source, SourceRows
from depotlib.ingest.unpack import Part, parts_of
from depotlib.ingest.unpacked import Allowance


@dataclass(frozen=True, slots=True)
class ReadRows:
    """What a source made of one part of a file.

    Parameters
    ----------
    digest : str
        SHA-256 that tells the part from any other.
    source : str
        Registry name of the source that read it.
    rows : SourceRows
    """

    digest: str
    source: str
    rows: SourceRows


@dataclass(frozen=True, slots=True)
class ReadPart:
    """One part of a given file: what was read, or the error that kept all of it out.

    Parameters
    ----------
    file : str
        ``archive.zip/member.csv``; the given name for a plain file.
    read : ReadRows or None
    error : DepotError or None
    source : str
        Registry name of the source that recognised it, even if it could not read it; else empty.
    recognition : Recognition
        How sure that source was, and why.
    """

    file: str
    read: ReadRows | None = None
    error: DepotError | None = None
    source: str = ""
    recognition: Recognition = NOT_MINE


def read_parts(
    given: FileContent,
    *,
    sources: Sequence[Source],
    options: ReadOptions,
    allowance: Allowance,
    before_each: Callable[[FileContent], None] = lambda _: None,
) -> list[ReadPart]:
    """Return what each part of a given file holds, in its order; a plain file has one.

    An archive out of which too much comes is refused as a whole, in one part.

    Parameters
    ----------
    given : FileContent
    sources : sequence of Source
    options : ReadOptions
    allowance : Allowance
        How much may come out of it.
    before_each : callable
        Called with each part before it is read.
    """
    parts = parts_of(
        given, allowance=allowance, is_one_dataset=partial(is_one_dataset, sources=sources)
    )
    try:
        return [
            _read(part, sources=sources, options=_placed(options, place), before=before_each)
            for place, part in enumerate(parts)
        ]
    except UnpackLimitError as error:
        return [ReadPart(given.file, error=error)]


def _placed(options: ReadOptions, place: int) -> ReadOptions:
    """Return the options with a scratch folder of the part's own, if there is any."""
    if options.scan_folder is None:
        return options
    folder = options.scan_folder / f"part-{place}"
    folder.mkdir()
    return replace(options, scan_folder=folder)


def _read(
    part: Part,
    *,
    sources: Sequence[Source],
    options: ReadOptions,
    before: Callable[[FileContent], None],
) -> ReadPart:
    content = part.content
    if content is None:
        return ReadPart(part.file, error=part.error)
    before(content)
    try:
        found = recognise(content, sources=sources, mappings=options.mappings)
    except DepotError as error:
        return ReadPart(part.file, error=error)
    recognised = partial(
        ReadPart, part.file, source=found.source.name, recognition=found.recognition
    )
    try:
        rows = found.source.read(content, options)
    except DepotError as error:
        return recognised(error=error)
    except RecursionError:
        error = MalformedFileError(
            "its content is nested too deep to be an export",
            where=part.file,
            hint="export it again",
        )
        return recognised(error=error)
    return recognised(read=ReadRows(content.digest, found.source.name, rows))
