"""Prints what the simulation shows: ``python -m benchmarks.gateway_simulation --seeds 0:500``."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace

from tests.chaos.simulated_breaks import BREAKS, day_of
from tests.chaos.simulated_crashes import POINTS, CrashingSite, writes_of
from tests.chaos.simulated_oracle import oracle_kwh
from tests.chaos.simulated_site import SimulatedSite
from tests.chaos.simulated_yard import QUIET, Faults

HOUR_S = 3600
KINDS = ("storm", "night", "away", "breaks", "crashes")


def main() -> None:
    """Print a line for each seed, and a sum; or by which seed each defence is found missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="0:20", help="from:to, or several, by commas")
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--kind", choices=KINDS, default="storm")
    parser.add_argument("--quiet", action="store_true", help="no faults")
    parser.add_argument("--name", action="append", help="with breaks: which")
    given = parser.parse_args()
    seeds = [
        seed
        for span in given.seeds.split(",")
        for seed in range(*(int(end) for end in span.split(":")))
    ]
    duration_s = int(given.hours * HOUR_S)
    if given.kind == "breaks":
        _breaks(seeds, given.name or list(BREAKS), duration_s=duration_s)
    elif given.kind == "crashes":
        _crashes(seeds)
    else:
        _days(seeds, kind=given.kind, is_quiet=given.quiet, duration_s=duration_s)


def _days(seeds: Sequence[int], *, kind: str, is_quiet: bool, duration_s: int) -> None:
    faults = QUIET if is_quiet else Faults()
    if kind == "away":
        faults = replace(faults, away=(duration_s / 4.0, duration_s * 3.0 / 4.0))
    instants = days = 0
    writes = got_kwh = best_kwh = 0.0
    for seed in seeds:
        begun_s = time.process_time()
        is_night = kind != "storm"
        day = SimulatedSite(seed, duration_s=duration_s, faults=faults, is_night=is_night).run()
        best = oracle_kwh(day.brief, day.stays, base=day.base, duration_s=duration_s)
        days, instants = days + 1, instants + len(day.over)
        writes, got_kwh = writes + day.writes_per_day(), got_kwh + day.energy_kwh()
        best_kwh += best
        cpu_s = time.process_time() - begun_s
        print(
            f"seed {seed}: {len(day.over)} instants above a limit {day.over[:2]}, "
            f"{day.energy_kwh():.0f} of {best:.0f} kWh, {day.writes_per_day():.0f} writes, "
            f"{day.crashes} crashes, {cpu_s:.1f} s",
            flush=True,
        )
    print(
        f"{kind}, {'no faults' if is_quiet else 'faults'}: {days} days of {duration_s / HOUR_S:g} h, "
        f"{instants} instants above a hard limit, {got_kwh / best_kwh:.3f} of the oracle's energy "
        f"({got_kwh:.0f} kWh), {writes / days:.0f} profile writes a station and day"
    )


def _breaks(seeds: Sequence[int], names: list[str], *, duration_s: int) -> None:
    for name in names:
        found = next(
            (seed for seed in seeds if day_of(seed, BREAKS[name], duration_s=duration_s).over),
            None,
        )
        print(f"{name}: {'not caught' if found is None else f'caught by seed {found}'}", flush=True)


def _crashes(seeds: Sequence[int]) -> None:
    """End the process once, before, behind, within and after each write of a quiet half hour."""
    for seed in seeds:
        writes, over = writes_of(seed), 0
        for write in range(writes):
            for point in POINTS:
                day = CrashingSite(seed, write=write, point=point).run()
                over += len(day.over)
                if day.over or day.crashes != 1:
                    print(f"seed {seed}: write {write}, point {point}: {day.over[:2]}", flush=True)
            if write % 20 == 0:
                print(f"seed {seed}: write {write} of {writes}", flush=True)
        ends = writes * len(POINTS)
        print(f"seed {seed}: {ends} ends of the process, {over} instants above a limit", flush=True)


if __name__ == "__main__":
    main()
