"""One stay, minute by minute: what was wanted, what was drawn, and what stood in the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from depotlib.model.reconciliation import Cause
from depotlib.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

Clamp = Literal["taper", "vehicle_limit"]
MINUTE_H: Final = SECONDS_PER_MINUTE / SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of a stay.

    Parameters
    ----------
    wanted_kw : float
        What the plan gave it.
    drawn_kw : float
        Mean, as metered.
    caps_kw : mapping of Cause to float
        The most it could draw because of each fact that held then, had it been the only one.
    clamp : {'taper', 'vehicle_limit'} or None
        Whether the vehicle itself took less than it was offered, and which way.
    wider_kw : float
        What a plan that meets the target would have given it; at least `wanted_kw`.
    offered_kw : float
        What was offered beside the plan, where vehicle or plug did not take it: later plans catch
        up on what was missed.
    gifts : frozenset of Cause
        Facts that gave it more than the plan then: with one of them corrected it gets less.
    """

    wanted_kw: float
    drawn_kw: float
    caps_kw: Mapping[Cause, float] = field(default_factory=dict[Cause, float])
    clamp: Clamp | None = None
    wider_kw: float = 0.0
    offered_kw: float = 0.0
    gifts: frozenset[Cause] = frozenset()


@dataclass(frozen=True, slots=True)
class Ability:
    """What a vehicle showed that it takes, where that was less than it was offered.

    Parameters
    ----------
    most_kw : float or None
        It never takes more; None: it took what it was offered.
    full_kwh : float or None
        So much delivered and it takes no more; None: it did not stop by itself.
    taper_kw : float or None
        Power at which its taper would begin with nothing delivered; None: it did not taper.
    taper_kw_per_kwh : float
        What the taper takes off for each kWh delivered.
    """

    most_kw: float | None = None
    full_kwh: float | None = None
    taper_kw: float | None = None
    taper_kw_per_kwh: float = 0.0

    def tapered_kw(self, energy_kwh: float) -> float:
        """Return the most that its taper leaves after an energy was delivered [kW]."""
        if self.taper_kw is None:
            return float("inf")
        return max(0.0, self.taper_kw - self.taper_kw_per_kwh * energy_kwh)


@dataclass(frozen=True, slots=True)
class Stay:
    """All that a replay of one stay needs.

    Parameters
    ----------
    target_kwh : float
        What the vehicle was to get, at the wall.
    delivered_kwh : float
        What it got, as metered.
    minutes : tuple of Minute
        From whichever is first, the planned arrival or the plug-in, to the end of both.
    ability : Ability
    is_plan_short : bool
        Whether the plan itself gives less than the target.
    """

    target_kwh: float
    delivered_kwh: float
    minutes: tuple[Minute, ...]
    ability: Ability = Ability()
    is_plan_short: bool = False
