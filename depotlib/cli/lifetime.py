"""How long a process lives: it ends when told to, and when the one that started it is gone."""

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Send this process SIGTERM once its standard input ends.

    The supervisor keeps the other end of the pipe open for as long as it lives, however it dies.
    """
    threading.Thread(target=_wait_for_end_of_input, name="parent", daemon=True).start()


def _wait_for_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
