"""Raw files as they came in, by what they hold: the warehouse can be made again from them."""

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

from depotlib.errors import RawFileError

UNSAFE: Final = re.compile(r"[^\w.\-]+", re.ASCII)
LONGEST_NAME: Final = 120


def keep_raw(raw_path: Path, content: bytes | Path, *, digest: str, name: str) -> Path:
    """Return where a raw file is kept; it is there whole or not at all.

    Parameters
    ----------
    raw_path : Path
        Folder of all raw files: ``FIRST TWO OF DIGEST/DIGEST/NAME``.
    content : bytes or Path
        What to keep, or the file that holds it.
    digest : str
        Its SHA-256, hexadecimal.
    name : str
        As people call it; only its last part counts, and odd characters become ``_``.

    Raises
    ------
    RawFileError
        If the content does not have that digest (it changed while it was read) or the folder
        cannot be used.
    """
    kept = raw_file(raw_path, digest)
    if kept is not None:
        return kept
    folder = _folder(raw_path, digest)
    # A leading dot marks what is unfinished.
    safe_name = UNSAFE.sub("_", Path(name).name)[-LONGEST_NAME:].lstrip(".")
    target = folder / (safe_name or "unnamed")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(target, content, digest=digest)
    except OSError as error:
        raise RawFileError(
            f"a raw file cannot be kept: {error.strerror}",
            where=str(error.filename or target),
            hint="make room, or set DEPOT_HOME to a folder that can be written",
        ) from error
    return target


def raw_file(raw_path: Path, digest: str) -> Path | None:
    """Return where the file of a digest is kept, or None if it is not."""
    folder = _folder(raw_path, digest)
    if not folder.is_dir():
        return None
    return next((one for one in sorted(folder.iterdir()) if not _is_unfinished(one)), None)


def _folder(raw_path: Path, digest: str) -> Path:
    return raw_path / digest[:2] / digest


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith(".")


def _write(target: Path, content: bytes | Path, *, digest: str) -> None:
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as unfinished:
        try:
            if isinstance(content, bytes):
                unfinished.write(content)
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, unfinished)
            unfinished.flush()
            os.fsync(unfinished.fileno())
            _check(Path(unfinished.name), digest)
            Path(unfinished.name).replace(target)
        except BaseException:
            Path(unfinished.name).unlink(missing_ok=True)
            raise
    _sync_folder(target.parent)


def _check(unfinished: Path, digest: str) -> None:
    with unfinished.open("rb") as kept:
        found = hashlib.file_digest(kept, "sha256").hexdigest()
    if found != digest:
        raise RawFileError(
            f"a raw file of digest {found[:12]} was announced as {digest[:12]}",
            where=str(unfinished.parent),
            hint="it changed while it was read: import it again",
        )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
