"""Drills in a process of their own: started, watched by a file, and ended when asked to.

The process holds a lock on its folder: whoever looks sees by it whether it lives, however it died.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from depotlib.drills.drill import Drill, Mode, Outcome, Verdict
from depotlib.errors import ProcessError
from depotlib.exchange.locks import is_held, is_taken
from depotlib.settings import Settings
from depotlib.units import MINUTES_PER_HOUR, duration_h
from depotlib.workflows.yard_moves import write_yard_page

FOLDER: Final = "drills"
LOCK: Final = "playing.lock"
PROGRESS: Final = "playing.json"
LOG: Final = "playing.log"
ROOT: Final = Path(__file__).resolve().parents[2]
ALMOST_SHARE: Final = 0.95
"""A drill that takes longer than said is almost done, not done."""
KEPT_LOG: Final = 600


@dataclass(frozen=True, slots=True)
class Progress:
    """How far drills are.

    Parameters
    ----------
    begun_at : datetime
    minutes : mapping of str to int
        What each drill takes, in the order in which they are played.
    pid : int
        Of the process that plays them.
    now : str
        The drill that is played; empty: none.
    now_since : datetime or None
    outcomes : mapping of str to Outcome
        Of those that are done.
    ended_at : datetime or None
    is_alive : bool
        Whether its process lives; as it was read.
    """

    begun_at: datetime
    minutes: Mapping[str, int]
    pid: int
    now: str = ""
    now_since: datetime | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict[str, Outcome])
    ended_at: datetime | None = None
    is_alive: bool = False

    def share(self, at: datetime) -> float:
        """Return how much is done, by what each drill takes; 0-1."""
        done = sum(self.minutes[name] for name in self.outcomes)
        if self.now and self.now_since is not None and self.now not in self.outcomes:
            whole_h = self.minutes[self.now] / MINUTES_PER_HOUR
            part = duration_h(at - self.now_since) / whole_h
            done += min(ALMOST_SHARE, max(0.0, part)) * self.minutes[self.now]
        return min(1.0, done / max(1, sum(self.minutes.values())))


KEPT: Final = TypeAdapter(Progress)


def drills_folder(settings: Settings) -> Path:
    """Return where a depot keeps the reports of its drills."""
    return settings.home / FOLDER


def start_drills(settings: Settings, name: str, *, mode: Mode) -> None:
    """Start drills in a process of their own, and return at once.

    Raises
    ------
    ProcessError
        If drills are being played in this folder already.
    """
    folder = drills_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    if is_playing(folder):
        raise _busy(folder)
    shadow = ("--shadow",) if mode == "shadow" else ()
    environment = {
        **os.environ,
        "DEPOT_HOME": str(settings.home),
        "DEPOT_CLOCK": settings.clock,
        "PYTHONPATH": str(ROOT),
    }
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-m", "depotlib", "drill", name, *shadow],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    # Nobody waits for it; the one who started it has to take note of its end all the same.
    threading.Thread(target=process.wait, name="drills", daemon=True).start()


def stop_drills(settings: Settings) -> None:
    """End the drills that are played; their processes end with them."""
    progress = read_progress(drills_folder(settings))
    if progress is not None and progress.is_alive:
        os.kill(progress.pid, signal.SIGTERM)


def is_playing(folder: Path) -> bool:
    """Return whether a process plays drills for this folder."""
    return is_held(folder / LOCK)


def read_progress(folder: Path) -> Progress | None:
    """Return how far the drills are that are played, or were last; None: none ever were."""
    try:
        kept = KEPT.validate_json((folder / PROGRESS).read_bytes())
    except (OSError, ValidationError):
        return None
    return replace(kept, is_alive=is_playing(folder))


def last_words(folder: Path) -> str:
    """Return the end of what the process said."""
    path = folder / LOG
    if not path.exists():
        return ""
    return path.read_text(encoding="utf-8", errors="replace")[-KEPT_LOG:].strip()


class Playing:
    """The progress of drills, written by the process that plays them.

    Parameters
    ----------
    folder : Path
    drills : sequence of Drill
    """

    def __init__(self, folder: Path, drills: Sequence[Drill]) -> None:
        self._path = folder / PROGRESS
        self._progress = Progress(
            begun_at=datetime.now(UTC),
            minutes={one.name: one.minutes for one in drills},
            pid=os.getpid(),
        )
        self._write(self._progress)

    def watch(self, drill: Drill, verdict: Verdict | None) -> None:
        """Take note of a drill that begins, or of its verdict."""
        if verdict is None:
            self._write(replace(self._progress, now=drill.name, now_since=datetime.now(UTC)))
            return
        outcomes = {**self._progress.outcomes, drill.name: verdict.outcome}
        self._write(replace(self._progress, now="", outcomes=outcomes))

    def end(self) -> None:
        """Take note that all is done and told."""
        self._write(replace(self._progress, now="", ended_at=datetime.now(UTC)))

    def _write(self, progress: Progress) -> None:
        self._progress = progress
        write_yard_page(self._path, KEPT.dump_json(progress).decode())


@contextmanager
def playing(folder: Path, drills: Sequence[Drill]) -> Generator[Playing]:
    """Hold the folder for the drills that are played now, and give their progress.

    Raises
    ------
    ProcessError
        If another process plays drills for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as file:
        if not is_taken(file.fileno()):
            raise _busy(folder)
        yield Playing(folder, drills)


def _busy(folder: Path) -> ProcessError:
    return ProcessError(
        "drills are being played already",
        where=str(folder),
        hint="wait for their report, or stop them first",
    )
