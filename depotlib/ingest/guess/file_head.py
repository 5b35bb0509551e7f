"""The first rows of a file as they stand: what a person sees beside a guess, and what it rests on.

Only the beginning is looked at, whatever the size; an archive or a workbook has several.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from depotlib.errors import InputError
from depotlib.ingest.content import FileContent, sample_of
from depotlib.ingest.delimited import DelimitedTable, read_table
from depotlib.ingest.guess.guess import TableSample
from depotlib.ingest.recognise import is_one_dataset
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpack import parts_of
from depotlib.ingest.unpacked import Allowance, UnpackLimits

HEAD_BYTES: Final = 1024 * 1024
_LIMITS: Final = UnpackLimits(most_bytes=256 * 1024**2)
"""A page looks at what a person drops on it, and has other things to do."""


@dataclass(frozen=True, slots=True)
class FileHead:
    """The beginning of one file, or of one part of an archive or a workbook.

    Parameters
    ----------
    content : FileContent
        Its first lines, whole ones only; its name is ``archive.zip/member.csv`` for a part.
    table : DelimitedTable or None
        Its first records, with their line numbers; None: it is no table.
    """

    content: FileContent
    table: DelimitedTable | None

    @property
    def sample(self) -> TableSample:
        """Return the columns of the records, for a guess; none for what is no table."""
        if self.table is None:
            return TableSample({})
        return TableSample(
            {
                name: [str(record.fields.get(name) or "") for record in self.table.records]
                for name in self.table.header
            }
        )


def file_heads(given: FileContent) -> list[FileHead]:
    """Return the head of each part of a given file that can be opened.

    Raises
    ------
    UnpackLimitError
        If more comes out of it than an export holds.
    """
    allowance = Allowance(given.file, given.size_bytes, limits=_LIMITS)
    claims = partial(is_one_dataset, sources=SOURCES)
    return [
        _head(part.content)
        for part in parts_of(given, allowance=allowance, is_one_dataset=claims)
        if part.content is not None
    ]


def _head(content: FileContent) -> FileHead:
    if sample_of(content.head).kind != "table":
        return FileHead(content, None)
    start = FileContent(content.file, _whole_lines(content))
    try:
        table = read_table(start.text, file=content.file)
    except InputError:
        return FileHead(content, None)
    return FileHead(start, table if table.records else None)


def _whole_lines(content: FileContent) -> bytes:
    """Return the beginning without the line that is cut."""
    held = content.held
    if isinstance(held, bytes):
        start = held[:HEAD_BYTES]
    else:
        with held.open("rb") as stream:
            start = stream.read(HEAD_BYTES)
    return start[: start.rfind(b"\n") + 1] if len(start) == HEAD_BYTES else start
