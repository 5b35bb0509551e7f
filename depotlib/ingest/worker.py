"""The process that meets strangers' files: `python -m depotlib.ingest.worker FOLDER`.

It reads requests as lines of JSON, one file at a time, and answers each with a line; what it read
lies in the folder that the request names. The system ends it where a file takes more than
`reading_limits` allows. FOLDER is its own: it goes with whoever started the process.
"""

import gc
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Literal, TextIO

import polars as pl
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from depotlib.errors import ReadingLimitError
from depotlib.ingest.content import FileContent
from depotlib.ingest.handover import hand_over
from depotlib.ingest.read_parts import ReadPart, read_parts
from depotlib.ingest.reading_limits import ReadingLimits, end_time, grant_time, hold_process
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpacked import Allowance

READY: Final = "ready"
DONE: Final = "done"


@dataclass(frozen=True, slots=True)
class ReadingRequest:
    """One file to read.

    Parameters
    ----------
    file : str
        Name as given.
    path : Path
        Where it lies.
    folder : Path
        Where what was read is to be written; big parts of archives are unpacked there too.
    digest : str
        SHA-256 of the file.
    options : ReadOptions
    limits : ReadingLimits
    """

    file: str
    path: Path
    folder: Path
    digest: str
    options: ReadOptions
    limits: ReadingLimits


REQUEST: Final = TypeAdapter(ReadingRequest)


def serve(requests: TextIO, *, answer: Callable[[str], None]) -> None:
    """Read the file of each request until there are no more."""
    answer(READY)
    for line in requests:
        request = REQUEST.validate_json(line)
        hold_process(request.limits)
        # Records are many and hold no circles: looking for some costs more than reading them.
        gc.disable()
        parts = _read(request)
        try:
            hand_over(request.folder, parts)
        except (MemoryError, OSError, pl.exceptions.PolarsError):
            parts = [_over(request, "disk")]
            hand_over(request.folder, parts)
        end_time()
        answer(DONE)
        del parts
        gc.enable()
        gc.collect()


def _read(request: ReadingRequest) -> list[ReadPart]:
    given = FileContent(file=request.file, held=request.path, identity=request.digest)
    allowance = Allowance(
        file=request.file,
        given_bytes=given.size_bytes,
        folder=request.folder,
        limits=request.limits.unpack,
    )
    grant_time(request.limits, size_bytes=given.size_bytes)
    try:
        return read_parts(
            given,
            sources=SOURCES,
            options=replace(request.options, scan_folder=request.folder),
            allowance=allowance,
            before_each=partial(_grant, request.limits),
        )
    except MemoryError:
        return [_over(request, "memory")]


def _grant(limits: ReadingLimits, content: FileContent) -> None:
    grant_time(limits, size_bytes=content.size_bytes)


def _over(request: ReadingRequest, what: Literal["memory", "disk"]) -> ReadPart:
    error = ReadingLimitError(
        f"reading it takes more {what} than a file may",
        where=request.file,
        hint="split the export, for example by month",
    )
    return ReadPart(request.file, error=error)


def _main() -> None:
    # Answers go out by a way of their own, so that nothing a library prints is taken for one.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        serve(sys.stdin, answer=lambda word: print(word, file=out))
    finally:
        # Who started us is gone without ending us, so it was killed: nobody else clears this away.
        shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    _main()
