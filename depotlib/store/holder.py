"""Who holds the warehouse, in words a person can act on."""

import os
import re
from pathlib import Path
from typing import Final

HELD_BY: Final = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
"""How DuckDB names the process whose lock it met."""
LONGEST_COMMAND: Final = 120


def holder_in_message(message: str) -> str | None:
    """Return the holder that DuckDB's message names, or None if it names none."""
    found = HELD_BY.search(message)
    if found is None:
        return None
    return process_words(int(found["pid"]), program=found["program"])


def own_words() -> str:
    """Return the words for this very process."""
    return process_words(os.getpid())


def process_words(pid: int, *, program: str = "") -> str:
    """Return a process as people know it: its command and its number.

    Parameters
    ----------
    pid : int
    program : str
        What to say where the system does not show the command.
    """
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:  # not Linux, or the process has ended meanwhile
        arguments = []
    words = " ".join(part.decode("utf-8", "replace") for part in arguments if part)
    command = words or program or "unknown program"
    if len(command) > LONGEST_COMMAND:
        command = command[:LONGEST_COMMAND] + " …"
    return f"process {pid} ({command})"
