"""How much memory, time and disk reading one file may take; the system holds a process to it."""

import resource
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from depotlib.ingest.unpacked import UnpackLimits

_OOM_SCORE: Final = Path("/proc/self/oom_score_adj")


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What a worker may take for one file.

    Parameters
    ----------
    memory_bytes : int
        Address space of the process, libraries included (1.5 GiB of it are never touched).
    file_bytes : int
        Size of any file that it writes.
    cpu_s, cpu_per_byte_s : float
        Computing time [s]: for any file, and for each of its bytes.
    waiting_factor : float
        How many times its computing time it may last: other processes need the machine too.
    unpack : UnpackLimits
    """

    memory_bytes: int = 6 * 1024**3
    file_bytes: int = 6 * 1024**3
    cpu_s: float = 8.0
    cpu_per_byte_s: float = 6e-6
    waiting_factor: float = 2.5
    unpack: UnpackLimits = field(default_factory=UnpackLimits)


LIMITS: Final = ReadingLimits()


def hold_process(limits: ReadingLimits) -> None:
    """Hold this process to the limits on memory and disk, until it is held to others."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
    ):
        resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))
    if _OOM_SCORE.exists():
        # Where memory runs out all the same, this process goes first and not the app.
        _OOM_SCORE.write_text("1000")


def grant_time(limits: ReadingLimits, *, size_bytes: int) -> None:
    """Hold this process to the time for a content of some size, counted from now."""
    cpu_s = limits.cpu_s + limits.cpu_per_byte_s * size_bytes
    used = resource.getrusage(resource.RUSAGE_SELF)
    most_s = int(used.ru_utime + used.ru_stime + cpu_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most_s, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, cpu_s * limits.waiting_factor)


def end_time() -> None:
    """Lift the limits on time: nothing is being read."""
    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, 0)
