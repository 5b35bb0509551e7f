"""What comes of a scenario: readiness, bill, peak, energy, use, moves, what is missing and why."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from depotlib.model.live import Scalar

UnmetCause = Literal["stay", "plug", "fault", "limit", "policy"]
"""Why energy is missing: the stay is too short at full power; no plug was free; the station had
failed; a limit above it was used up; the policy gave it less than there was."""


@dataclass(frozen=True, slots=True)
class NightOutcome:
    """One night of a scenario.

    Parameters
    ----------
    evening : date
    drawn_evening : date
        The night of the past that it was drawn from.
    temperature_c : float or None
    stays, ready : int
        Vehicles that came, and those that left with what they must have.
    energy_kwh, unmet_kwh : float
        Delivered at the wall; missing of what was wished, of the stays that began in the night.
    peak_kw : float
        Highest mean power of the site in an interval from noon to noon, base load included.
    moves : int
        Drives across the yard, arrivals and departures apart.
    """

    evening: date
    drawn_evening: date
    temperature_c: float | None
    stays: int
    ready: int
    energy_kwh: float
    unmet_kwh: float
    peak_kw: float
    moves: int

    @property
    def ready_share(self) -> float:
        """Return the share of vehicles that were ready; 1 where none came."""
        return self.ready / self.stays if self.stays else 1.0


@dataclass(frozen=True, slots=True)
class BillAmount:
    """One line of the bills, summed over their months."""

    component: str
    family: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class UnmetPart:
    """Energy that is missing for one cause."""

    cause: UnmetCause
    energy_kwh: float


@dataclass(frozen=True, slots=True)
class Readiness:
    """How sure it is that vehicles leave ready.

    Parameters
    ----------
    mean_share : float
        Of all stays.
    p50_share, p95_share : float
        Of a night's vehicles: reached on 50 and on 95 of 100 nights; of fewer than twenty nights
        the latter is the worst.
    worst_vehicle_id : str
        The vehicle that was ready in the least share of its stays.
    worst_vehicle_share : float
    least_met_share : float
        Least that any stay got of what it must have.
    """

    mean_share: float
    p50_share: float
    p95_share: float
    worst_vehicle_id: str
    worst_vehicle_share: float
    least_met_share: float


@dataclass(frozen=True, slots=True)
class Utilisation:
    """How much of what stands there was used, over the whole play.

    Parameters
    ----------
    plugged_share, charging_share : float
        Of all connector-hours: with a vehicle; with power.
    service_energy_share : float
        Site energy over what the service could give all the time.
    service_peak_share : float
        Site peak over the service.
    """

    plugged_share: float
    charging_share: float
    service_energy_share: float
    service_peak_share: float


@dataclass(frozen=True, slots=True)
class BatteryStress:
    """What charging does to batteries, as far as stays know theirs.

    Parameters
    ----------
    high_soc_h : float
        Mean hours of a stay above `vehicle.HIGH_SOC`.
    mean_c_factor, most_c_factor : float
        Battery power while charging over usable energy [1/h], by energy and at most.
    """

    high_soc_h: float
    mean_c_factor: float
    most_c_factor: float


@dataclass(frozen=True, slots=True)
class AssetUse:
    """What storage and sun did.

    Parameters
    ----------
    given_kwh : float
        What storage gave.
    wear_amount : float
        What that cost the batteries; no utility's bill holds it.
    gained_kwh : float
        What storage holds at the end more than at the beginning; negative: the play has used it up,
        and its bill is the lower for it.
    solar_kwh, spilled_kwh : float
        Of the sun's energy: used or fed back, and lost.
    exported_kwh : float
        Fed back into the grid.
    """

    given_kwh: float
    wear_amount: float
    gained_kwh: float
    solar_kwh: float
    spilled_kwh: float
    exported_kwh: float


@dataclass(frozen=True, slots=True)
class FeedUse:
    """What vehicles that feed back did.

    Parameters
    ----------
    given_kwh : float
        What they gave, at the wall.
    wear_amount : float
        What that cost their batteries; no utility's bill holds it.
    """

    given_kwh: float
    wear_amount: float


@dataclass(frozen=True, slots=True)
class ScenarioOutcome:
    """What comes of a scenario.

    Parameters
    ----------
    policy : str
    seed : int
    readiness : Readiness
    bill_lines : tuple of BillAmount
    bill : Decimal
        Their sum.
    currency : str
    peak_kw, energy_kwh, charged_kwh : float
        Of the site, base load included; energy of vehicles at the wall, less what they gave.
    unmet_kwh, unmet_must_kwh : float
        Missing of what was wished, and of what was needed to go.
    unmet : tuple of UnmetPart
        Sums to `unmet_kwh`.
    use : Utilisation
    moves : int
    stress : BatteryStress or None
        None: no stay knows its battery.
    average_co2_kg, marginal_co2_kg : float or None
        Of vehicles' energy; None: no intensity was given.
    bound_amount : float or None
        Under ``hindsight``: what no policy's bill can be below that delivers as much; in the money
        of the tariff's terms.
    nights : tuple of NightOutcome
    left_out : int
        Stays that could not begin: their vehicle was still there from an earlier one.
    assets : AssetUse or None
        None: the depot has neither storage nor sun.
    feed : FeedUse or None
        None: no vehicle can feed back.
    """

    policy: str
    seed: int
    readiness: Readiness
    bill_lines: tuple[BillAmount, ...]
    bill: Decimal
    currency: str
    peak_kw: float
    energy_kwh: float
    charged_kwh: float
    unmet_kwh: float
    unmet_must_kwh: float
    unmet: tuple[UnmetPart, ...]
    use: Utilisation
    moves: int
    stress: BatteryStress | None
    average_co2_kg: float | None
    marginal_co2_kg: float | None
    bound_amount: float | None
    nights: tuple[NightOutcome, ...]
    left_out: int = 0
    assets: AssetUse | None = None
    feed: FeedUse | None = None

    @property
    def wear_amount(self) -> float:
        """Return what giving has cost all batteries, beside the bill."""
        return sum(one.wear_amount for one in (self.assets, self.feed) if one is not None)


def figures_of(outcome: ScenarioOutcome) -> dict[str, Scalar]:
    """Return the outcome as one flat row of named figures, without its nights.

    What is not known has no entry, so that nobody takes it for 0. Bill lines are
    ``bill[component]``, causes ``unmet_kwh[cause]``.
    """
    row: dict[str, Scalar] = {
        "policy": outcome.policy,
        "seed": outcome.seed,
        "currency": outcome.currency,
        "bill": float(outcome.bill),
        "bill_and_wear": float(outcome.bill) + outcome.wear_amount,
        "ready_mean_share": outcome.readiness.mean_share,
        "ready_p50_share": outcome.readiness.p50_share,
        "ready_p95_share": outcome.readiness.p95_share,
        "worst_vehicle_id": outcome.readiness.worst_vehicle_id,
        "worst_vehicle_share": outcome.readiness.worst_vehicle_share,
        "least_met_share": outcome.readiness.least_met_share,
        "peak_kw": outcome.peak_kw,
        "energy_kwh": outcome.energy_kwh,
        "charged_kwh": outcome.charged_kwh,
        "unmet_kwh": outcome.unmet_kwh,
        "unmet_must_kwh": outcome.unmet_must_kwh,
        "plugged_share": outcome.use.plugged_share,
        "charging_share": outcome.use.charging_share,
        "service_energy_share": outcome.use.service_energy_share,
        "service_peak_share": outcome.use.service_peak_share,
        "moves": outcome.moves,
    }
    row |= {f"bill[{line.component}]": float(line.amount) for line in outcome.bill_lines}
    row |= {f"unmet_kwh[{part.cause}]": part.energy_kwh for part in outcome.unmet}
    known: dict[str, float | None] = {
        "average_co2_kg": outcome.average_co2_kg,
        "marginal_co2_kg": outcome.marginal_co2_kg,
        "bound_amount": outcome.bound_amount,
    }
    if outcome.stress is not None:
        known |= {
            "high_soc_h": outcome.stress.high_soc_h,
            "mean_c_factor": outcome.stress.mean_c_factor,
            "most_c_factor": outcome.stress.most_c_factor,
        }
    if outcome.assets is not None:
        known |= _asset_figures(outcome.assets)
    if outcome.feed is not None:
        known |= {
            "vehicle_given_kwh": outcome.feed.given_kwh,
            "vehicle_wear_amount": outcome.feed.wear_amount,
        }
    return row | {name: value for name, value in known.items() if value is not None}


def _asset_figures(used: AssetUse) -> dict[str, float | None]:
    return {
        "storage_given_kwh": used.given_kwh,
        "storage_gained_kwh": used.gained_kwh,
        "wear_amount": used.wear_amount,
        "solar_kwh": used.solar_kwh,
        "spilled_kwh": used.spilled_kwh,
        "exported_kwh": used.exported_kwh,
    }
