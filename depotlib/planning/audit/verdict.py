"""The verdict: every rule applied to a plan."""

from collections.abc import Sequence
from typing import Final

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import AuditReport, Plan, Violation
from depotlib.model.price_terms import PriceTerms
from depotlib.planning.audit.account import (
    bill,
    energy_account,
    gap,
    peak,
    reasons_given,
    shortfall_total,
)
from depotlib.planning.audit.evidence import Rule, evidence_of
from depotlib.planning.audit.limits import (
    circuit_limits,
    hard_limit,
    pool_limits,
    site_limit,
    station_limits,
)
from depotlib.planning.audit.power import (
    connector_limit,
    inside_stay,
    inside_window,
    least_power,
    preconditioning,
    starts,
)
from depotlib.planning.problem import FloatArray
from depotlib.planning.yard.occupancy import occupancy_violations

RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("inside_stay", inside_stay),
    ("inside_window", inside_window),
    ("connector_limit", connector_limit),
    ("least_power", least_power),
    ("preconditioning", preconditioning),
    ("starts", starts),
    ("site_limit", site_limit),
    ("circuit_limit", circuit_limits),
    ("station_limit", station_limits),
    ("pool_limit", pool_limits),
    ("hard_limit", hard_limit),
    ("energy_account", energy_account),
    ("shortfall_total", shortfall_total),
    ("reasons_given", reasons_given),
    ("bill", bill),
    ("peak", peak),
    ("gap", gap),
)
_MOST_TOLD: Final = 50
"""Violations told of one rule; a plan that breaks a rule all night needs no more."""


def audit_plan(
    plan: Plan,
    dwells: Sequence[Dwell],
    *,
    depot: Depot,
    prices: PriceTerms,
    base_load_kw: FloatArray,
) -> AuditReport:
    """Return the verdict on a plan.

    Parameters
    ----------
    plan : Plan
        Its own audit report is not looked at.
    dwells : sequence of Dwell
    depot : Depot
    prices : PriceTerms
    base_load_kw : ndarray
        (intervals,).
    """
    evidence = evidence_of(plan, dwells, depot=depot, prices=prices, base_load_kw=base_load_kw)
    violations: list[Violation] = []
    checks: list[str] = []
    for name, rule in RULES:
        checks.append(name)
        violations += list(rule(evidence))[:_MOST_TOLD]
    if evidence.is_assigned:
        checks.append("occupancy")
        violations += occupancy_violations(plan.windows, plan.moves, dwells=dwells, depot=depot)
    return AuditReport(violations=tuple(violations), checks=tuple(checks))
