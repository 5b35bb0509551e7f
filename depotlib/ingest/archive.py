"""Archives: gzip and zip, opened by what they hold, each member counted as it comes out."""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from depotlib.errors import ArchiveError, TruncatedFileError
from depotlib.ingest.content import FileContent
from depotlib.ingest.unpacked import Allowance, Sink

_ENCRYPTED: Final = 0x1
_FOREIGN_FOLDER: Final = "__MACOSX"
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, OSError, KeyError)


def gunzipped(content: FileContent, *, allowance: Allowance) -> FileContent:
    """Return what a gzip file holds, under the same name.

    Raises
    ------
    TruncatedFileError
        If it stops in the middle.
    ArchiveError
        If it is broken.
    UnpackLimitError
        If more comes out than an export holds.
    """
    sink = Sink(content.file, allowance)
    with _stream(content) as raw:
        try:
            with gzip.open(raw) as stream:
                sink.take_all(stream)  # pyright: ignore[reportArgumentType] - reads bytes as any
        except EOFError as error:
            raise TruncatedFileError(
                "the gzip file ends in the middle",
                where=content.file,
                hint="fetch the export again; nothing of it was imported",
            ) from error
        except (OSError, zlib.error) as error:
            raise _broken(content.file, error) from error
    return FileContent(file=content.file, held=sink.held())


def member_names(content: FileContent) -> tuple[str, ...]:
    """Return the names of the files in a zip archive, in its order; folders are none.

    Raises
    ------
    ArchiveError
        If it is broken.
    """
    with _opened(content) as archive:
        return tuple(each.filename for each in _members(archive))


def members(content: FileContent, *, allowance: Allowance) -> Iterator[FileContent]:
    """Yield the files of a zip archive, each under its own name.

    Raises
    ------
    ArchiveError
        If the archive or a member is broken or encrypted, or there are too many of them.
    UnpackLimitError
        If more comes out than an export holds.
    """
    with _opened(content) as archive:
        infos = _members(archive)
        if len(infos) > allowance.limits.most_members:
            raise ArchiveError(
                f"it holds {len(infos):,} files, more than {allowance.limits.most_members:,}",
                where=content.file,
                hint="import its files in smaller archives",
            )
        for info in infos:
            yield _member(archive, info, file=content.file, allowance=allowance)


def members_of(content: FileContent) -> dict[str, FileContent]:
    """Return the files of an archive that one source reads as a whole, by their bare names.

    Raises
    ------
    ArchiveError, UnpackLimitError
        As `members`.
    """
    allowance = Allowance(file=content.file, given_bytes=content.size_bytes)
    return {PurePosixPath(each.file).name: each for each in members(content, allowance=allowance)}


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, file: str, allowance: Allowance
) -> FileContent:
    name = f"{file}/{_printable(info.filename)}"
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError(
            "the archive is encrypted", where=name, hint="unpack it with its password first"
        )
    sink = Sink(name, allowance)
    try:
        with archive.open(info) as stream:
            sink.take_all(stream)  # pyright: ignore[reportArgumentType] - reads bytes as any
    except (*_BROKEN, NotImplementedError, EOFError) as error:
        raise _broken(name, error) from error
    return FileContent(file=name, held=sink.held())


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files that a person put there: no folders, and no notes of the system."""
    return [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not info.filename.startswith(_FOREIGN_FOLDER)
        and not PurePosixPath(info.filename).name.startswith(".")
    ]


@contextmanager
def _opened(content: FileContent) -> Generator[zipfile.ZipFile]:
    with _stream(content) as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except (*_BROKEN, NotImplementedError) as error:
            raise _broken(content.file, error) from error
        with archive:
            yield archive


@contextmanager
def _stream(content: FileContent) -> Generator[BinaryIO]:
    if content.path is None:
        yield BytesIO(content.data)
        return
    with content.path.open("rb") as stream:
        yield stream


def _broken(where: str, error: Exception) -> ArchiveError:
    return ArchiveError(
        f"the archive is broken: {error}", where=where, hint="fetch the export again"
    )


def _printable(name: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in name)
