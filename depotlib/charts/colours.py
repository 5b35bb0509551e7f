"""The colours of every chart: those of the theme, light and dark, each with one meaning."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Colours:
    """A set of colours that red-blind and green-blind eyes tell apart.

    Parameters
    ----------
    series : tuple of str
        The theme's ten colours, in its order (`.streamlit/config.toml`).
    ramp : tuple of str
        From little to much, for fields of one hue; text stays legible on each.
    text, faint, background : str
        Writing, lines that stand back, and what lies behind.
    """

    series: tuple[str, ...]
    ramp: tuple[str, ...]
    text: str
    faint: str
    background: str

    @property
    def main(self) -> str:
        """Return the colour of what a chart is about."""
        return self.series[0]

    @property
    def second(self) -> str:
        """Return the colour of what stands beside it."""
        return self.series[1]

    @property
    def third(self) -> str:
        """Return the colour of a third thing."""
        return self.series[2]

    @property
    def limit(self) -> str:
        """Return the colour of what may not be passed, and of peaks."""
        return self.series[3]


LIGHT: Final = Colours(
    series=(
        *("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9"),
        *("#CC79A7", "#332288", "#882255", "#0000E0", "#800000"),
    ),
    ramp=("#E9F2F9", "#B9D9EE", "#86BEE2", "#56A3D3"),
    text="#0B1117",
    faint="#7A8694",
    background="#FFFFFF",
)
DARK: Final = Colours(
    series=(
        *("#56B4E9", "#E69F00", "#1FA37C", "#E0602A", "#F0A6D0"),
        *("#7B72E8", "#F0E442", "#606080", "#40E080", "#C02040"),
    ),
    ramp=("#16293A", "#1B4566", "#1F608F", "#2278B5"),
    text="#F2F5F8",
    faint="#8A95A5",
    background="#0E1117",
)


def scale(colours: Colours) -> list[tuple[float, str]]:
    """Return the ramp as Plotly takes it: shares of the range with their colours."""
    last = len(colours.ramp) - 1
    return [(index / last, colour) for index, colour in enumerate(colours.ramp)]
