"""What comes out of an archive: counted as it comes, and kept in memory or, where big, on disk."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from depotlib.errors import UnpackLimitError

_BLOCK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """How much may come out of one given file, all its levels together.

    Parameters
    ----------
    most_bytes : int
    most_times : int
        How many times its own size: exports shrink to a thirtieth at most, a bomb to a thousandth.
    free_bytes : int
        Up to here any growth is allowed: a small file of blank rows shrinks well too.
    most_members, most_levels : int
        Files within an archive, and archives within each other.
    memory_bytes : int
        A part above this is kept on disk, if there is a folder for it.
    """

    most_bytes: int = 4 * 1024**3
    most_times: int = 60
    free_bytes: int = 64 * 1024**2
    most_members: int = 5_000
    most_levels: int = 3
    memory_bytes: int = 32 * 1024**2


LIMITS: Final = UnpackLimits()


@dataclass(slots=True)
class Allowance:
    """What may still come out of one given file.

    Parameters
    ----------
    file : str
        For messages.
    given_bytes : int
        Its size as given.
    folder : Path or None
        Where big parts are kept; None: all in memory.
    limits : UnpackLimits
    taken_bytes : int
        What has come out so far.
    """

    file: str
    given_bytes: int
    folder: Path | None = None
    limits: UnpackLimits = LIMITS
    taken_bytes: int = 0

    def take(self, count: int, *, where: str) -> None:
        """Count bytes that came out.

        Raises
        ------
        UnpackLimitError
            If they are more than one file may hold, or than an export ever shrinks to.
        """
        self.taken_bytes += count
        limits = self.limits
        grown = max(limits.free_bytes, limits.most_times * self.given_bytes)
        most = min(limits.most_bytes, grown)
        if self.taken_bytes > most:
            raise UnpackLimitError(
                f"more than {most:,} bytes come out of the {self.given_bytes:,} that were given",
                where=where,
                hint="this is no export; if it is, unpack it and import its files one by one",
            )


@dataclass(slots=True)
class Sink:
    """Takes what comes out of one part of an archive.

    Parameters
    ----------
    where : str
        For messages.
    allowance : Allowance
    """

    where: str
    allowance: Allowance
    _memory: bytearray = field(default_factory=bytearray)
    _path: Path | None = None

    def write(self, data: bytes) -> int:
        """Return how many bytes were taken, which is all, or raise `UnpackLimitError`."""
        self.allowance.take(len(data), where=self.where)
        self._memory += data
        if len(self._memory) > self.allowance.limits.memory_bytes:
            self._spill()
        return len(data)

    def take_all(self, stream: BinaryIO) -> None:
        """Take all that a stream holds, block by block."""
        while block := stream.read(_BLOCK_BYTES):
            self.write(block)

    def held(self) -> bytes | Path:
        """Return what was taken: bytes, or where they lie."""
        if self._path is None:
            return bytes(self._memory)
        self._spill()
        return self._path

    def _spill(self) -> None:
        if self.allowance.folder is None:
            return
        if self._path is None:
            self._path = self.allowance.folder / uuid4().hex
        with self._path.open("ab") as stream:
            stream.write(self._memory)
        self._memory.clear()
