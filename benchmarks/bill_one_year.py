"""Time the bills of one year of quarter-hours, and NREL PySAM's on the same inputs.

    python -m benchmarks.bill_one_year [--runs 15]

The tariffs are those of the 51 sample records that have the most prices (tiers in all structures)
and the most time-of-use periods, and that both engines bill; the load is the steel plant's year.
The two engines take turns in one run; medians are printed with their ratio, the least times, and
the medians of processor time, which others' load on the machine touches less.

*From the record* begins at the record's JSON and the load as each engine takes it, and ends at
twelve bills. *From the tariff* begins where the tariff is read already: our `Tariff`, the other
engine's model with rates and load assigned.
"""

import argparse
import contextlib
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from depotlib.errors import TariffRefusedError
from depotlib.tariffs.bill import bill_months
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.urdb import tariff_from_urdb
from tests.pysam_engine import (
    STRUCTURES,
    SamRefusedError,
    sam_bills,
    sam_model,
    sam_rates,
    sam_record,
)
from tests.tariff_cases import STANDARD_TIME
from tests.tariff_samples import (
    STEEL_PLANT,
    document_of,
    index_rows,
    interval_s,
    month_peaks_kw,
    tariff_of,
    year_kw,
    year_load,
)


@dataclass(frozen=True, slots=True)
class Complexity:
    """How much a record holds: its prices in all structures, and its time-of-use periods."""

    file: str
    prices: int
    periods: int


def complexity_of(file: str) -> Complexity:
    """Return how much a sample record holds."""
    record = sam_record(document_of(file))
    structures = [record.get(name) or [] for name in STRUCTURES]
    return Complexity(
        file=file,
        prices=sum(len(tiers) for periods in structures for tiers in periods),
        periods=sum(len(periods) for periods in structures),
    )


def billed_by_both() -> list[Complexity]:
    """Return the sample records that both engines bill."""
    year = year_kw(STEEL_PLANT)
    found: list[Complexity] = []
    for row in index_rows():
        rates = sam_rates(sam_record(document_of(row["file"])))
        with contextlib.suppress(TariffRefusedError, SamRefusedError):
            tariff_of(row["file"])
            sam_bills(sam_model(rates, year.tolist(), year_zero_kw=month_peaks_kw(year)))
            found.append(complexity_of(row["file"]))
    return found


@dataclass(slots=True)
class Times:
    """What the runs of one task took: on the clock, and of all threads' processor time [ms]."""

    wall_ms: list[float]
    processor_ms: list[float]


def interleaved(tasks: list[Callable[[], Decimal]], runs: int) -> list[Times]:
    """Return the times of each task, the tasks taking turns, after one warm-up."""
    times = [Times([], []) for _ in tasks]
    for run in range(runs + 1):
        for task, taken in zip(tasks, times, strict=True):
            wall, processor = time.perf_counter(), time.process_time()
            task()
            if run:
                taken.wall_ms.append((time.perf_counter() - wall) * 1e3)
                taken.processor_ms.append((time.process_time() - processor) * 1e3)
    return times


def compare(found: Complexity, runs: int) -> None:
    """Print the times of one record."""
    document = document_of(found.file)
    year = year_kw(STEEL_PLANT)
    load, step_s = year_load(year), interval_s(year)
    power_kw, peaks_kw = year.tolist(), month_peaks_kw(year)
    tariff = tariff_of(found.file)
    ready = sam_model(sam_rates(sam_record(document)), power_kw, year_zero_kw=peaks_kw)

    def ours_of(read: Tariff) -> Decimal:
        bills = bill_months(read, load, interval_s=step_s, time_zone=STANDARD_TIME)
        return sum((bill.total for bill in bills), Decimal(0))

    def ours() -> Decimal:
        return ours_of(tariff)

    def ours_from_record() -> Decimal:
        return ours_of(tariff_from_urdb(document, where=found.file))

    def theirs() -> Decimal:
        return Decimal(str(sum(month.total for month in sam_bills(ready))))

    def theirs_from_record() -> Decimal:
        rates = sam_rates(sam_record(document))
        model = sam_model(rates, power_kw, year_zero_kw=peaks_kw)
        return Decimal(str(sum(month.total for month in sam_bills(model))))

    print(f"\n{tariff.utility}: {tariff.name} ({found.file})")
    print(f"{found.prices} prices, {found.periods} periods; {len(power_kw)} readings, {runs} runs")
    pairs = {
        "from the record": (ours_from_record, theirs_from_record),
        "from the tariff": (ours, theirs),
    }
    for name, tasks in pairs.items():
        times = interleaved(list(tasks), runs)
        rows = {
            "median": [statistics.median(taken.wall_ms) for taken in times],
            "least": [min(taken.wall_ms) for taken in times],
            "processor": [statistics.median(taken.processor_ms) for taken in times],
        }
        for kind, (ours_ms, theirs_ms) in rows.items():
            print(
                f"{name:<16} {kind:<9} ours {ours_ms:7.1f} ms   PySAM {theirs_ms:7.1f} ms   "
                f"{ours_ms / theirs_ms:.2f}"
            )
    print(f"the year's bills: ours {ours():.2f}, PySAM {theirs():.2f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=15)
    runs: int = parser.parse_args().runs
    print(f"{datetime.now(UTC):%Y-%m-%d} {platform.machine()} Python {platform.python_version()}")
    candidates = billed_by_both()
    most_prices = max(candidates, key=lambda found: (found.prices, found.periods))
    most_periods = max(candidates, key=lambda found: (found.periods, found.prices))
    for found in dict.fromkeys((most_prices, most_periods)):
        compare(found, runs)


if __name__ == "__main__":
    main()
