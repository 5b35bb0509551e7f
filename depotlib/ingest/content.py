"""A file as bytes: read once, with limits, and the sample of it that recognition looks at."""

import hashlib
import re
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

_BOM_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_KEY: Final = re.compile(r'"([^"\\]{1,80})"\s*:')
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_MAX_CONTROL_SHARE: Final = 0.02


@dataclass(frozen=True)
class FileContent:
    """The bytes of one file.

    Parameters
    ----------
    file : str
        Name as given; sources never judge by it.
    data : bytes
    """

    file: str
    data: bytes

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def text(self) -> str:
        """Return the text, without a byte order mark."""
        return decoded(self.data)

    @property
    def is_utf8(self) -> bool:
        """Return whether the bytes are UTF-8 or carry a UTF-16 mark: nothing was guessed."""
        if self.data.startswith(_BOM_UTF16):
            return True
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True


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
    name = str(path)
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise FileTooLargeError(
                f"{size:,} bytes are more than the {max_bytes:,} that are read in one go",
                where=name,
                hint="split the export, for example by month",
            )
        data = path.read_bytes()
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
    return content_of(name, data)


def content_of(file: str, data: bytes) -> FileContent:
    """Return bytes that somebody handed over as the content of a named file.

    Raises
    ------
    EmptyFileError
        If they hold nothing but white space.
    """
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise EmptyFileError("the file is empty", where=file, hint="export it again")
    return FileContent(file=file, data=data)


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


def _is_binary(head: bytes) -> bool:
    if head.startswith(_BOM_UTF16):
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _MAX_CONTROL_SHARE * len(head)
