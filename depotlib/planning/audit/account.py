"""Rules on what a plan says of itself: energies, shortfalls, bill, peak, gap."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from depotlib.model.plan import Violation
from depotlib.model.price_terms import BlockTerm, HoursUseTerm
from depotlib.planning.audit.evidence import (
    ENERGY_TOLERANCE_KWH,
    MONEY_TOLERANCE_AMOUNT,
    MONEY_TOLERANCE_SHARE,
    POWER_TOLERANCE_KW,
    Evidence,
)
from depotlib.planning.problem import FloatArray


def energy_account(evidence: Evidence) -> Iterator[Violation]:
    """Yield dwells whose energy and named shortfall do not come to their target.

    ``target - delivered = the shortfall that is named``
    """
    delivered_kwh = evidence.delivered_kwh()
    missing_kwh: dict[str, float] = defaultdict(float)
    missing_must_kwh: dict[str, float] = defaultdict(float)
    for dwell, given_kwh in zip(evidence.dwells, delivered_kwh.tolist(), strict=True):
        missing_kwh[dwell.vehicle_id] += dwell.energy_target_kwh - given_kwh
        missing_must_kwh[dwell.vehicle_id] += max(0.0, dwell.energy_must_kwh - given_kwh)
    named_kwh: dict[str, float] = defaultdict(float)
    named_must_kwh: dict[str, float] = defaultdict(float)
    for shortfall in evidence.plan.shortfalls:
        named_kwh[shortfall.vehicle_id] += shortfall.unmet_kwh
        named_must_kwh[shortfall.vehicle_id] += shortfall.unmet_must_kwh
    for vehicle_id, missing in missing_kwh.items():
        is_named = abs(missing - named_kwh[vehicle_id]) <= ENERGY_TOLERANCE_KWH
        must_gap_kwh = missing_must_kwh[vehicle_id] - named_must_kwh[vehicle_id]
        if not (is_named and abs(must_gap_kwh) <= ENERGY_TOLERANCE_KWH):
            yield Violation(
                rule="energy_account",
                where=vehicle_id,
                sentence=(
                    f"{vehicle_id} is {missing:.4f} kWh short of its target by its setpoints and "
                    f"{named_kwh[vehicle_id]:.4f} kWh by the plan's word"
                ),
            )


def shortfall_total(evidence: Evidence) -> Iterator[Violation]:
    """Yield a header whose unmet energy or count of ready vehicles is not that of the setpoints."""
    header = evidence.plan.header
    unmet_kwh = sum(shortfall.unmet_kwh for shortfall in evidence.plan.shortfalls)
    must_kwh = np.array([dwell.energy_must_kwh for dwell in evidence.dwells])
    ready = int(np.sum(evidence.delivered_kwh() >= must_kwh - ENERGY_TOLERANCE_KWH))
    if abs(unmet_kwh - header.unmet_kwh) > ENERGY_TOLERANCE_KWH or ready != header.ready:
        yield Violation(
            rule="shortfall_total",
            where="header",
            sentence=(
                f"the header says {header.unmet_kwh:.4f} kWh unmet and {header.ready} ready, the "
                f"rows {unmet_kwh:.4f} kWh and {ready}"
            ),
        )


def reasons_given(evidence: Evidence) -> Iterator[Violation]:
    """Yield shortfalls without a reason."""
    for shortfall in evidence.plan.shortfalls:
        if not shortfall.reason:
            yield Violation(
                rule="reasons_given",
                where=shortfall.vehicle_id,
                sentence=f"the shortfall of {shortfall.vehicle_id} has no reason",
            )


def bill(evidence: Evidence) -> Iterator[Violation]:
    """Yield a header whose bill is not that of its setpoints under the price terms."""
    header = evidence.plan.header
    site_kw = evidence.site_kw()
    energy_amount = _energy_amount(evidence, site_kw)
    demand_amount = _demand_amount(evidence, site_kw)
    total = max(
        evidence.prices.fixed_amount + energy_amount + demand_amount,
        evidence.prices.least_amount,
    )
    pairs = [
        ("bill", total, header.bill_amount),
        ("energy", energy_amount, header.energy_amount),
        ("demand", demand_amount, header.demand_amount),
    ]
    for name, ours, theirs in pairs:
        if not abs(ours - theirs) <= MONEY_TOLERANCE_AMOUNT + MONEY_TOLERANCE_SHARE * abs(ours):
            yield Violation(
                rule="bill",
                where="header",
                sentence=f"the header says {theirs:.4f} for {name}, the setpoints cost {ours:.4f}",
            )


def peak(evidence: Evidence) -> Iterator[Violation]:
    """Yield a header whose peak is not that of its setpoints."""
    site_kw = evidence.site_kw()
    highest_kw = float(site_kw.max())
    if not abs(highest_kw - evidence.plan.header.peak_kw) <= POWER_TOLERANCE_KW:
        yield Violation(
            rule="peak",
            where="header",
            sentence=(
                f"the header says a peak of {evidence.plan.header.peak_kw:.4f} kW, the setpoints "
                f"reach {highest_kw:.4f} kW"
            ),
        )


def gap(evidence: Evidence) -> Iterator[Violation]:
    """Yield a header whose gap is not that of its bill and bound, or an optimum with a gap."""
    header = evidence.plan.header
    distance = header.bill_amount - header.bound_amount
    share = distance / abs(header.bound_amount) if header.bound_amount else 0.0
    is_right = abs(share - header.gap_share) <= MONEY_TOLERANCE_SHARE
    # A plan that falls short buys less energy than the plans of the bound.
    is_proven = header.status == "shortfall" or distance >= -(
        MONEY_TOLERANCE_AMOUNT + MONEY_TOLERANCE_SHARE * abs(header.bound_amount)
    )
    if not (is_right and is_proven):
        yield Violation(
            rule="gap",
            where="header",
            sentence=(
                f"a bill of {header.bill_amount:.4f} over a bound of {header.bound_amount:.4f} is "
                f"no gap of {header.gap_share:g}"
            ),
        )


def _energy_amount(evidence: Evidence, site_kw: FloatArray) -> float:
    interval_h, factor = evidence.plan.grid.interval_h, evidence.prices.energy_factor
    site_kwh: list[float] = (site_kw * interval_h).tolist()
    amount = 0.0
    if evidence.plan.assets:
        for term in evidence.prices.export:
            amount += factor * sum(
                price * min(0.0, energy)
                for price, energy in zip(term.price_per_kwh, site_kwh, strict=True)
            )
        amount += factor * _wear_amount(evidence)
        site_kwh = [max(0.0, energy) for energy in site_kwh]
    for term in evidence.prices.energy:
        amount += factor * sum(
            price * energy for price, energy in zip(term.price_per_kwh, site_kwh, strict=True)
        )
    for block in evidence.prices.blocks:
        amount += _tiers_amount(block, factor * sum(site_kwh[t] for t in block.intervals))
    return amount


def _wear_amount(evidence: Evidence) -> float:
    """Return what giving costs the batteries, storage and vehicles alike."""
    wear_per_kwh = {one.storage_id: one.wear_per_kwh for one in evidence.depot.storages} | {
        dwell.vehicle_id: dwell.battery.wear_per_kwh for dwell in evidence.dwells if dwell.battery
    }
    return sum(
        -power_kw * evidence.plan.grid.interval_h * wear_per_kwh.get(asset.asset_id, 0.0)
        for asset in evidence.plan.assets
        for power_kw in asset.power_kw
        if power_kw < 0 and asset.kind != "solar"
    )


def _tiers_amount(block: BlockTerm, energy_kwh: float) -> float:
    """Return what an energy costs from a block's start on, tier by tier."""
    at_kwh, left_kwh, amount = block.start_kwh, energy_kwh, 0.0
    for edge_kwh, price in zip((*block.edges_kwh, np.inf), block.prices_per_kwh, strict=True):
        taken_kwh = min(max(0.0, edge_kwh - at_kwh), left_kwh)
        amount += price * taken_kwh
        at_kwh += taken_kwh
        left_kwh -= taken_kwh
    return amount


def _demand_amount(evidence: Evidence, site_kw: FloatArray) -> float:
    amount = 0.0
    for term in evidence.prices.peaks:
        billed_kw = max([term.paid_kw, *(float(site_kw[t]) for t in term.intervals)])
        reached = [tier for tier in term.tiers if tier.from_kw < billed_kw] or term.tiers[:1]
        amount += (
            reached[-1].base_amount + reached[-1].price_per_kw * billed_kw
            if reached
            else term.price_per_kw * billed_kw
        )
    return amount + sum(
        _hours_use(evidence, term, site_kw=site_kw) for term in evidence.prices.hours_use
    )


def _hours_use(evidence: Evidence, term: HoursUseTerm, *, site_kw: FloatArray) -> float:
    """Return what hours of use cost: the energy of the period over its peak decides the prices."""
    interval_h, factor = evidence.plan.grid.interval_h, evidence.prices.energy_factor
    energy_kwh = term.start_kwh + factor * interval_h * sum(site_kw[t] for t in term.intervals)
    peak_kw = max([term.paid_kw, *(float(site_kw[t]) for t in term.intervals)])
    if term.is_marginal:
        edges_kwh = tuple(hours * peak_kw for hours in term.edges_h)
        block = BlockTerm(term.name, term.intervals, edges_kwh, term.prices_per_kwh)
        return _tiers_amount(block, energy_kwh)
    reached = sum(energy_kwh >= hours * peak_kw for hours in term.edges_h)
    per_kw = term.prices_per_kw[reached] if term.prices_per_kw else 0.0
    return term.prices_per_kwh[reached] * energy_kwh + per_kw * peak_kw
