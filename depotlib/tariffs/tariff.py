"""A tariff: who bills, in which money, and the components that make up a bill."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from depotlib.errors import TariffFormatError
from depotlib.tariffs.agreed_capacity import AgreedCapacity
from depotlib.tariffs.annual_minimum import AnnualMinimum
from depotlib.tariffs.banded_energy import BandedEnergy
from depotlib.tariffs.capacity_price import CapacityPrice
from depotlib.tariffs.coincident_peak import CoincidentPeak
from depotlib.tariffs.component import Component
from depotlib.tariffs.energy import Energy
from depotlib.tariffs.export_credit import ExportCredit
from depotlib.tariffs.fixed_charge import FixedCharge
from depotlib.tariffs.flat_demand import FlatDemand
from depotlib.tariffs.mean_monthly_peak import MeanMonthlyPeak
from depotlib.tariffs.minimum_charge import MinimumCharge
from depotlib.tariffs.reactive_excess import ReactiveExcess
from depotlib.tariffs.reactive_power import ReactivePower
from depotlib.tariffs.spot_energy import SpotEnergy
from depotlib.tariffs.top_peaks import TopPeaks
from depotlib.tariffs.tou_demand import TouDemand
from depotlib.tariffs.utilisation_price import UtilisationPrice
from depotlib.tariffs.value_added_tax import ValueAddedTax

COMPONENTS: Final[tuple[type[Component], ...]] = (
    Energy,
    FlatDemand,
    TouDemand,
    CoincidentPeak,
    ReactivePower,
    SpotEnergy,
    BandedEnergy,
    ReactiveExcess,
    CapacityPrice,
    UtilisationPrice,
    MeanMonthlyPeak,
    TopPeaks,
    AgreedCapacity,
    FixedCharge,
    ExportCredit,
    MinimumCharge,
    AnnualMinimum,
    ValueAddedTax,
)
"""Every kind of charge, in the order of a bill: minimum and tax look at the lines above them."""


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
    holiday_region : str
        Whose public holidays are billed as a weekend, such as ``US-NY``; "": none are.
    versions : tuple of Tariff
        The same tariff with other prices: each replaces the one before from its `valid_from` on.
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
    holiday_region: str = ""
    versions: tuple["Tariff", ...] = ()

    def __post_init__(self) -> None:
        """Refuse versions that do not say when they begin, or that are other tariffs."""
        for version in self.versions:
            same = (version.currency, version.demand_window_s)
            if version.valid_from is None or same != (self.currency, self.demand_window_s):
                raise TariffFormatError(
                    "a version has no date, another currency or another demand window",
                    where=self.tariff_id,
                    hint="give each version its valid_from; otherwise write another tariff",
                )

    @property
    def counts_demand(self) -> bool:
        """Return whether any component bills a peak, in whichever version."""
        of_all = (*self.components, *(each for other in self.versions for each in other.components))
        return any(component.counts_demand for component in of_all)

    def without_demand(self) -> "Tariff":
        """Return the tariff without the components that bill a peak, in whichever version."""
        return replace(
            self,
            components=tuple(each for each in self.components if not each.counts_demand),
            versions=tuple(version.without_demand() for version in self.versions),
        )
