"""What charging costs under price terms: the bill of a power profile."""

from dataclasses import dataclass

import numpy as np

from depotlib.model.price_terms import BlockTerm, HoursUseTerm
from depotlib.planning.asset_powers import AssetPowers
from depotlib.planning.problem import FloatArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class Cost:
    """The bill of a site's power over the horizon of the price terms.

    Parameters
    ----------
    bill_amount : float
        Fixed, energy and demand; at least the tariff's minimum.
    energy_amount : float
        Energy and block terms, less the credit for what is fed back, and what giving wears.
    demand_amount : float
        Demand terms, sunk peaks and floors included, and terms on hours of use.
    fixed_amount : float
    peak_kw : float
        Highest mean power of an interval, base load included.
    billed_peak_kw : float
        Highest peak that is billed; `peak_kw` where no demand is priced.
    """

    bill_amount: float
    energy_amount: float
    demand_amount: float
    fixed_amount: float
    peak_kw: float
    billed_peak_kw: float


def cost_of(
    problem: PlanningProblem, task_kw: FloatArray, *, assets: AssetPowers | None = None
) -> Cost:
    """Return the cost of a power profile.

    Parameters
    ----------
    problem : PlanningProblem
    task_kw : ndarray
        Power of every task in every interval, (tasks, intervals).
    assets : AssetPowers, optional
        What storage, solar and vehicles that feed back do.
    """
    return cost_of_site(problem, task_kw.sum(axis=0), assets=assets)


def cost_of_site(
    problem: PlanningProblem, charging_kw: FloatArray, *, assets: AssetPowers | None = None
) -> Cost:
    """Return the cost of the power of all tasks together.

    ``bill = max(least, fixed + energy + demand)``

    Parameters
    ----------
    problem : PlanningProblem
    charging_kw : ndarray
        (intervals,); the base load comes on top.
    assets : AssetPowers, optional
        What storage, solar and vehicles that feed back do; without, solar is not used.
    """
    site_kw = problem.base_load_kw + charging_kw
    bought_kw, energy_amount = site_kw, 0.0
    if assets is not None and problem.solar_kw is not None:
        site_kw = site_kw + assets.net_kw(problem.solar_kw)
        bought_kw = np.maximum(0.0, site_kw)
        energy_amount = assets.wear_amount(problem) - export_amount(problem, site_kw)
    energy_amount += float(problem.price_per_kwh() @ bought_kw) * problem.grid.interval_h
    for block in problem.prices.blocks:
        energy_amount += block_amount(block, problem=problem, site_kw=bought_kw)
    billed_kw = [
        max(term.paid_kw, float(site_kw[list(term.intervals)].max(initial=0.0)))
        for term in problem.prices.peaks
    ]
    demand_amount = sum(
        term.amount_of(peak_kw)
        for term, peak_kw in zip(problem.prices.peaks, billed_kw, strict=True)
    ) + sum(
        hours_use_amount(term, problem=problem, site_kw=site_kw)
        for term in problem.prices.hours_use
    )
    fixed_amount = problem.prices.fixed_amount
    peak_kw = float(site_kw.max())
    return Cost(
        bill_amount=max(problem.prices.least_amount, fixed_amount + energy_amount + demand_amount),
        energy_amount=energy_amount,
        demand_amount=demand_amount,
        fixed_amount=fixed_amount,
        peak_kw=peak_kw,
        billed_peak_kw=max(billed_kw, default=peak_kw),
    )


def export_amount(problem: PlanningProblem, site_kw: FloatArray) -> float:
    """Return the credit for what a power profile feeds back.

    ``energy_factor * interval_h * Σ_t export price[t] * max(0, -site[t])``
    """
    fed_kw = np.maximum(0.0, -site_kw) * problem.grid.interval_h * problem.prices.energy_factor
    return sum(
        float(np.asarray(term.price_per_kwh, dtype=np.float64) @ fed_kw)
        for term in problem.prices.export
    )


def block_amount(block: BlockTerm, *, problem: PlanningProblem, site_kw: FloatArray) -> float:
    """Return what the energy of a block term's intervals costs, tier by tier.

    ``Σ_j price[j] * (part of tier j between start and start + energy_factor * energy)``
    """
    energy_kwh = float(site_kw[list(block.intervals)].sum()) * problem.grid.interval_h
    start_kwh = block.start_kwh
    end_kwh = start_kwh + energy_kwh * problem.prices.energy_factor
    lower = np.array([0.0, *block.edges_kwh])
    upper = np.array([*block.edges_kwh, np.inf])
    within = np.clip(end_kwh, lower, upper) - np.clip(start_kwh, lower, upper)
    return float(within @ np.array(block.prices_per_kwh))


def hours_use_amount(term: HoursUseTerm, *, problem: PlanningProblem, site_kw: FloatArray) -> float:
    """Return what the hours of use of a power profile cost."""
    counted_kw = site_kw[list(term.intervals)]
    energy_kwh = float(counted_kw.sum()) * problem.grid.interval_h * problem.prices.energy_factor
    return term.amount_of(term.start_kwh + energy_kwh, peak_kw=float(counted_kw.max(initial=0.0)))


def gap_share_of(cost: Cost, bound_amount: float) -> float:
    """Return (bill - bound) / bound; 0 where the bound is 0."""
    return (cost.bill_amount - bound_amount) / abs(bound_amount) if bound_amount else 0.0
