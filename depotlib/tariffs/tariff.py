"""A tariff: who bills, in which money, and the components that make up a bill."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.tariffs.component import Component
from depotlib.tariffs.energy import Energy
from depotlib.tariffs.fixed_charge import FixedCharge
from depotlib.tariffs.flat_demand import FlatDemand
from depotlib.tariffs.minimum_charge import MinimumCharge
from depotlib.tariffs.reactive_power import ReactivePower
from depotlib.tariffs.tou_demand import TouDemand

COMPONENTS: Final[tuple[type[Component], ...]] = (
    Energy,
    FlatDemand,
    TouDemand,
    ReactivePower,
    FixedCharge,
    MinimumCharge,
)
"""Every kind of charge, in the order of a bill: the minimum looks at the lines above it."""


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a utility bills, as one source document states it.

    Parameters
    ----------
    tariff_id : str
        The record's own label.
    name, utility : str
    currency : str
        ISO 4217.
    components : tuple of Component
        In the order of a bill.
    demand_window_s : int
        A billed peak is the mean over a block of this length on the fixed clock [s].
    comments : tuple of str
        The record's free text, each with its field: rules that did not fit the record.
    assumptions : tuple of str
        What the record left open.
    source_digest : str
        SHA-256 of the document.
    valid_from, valid_to : datetime or None
        As the record states them; a bill outside carries a warning.
    """

    tariff_id: str
    name: str
    utility: str
    currency: str
    components: tuple[Component, ...]
    demand_window_s: int
    comments: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    source_digest: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    @property
    def counts_demand(self) -> bool:
        """Return whether any component bills a peak."""
        return any(component.counts_demand for component in self.components)
