"""Play the study of docs/studies.md, and write its table and the page's figures anew.

    python -m data.studies.make_how_many_chargers [--jobs 2]

About two minutes of a processor. `tests/known_answers/test_how_many_chargers.py` holds page, table
and code together.
"""

import argparse
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from depotlib.studies.declaration import Axis, Point, Study
from depotlib.studies.frontier import frontier, point_means
from depotlib.studies.knob import Ground
from depotlib.studies.night_row import NightCase, cases_of, night_order
from depotlib.studies.paired import paired_difference
from depotlib.studies.pool import LocalWorkers
from depotlib.studies.row_folder import RowFolder
from depotlib.studies.runner import run_cases
from depotlib.studies.table import study_table
from depotlib.studies.tornado import tornado
from depotlib.studies.worth import worth_of_more
from depotlib.workflows.study_file import study_from_file

HERE: Final = Path(__file__).parent
STUDY: Final = HERE / "how_many_chargers.toml"
TABLE: Final = HERE / "how_many_chargers.csv"
PAGE: Final = HERE.parent.parent / "docs" / "studies.md"
MEASURES: Final = ("ready_mean_share", "ready_p95_share", "bill", "peak_kw")
TODAY: Final[Point] = {"service_kw": 350.0, "ac_stations": 40, "dc_stations": 8}
TURNED: Final = (
    Axis("policy", ("uncontrolled", "edf", "price_greedy")),
    Axis("late_share", (0.0, 0.5)),
    Axis("energy_factor", (0.8, 1.2)),
    Axis("outage_share", (0.0, 0.05)),
    Axis("any_station", (True,)),
)
"""What else may matter, one at a time, at the depot as it is."""


def studies() -> tuple[Study, Study, Ground]:
    """Return the grid, the tornado around the depot as it is, and the depot."""
    grid, ground = study_from_file(STUDY)
    base = {**grid.base, **TODAY, "energy_factor": 1.0, "any_station": False}
    return grid, Study("tornado", TURNED, "tornado", base, grid.seeds), ground


def played(cases: Sequence[NightCase], *, jobs: int) -> pl.DataFrame:
    """Return the rows of some scenarios."""
    with tempfile.TemporaryDirectory() as folder:
        workers = LocalWorkers(jobs)
        run_cases(cases, RowFolder(Path(folder)), order=night_order(), workers=workers)
        workers.close()
        return study_table(cases, RowFolder(Path(folder)))


def main() -> None:
    """Play both studies, write the table, and put the figures into the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=2)
    jobs: int = parser.parse_args().jobs
    grid, around, ground = studies()
    rows = played(cases_of(grid, ground), jobs=jobs)
    others = played(cases_of(around, ground), jobs=jobs)
    means = point_means(rows, list(TODAY), measures=MEASURES)
    means.write_csv(TABLE, float_precision=6)
    texts = {
        "points": points_text(pl.read_csv(TABLE)),
        "frontier": frontier_text(pl.read_csv(TABLE)),
        "worth": worth_text(rows, grid),
        "tornado": tornado_text(others, around),
    }
    PAGE.write_text(with_figures(PAGE.read_text(), texts))


def with_figures(page: str, texts: dict[str, str]) -> str:
    """Return a page with the text between each pair of its markers replaced."""
    for name, text in texts.items():
        begin, end = f"<!-- {name} -->", "<!-- end -->"
        page = re.sub(
            rf"(?s)({begin}\n).*?({end})",
            lambda found, text=text: f"{found[1]}{text}\n{found[2]}",
            page,
        )
    return page


def points_text(means: pl.DataFrame) -> str:
    """Return the readiness of every point at today's service, as a table of Markdown."""
    held = means.filter(pl.col("service_kw") == TODAY["service_kw"])
    dc_counts = held["dc_stations"].unique().sort().to_list()
    head = ["AC stations", *(f"{count} DC" for count in dc_counts)]
    lines = [head, ["---"] * len(head)]
    for ac_count in held["ac_stations"].unique().sort().to_list():
        line = [str(ac_count)]
        for dc_count in dc_counts:
            [row] = held.filter(
                (pl.col("ac_stations") == ac_count) & (pl.col("dc_stations") == dc_count)
            ).to_dicts()
            line.append(
                f"{row['ready_mean_share']:.1%} ({row['ready_mean_share_low']:.1%} to "
                f"{row['ready_mean_share_high']:.1%})"
            )
        lines.append(line)
    return _table(lines)


def frontier_text(means: pl.DataFrame) -> str:
    """Return the points that no other beats in size and readiness, as a table of Markdown."""
    best = frontier(
        means.with_columns(stations=pl.col("ac_stations") + pl.col("dc_stations")),
        {"service_kw": "least", "stations": "least", "ready_mean_share": "most"},
    ).sort("service_kw", "stations", "dc_stations")
    lines = [
        ["service", "AC", "DC", "stations", "ready", "worst of 14 nights", "bill", "peak"],
        ["---"] * 8,
    ]
    lines += [
        [
            f"{row['service_kw']:.0f} kW",
            str(row["ac_stations"]),
            str(row["dc_stations"]),
            str(row["stations"]),
            f"{row['ready_mean_share']:.1%}",
            f"{row['ready_p95_share']:.1%}",
            f"{row['bill']:,.0f}",
            f"{row['peak_kw']:.0f} kW",
        ]
        for row in best.to_dicts()
    ]
    return _table(lines)


def worth_text(rows: pl.DataFrame, grid: Study) -> str:
    """Return what one more station of a kind brings at the depot as it is."""
    lines = [["step", "ready more", "band of 90 %", "bill more", "band of 90 %"], ["---"] * 5]
    for axis in grid.axes[1:]:
        rest = {name: value for name, value in TODAY.items() if name != axis.name}
        ready = worth_of_more(rows, rest, axis=axis, measure="ready_mean_share")
        bill = worth_of_more(rows, rest, axis=axis, measure="bill")
        for one, other in zip(ready, bill, strict=True):
            share, amount = one.change.band, other.change.band
            lines.append(
                [
                    f"{one.low_value} to {one.high_value} {axis.name[:2].upper()}",
                    f"{share.mean_value:+.2%}",
                    f"{share.low_value:+.2%} to {share.high_value:+.2%}",
                    f"{amount.mean_value:+,.0f}",
                    f"{amount.low_value:+,.0f} to {amount.high_value:+,.0f}",
                ]
            )
    return _table(lines)


def tornado_text(rows: pl.DataFrame, around: Study) -> str:
    """Return what else matters, one assumption at a time, the strongest first."""
    base = {name: around.base[name] for name in around.base}
    lines = [["assumption", "from", "to", "ready more", "bill more", "noise left"], ["---"] * 6]
    for swing in tornado(rows, around, measure="ready_mean_share"):
        for value, ready in swing.effects:
            bill = paired_difference(rows, base, after={**base, swing.axis: value}, measure="bill")
            lines.append(
                [
                    f"`{swing.axis}`",
                    str(swing.base),
                    str(value),
                    f"{ready.band.mean_value:+.2%}",
                    f"{bill.band.mean_value:+,.0f}",
                    f"{bill.variance_share:.0%}",
                ]
            )
    return _table(lines)


def _table(lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
