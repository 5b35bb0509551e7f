"""Charts and theme speak of the same colours."""

import tomllib

import pytest

from depotlib.charts.colours import DARK, LIGHT, scale
from tests.places import ROOT

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]


@pytest.mark.parametrize(("mode", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_the_charts_have_the_colours_of_the_theme(mode, colours):
    assert list(colours.series) == THEME[mode]["chartCategoricalColors"]
    assert colours.background == THEME[mode]["backgroundColor"]
    assert colours.text == THEME[mode]["textColor"]


def test_a_scale_runs_from_nothing_to_all():
    steps = scale(LIGHT)

    assert (steps[0][0], steps[-1][0]) == (0.0, 1.0)
    assert [colour for _, colour in steps] == list(LIGHT.ramp)
