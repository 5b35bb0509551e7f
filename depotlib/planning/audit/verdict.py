"""The verdict: every rule applied to a plan."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np

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
from depotlib.planning.audit.assets import (
    export_limit,
    feeding_back,
    solar_forecast,
    storage_limits,
)
from depotlib.planning.audit.evidence import Evidence, Rule, evidence_of
from depotlib.planning.audit.limits import (
    circuit_limits,
    hard_limit,
    phase_limits,
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
    taper,
)
from depotlib.planning.problem import FloatArray
from depotlib.planning.yard.occupancy import occupancy_violations
from depotlib.planning.yard.replay import replay_violations

RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("inside_stay", inside_stay),
    ("inside_window", inside_window),
    ("connector_limit", connector_limit),
    ("least_power", least_power),
    ("preconditioning", preconditioning),
    ("starts", starts),
    ("taper", taper),
    ("site_limit", site_limit),
    ("circuit_limit", circuit_limits),
    ("station_limit", station_limits),
    ("pool_limit", pool_limits),
    ("phase_limit", phase_limits),
    ("hard_limit", hard_limit),
    ("storage", storage_limits),
    ("solar", solar_forecast),
    ("feeding_back", feeding_back),
    ("export_limit", export_limit),
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
    solar_kw: Sequence[float] = (),
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
    solar_kw : sequence of float
        Forecast of what the sun could give, (intervals,); empty: nothing.
    """
    evidence = evidence_of(
        plan,
        dwells,
        depot=depot,
        prices=prices,
        base_load_kw=base_load_kw,
        solar_kw=np.array(solar_kw or np.zeros(plan.grid.count), dtype=np.float64),
    )
    names = [name for name, _ in RULES]
    violations = list(_broken(evidence, names))
    checks = list(names)
    if evidence.is_assigned:
        checks.append("occupancy")
        violations += occupancy_violations(plan.windows, plan.moves, dwells=dwells, depot=depot)
        checks.append("minute_by_minute")
        violations += replay_violations(plan, dwells, depot=depot)[:_MOST_TOLD]
    return AuditReport(violations=tuple(violations), checks=tuple(checks))


def broken_rules(
    plan: Plan,
    dwells: Sequence[Dwell],
    *,
    depot: Depot,
    prices: PriceTerms,
    base_load_kw: FloatArray,
    rules: Collection[str],
) -> tuple[Violation, ...]:
    """Return what `audit_plan` finds by some of its rules, without the time that the others take.

    Parameters
    ----------
    plan, dwells, depot, prices, base_load_kw
        As for `audit_plan`.
    rules : collection of str
        Names in `RULES`.
    """
    evidence = evidence_of(
        plan,
        dwells,
        depot=depot,
        prices=prices,
        base_load_kw=base_load_kw,
        solar_kw=np.zeros(plan.grid.count),
    )
    return tuple(_broken(evidence, rules))


def _broken(evidence: Evidence, rules: Collection[str]) -> Iterator[Violation]:
    for name, rule in RULES:
        if name in rules:
            yield from islice(rule(evidence), _MOST_TOLD)
