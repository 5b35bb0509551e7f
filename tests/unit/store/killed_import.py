"""Import a file in children that die before their n-th line of consequence, n = 1, 1 + stride, …

A line of consequence speaks to DuckDB, or writes or renames a file: raw bytes kept, rows merged,
account recorded, transaction committed, note written. Each child works on a fresh copy of the same
home; after it another one imports the same file without dying. Prints, a line a child, how it
ended, and waits for an answer, so that the test can look. Forked before polars or DuckDB have
started a thread.
"""

import linecache
import os
import re
import shutil
import sys
from pathlib import Path

import polars as pl

import depotlib.store
from depotlib.ingest.content import content_of
from depotlib.ingest.read_parts import ReadRows
from depotlib.ingest.source import Conventions, ReadOptions, SourceDocument, SourceRows
from depotlib.model.frames import (
    AssignmentFrame,
    DutyFrame,
    PriceFrame,
    TripFrame,
    VehicleFrame,
)
from depotlib.model.import_report import Rejection
from depotlib.settings import Settings
from depotlib.workflows.stored_file import ReadFile, store_file
from tests.unit.store.samples import (
    NOON,
    after,
    meter_frame,
    meter_row,
    reading_of,
    session,
    sessions_frame,
    telematics_frame,
)

STEP = re.compile(
    r"connection\.(execute|sql|register|begin|commit)\(|[( ]count\(|\.(write|write_bytes|replace)\("
    r"|os\.fsync\(|\.mkdir\("
)
KILLED = 9
ROOM = str(Path(depotlib.store.__file__).parent)
RAW = content_of("night.json", b"what was in the file")


def stored(settings: Settings, digest: str, rows: SourceRows) -> None:
    read = ReadRows(digest, "log", rows)
    store_file(
        ReadFile(RAW, file=f"{digest}.json", read=read, options=ReadOptions()),
        settings=settings,
        now=NOON,
    )


def first_file(settings: Settings) -> None:
    stored(settings, "first", rows_of(change=0))


def second_file(settings: Settings) -> None:
    stored(settings, "second", rows_of(change=1))


def rows_of(*, change: int) -> SourceRows:
    """Return rows of every kind: each is known, or changed, and one of each is new."""
    at = {"source": "log", "src_file": "f"}
    hours = (0, 1 + change)
    return SourceRows(
        rows_in=17,
        conventions=Conventions("UTC", "offsets in the file", "year_month_day", ()),
        sessions=sessions_frame(
            session("a", row=1, energy_wall_kwh=30.0 + change), session(f"new {change}", row=2)
        ),
        telematics=telematics_frame(
            reading_of("v1", minute=0, row=3, **({"odometer_km": 7.0} if change else {"soc": 0.5})),
            reading_of("v1", minute=1 + change, row=4, soc=0.6),
        ),
        meter=meter_frame(
            meter_row(minute=0, power_kw=10.0 + change, row=5),
            meter_row(minute=1 + change, power_kw=1.0, row=6),
        ),
        trips=frame_of(TripFrame, [
            at | {"vehicle_id": "v1", "start": after(hours=hour), "src_row": row,
                  "distance_km": 5.0 + change}
            for row, hour in enumerate(hours, 7)
        ]),
        duties=frame_of(DutyFrame, [
            at | {"duty_id": f"d{hour}", "departure": after(hours=hour), "src_row": row,
                  "is_withdrawn": False}
            for row, hour in enumerate(hours, 9)
        ]),
        duties_complete_at=after(hours=0),
        vehicles=frame_of(VehicleFrame, [
            at | {"vehicle_id": f"v{hour}", "name": f"van {change}", "src_row": row}
            for row, hour in enumerate(hours, 11)
        ]),
        assignments=frame_of(AssignmentFrame, [
            at | {"driver_id": "d", "vehicle_id": f"v{change}", "start": after(hours=hour),
                  "src_row": row}
            for row, hour in enumerate(hours, 13)
        ]),
        prices=frame_of(PriceFrame, [
            {"series": "DE", "interval_start": after(hours=hour), "interval_s": 3600,
             "price_per_kwh": 0.1 + change, "currency": "EUR", "src_row": row}
            for row, hour in enumerate(hours, 15)
        ]),
        documents=(),
        rejections=(Rejection(17, "blank", "an empty row", ""),),
    )  # fmt: skip


def tariffs(settings: Settings) -> None:
    rows = SourceRows(
        rows_in=1,
        conventions=Conventions(None, "unknown", "", ()),
        documents=(SourceDocument("t", "a tariff"),),
    )
    stored(settings, "tariff", rows)


def frame_of(schema, rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema.create_empty().schema)


def die_before_step(number: int) -> None:
    """Make this process end, as if killed, before its n-th line of consequence in the store."""
    said = 0

    def watch(frame, event: str, _: object):
        nonlocal said
        name = frame.f_code.co_filename
        if not name.startswith(ROOM):
            return None
        if event == "line" and STEP.search(linecache.getline(name, frame.f_lineno)):
            said += 1
            if said == number:
                os._exit(KILLED)
        return watch

    sys.settrace(watch)


def import_in_child(settings: Settings, *, dies_before: int | None) -> int:
    child = os.fork()
    if child == 0:
        if dies_before is not None:
            die_before_step(dies_before)
        second_file(settings)
        tariffs(settings)
        sys.settrace(None)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def tell(word: str) -> None:
    """Say how a child ended, and wait until the test has looked."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    prepared, home, stride = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    number = 1
    while True:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(prepared, home)
        settings = Settings(home=home)
        code = import_in_child(settings, dies_before=number)
        tell("killed" if code == KILLED else f"ended {code}")
        if code != KILLED:
            break
        tell(f"again {import_in_child(settings, dies_before=None)}")
        number += stride
