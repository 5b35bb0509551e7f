"""Charges of Europe and Great Britain from which tests build their cases."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal

import polars as pl

from depotlib.tariffs.agreed_capacity import AgreedCapacity
from depotlib.tariffs.banded_energy import BandedEnergy, EnergyBand
from depotlib.tariffs.capacity_price import CapacityPrice
from depotlib.tariffs.clock_window import ClockWindow
from depotlib.tariffs.component import Component
from depotlib.tariffs.mean_monthly_peak import MeanMonthlyPeak
from depotlib.tariffs.reactive_excess import ReactiveExcess
from depotlib.tariffs.spot_energy import SpotEnergy
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.top_peaks import TopPeaks
from depotlib.tariffs.utilisation_price import PricePair, UtilisationPrice
from depotlib.tariffs.value_added_tax import ValueAddedTax

EVENING = ClockWindow(start=time(16, 30), end=time(20), days="weekday")
MEDIUM_VOLTAGE = UtilisationPrice(
    threshold_h=Decimal(2500),
    below=PricePair(capacity_price=Decimal("41.06"), energy_price=Decimal("0.0349")),
    above=PricePair(capacity_price=Decimal("70.14"), energy_price=Decimal("0.0232")),
)
"""The medium-voltage figures of SpiceEV's sample price sheet."""

ONE_OF_EACH: tuple[Component, ...] = (
    SpotEnergy(series="", currency="USD", loss_factor=Decimal("1.04"), markup=Decimal("0.01")),
    BandedEnergy(
        name="Network energy",
        bands=(EnergyBand("red", Decimal("0.12"), (EVENING,)), EnergyBand("green", Decimal("0.01"))),
    ),
    ReactiveExcess(
        name="Reactive energy", price=Decimal("0.006"), free_share=Decimal("0.33"), windows=(EVENING,)
    ),
    CapacityPrice(name="Capacity", price=Decimal("41.06"), windows=(EVENING,)),
    MEDIUM_VOLTAGE,
    MeanMonthlyPeak(
        name="Capacity tariff", price=Decimal("40.40"), floor_kw=Decimal("2.5"),
        ceiling=Decimal("0.34"),
    ),
    TopPeaks(name="Power charge", price=Decimal(45), windows=(EVENING,)),
    AgreedCapacity(
        agreed_kva=Decimal(10), price=Decimal("0.05"), excess_price=Decimal("0.12")
    ),
    ValueAddedTax(tax_share=Decimal("0.21")),
)  # fmt: skip


def tariff_of(*components: Component, currency: str = "EUR", window_s: int = 900) -> Tariff:
    """Return a tariff of some charges."""
    return Tariff(
        tariff_id="test",
        name="test tariff",
        utility="",
        currency=currency,
        components=components,
        demand_window_s=window_s,
    )


def market(
    prices_per_kwh: Sequence[float], *, start: datetime, interval_s: int, currency: str = "EUR"
) -> pl.DataFrame:
    """Return consecutive market prices."""
    count = len(prices_per_kwh)
    return pl.DataFrame(
        {
            "series": ["market"] * count,
            "interval_start": [
                start + timedelta(seconds=interval_s * step) for step in range(count)
            ],
            "interval_s": [interval_s] * count,
            "price_per_kwh": prices_per_kwh,
            "currency": [currency] * count,
            "src_row": list(range(count)),
        },
        schema_overrides={
            "interval_start": pl.Datetime("us", "UTC"),
            "interval_s": pl.Int32,
            "price_per_kwh": pl.Float64,
        },
    )
