"""How fast a battery can be charged at best: the time that no plan can beat."""

import math
from typing import Final

from depotlib.model.battery import TAPER_START_SOC
from depotlib.units import h_to_s

_FLAT_SHARE: Final = 1e-9


def least_charge_s(
    start_soc: float,
    end_soc: float,
    *,
    usable_kwh: float,
    max_kw: float,
    wall_efficiency_share: float,
    taper_share: float = 0.0,
) -> float:
    """Return the shortest time from one state of charge to another [s].

    Full power up to 80 %; above, power falls linearly, so the state of charge nears its end
    exponentially: ``t = -E / (P η) x 0.2 / β x ln((1 - β x(end)) / (1 - β x(start)))`` with
    ``x = (soc - 0.8) / 0.2``.

    Parameters
    ----------
    start_soc, end_soc : float
        0-1; an end at or below the start takes no time.
    usable_kwh : float
    max_kw : float
        At the wall, below the taper.
    wall_efficiency_share : float
    taper_share : float
        Share of power lost at 100 %, 0-1; at 1 a full battery is never reached: infinite.

    References
    ----------
    .. [1] The mathematics of a plan, formula 2.
    """
    if end_soc <= start_soc:
        return 0.0
    if max_kw <= 0:
        return math.inf
    full_power_h = usable_kwh / (max_kw * wall_efficiency_share)
    if taper_share <= _FLAT_SHARE:
        return h_to_s(full_power_h * (end_soc - start_soc))
    below_soc = max(0.0, min(end_soc, TAPER_START_SOC) - start_soc)
    above = [
        max(0.0, soc - TAPER_START_SOC) / (1 - TAPER_START_SOC) for soc in (start_soc, end_soc)
    ]
    left_share = [1.0 - taper_share * one for one in above]
    if left_share[1] <= 0:
        return math.inf
    tapered_soc = (1 - TAPER_START_SOC) / taper_share * math.log(left_share[0] / left_share[1])
    return h_to_s(full_power_h * (below_soc + tapered_soc))
