"""The power of every task in every interval of its window: 0 <= power[i, t] <= max_kw[i]."""

import numpy as np

from depotlib.planning.lp.part import Columns, Night, Part


def columns(night: Night) -> Columns:
    """Return the bounds of the power columns: 0 <= power[i, t] <= max_kw[i]."""
    return Columns(lower=np.zeros(len(night.task)), upper=night.problem.tasks.max_kw[night.task])


POWER = Part(name="power", columns=columns)
