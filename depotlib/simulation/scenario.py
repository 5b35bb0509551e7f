"""A scenario: a depot, the nights it may meet, what may go wrong, who is in control, and a seed."""

import math
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from depotlib.errors import ModelError, MonthError, PolicyError
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.tariffs.tariff import Tariff

POLICIES: Final[tuple[str, ...]] = (
    "uncontrolled",
    "fcfs",
    "edf",
    "llf",
    "equal",
    "price_greedy",
    "blind",
    "replanned",
    "hindsight",
)
"""Who is in control, in the order in which people see them.

The first six need no plan. ``blind``: a plan made each noon from what is expected, carried out
whatever happens. ``replanned``: planned again whenever something becomes known. ``hindsight``:
planned once with everything known, which nobody can.
"""
COMFORT_C: Final = 20.0
"""Below it, cold takes energy (`Chances.energy_per_c_share`)."""


@dataclass(frozen=True, slots=True)
class PastNight:
    """A night as it was, or as it is typical, from one local noon to the next.

    Parameters
    ----------
    evening : date
        Local date on which it began.
    stays : tuple of Dwell
        With the battery of each where taper and stress are to count.
    temperature_c : float or None
        Outdoors; None: not known.
    """

    evening: date
    stays: tuple[Dwell, ...]
    temperature_c: float | None = None


@dataclass(frozen=True, slots=True)
class Chances:
    """What may happen beside what the past nights hold; by default nothing.

    Each draw has a stream of its own for seed, night and vehicle (or station): a scenario with
    another policy, limit or number of stations meets the very same nights.

    Parameters
    ----------
    late_share : float
        Share of stays that begin late, by a uniform span of `late_least_s` to `late_most_s`.
    late_least_s, late_most_s : float
    arrival_sigma_s : float
        Standard deviation of every arrival [s].
    energy_sigma_share : float
        Of the logarithm of a stay's energy, each on its own.
    weather_sigma_share : float
        Of the logarithm of all energies of a night together.
    no_show_share : float
        Share of stays that do not happen.
    misplaced_share : float
        Share of stays that begin in another's bay (in pairs within a pool): who carries out a plan
        blindly gives each what was meant for the other.
    outage_share : float
        Chance that a station fails in a night, for a uniform span of `outage_least_s` to
        `outage_most_s` from a uniform instant on.
    outage_least_s, outage_most_s : float
    temperature_mean_c : float or None
        Of nights that do not know their temperature; None: temperature plays no part for them.
    temperature_sigma_c : float
    energy_per_c_share : float
        How much more energy each degree below `COMFORT_C` takes; for nights of a
        `temperature_mean_c`. Nights that know theirs have it in their energies.
    """

    late_share: float = 0.0
    late_least_s: float = 3600.0
    late_most_s: float = 10_800.0
    arrival_sigma_s: float = 0.0
    energy_sigma_share: float = 0.0
    weather_sigma_share: float = 0.0
    no_show_share: float = 0.0
    misplaced_share: float = 0.0
    outage_share: float = 0.0
    outage_least_s: float = 3600.0
    outage_most_s: float = 14_400.0
    temperature_mean_c: float | None = None
    temperature_sigma_c: float = 0.0
    energy_per_c_share: float = 0.0

    def __post_init__(self) -> None:
        """Refuse chances outside 0 to 1, and spans that end before they begin."""
        chances = (self.late_share, self.no_show_share, self.misplaced_share, self.outage_share)
        if not all(0.0 <= one <= 1.0 for one in chances):
            raise ModelError(
                f"chances of {chances} cannot be", where="Chances", hint="give shares of 0 to 1"
            )
        told = [getattr(self, one.name) for one in fields(self) if one.name != "temperature_mean_c"]
        spans = (
            (self.late_least_s, self.late_most_s),
            (self.outage_least_s, self.outage_most_s),
        )
        if not all(0.0 <= one < math.inf for one in told) or any(a > b for a, b in spans):
            raise ModelError(
                "a spread is negative or endless, or a span ends before it begins",
                where="Chances",
                hint="give 0 <= least <= most, and spreads of 0 or more",
            )


NOTHING_HAPPENS: Final = Chances()
"""Nights are as they were."""


@dataclass(frozen=True, slots=True)
class CarbonSeries:
    """What a kWh from the grid stands for, hour by hour of a local day.

    Average and marginal answer two questions and are never mixed: what the energy of the night
    stands for, and what one kWh more or less at an hour changes.

    Parameters
    ----------
    average_kg_per_kwh : tuple of float
        Equal parts of a local day from midnight; empty: not known.
    marginal_kg_per_kwh : tuple of float
        As above.
    """

    average_kg_per_kwh: tuple[float, ...] = ()
    marginal_kg_per_kwh: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Sun:
    """What a plant gives, day by day.

    Parameters
    ----------
    peak_kw : float
        Of the plant.
    first : date
        Local date of the first day.
    power_share : tuple of tuple of float
        Of the peak, day by day, in equal parts of each local day from midnight. After the last day
        the first follows: a year serves all years.
    """

    peak_kw: float
    first: date
    power_share: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        """Refuse a plant without days, of uneven days, or with powers that no sun gives."""
        parts = {len(day) for day in self.power_share}
        told = [self.peak_kw, *(power for day in self.power_share for power in day)]
        if len(parts) != 1 or 0 in parts or not all(0.0 <= one < math.inf for one in told):
            raise ModelError(
                f"{len(self.power_share)} days of sun cannot be used",
                where="Sun",
                hint="give each day as many powers of 0 or more, and a peak of 0 or more",
            )


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that an outcome depends on.

    Parameters
    ----------
    depot : Depot
        Its operating limit, circuits, stations, staff hours, changeover and moves an hour hold.
    tariff : Tariff
    nights : tuple of PastNight
        The nights of the past that each night is drawn from, whole, so that vehicles that come
        late together do so again; a weekday is drawn from weekdays where there are any. A single
        one is a typical night, from which `chances` make many.
    first : date
        Local date of the first evening. Play begins at its noon.
    days : int
        Evenings. Bills are of the calendar months that are touched: choose 1 to 29 evenings from
        the first of a month, and all is on one bill.
    policy : str
        One of `POLICIES`.
    seed : int
        0 or more.
    chances : Chances
    base_load_kw : tuple of float
        Of everything but charging: equal parts of a local day from midnight; empty: nothing.
    interval_s : int
        Length of an interval [s]; a part of an hour.
    carbon : CarbonSeries
    target_months : int
        Sampled months behind the peak that is worth paying for, for the policies that plan night
        by night; 0: they pay for every kW above the peak so far.
    sun : Sun or None
        None: there is no plant. Storage stands in the depot.
    holidays : frozenset of date
        Evenings, past and to come, that are like those of a weekend.
    same_weekday_factor : float
        How many times as likely a past evening of the same weekday is drawn as another of its kind
        (`alike.alike_weights`); `studies.back_test` says which factor a history bears out.
    """

    depot: Depot
    tariff: Tariff
    nights: tuple[PastNight, ...]
    first: date
    days: int
    policy: str
    seed: int = 0
    chances: Chances = NOTHING_HAPPENS
    base_load_kw: tuple[float, ...] = ()
    interval_s: int = 900
    carbon: CarbonSeries = CarbonSeries()
    target_months: int = 5
    sun: Sun | None = None
    holidays: frozenset[date] = frozenset()
    same_weekday_factor: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a scenario without nights, without a policy or without days."""
        if self.policy not in POLICIES:
            raise PolicyError(
                f"nothing can be played under the policy {self.policy!r}",
                where="policy",
                hint=f"the policies are {', '.join(POLICIES)}",
            )
        if not any(night.stays for night in self.nights):
            raise MonthError(
                "there is no night of the past to draw from",
                where="nights",
                hint="import session logs or telematics of some weeks, or state a typical night",
            )
        if not 0 < self.same_weekday_factor < math.inf:
            raise ModelError(
                f"a weekday cannot count {self.same_weekday_factor:g} times",
                where="same_weekday_factor",
                hint="give a number above 0; 1: all days of a kind count as much",
            )
        if self.days < 1 or self.seed < 0 or self.target_months < 0:
            raise ModelError(
                f"{self.days} days with the seed {self.seed} cannot be played",
                where="Scenario",
                hint="give 1 day or more, a seed and target months of 0 or more",
            )
