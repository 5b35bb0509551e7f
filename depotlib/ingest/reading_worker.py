"""Strangers' files read in a worker process under limits: whatever they do, this process goes on."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Full, LifoQueue
from tempfile import TemporaryDirectory
from typing import Final

import depotlib
from depotlib.errors import DepotError, ReadingFailedError, ReadingLimitError
from depotlib.ingest.content import FileContent
from depotlib.ingest.handover import take_over
from depotlib.ingest.read_parts import ReadPart
from depotlib.ingest.reading_limits import LIMITS, ReadingLimits
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.worker import DONE, READY, REQUEST, ReadingRequest

_MOST_FILES: Final = 200
"""A worker that has read so many makes room for a fresh one."""
_END_WAIT_S: Final = 5.0
_LAST_WORDS_BYTES: Final = 2_000
_TIME: Final = frozenset({signal.SIGXCPU, signal.SIGALRM})
_MEMORY: Final = frozenset({signal.SIGABRT, signal.SIGKILL, signal.SIGBUS})
"""How the system ends a process that asks for more: a library that gets none aborts."""
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV")


class ReadingWorker:
    """A process that reads files for this one, until closed."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="depot-reading-")
        self._words = Path(self._folder.name) / "words"
        self._process = self._started()
        self._files = 0

    @property
    def is_fresh(self) -> bool:
        """Return whether the process can go on to more files."""
        return self._process.poll() is None and self._files < _MOST_FILES

    def close(self) -> None:
        """End the process and remove what it left."""
        self._end()
        self._folder.cleanup()

    def read(
        self, given: FileContent, options: ReadOptions, *, limits: ReadingLimits = LIMITS
    ) -> list[ReadPart]:
        """Return what each part of a given file holds, in its order; a plain file has one.

        Parameters
        ----------
        given : FileContent
        options : ReadOptions
        limits : ReadingLimits
            What the file may take.

        Raises
        ------
        ReadingLimitError
            If the file takes more memory or time than a file may.
        ReadingFailedError
            If the process ends on it for any other reason.
        DepotError
            As `read_parts`.
        """
        if not self.is_fresh:
            self._end()
            self._process, self._files = self._started(), 0
        self._files += 1
        self.forget()
        folder = self._read_folder
        folder.mkdir()
        try:
            request = ReadingRequest(
                file=given.file,
                path=given.on_disk(folder).absolute(),
                folder=folder,
                digest=given.digest,
                options=options,
                limits=limits,
            )
            self._ask(request)
            return take_over(folder, file=given.file)
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        """Remove what the last file left on disk: readings that were scanned are still there."""
        shutil.rmtree(self._read_folder, ignore_errors=True)

    @property
    def _read_folder(self) -> Path:
        return Path(self._folder.name) / "read"

    def _ask(self, request: ReadingRequest) -> None:
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        try:
            if self._files == 1 and answers.readline().strip() != READY.encode():
                raise self._ended(request.file)
            requests.write(REQUEST.dump_json(request) + b"\n")
            requests.flush()
            if answers.readline().strip() != DONE.encode():
                raise self._ended(request.file)
        except BrokenPipeError as error:
            raise self._ended(request.file) from error

    def _started(self) -> subprocess.Popen[bytes]:
        package = Path(depotlib.__file__).parent.parent
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        with self._words.open("wb") as words:
            return subprocess.Popen(  # noqa: S603 - our own module and folder
                [sys.executable, "-m", "depotlib.ingest.worker", self._folder.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                cwd=self._folder.name,
                env={**passed_on, "PYTHONPATH": str(package), "RUST_BACKTRACE": "0"},
            )

    def _end(self) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.kill()
        process.wait()
        process.stdout.close()
        try:
            process.stdin.close()
        except BrokenPipeError:
            return  # a request that was never taken

    def _ended(self, file: str) -> DepotError:
        """Return why the process ended while it read a file."""
        try:
            code = self._process.wait(_END_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        hint = "split the export, for example by month; if it is small, it is no export"
        if -code in _TIME:
            return ReadingLimitError(
                "reading it takes longer than a file may", where=file, hint=hint
            )
        words = self._last_words()
        if -code in _MEMORY or words.startswith("MemoryError"):
            return ReadingLimitError(
                "reading it takes more memory than a file may", where=file, hint=hint
            )
        return ReadingFailedError(
            f"the process that read it ended with code {code}: {words}",
            where=file,
            hint="nothing of it was imported; the file makes our reader fail: send it to us",
        )

    def _last_words(self) -> str:
        with self._words.open("rb") as words:
            size = words.seek(0, os.SEEK_END)
            words.seek(max(0, size - _LAST_WORDS_BYTES))
            lines = words.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


class IdleWorkers:
    """Keeps a worker that is done with one import warm for the next: starting one takes a second."""

    def __init__(self) -> None:
        self._idle: LifoQueue[ReadingWorker] = LifoQueue(maxsize=1)

    @contextmanager
    def worker(self) -> Generator[ReadingWorker]:
        """Lend a worker for one import."""
        worker = self._taken()
        try:
            yield worker
        finally:
            self._keep(worker)

    def close(self) -> None:
        """End the idle one."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _taken(self) -> ReadingWorker:
        try:
            worker = self._idle.get_nowait()
        except Empty:
            return ReadingWorker()
        if worker.is_fresh:
            return worker
        worker.close()
        return ReadingWorker()

    def _keep(self, worker: ReadingWorker) -> None:
        worker.forget()
        try:
            self._idle.put_nowait(worker)
        except Full:  # another import has ended meanwhile and left its own
            worker.close()
