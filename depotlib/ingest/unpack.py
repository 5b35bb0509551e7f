"""What one given file holds: itself, or the parts of an archive or a workbook, however wrapped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from depotlib.errors import ArchiveError, EmptyFileError, InputError, UnpackLimitError
from depotlib.ingest.archive import gunzipped, member_names, members
from depotlib.ingest.content import FileContent
from depotlib.ingest.examples import examples_in
from depotlib.ingest.parquet_table import parquet_table
from depotlib.ingest.unpacked import Allowance
from depotlib.ingest.workbook import WORKBOOK_MEMBER, sheets

IsOneDataset = Callable[[Sequence[str]], bool]
Wrapping = Literal["gzip", "zip", "parquet", "none"]

_WRAPPINGS: Final[tuple[tuple[bytes, Wrapping], ...]] = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PAR1", "parquet"),
)
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One file within a given one, ready to be recognised; or why it cannot be opened.

    Parameters
    ----------
    file : str
        ``archive.zip/member.csv``, or the given name where there is only one.
    content : FileContent or None
    error : InputError or None
    """

    file: str
    content: FileContent | None = None
    error: InputError | None = None


def parts_of(
    given: FileContent,
    *,
    allowance: Allowance,
    is_one_dataset: IsOneDataset,
) -> Iterator[Part]:
    """Yield what a given file holds, in its order: a plain file is its own only part.

    Parameters
    ----------
    given : FileContent
    allowance : Allowance
        Of this file, all its levels together.
    is_one_dataset : callable
        Whether an archive of files with these names is read by one source as a whole.

    Raises
    ------
    UnpackLimitError
        If more comes out than an export holds: then nothing of the file is to be trusted.
    """
    yield from _parts(given, allowance, is_one_dataset=is_one_dataset, level=0)


def wrapping_of(content: FileContent) -> Wrapping:
    """Return what a file is wrapped in, judged by its first bytes."""
    for magic, wrapping in _WRAPPINGS:
        if content.head.startswith(magic):
            return wrapping
    return "none"


def _parts(
    content: FileContent,
    allowance: Allowance,
    *,
    is_one_dataset: IsOneDataset,
    level: int,
) -> Iterator[Part]:
    try:
        opened = _opened(content, allowance, is_one_dataset=is_one_dataset, level=level)
        if opened is None:
            yield Part(content.file, content=content)
            return
        for inner in opened:
            yield from _parts(inner, allowance, is_one_dataset=is_one_dataset, level=level + 1)
    except UnpackLimitError:
        raise
    except InputError as error:
        yield Part(content.file, error=error)


def _opened(
    content: FileContent,
    allowance: Allowance,
    *,
    is_one_dataset: IsOneDataset,
    level: int,
) -> Iterator[FileContent] | None:
    """Return what a wrapping holds; None where sources read the content as it is."""
    wrapping = wrapping_of(content)
    if wrapping == "none":
        if level and not content.head.strip(_BLANK):
            raise EmptyFileError("the file is empty", where=content.file, hint="export it again")
        return examples_in(content)
    if wrapping == "parquet":
        return iter([parquet_table(content, allowance=allowance)])
    names = member_names(content) if wrapping == "zip" else ()
    if WORKBOOK_MEMBER in names:
        return sheets(content, allowance=allowance)
    if names and is_one_dataset(names):
        return None
    if level >= allowance.limits.most_levels:
        raise ArchiveError(
            f"archives lie within each other, more than {allowance.limits.most_levels} deep",
            where=content.file,
            hint="unpack the outer ones first",
        )
    if wrapping == "gzip":
        return iter([gunzipped(content, allowance=allowance)])
    return _filled(members(content, allowance=allowance), file=content.file)


def _filled(inner: Iterator[FileContent], *, file: str) -> Iterator[FileContent]:
    first = next(inner, None)
    if first is None:
        raise EmptyFileError("the archive is empty", where=file, hint="pack it again")
    yield first
    yield from inner
