"""A file as it lies on disk or in memory, with limits, and the sample that recognition looks at."""

import hashlib
import re
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from depotlib.errors import (
    EmptyFileError,
    FileTooLargeError,
    MissingFileError,
    UnreadableFileError,
)
from depotlib.ingest.delimited import header_of

MAX_FILE_BYTES: Final = 512 * 1024 * 1024
"""Files are read in one go; above this the memory of a small machine is at risk."""
SAMPLE_BYTES: Final = 64 * 1024

ContentKind = Literal["json", "table", "binary"]

_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_BOM_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_KEY: Final = re.compile(r'"([^"\\]{1,80})"\s*:')
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_MAX_CONTROL_SHARE: Final = 0.02


@dataclass(frozen=True)
class FileContent:
    """One file, or one part of an archive or a workbook.

    Parameters
    ----------
    file : str
        Name as given, ``archive.zip/member.csv`` for a part; sources never judge by it.
    held : bytes or Path
        What sources read: in memory, or where it lies. A sheet of a workbook and a Parquet file
        are held as a table in text, so that every source of tables reads them.
    identity : str
        SHA-256 of what this was taken from, where that is not what is held; else empty.
    """

    file: str
    held: bytes | Path
    identity: str = ""

    @property
    def path(self) -> Path | None:
        """Return where the content lies, None where it is in memory: a big file is scanned there."""
        return self.held if isinstance(self.held, Path) else None

    @cached_property
    def size_bytes(self) -> int:
        """Return how many bytes there are."""
        return self.held.stat().st_size if isinstance(self.held, Path) else len(self.held)

    @cached_property
    def data(self) -> bytes:
        """Return all bytes; `FileTooLargeError` where they are too many to be read in one go."""
        if isinstance(self.held, bytes):
            return self.held
        _check_size(self.file, self.size_bytes, max_bytes=MAX_FILE_BYTES)
        return self.held.read_bytes()

    @cached_property
    def head(self) -> bytes:
        """Return the start of the bytes, as recognition looks at."""
        if isinstance(self.held, bytes):
            return self.held[:SAMPLE_BYTES]
        with self.held.open("rb") as stream:
            return stream.read(SAMPLE_BYTES)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 that tells this content from any other, in hexadecimal."""
        if self.identity:
            return self.identity
        if isinstance(self.held, bytes):
            return hashlib.sha256(self.held).hexdigest()
        with self.held.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @cached_property
    def text(self) -> str:
        """Return the text, without a byte order mark."""
        return decoded(self.data)

    @property
    def is_utf8(self) -> bool:
        """Return whether the bytes are UTF-8 or carry a UTF-16 mark: nothing was guessed."""
        if self.head.startswith(_BOM_UTF16):
            return True
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    def on_disk(self, folder: Path) -> Path:
        """Return a path to the bytes that sources read, written to a folder where need be."""
        if isinstance(self.held, Path):
            return self.held
        path = folder / f"{self.digest}.content"
        path.write_bytes(self.held)
        return path


@dataclass(frozen=True, slots=True)
class FileSample:
    """What recognition may look at: the start of a file, and nothing of its name.

    Parameters
    ----------
    kind : {'json', 'table', 'binary'}
    text : str
        The start of the file; empty for binary content.
    header : tuple of str
        Column names of a table, trimmed; empty otherwise.
    keys : frozenset of str
        Names of fields seen in JSON; empty otherwise.
    """

    kind: ContentKind
    text: str
    header: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()


def file_at(path: Path) -> FileContent:
    """Return a file as it lies on disk, of any size; nothing but its start is read yet.

    Raises
    ------
    MissingFileError
        If there is no such file.
    UnreadableFileError
        If it is a folder, a pipe or a device, or the system refuses.
    EmptyFileError
        If it holds nothing but white space.
    """
    name = str(path)
    try:
        status = path.stat()
        if not stat.S_ISDIR(status.st_mode) and not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError(
                "this is a pipe or a device, not a file", where=name, hint="name a file"
            )
        with path.open("rb") as stream:
            blocks = iter(lambda: stream.read(SAMPLE_BYTES), b"")
            is_empty = not any(block.strip(_BLANK) for block in blocks)
    except FileNotFoundError as error:
        raise MissingFileError(
            "there is no such file", where=name, hint="check the path"
        ) from error
    except IsADirectoryError as error:
        raise UnreadableFileError(
            "this is a folder, not a file", where=name, hint="name the files in it"
        ) from error
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            f"the file cannot be read: {error}", where=name, hint="check its permissions"
        ) from error
    if is_empty:
        raise EmptyFileError("the file is empty", where=name, hint="export it again")
    return FileContent(file=name, held=path)


def read_content(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> FileContent:
    """Return the bytes of a file.

    Raises
    ------
    MissingFileError
        If there is no such file.
    UnreadableFileError
        If it is a folder or the system refuses.
    EmptyFileError
        If it holds nothing but white space.
    FileTooLargeError
        If it is larger than `max_bytes`.
    """
    found = file_at(path)
    _check_size(found.file, found.size_bytes, max_bytes=max_bytes)
    return FileContent(file=found.file, held=path.read_bytes())


def content_of(file: str, data: bytes) -> FileContent:
    """Return bytes that somebody handed over as the content of a named file.

    Raises
    ------
    EmptyFileError
        If they hold nothing but white space.
    """
    if not data.strip(_BLANK):
        raise EmptyFileError("the file is empty", where=file, hint="export it again")
    return FileContent(file=file, held=data)


def sample_of(data: bytes) -> FileSample:
    """Return the sample of a file that recognition looks at."""
    head = data[:SAMPLE_BYTES]
    if _is_binary(head):
        return FileSample(kind="binary", text="")
    text = decoded(head).lstrip()
    if text.startswith(("{", "[")):
        return FileSample(kind="json", text=text, keys=frozenset(_KEY.findall(text)))
    return FileSample(kind="table", text=text, header=header_of(text))


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-8, UTF-16 by its mark, else Windows-1252 as spreadsheets write."""
    if data.startswith(_BOM_UTF16):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The sample may have been cut within a character: that is still UTF-8.
        is_cut = error.end >= len(data) - 3 and len(data) == SAMPLE_BYTES
        if is_cut:
            return data.decode("utf-8-sig", errors="ignore")
        return data.decode("cp1252", errors="replace")


def _check_size(file: str, size_bytes: int, *, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        raise FileTooLargeError(
            f"{size_bytes:,} bytes are more than the {max_bytes:,} that are read in one go",
            where=file,
            hint="split the export, for example by month",
        )


def _is_binary(head: bytes) -> bool:
    if head.startswith(_BOM_UTF16):
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _MAX_CONTROL_SHARE * len(head)
