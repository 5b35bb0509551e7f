"""Import a file in children that die before their n-th line that speaks to DuckDB, n = 1, 2 …

Prints, a line a child, how it ended. Forked before polars or DuckDB have started a thread.
"""

import linecache
import os
import re
import sys
from pathlib import Path

import depotlib.store
from depotlib.store.imports import write_import
from tests.unit.store.samples import (
    NOON,
    batch,
    meter_frame,
    meter_row,
    reading_of,
    session,
    sessions_frame,
    telematics_frame,
)

WORD = re.compile(r"connection\.(execute|sql|register|begin|commit)\(")
KILLED = 9
ROOM = str(Path(depotlib.store.__file__).parent)


def second_file():
    return batch(
        "second",
        rows_in=4,
        sessions=sessions_frame(session("a", row=1, energy_wall_kwh=30.0), session("c", row=2)),
        telematics=telematics_frame(reading_of("v1", minute=0, row=3, odometer_km=7.0)),
        meter=meter_frame(meter_row(minute=0, power_kw=99.0, row=4)),
    )


def die_before_word(number: int) -> None:
    """Make this process end, as if killed, before its n-th such line in the store's code."""
    said = 0

    def watch(frame, event: str, _: object):
        nonlocal said
        name = frame.f_code.co_filename
        if not name.startswith(ROOM):
            return None
        if event == "line" and WORD.search(linecache.getline(name, frame.f_lineno)):
            said += 1
            if said == number:
                os._exit(KILLED)
        return watch

    sys.settrace(watch)


if __name__ == "__main__":
    path, number = Path(sys.argv[1]), 0
    while True:
        number += 1
        child = os.fork()
        if child == 0:
            given = second_file()
            die_before_word(number)
            write_import(path, given, imported_at=NOON)
            sys.settrace(None)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write("killed\n" if code == KILLED else f"ended {code}\n")
        sys.stdout.flush()
        if code != KILLED:
            break
        sys.stdin.readline()  # the test looks at the warehouse between two children
