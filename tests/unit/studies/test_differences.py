"""Differences on the same nights: tornado, steps and information, from rows whose law is known."""

import math

import numpy as np
import polars as pl
import pytest

from depotlib.errors import StudyError
from depotlib.studies.declaration import Axis, Study, points
from depotlib.studies.paired import paired_difference
from depotlib.studies.tornado import tornado
from depotlib.studies.worth import worth_of_information, worth_of_more

SEEDS = tuple(range(8))
AXES = (Axis("dc_stations", (6, 8, 10)), Axis("site_kw", (250.0, 300.0)))
BASE = {"dc_stations": 8, "site_kw": 300.0}
TORNADO = Study("t", AXES, design="tornado", base=BASE, seeds=SEEDS)


def rows_of(study: Study, *, noise_amount: float = 50.0) -> pl.DataFrame:
    """Return rows of a bill that is 100 less for a station and 2 less for a kW, plus chance."""
    chance = np.random.default_rng(3).normal(0, noise_amount, size=len(study.seeds))
    rows = []
    for point in points(study):
        bill = 9000 - 100 * point["dc_stations"] - 2 * point["site_kw"]
        rows.append({**point, "bill": bill + chance[point["seed"]]})
    return pl.DataFrame(rows)


def test_chance_that_both_points_share_cancels_out():
    rows = rows_of(TORNADO)

    found = paired_difference(rows, BASE, after={**BASE, "dc_stations": 10}, measure="bill")

    # Two stations more: 200 less, exactly, though each bill scatters by 50.
    assert found.band.mean_value == pytest.approx(-200)
    assert found.band.half_width == pytest.approx(0, abs=1e-9)
    assert found.variance_share == pytest.approx(0, abs=1e-12)


def test_without_common_chance_nothing_is_won():
    rng = np.random.default_rng(5)
    rows = pl.DataFrame(
        [{"on": on, "seed": seed, "bill": rng.normal()} for on in (0, 1) for seed in range(400)]
    )

    found = paired_difference(rows, {"on": 0}, after={"on": 1}, measure="bill")

    # Independent: the variance of the difference is the sum of both, to sampling error.
    assert found.variance_share == pytest.approx(1.0, abs=0.15)
    assert math.isnan(
        paired_difference(
            rows.with_columns(bill=pl.lit(1.0)), {"on": 0}, after={"on": 1}, measure="bill"
        ).variance_share
    )


def test_a_failed_scenario_takes_its_pair_with_it():
    rows = rows_of(TORNADO)
    failed = (pl.col("dc_stations") == 10) & (pl.col("seed") == 3)
    rows = rows.with_columns(bill=pl.when(~failed).then(pl.col("bill")))

    found = paired_difference(rows, BASE, after={**BASE, "dc_stations": 10}, measure="bill")

    assert found.band.count == 7
    assert found.band.mean_value == pytest.approx(-200)


def test_a_tornado_puts_the_strongest_axis_first():
    swings = tornado(rows_of(TORNADO), TORNADO, measure="bill")

    # Stations 6 to 10: +200 and -200. Site limit 250 to 300: +100 and 0.
    assert [swing.axis for swing in swings] == ["dc_stations", "site_kw"]
    assert [round(swing.span) for swing in swings] == [400, 100]
    assert [(value, round(effect.band.mean_value)) for value, effect in swings[0].effects] == [
        (6, 200),
        (10, -200),
    ]


def test_a_tornado_leaves_out_a_value_whose_scenarios_failed():
    failed = (pl.col("dc_stations") == 10) & (pl.col("seed") > 0)
    rows = rows_of(TORNADO).filter(~failed)

    swings = tornado(rows, TORNADO, measure="bill")

    assert {swing.axis: [value for value, _ in swing.effects] for swing in swings} == {
        "dc_stations": [6],
        "site_kw": [250.0],
    }


def test_one_more_station_is_worth_what_it_saves():
    rows = rows_of(Study("g", AXES, seeds=SEEDS))

    steps = worth_of_more(rows, {"site_kw": 300.0}, axis=AXES[0], measure="bill")

    assert [(step.low_value, step.high_value, round(step.per_unit)) for step in steps] == [
        (6, 8, -100),
        (8, 10, -100),
    ]
    with pytest.raises(StudyError, match="no numbers"):
        worth_of_more(rows, {}, axis=Axis("policy", ("edf", "llf")), measure="bill")


def test_information_is_worth_what_replanning_and_foresight_save():
    costs = {"blind": 120.0, "replanned": 100.0, "hindsight": 95.0}
    rows = pl.DataFrame(
        [
            {"policy": policy, "seed": seed, "bill": amount + seed}
            for policy, amount in costs.items()
            for seed in SEEDS
        ]
    )

    worth = worth_of_information(rows, {}, measure="bill")

    assert (worth.replanning.band.mean_value, worth.foresight.band.mean_value) == (-20, -5)


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(StudyError, match="no column cost") as caught:
        paired_difference(rows_of(TORNADO), BASE, after=BASE, measure="cost")

    assert "bill" in caught.value.hint
