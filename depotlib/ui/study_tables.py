"""What a study's results say, as tables and as the frames of its charts."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from depotlib.ui.study_words import axis_words, phrase, value_words
from depotlib.workflows.run_study import StudyState

PERCENT: Final = 100
MEASURES: Final[dict[str, str]] = {
    "bill": "the bill",
    "peak_kw": "the peak",
    "ready_mean_share": "vans ready",
    "unmet_must_kwh": "energy missing",
}


def axes_of(state: StudyState) -> list[str]:
    """Return the parameters that a study turns."""
    return [axis.name for axis in state.study.axes]


def point_name(row: Mapping[str, object], axes: list[str]) -> str:
    """Return what a point is, in words."""
    return ", ".join(phrase(one, _scalar(row[one])) for one in axes)


def points_frame(state: StudyState) -> pl.DataFrame:
    """Return the points as the frontier chart takes them."""
    axes = axes_of(state)
    means = state.means.drop_nulls(["bill", "ready_mean_share"])
    names = [point_name(row, axes) for row in means.iter_rows(named=True)]
    best = {point_name(row, axes) for row in state.best.iter_rows(named=True)}
    bands = [f"bill{end}" for end in ("", "_low", "_high")]
    return means.select(
        pl.Series("name", names, dtype=pl.String),
        *(pl.col(one).cast(pl.Float64) for one in bands),
        *(
            (pl.col(f"ready_mean_share{end}").cast(pl.Float64) * PERCENT).alias(
                f"ready_percent{end}"
            )
            for end in ("", "_low", "_high")
        ),
        pl.Series("is_best", [one in best for one in names], dtype=pl.Boolean),
    )


def points_table(state: StudyState, *, currency: str, is_best_only: bool) -> pl.DataFrame:
    """Return a row a point, with its bands; the best alone, or all."""
    axes = axes_of(state)
    held = state.best if is_best_only else state.means
    rows = list(held.iter_rows(named=True))
    columns: dict[str, pl.Series | list[str]] = {
        axis_words(one): [_value(row[one]) for row in rows] for one in axes
    }
    for end, word in (("", ""), ("_low", ", low"), ("_high", ", high")):
        columns[f"Ready{word} (%)"] = _floats(rows, f"ready_mean_share{end}", times=PERCENT)
    columns["Worst night (%)"] = _floats(rows, "ready_p95_share", times=PERCENT)
    columns |= {
        f"Bill ({currency})": _floats(rows, "bill"),
        f"Bill, low ({currency})": _floats(rows, "bill_low"),
        f"Bill, high ({currency})": _floats(rows, "bill_high"),
        "Peak (kW)": _floats(rows, "peak_kw"),
        "Missing (kWh)": _floats(rows, "unmet_must_kwh"),
    }
    return pl.DataFrame(columns)


def effects_frame(state: StudyState, measure: str) -> pl.DataFrame:
    """Return what each axis does to a measure, the strongest first, as the tornado chart takes it."""
    times = PERCENT if measure.endswith("_share") else 1
    rows = [
        {
            "axis": axis_words(swing.axis),
            "step": f"{value_words(swing.base)} to {value_words(value)}",
            "mean": times * effect.band.mean_value,
            "low": times * effect.band.low_value,
            "high": times * effect.band.high_value,
        }
        for swing in state.swings.get(measure, ())
        for value, effect in swing.effects
    ]
    kinds = {"axis": pl.String, "step": pl.String}
    floats = dict.fromkeys(("mean", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema={**kinds, **floats})


def least_ready(state: StudyState, share: float) -> dict[str, object] | None:
    """Return the cheapest point at which at least a share of vans leaves ready, or None."""
    if state.means.is_empty():
        return None
    held = state.means.filter(pl.col("ready_mean_share") >= share).sort("bill")
    return held.row(0, named=True) if held.height else None


def unit_of(measure: str, currency: str) -> str:
    """Return the unit in which a measure is shown."""
    if measure == "bill":
        return currency
    return "%" if measure.endswith("_share") else "kW" if measure.endswith("_kw") else "kWh"


def _value(value: object) -> str:
    return value_words(_scalar(value))


def _scalar(value: object) -> str | int | float | bool:
    return value if isinstance(value, str | int | float | bool) else str(value)


def _floats(rows: list[dict[str, object]], name: str, *, times: float = 1) -> pl.Series:
    values = [row.get(name) for row in rows]
    return pl.Series(
        [float(one) * times if isinstance(one, int | float) else None for one in values],
        dtype=pl.Float64,
    )
