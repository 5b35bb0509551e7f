"""Solar that is not used: spill[t] is at most what the sun gives."""

import numpy as np

from depotlib.planning.lp.part import Columns, Night, Part


def columns(night: Night) -> Columns:
    """Return the bounds of unused solar: 0 <= spill[t] <= solar[t]."""
    solar_kw = night.problem.solar_kw
    upper = np.zeros(0) if solar_kw is None else solar_kw
    return Columns(lower=np.zeros(len(upper)), upper=upper)


SOLAR = Part(name="spill", columns=columns)
