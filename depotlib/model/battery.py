"""How a battery takes charge: taper, efficiency, phases, the six-ampere floor. Pure functions."""

from typing import Final

from depotlib.units import ac_power_kw, s_to_h

MIN_PILOT_A: Final = 6.0
"""Least current the AC control pilot can signal (IEC 61851-1)."""
TAPER_START_SOC: Final = 0.8
"""From here on a DC charge tapers (mathematics of a plan, formula 2)."""


def tapered_max_kw(soc: float, *, max_kw: float, taper_share: float) -> float:
    """Return the most a battery takes at a state of charge [kW].

    ``max_kw x (1 - taper_share x (soc - 0.8)+ / 0.2)``: linear from 80 % to full.

    Parameters
    ----------
    soc : float
        0-1.
    max_kw : float
        Below the taper.
    taper_share : float
        Share of power lost at 100 %, 0 (no taper) to 1.
    """
    above_share = max(0.0, soc - TAPER_START_SOC) / (1.0 - TAPER_START_SOC)
    return max(0.0, max_kw * (1.0 - taper_share * above_share))


def min_ac_kw(*, voltage_v: float, phases: int) -> float:
    """Return the least power an AC vehicle can be given when it is given any [kW]."""
    return ac_power_kw(MIN_PILOT_A, voltage_v, phases=phases)


def accepted_kw(offered_kw: float, *, max_kw: float, min_kw: float) -> float:
    """Return what a vehicle draws of an offer: nothing below its least, at most its most [kW]."""
    if offered_kw < min_kw or offered_kw <= 0.0:
        return 0.0
    return min(offered_kw, max_kw)


def soc_after(
    soc: float, *, power_kw: float, duration_s: float, usable_kwh: float, efficiency_share: float
) -> float:
    """Return the state of charge after drawing a wall power for a duration, at most 1."""
    gained_kwh = power_kw * s_to_h(duration_s) * efficiency_share
    return min(1.0, soc + gained_kwh / usable_kwh)
