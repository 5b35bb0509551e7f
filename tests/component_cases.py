"""A case of every kind of charge: tariffs that hold it, and the span whose bill its terms are of."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from hypothesis import strategies as st

from depotlib.tariffs.agreed_capacity import AgreedCapacity
from depotlib.tariffs.banded_energy import BandedEnergy, EnergyBand
from depotlib.tariffs.capacity_price import CapacityPrice
from depotlib.tariffs.clock_window import ClockWindow
from depotlib.tariffs.mean_monthly_peak import MeanMonthlyPeak
from depotlib.tariffs.reactive_excess import ReactiveExcess
from depotlib.tariffs.spot_energy import SpotEnergy
from depotlib.tariffs.top_peaks import TopPeaks
from depotlib.tariffs.utilisation_price import PricePair, UtilisationPrice
from depotlib.tariffs.value_added_tax import ValueAddedTax
from tests.european_cases import tariff_of
from tests.tariff_cases import tariff

HOUR_S = 3600

prices = st.integers(1, 30_000).map(lambda tenths: tenths / 10_000)
decimals = prices.map(lambda price: Decimal(str(price)))
schedules = st.lists(st.integers(0, 2**24 - 1), min_size=1, max_size=3).map(
    lambda days: [
        [days[month % len(days)] >> hour & 1 for hour in range(24)] for month in range(12)
    ]
)


def hours(days):
    """Return the strategy of one hour of the clock as the only window."""
    return st.integers(0, 22).map(
        lambda hour: (ClockWindow(start=time(hour), end=time(hour + 1), days=days),)
    )


evenings = hours("weekday")


def alone(*parts):
    """Return the strategy of tariffs of some components, themselves strategies."""
    return st.tuples(*parts).map(lambda made: tariff_of(*made, currency="USD", window_s=HOUR_S))


def record(**fields):
    """Return the strategy of tariffs from a record whose energy costs nothing."""
    return st.fixed_dictionaries(fields).map(
        lambda drawn: tariff(**{"energyratestructure": [[{"rate": 0}]], "demandwindow": 60} | drawn)
    )


@st.composite
def ladders(draw, *, edge, units=("kW",)):
    """Return tiers of rising or falling prices, as a record holds them."""
    edges = sorted(draw(st.sets(st.integers(1, 30), max_size=2)))
    named = {} if units == ("kW",) else {"unit": draw(st.sampled_from(units))}
    bounds = [*({"max": edge * part} for part in edges), {}]
    return [{"rate": draw(prices)} | bound | named for bound in bounds]


@st.composite
def energy_tariffs(draw):
    """Return energy by hour and month whose tiers step alike in both periods: what terms say."""
    ladder = draw(ladders(edge=300, units=("kWh", "kWh daily", "kWh/kW")))
    if ladder[0].get("unit") != "kWh":
        # Edges per day or per kW are smaller numbers.
        ladder = [tier | ({"max": tier["max"] / 30} if "max" in tier else {}) for tier in ladder]
    offset = draw(prices)
    return tariff(
        energyratestructure=[ladder, [tier | {"adj": offset} for tier in ladder]],
        energyweekdayschedule=draw(schedules),
        energyweekendschedule=draw(schedules),
        fueladjustmentsmonthly=[draw(prices) for _ in range(3)] * 4,
        demandwindow=60,
    )


demand_units = st.sampled_from(["kW", "kVA", "hp", "kW daily"])
flat_demand = record(
    flatdemandstructure=st.lists(ladders(edge=20), min_size=2, max_size=2),
    flatdemandmonths=st.lists(st.integers(0, 1), min_size=12, max_size=12),
    flatdemandunit=demand_units,
)
ratcheted_demand = record(
    flatdemandstructure=st.lists(ladders(edge=20), min_size=1, max_size=1),
    lookbackpercent=st.sampled_from([0.25, 0.8, 1]),
    lookbackmonths=st.just([1] * 12),
)
tou_demand = record(
    demandratestructure=st.lists(ladders(edge=20), min_size=2, max_size=2),
    demandweekdayschedule=schedules,
    demandweekendschedule=schedules,
    demandrateunit=demand_units,
)
coincident = record(
    coincidentratestructure=st.lists(ladders(edge=20), min_size=2, max_size=2),
    coincidentrateschedule=schedules,
)


@dataclass(frozen=True)
class Case:
    """Tariffs with a component, the span whose bill its terms are of, and the loads it is for."""

    tariffs: st.SearchStrategy
    days: int = 0
    lowest: int = 0


MONTH_CASES: dict[str, Case] = {
    "Energy": Case(energy_tariffs()),
    "FlatDemand": Case(st.one_of(flat_demand, ratcheted_demand)),
    "TouDemand": Case(tou_demand),
    "CoincidentPeak": Case(coincident),
    "ReactivePower": Case(record(demandreactivepowercharge=prices)),
    "SpotEnergy": Case(
        alone(st.builds(SpotEnergy, series=st.just(""), currency=st.just("USD"), markup=decimals))
    ),
    "BandedEnergy": Case(
        alone(
            st.builds(
                lambda red, green, windows: BandedEnergy(
                    "Network energy", (EnergyBand("red", red, windows), EnergyBand("green", green))
                ),
                decimals,
                decimals,
                evenings,
            )
        )
    ),
    "ReactiveExcess": Case(
        alone(
            st.builds(
                ReactiveExcess,
                name=st.just("Reactive energy"),
                price=decimals,
                free_share=st.sampled_from([Decimal("0.33"), Decimal("0.6")]),
                windows=evenings,
            )
        )
    ),
    "CapacityPrice": Case(
        alone(
            st.builds(
                CapacityPrice,
                name=st.just("Capacity"),
                price=decimals,
                cycle=st.just("month"),
                windows=st.one_of(st.just(()), evenings),
            )
        )
    ),
    # The mean of three days' peaks is a sum of peaks on three days, not on more; on fewer the bill
    # is of the days there are, the terms leave room for those to come.
    "TopPeaks": Case(
        alone(
            st.builds(
                TopPeaks,
                name=st.just("Power charge"),
                price=decimals,
                windows=st.one_of(st.just(()), hours("all")),
            )
        ),
        days=3,
    ),
    "AgreedCapacity": Case(
        alone(
            st.builds(
                AgreedCapacity,
                agreed_kva=st.integers(1, 600).map(Decimal),
                price=decimals,
                excess_price=decimals,
            )
        )
    ),
    "FixedCharge": Case(
        record(
            fixedchargefirstmeter=prices,
            fixedchargeunits=st.sampled_from(["$/day", "$/month", "$/year"]),
        )
    ),
    "ExportCredit": Case(
        record(
            energyratestructure=st.builds(
                lambda rate, sell: [[{"rate": rate, "sell": sell}]], prices, prices
            ),
            dgrules=st.just("Net Billing Instantaneous"),
        ),
        lowest=-300,
    ),
    "MinimumCharge": Case(
        record(
            energyratestructure=st.builds(lambda rate: [[{"rate": rate}]], prices),
            mincharge=st.integers(1, 200_000),
            minchargeunits=st.sampled_from(["$/day", "$/month"]),
        )
    ),
    "ValueAddedTax": Case(
        alone(
            st.builds(
                lambda price: BandedEnergy("Energy", (EnergyBand("", price),)),
                decimals,
            ),
            st.builds(ValueAddedTax, tax_share=st.sampled_from([Decimal("0.07"), Decimal("0.21")])),
        )
    ),
}

YEAR_CASES: dict[str, Case] = {
    # A year's peak is billed by the days of each bill, and corrected when a higher one comes.
    "CapacityPrice": Case(
        alone(st.builds(CapacityPrice, name=st.just("Capacity"), price=decimals))
    ),
    "UtilisationPrice": Case(
        alone(
            st.builds(
                UtilisationPrice,
                threshold_h=st.integers(1000, 6000).map(Decimal),
                below=st.builds(PricePair, capacity_price=decimals, energy_price=decimals),
                above=st.builds(PricePair, capacity_price=decimals, energy_price=decimals),
            )
        )
    ),
    "AnnualMinimum": Case(
        record(
            energyratestructure=st.builds(lambda rate: [[{"rate": rate}]], prices),
            annualmincharge=st.integers(1, 2_000_000),
        )
    ),
}

LEVEL_CASES: dict[str, Case] = {
    # A month's peak stands in the means of twelve bills: the terms price it by what it costs in
    # all of them. Where every month has the same peak, that is what the year's bills come to.
    "MeanMonthlyPeak": Case(
        alone(
            st.builds(
                MeanMonthlyPeak,
                name=st.just("Capacity tariff"),
                price=decimals,
                floor_kw=st.sampled_from([Decimal(0), Decimal("2.5"), Decimal(700)]),
            )
        )
    )
}
