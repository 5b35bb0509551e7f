"""The brief: all that the live side knows of the world. Versioned; a new one replaces the old."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from depotlib.errors import ModelError
from depotlib.model.depot import Depot
from depotlib.model.duty import Duty
from depotlib.model.dwell import Dwell
from depotlib.model.fleet import Fleet
from depotlib.model.identity import BayAssignment, IdentityMap
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid

UnknownPolicy = Literal["accept_all", "require_known"]
MOST_READY_BEFORE_H: Final = 12.0


@dataclass(frozen=True, slots=True)
class NeedPolicy:
    """How much energy is enough, and by when.

    Parameters
    ----------
    must_reserve_share : float
        Battery left after the duty, at the least, to be allowed to go.
    target_reserve_share : float
        Battery left after the duty, as one would like.
    learns : bool
        Whether past days count where there are enough: consumption, returns, silent vehicles.
    ready_before_h : float
        How long before its departure a vehicle should have it, where that costs no readiness:
        who is fetched early by so much goes with what it needs.
    """

    must_reserve_share: float = 0.05
    target_reserve_share: float = 0.10
    learns: bool = True
    ready_before_h: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a reserve that no battery has, and a time that no night has."""
        if not 0 <= self.must_reserve_share <= self.target_reserve_share < 1:
            raise ModelError(
                f"reserves of {self.must_reserve_share:g} and {self.target_reserve_share:g} of a "
                "battery cannot be",
                where="policy",
                hint="both are shares of 0 to 1, and the one wished for is not the smaller one",
            )
        if not 0 <= self.ready_before_h <= MOST_READY_BEFORE_H:
            raise ModelError(
                f"to be ready {self.ready_before_h:g} h before departure cannot be",
                where="policy",
                hint=f"give 0 to {MOST_READY_BEFORE_H:g} h",
            )


@dataclass(frozen=True, slots=True)
class Brief:
    """Site, circuits, safe limits, identities, fleet, duties and prices.

    Parameters
    ----------
    depot : Depot
        With circuits and safe limits.
    identities : IdentityMap
    bays : tuple of BayAssignment
        Who is planned where.
    fleet : Fleet
    duties : tuple of Duty
    dwells : tuple of Dwell
        Tonight's stays as expected before any plug-in.
    grid : TimeGrid or None
        Grid of the prices; None where there is no tariff (a site known by its file only).
    prices : PriceTerms or None
        On `grid`; sunk peaks included.
    base_load_kw : tuple of float
        Forecast on `grid`, (intervals,); empty: none.
    security_profile : int
        OCPP security profile of the site; 0 only on loopback.
    unknown_policy : {'accept_all', 'require_known'}
    made_at : datetime or None
    ready_before_h : float
        As in `NeedPolicy`.
    """

    depot: Depot
    identities: IdentityMap = field(default_factory=IdentityMap)
    bays: tuple[BayAssignment, ...] = ()
    fleet: Fleet | None = None
    duties: tuple[Duty, ...] = ()
    dwells: tuple[Dwell, ...] = ()
    grid: TimeGrid | None = None
    prices: PriceTerms | None = None
    base_load_kw: tuple[float, ...] = ()
    security_profile: int = 0
    unknown_policy: UnknownPolicy = "accept_all"
    made_at: datetime | None = None
    ready_before_h: float = 0.0
