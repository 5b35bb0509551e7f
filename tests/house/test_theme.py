"""The theme's ten colours stay apart for every eye, light and dark."""

import itertools
import tomllib

import numpy as np
import pytest

from tests.places import ROOT

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
# Machado, Oliveira and Fernandes (2009), severity 1.0: how a red-blind, a green-blind eye sees.
EYES = {
    "all cones": np.eye(3),
    "red-blind": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "green-blind": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
}  # fmt: skip
# sRGB to CIE XYZ, D65 (IEC 61966-2-1).
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])
JUST_APART = 12.0  # CIE76; about 2.3 is just noticeable side by side, lines on a chart are not


def as_seen(colour: str, eye: np.ndarray) -> np.ndarray:
    """Return a colour in CIE L*a*b* as an eye sees it."""
    part = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    ratio = XYZ @ np.clip(eye @ linear, 0, 1) / WHITE
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def too_close(colours: list[str], eye: np.ndarray) -> list[tuple[str, str]]:
    return [
        (one, other)
        for one, other in itertools.combinations(colours, 2)
        if np.linalg.norm(as_seen(one, eye) - as_seen(other, eye)) < JUST_APART
    ]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_has_exactly_ten_colours_that_every_eye_tells_apart(mode: str):
    colours = THEME[mode]["chartCategoricalColors"]

    assert len(colours) == 10
    assert {name: pairs for name, eye in EYES.items() if (pairs := too_close(colours, eye))} == {}


def test_the_rule_catches_a_violation():
    red, green = "#A05000", "#707000"

    assert too_close([red, green], EYES["all cones"]) == []
    assert too_close([red, green], EYES["green-blind"]) == [(red, green)]
