"""A table on disk, as a sample of its rows and as blocks of whole lines."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from depotlib.errors import MalformedFileError, TruncatedFileError
from depotlib.ingest.delimited import read_table

BLOCK_BYTES: Final = 48 * 1024 * 1024
_SLICES: Final = 24
_SLICE_BYTES: Final = 4 * 1024
_HEAD_BYTES: Final = 32 * 1024
_TOO_MANY: Final = "fields beyond the last column"
_NEWLINE: Final = ord("\n")
_FEW_LINES: Final = 20_000
"""So many are counted one by one; of more, all are counted at once."""


@dataclass(frozen=True, slots=True)
class TableOnDisk:
    """Where the rows of a table begin, and how they are cut.

    Parameters
    ----------
    path : Path
    file : str
        Name as given, for messages.
    delimiter : str
    header : tuple of str
    width : int
        How many columns there are, nameless ones at the end included.
    body_byte, body_line : int
        Where the first row begins, and the number of its line.
    sample : str
        The header and rows from all over the file.
    block_bytes : int
        How much is read at once.
    """

    path: Path
    file: str
    delimiter: str
    header: tuple[str, ...]
    width: int
    body_byte: int
    body_line: int
    sample: str
    block_bytes: int = BLOCK_BYTES

    @property
    def columns(self) -> list[str]:
        """Return the names of all columns, and one more for what is too much."""
        nameless = [f"column {place}" for place in range(len(self.header) + 1, self.width + 1)]
        return [*self.header, *nameless, _TOO_MANY]

    def blocks(self) -> Iterator["Block"]:
        """Yield the rows of the table in blocks, in their order."""
        line = self.body_line
        with self.path.open("rb") as stream:
            stream.seek(self.body_byte)
            while data := stream.read(self.block_bytes):
                block = Block(self, data + stream.readline(), line)
                line += block.count
                yield block


@dataclass(frozen=True)
class Block:
    """A stretch of whole lines.

    Parameters
    ----------
    table : TableOnDisk
    data : bytes
    first_line : int
        Number of its first line.
    """

    table: TableOnDisk
    data: bytes
    first_line: int

    @cached_property
    def count(self) -> int:
        """Return how many lines there are."""
        return self.data.count(b"\n") + (not self.data.endswith(b"\n"))

    def texts(self, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of the block as texts, null where they are empty.

        Beside them ``line``, the number of each row's line, and ``is_whole``, whether the row has
        as many fields as the table has columns.

        Raises
        ------
        MalformedFileError
            If a text runs over several lines, or is not UTF-8.
        """
        names = self.table.columns
        last = names[-2]
        wanted = list(dict.fromkeys((*columns, last, _TOO_MANY)))
        rows = pl.scan_csv(
            self.data,
            has_header=False,
            separator=self.table.delimiter,
            schema=dict.fromkeys(names, pl.String),
            missing_columns="insert",
            truncate_ragged_lines=True,
        )
        try:
            texts = rows.select(wanted).collect()
        except pl.exceptions.PolarsError as error:
            raise self._unreadable(str(error).splitlines()[0]) from error
        if texts.height != self.count:
            raise self._unreadable("a text in quotes runs over several lines")
        is_whole = texts[_TOO_MANY].is_null()
        is_doubtful = texts[last].is_null()
        if is_doubtful.any():
            is_whole &= ~is_doubtful | self._has_all_fields(is_doubtful, delimiters=len(names) - 2)
        if b'"' in self.data:
            texts = texts.with_columns(pl.when(pl.all() != "").then(pl.all()))
        lines = pl.int_range(self.first_line, self.first_line + self.count, eager=True)
        return texts.with_columns(line=lines.cast(pl.Int64), is_whole=is_whole)

    def lines(self, numbers: Sequence[int]) -> list[tuple[int, str]]:
        """Return some lines as they stand, with their numbers."""
        starts = self._line_starts
        found: list[tuple[int, str]] = []
        for number in numbers:
            place = number - self.first_line
            end = starts[place + 1] if place + 1 < len(starts) else len(self.data)
            text = self.data[starts[place] : end].decode("utf-8", errors="replace")
            found.append((number, text.rstrip("\r\n")))
        return found

    @cached_property
    def _bytes(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.data, dtype=np.uint8)

    @cached_property
    def _line_starts(self) -> NDArray[np.int64]:
        ends = np.flatnonzero(self._bytes == _NEWLINE)
        return np.concatenate(([0], ends + 1))[: self.count]

    def _has_all_fields(self, is_doubtful: pl.Series, *, delimiters: int) -> pl.Series:
        """Return whether lines have so many delimiters, for those that are in doubt."""
        places = is_doubtful.arg_true().to_numpy()
        starts, mark = self._line_starts, self.table.delimiter.encode()
        ends = np.append(starts[1:], len(self.data))
        if len(places) > _FEW_LINES:
            # A line of 256 fields more than it should have is too long, which was seen before.
            is_mark = (self._bytes == ord(mark)).view(np.uint8)
            counts = np.add.reduceat(is_mark, starts, dtype=np.uint8)
            return pl.Series(counts == delimiters % 256)
        found = np.zeros(self.count, dtype=np.bool_)
        found[places] = [
            self.data.count(mark, start, end) == delimiters
            for start, end in zip(starts[places].tolist(), ends[places].tolist(), strict=True)
        ]
        return pl.Series(found)

    def _unreadable(self, why: str) -> MalformedFileError:
        return MalformedFileError(
            f"the table cannot be read in blocks: {why}",
            where=f"{self.table.file}, lines {self.first_line:,} and following",
            hint="export it in UTF-8 and without line breaks within texts, or in smaller files",
        )


def table_on_disk(path: Path, *, file: str) -> TableOnDisk:
    """Return a table of which the start and a sample were read.

    Raises
    ------
    MalformedFileError
        If there is no header.
    TruncatedFileError
        If the last line ends in the middle.
    """
    with path.open("rb") as stream:
        head = _whole_lines(stream, 0, size=_HEAD_BYTES, is_start=True)
        start = read_table(head.decode("utf-8-sig", errors="replace"), file=file)
        lines = head.splitlines(keepends=True)
        at, width = _header_at(lines, start.header, delimiter=start.delimiter)
        body_byte = sum(map(len, lines[: at + 1]))
        size = path.stat().st_size
        slices = [head[body_byte:]] + [
            _whole_lines(stream, place, size=_SLICE_BYTES)
            for place in range(len(head), size, max(_SLICE_BYTES, (size - len(head)) // _SLICES))
        ]
        _refuse_a_cut_line(stream, size, delimiters=width - 1, file=file, mark=start.delimiter)
    sample = (lines[at] + b"".join(slices)).decode("utf-8-sig", errors="replace")
    return TableOnDisk(
        path=path,
        file=file,
        delimiter=start.delimiter,
        header=start.header,
        width=width,
        body_byte=body_byte,
        body_line=at + 2,
        sample=sample,
    )


def _whole_lines(stream: BinaryIO, place: int, *, size: int, is_start: bool = False) -> bytes:
    """Return the whole lines of a stretch of a file, from the first that begins in it."""
    stream.seek(place)
    if not is_start:
        stream.readline()
    data = stream.read(size)
    return data[: data.rfind(b"\n") + 1]


def _header_at(
    lines: Sequence[bytes], header: tuple[str, ...], *, delimiter: str
) -> tuple[int, int]:
    """Return the place of the header among some lines, and how many fields it has."""
    for place, line in enumerate(lines):
        text = line.decode("utf-8-sig", errors="replace")
        cut = list(csv.reader([text], delimiter=delimiter))
        fields = [field.strip() for field in cut[0]] if cut else []
        pairs = zip(header, fields, strict=False)
        is_header = any(fields) and all(name.startswith(field) for name, field in pairs)
        if is_header and len(fields) >= len(header):
            return place, len(fields)
    raise AssertionError("the header was read from these lines")


def _refuse_a_cut_line(
    stream: BinaryIO, size: int, *, delimiters: int, file: str, mark: str
) -> None:
    stream.seek(max(0, size - _SLICE_BYTES))
    last = stream.read().rsplit(b"\n", maxsplit=1)[-1]
    if last.strip() and last.count(mark.encode()) < delimiters:
        raise TruncatedFileError(
            "the file ends in the middle of its last row",
            where=file,
            hint="fetch the export again; nothing of it was imported",
        )
