"""Time the 15-minute load profile of a month of 1-minute readings of every station.

    python -m benchmarks.load_profile [--runs 5]

A depot of 60 vehicles and 48 stations, each station with a meter of its own and 31 days of
1-minute mean powers: 48 x 31 x 1,440 = 2,142,720 readings, stored as an import stores them. Timed
is what a page asks for: the depot's profile in quarter-hours, all meters summed, from opening the
warehouse to the frame; and one meter's.
"""

import argparse
import platform
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

from depotlib.store.batch import ImportBatch
from depotlib.store.imports import write_import
from depotlib.store.meter import meter_ids, meter_load, meters_load

VEHICLES, STATIONS, DAYS = 60, 48, 31
MINUTES = DAYS * 24 * 60
START = datetime(2026, 10, 1, tzinfo=UTC)
END = START + timedelta(days=DAYS)


def readings() -> pl.DataFrame:
    """Return a month of readings: stays of the fleet's vehicles, at powers that taper."""
    random = np.random.default_rng(60)
    power_kw = np.zeros((STATIONS, MINUTES))
    for day in range(DAYS):
        for _ in range(VEHICLES):
            station = random.integers(STATIONS)
            begin = day * 1440 + int(random.integers(1_000, 1_400))
            length = int(random.integers(120, 500))
            stay = slice(begin, min(MINUTES, begin + length))
            power_kw[station, stay] = np.linspace(11.0, 3.0, length)[: stay.stop - stay.start]
    number = np.arange(STATIONS * MINUTES)
    return pl.DataFrame(
        {
            "meter_id": np.char.add("CP-", np.char.zfill((number // MINUTES).astype(str), 2)),
            "interval_start": pl.Series(number % MINUTES).cast(pl.Int64) * 60_000_000,
            "interval_s": pl.Series(np.full(len(number), 60), dtype=pl.Int32),
            "power_kw": power_kw.ravel(),
            "src_file": "benchmark",
            "src_row": number + 1,
        }
    ).with_columns(
        (pl.lit(START) + pl.col("interval_start").cast(pl.Duration("us"))).alias("interval_start")
    )


def timed(work: Callable[[], pl.DataFrame], *, runs: int) -> tuple[float, int]:
    """Return the median wall time of some work [s], and how many rows it gives."""
    times: list[float] = []
    rows = 0
    for _ in range(runs):
        begin_s = time.perf_counter()
        rows = work().height
        times.append(time.perf_counter() - begin_s)
    return median(times), rows


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs: int = parser.parse_args().runs
    given = readings()
    batch = ImportBatch("month.csv", "benchmark", "0" * 64, rows_in=given.height, meter=given)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        write_import(path, batch, imported_at=END)
        meters = meter_ids(path)
        all_s, rows = timed(lambda: meters_load(path, meters, start=START, end=END), runs=runs)
        one_s, _ = timed(lambda: meter_load(path, meters[0], start=START, end=END), runs=runs)
    print(f"{datetime.now(UTC):%Y-%m-%d} {platform.machine()} Python {platform.python_version()}")
    print(f"{given.height:,} readings of {len(meters)} meters to {rows:,} quarter-hours")
    print(f"all meters summed {all_s:.3f} s; one meter {one_s:.3f} s (medians of {runs})")


if __name__ == "__main__":
    main()
