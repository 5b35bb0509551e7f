"""Print what common random numbers leave of the noise: the table of docs/studies.md.

    python -m data.studies.common_random_numbers

The study of `how_many_chargers.toml` at 350 kW and 8 DC stations, ten draws at each of three
numbers of AC stations: the variance of the difference on the same nights, and what nights of their
own would give it (the sum of both sides' variances). About 10 s of a processor.
"""

from typing import Final

import numpy as np
import polars as pl

from data.studies.make_how_many_chargers import played, studies
from depotlib.studies.declaration import Axis, Study
from depotlib.studies.night_row import cases_of
from depotlib.studies.paired import values_by_seed

SEEDS: Final = 10
STATIONS: Final = (40, 44, 48)
MEASURES: Final = ("ready_mean_share", "bill")


def rows() -> pl.DataFrame:
    """Return the played scenarios."""
    grid, _, ground = studies()
    base = {**grid.base, "service_kw": 350.0, "dc_stations": 8}
    study = Study("noise", (Axis("ac_stations", STATIONS),), "grid", base, tuple(range(SEEDS)))
    return played(cases_of(study, ground), jobs=0)


def variances(found: pl.DataFrame, measure: str, *, step: tuple[int, int]) -> tuple[float, float]:
    """Return the variance of a difference on the same nights, and on nights of their own."""
    sides = [values_by_seed(found, {"ac_stations": count}, measure=measure) for count in step]
    first, second = (np.array([side[seed] for seed in sorted(side)]) for side in sides)
    return float((second - first).var(ddof=1)), float(first.var(ddof=1) + second.var(ddof=1))


def main() -> None:
    """Print the table."""
    found = rows()
    print("| measure | AC stations | same nights | nights of their own | noise left |")
    print("| --- | --- | --- | --- | --- |")
    for measure in MEASURES:
        for step in ((40, 44), (44, 48)):
            same, own = variances(found, measure, step=step)
            print(
                f"| `{measure}` | {step[0]} to {step[1]} | {same:.3g} | {own:.3g} | {same / own:.2%} |"
            )


if __name__ == "__main__":
    main()
