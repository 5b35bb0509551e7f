"""The worked example of docs/studies.md: page, table and code say the same."""

import polars as pl
import pytest

from data.studies.make_how_many_chargers import (
    MEASURES,
    PAGE,
    TABLE,
    TODAY,
    frontier_text,
    played,
    points_text,
    studies,
    tornado_text,
    with_figures,
    worth_text,
)
from depotlib.studies.declaration import SEED
from depotlib.studies.frontier import point_means
from depotlib.studies.night_row import cases_at, cases_of


def test_the_page_shows_what_the_table_holds():
    means = pl.read_csv(TABLE)
    texts = {"points": points_text(means), "frontier": frontier_text(means)}

    assert with_figures(PAGE.read_text(), texts) == PAGE.read_text()
    assert texts["points"] in PAGE.read_text()


def test_the_table_is_what_the_code_plays_at_the_depot_as_it_is():
    grid, _, ground = studies()
    [held] = pl.read_csv(TABLE).filter(**TODAY).to_dicts()
    point = {**grid.base, **TODAY}

    rows = played(cases_at(({**point, SEED: seed} for seed in grid.seeds), ground), jobs=0)

    [means] = point_means(rows, list(TODAY), measures=MEASURES).to_dicts()
    # The table is written to six decimals.
    assert means == pytest.approx(held, abs=1e-5)


@pytest.mark.full
def test_every_figure_of_the_page_is_what_the_code_plays():
    grid, around, ground = studies()
    rows = played(cases_of(grid, ground), jobs=2)
    others = played(cases_of(around, ground), jobs=2)
    means = pl.read_csv(TABLE)

    texts = {"worth": worth_text(rows, grid), "tornado": tornado_text(others, around)}
    texts |= {"points": points_text(means), "frontier": frontier_text(means)}

    assert with_figures(PAGE.read_text(), texts) == PAGE.read_text()
    assert point_means(rows, list(TODAY), measures=MEASURES).height == means.height
