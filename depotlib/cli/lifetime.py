"""How long a process lives: it ends when told to, and when the one that started it is gone."""

import os
import signal
import sys
import threading
from types import FrameType


def stop_event(*, watch_stdin: bool) -> threading.Event:
    """Return an event that is set once this process is told to end.

    Parameters
    ----------
    watch_stdin : bool
        The end of standard input tells it, too.
    """
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if watch_stdin:
        end_with_parent()
    return stop


def end_with_parent() -> None:
    """Send this process SIGTERM once its standard input ends.

    The supervisor keeps the other end of the pipe open for as long as it lives, however it dies.
    """
    threading.Thread(target=_wait_for_end_of_input, name="parent", daemon=True).start()


def _wait_for_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
