"""Many lines against many others at once: what is lowered, what is raised, and by how much.

The pump asks this of every connector with every look, so all of them share one grid.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depotlib.gateway.steps import FloatArray, StepLine, rising, rows_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """Old and new lines on one grid.

    Parameters
    ----------
    edges_s : numpy.ndarray
        Rising instants between which nothing changes [s since 1970], (grid + 1,).
    old_kw, rise_kw : numpy.ndarray
        The old lines, and what the new ones lie above them, (lines, grid).
    """

    edges_s: FloatArray
    old_kw: FloatArray
    rise_kw: FloatArray

    def means_kw(self, start_s: float, *, end_s: float) -> tuple[FloatArray, ...]:
        """Return the means of what is lowered, of what is raised and of the old lines [kW], (lines,)."""
        edges_s = np.minimum(np.maximum(self.edges_s, start_s), end_s)
        share = (edges_s[1:] - edges_s[:-1]) / (end_s - start_s)
        raised_kw = np.maximum(self.rise_kw, 0.0) @ share
        return raised_kw - self.rise_kw @ share, raised_kw, self.old_kw @ share


def compared(
    old: Sequence[StepLine], new: Sequence[StepLine], *, start_s: float, end_s: float
) -> Comparison:
    """Return lines side by side over a span; as many of the one as of the other, at least one."""
    grid_s = rising([line.starts_s for line in (*old, *new)])
    grid_s = grid_s[(grid_s > start_s) & (grid_s < end_s)]
    edges_s = np.concatenate(((start_s,), grid_s, (end_s,)))
    begin_s = edges_s[:-1]
    power_kw = rows_of([*old, *new], begin_s)
    old_kw, new_kw = power_kw[: len(old)], power_kw[len(old) :]
    return Comparison(edges_s, old_kw, new_kw - old_kw)
