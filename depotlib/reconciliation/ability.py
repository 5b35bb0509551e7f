"""What a vehicle showed that it takes, read off the minutes in which it took less than offered."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from depotlib.model.battery import TAPER_START_SOC
from depotlib.reconciliation.stay import Ability, Clamp

NOTHING_KW: Final = 0.1
LEAST_TOLERANCE_KW: Final = 0.1
TOLERANCE_SHARE: Final = 0.01
"""Meters round to a watt-hour a minute, and stations cut limits to tenths of an ampere."""
FLAT_SHARE: Final = 0.02
FLAT_MINUTES: Final = 15
"""Shorter than this, the highest power is only where a taper begins."""
FALLING_MINUTES: Final = 5
EARLY_SOC: Final = TAPER_START_SOC - 0.15
"""What falls at a lower state of charge is no taper of a battery that fills."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A minute in which a vehicle took less than it was offered.

    Parameters
    ----------
    index : int
        Of the minute.
    energy_kwh : float
        Delivered before it.
    drawn_kw : float
    soc : float or None
        0-1, where the station tells it.
    is_asleep : bool
        Whether the gateway found it asleep.
    is_last : bool
        Whether it drew nothing from here to the end of its stay.
    is_edge : bool
        Whether meter and limit need not fall together then: it says nothing about powers.
    """

    index: int
    energy_kwh: float
    drawn_kw: float
    soc: float | None = None
    is_asleep: bool = False
    is_last: bool = False
    is_edge: bool = False


def tolerance_kw(power_kw: float) -> float:
    """Return how far a power may lie below another one and still be the same [kW]."""
    return max(LEAST_TOLERANCE_KW, TOLERANCE_SHARE * power_kw)


def ability_of(sights: Sequence[Sight], *, highest_kw: float) -> tuple[Ability, dict[int, Clamp]]:
    """Return what a vehicle takes, and for each minute it was seen in, in which way it took less.

    Parameters
    ----------
    sights : sequence of Sight
        In time.
    highest_kw : float
        The most it drew in any minute of its stay.
    """
    clamps: dict[int, Clamp] = {one.index: "vehicle_limit" for one in sights}
    stops = [one for one in sights if one.is_last and not (one.is_asleep or one.is_edge)]
    full_kwh = stops[0].energy_kwh if stops else None
    drawing = _drawing(sights)
    if not drawing:
        return Ability(full_kwh=full_kwh), clamps
    top_kw = max(one.drawn_kw for one in drawing)
    flat = [one for one in drawing if one.drawn_kw >= top_kw - _band_kw(top_kw)]
    falling = [one for one in drawing if one.drawn_kw < top_kw - _band_kw(top_kw)]
    taper = _taper(falling, flat)
    if taper is not None:
        is_steady = len(flat) >= FLAT_MINUTES
        tapered = {one.index for one in falling if is_steady} or {one.index for one in drawing}
        clamps |= {
            one.index: "taper"
            for one in sights
            if one.index in tapered or (one.is_edge and _is_beside(one, tapered))
        }
        if not is_steady:
            return Ability(None, full_kwh, *taper), clamps
    steady_kw = median(one.drawn_kw for one in flat)
    # A vehicle that took more at another time has no lasting limit, only these minutes.
    is_lasting = highest_kw <= top_kw + tolerance_kw(top_kw)
    return Ability(steady_kw if is_lasting else None, full_kwh, *(taper or (None, 0.0))), clamps


def _drawing(sights: Sequence[Sight]) -> list[Sight]:
    """Return the minutes that tell a power: no edges, and none beside a stop or a start."""
    stopped = {one.index for one in sights if one.drawn_kw < NOTHING_KW}
    return [
        one
        for one in sights
        if one.index not in stopped and not one.is_edge and not _is_beside(one, stopped)
    ]


def _is_beside(sight: Sight, indexes: AbstractSet[int]) -> bool:
    return any(sight.index + step in indexes for step in (-2, -1, 1, 2))


def _band_kw(power_kw: float) -> float:
    return max(LEAST_TOLERANCE_KW, FLAT_SHARE * power_kw)


def _taper(falling: Sequence[Sight], flat: Sequence[Sight]) -> tuple[float, float] | None:
    """Return power at nothing delivered and fall per kWh of a line through falling powers."""
    if len(falling) < FALLING_MINUTES:
        return None
    if any(one.soc is not None and one.soc < EARLY_SOC for one in falling):
        return None
    mean_kwh, mean_kw = (
        fmean(one.energy_kwh for one in falling),
        fmean(one.drawn_kw for one in falling),
    )
    if mean_kwh < fmean(one.energy_kwh for one in flat):
        return None
    spread = sum((one.energy_kwh - mean_kwh) ** 2 for one in falling)
    if spread <= 0:
        return None
    slope = sum((one.energy_kwh - mean_kwh) * (one.drawn_kw - mean_kw) for one in falling) / spread
    first, last = falling[0], falling[-1]
    fallen_kw = -slope * (last.energy_kwh - first.energy_kwh)
    if fallen_kw <= _band_kw(first.drawn_kw):
        return None
    return mean_kw - slope * mean_kwh, -slope
