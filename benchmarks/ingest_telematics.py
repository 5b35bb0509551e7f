"""Time the import of a big telematics export against raw `read_csv` into a table, in one run.

    python -m benchmarks.ingest_telematics [--gigabytes 1.0] [--folder FOLDER]

The export is made here, the same each time: 500 vehicles, a reading a minute each, in local time
with its offset, percent, metres and watts with charging negative, now and then a field empty; of
100,000 rows about 20 are rows that stand there again, 5 are broken and 2 are blank. The whole
import is timed, as `depot import` does it, worker process included: digest, recognition, reading,
checks, the raw copy, the merge into the warehouse and the commit. Raw is DuckDB with all types
given (`read_csv(columns=…)` into a table of a new file), which checks, keeps and accounts for
nothing. CPU seconds are those of this process and its children.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from depotlib.model.column_mapping import mapping_from_toml
from depotlib.settings import Settings
from depotlib.workflows.import_files import ImportChoices, import_files

VEHICLES = 500
ROWS_PER_BLOCK = 500_000
MINUTES_A_DAY, CHARGING_FROM, CHARGING_TO = 1440, 1140, 240
EMPTY_SHARE = 0.02
KB_PER_MB = 1024
EXPORT = "export.csv"
COLUMNS = {
    "Vehicle": "VARCHAR",
    "Time": "TIMESTAMPTZ",
    "State of charge (%)": "DOUBLE",
    "Odometer (m)": "DOUBLE",
    "Battery power (W)": "DOUBLE",
    "Outside (C)": "DOUBLE",
    "Charging": "VARCHAR",
}
MAPPING = mapping_from_toml(
    """
    name = "benchmark"
    title = "Benchmark export"
    kind = "telematics"
    header = ["Vehicle", "Time", "State of charge (%)", "Odometer (m)", "Battery power (W)"]
    [fields]
    vehicle_id = { column = "Vehicle" }
    at = { column = "Time" }
    soc = { column = "State of charge (%)", unit = "%" }
    odometer_km = { column = "Odometer (m)", unit = "m" }
    power_kw = { column = "Battery power (W)", unit = "W", is_negated = true }
    temperature_c = { column = "Outside (C)", unit = "°C" }
    is_charging = { column = "Charging" }
    """,
    where="benchmark",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def make_export(path: Path, *, size_bytes: int) -> int:
    """Write the export and return how many rows it has."""
    path.write_text(",".join(COLUMNS) + "\n")
    rows = 0
    with path.open("ab") as stream:
        while stream.tell() < size_bytes:
            block = _block(rows, random=np.random.default_rng(rows))
            text = block.write_csv(include_header=False)
            stream.write(_with_dirt(text.encode(), at=rows))
            rows += ROWS_PER_BLOCK
    return rows


def _block(first: int, *, random: np.random.Generator) -> pl.DataFrame:
    number = np.arange(first, first + ROWS_PER_BLOCK)
    vehicle, minute = number % VEHICLES, number // VEHICLES
    of_day = minute % MINUTES_A_DAY
    is_charging = (of_day > CHARGING_FROM) | (of_day < CHARGING_TO)
    seconds = minute * 60 + vehicle * 7 % 60
    at = (np.datetime64("2026-06-01T02:00:00", "s") + seconds.astype("timedelta64[s]")).astype(str)
    power = np.where(is_charging, -7200 + random.normal(0, 40, len(number)).round(), 0)
    return pl.DataFrame(
        {
            "Vehicle": np.char.add("van-", np.char.zfill(vehicle.astype(str), 3)),
            "Time": np.char.add(at, "+02:00"),
            "soc": (55 + 40 * np.sin(minute / 230 + vehicle)).round(1),
            "odometer": 20_000_000 + vehicle * 31_337 + minute * 170,
            "power": pl.Series(power).set(
                pl.Series(random.random(len(number)) < EMPTY_SHARE), None
            ),
            "outside": (15 + 9 * np.sin(minute / 240)).round(1),
            "charging": np.where(is_charging, "1", "0"),
        }
    )


def _with_dirt(text: bytes, *, at: int) -> bytes:
    """Return a block with rows that stand there again, broken rows and blank ones."""
    lines = text.splitlines(keepends=True)
    for place in range(0, len(lines), 5_000):
        lines[place] *= 2
    for place in range(2_500, len(lines), 20_000):
        lines[place] = lines[place].replace(b"+02:00", b" o'clock")
    for place in range(1_250 + at % 7, len(lines), 50_000):
        lines[place] = b",,,,,,\n"
    return b"".join(lines)


def import_it(path: Path, home: Path) -> None:
    """Import the export, and print its account."""
    (imported,) = import_files(
        [path],
        settings=Settings(home=home),
        now=datetime.now(UTC),
        choices=ImportChoices(mappings=(MAPPING,)),
    )
    assert imported.report is not None, imported.error
    report = imported.report
    print(
        f"  {report.rows_in:,} rows in = {report.stored:,} stored + {report.duplicates:,} "
        f"duplicates + {len(report.rejections):,} rejected"
        f"{' (a repeat)' if report.is_repeat else ''}"
    )


def read_raw(path: Path, home: Path, *, keeps_order: bool) -> None:
    """Read the export into a table of a new database file, with its types given."""
    with duckdb.connect(home / f"raw-{keeps_order}.duckdb") as connection:
        connection.execute(f"SET preserve_insertion_order = {keeps_order}")
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            "CREATE TABLE telematics AS SELECT * FROM read_csv($path, columns = $columns, "
            "header = true, auto_detect = false, delim = ',', ignore_errors = true)",
            {"path": str(path), "columns": COLUMNS},
        )


def nothing(path: Path, home: Path) -> None:
    """Do nothing: what starting Python and loading the libraries takes, on either side."""


STEPS: dict[str, Callable[[Path, Path], None]] = {
    "nothing": nothing,
    "raw read_csv, order kept": partial(read_raw, keeps_order=True),
    "raw read_csv, any order": partial(read_raw, keeps_order=False),
    "import": import_it,
    "the same file again": import_it,
}


def measured(step: str, path: Path) -> Cost:
    """Return what a step takes in a process of its own, with the workers that it starts."""
    begin_s = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.ingest_telematics", "--step", step]
    process = subprocess.Popen([*command, "--folder", str(path.parent)])  # noqa: S603 - this very module
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, step
    return Cost(
        cpu_s=usage.ru_utime + usage.ru_stime,
        wall_s=time.perf_counter() - begin_s,
        peak_mb=usage.ru_maxrss / KB_PER_MB,
    )


def report(costs: dict[str, Cost]) -> None:
    """Print the table: CPU beyond that of starting, and the peak of the largest process."""
    start_s = costs["nothing"].cpu_s
    net_s = {step: cost.cpu_s - start_s for step, cost in costs.items()}
    for step, cost in costs.items():
        print(
            f"{step:<26} {net_s[step]:7.2f} s of CPU  {cost.wall_s:7.1f} s  {cost.peak_mb:6.0f} MB"
        )
    raw_s = net_s["raw read_csv, order kept"]
    print(
        f"import / raw: {net_s['import'] / raw_s:.2f} "
        f"(any order {net_s['import'] / net_s['raw read_csv, any order']:.2f}); "
        f"again / first: {net_s['the same file again'] / net_s['import']:.3f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--step", choices=STEPS)
    arguments = parser.parse_args()
    if arguments.step:
        STEPS[arguments.step](arguments.folder / EXPORT, arguments.folder)
        return
    home = Path(tempfile.mkdtemp(prefix="depot-benchmark-", dir=arguments.folder))
    try:
        path = home / EXPORT
        make_export(path, size_bytes=int(arguments.gigabytes * 1e9))
        print(
            f"{datetime.now(UTC):%Y-%m-%d} {platform.machine()} Python "
            f"{platform.python_version()}, load {os.getloadavg()[0]:.1f}; "
            f"{path.stat().st_size / 1e9:.2f} GB of CSV",
            flush=True,
        )
        report({step: measured(step, path) for step in STEPS})
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
