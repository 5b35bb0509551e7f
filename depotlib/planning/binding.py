"""Limits that bind, as names and sentences."""

from collections.abc import Iterable
from typing import Final

from depotlib.model.plan import Binding
from depotlib.planning.problem import PlanningProblem

_LEAST_PRICE_PER_KW: Final = 1e-6
_NOUNS: Final = {
    "site_limit": "the site's operating limit",
    "circuit_limit": "circuit",
    "pool_limit": "pool",
    "station_limit": "station",
}


def limit_noun(problem: PlanningProblem, node: int) -> str:
    """Return a limit in a dispatcher's words."""
    return " ".join([_NOUNS[problem.tree.kinds[node]], problem.tree.ids[node]]).strip()


def limit_binding(
    problem: PlanningProblem, node: int, *, interval: int, price_per_kw: float
) -> Binding:
    """Return the binding of one node of the limit tree in one interval."""
    cap_kw = problem.tree.cap_kw[node, interval]
    return Binding(
        name=problem.tree.limit_name(node, interval),
        interval_start=problem.grid.start + interval * problem.grid.step,
        price_per_kw=price_per_kw,
        sentence=(
            f"{limit_noun(problem, node)} leaves {cap_kw:.1f} kW for charging; 1 kW more there "
            f"would save {price_per_kw:.2f} {problem.prices.currency}"
        ),
    )


def connector_binding(problem: PlanningProblem, task: int, *, price_per_kw: float) -> Binding:
    """Return the binding of the most a vehicle draws, over all its intervals."""
    vehicle_id = problem.needs.vehicle_ids[int(problem.tasks.need[task])]
    connector_id = problem.tasks.connector_ids[task]
    place = f" on {connector_id}" if connector_id else ""
    return Binding(
        name=f"connector_limit[{vehicle_id}{',' + connector_id if connector_id else ''}]",
        interval_start=None,
        price_per_kw=price_per_kw,
        sentence=(
            f"{vehicle_id}{place} draws at most {problem.tasks.max_kw[task]:.1f} kW; 1 kW more "
            f"would save {price_per_kw:.2f} {problem.prices.currency}"
        ),
    )


def peak_binding(
    problem: PlanningProblem, name: str, *, peak_kw: float, price_per_kw: float
) -> Binding:
    """Return the binding of a demand term whose peak this plan sets."""
    return Binding(
        name=f"peak[{name}]",
        interval_start=None,
        price_per_kw=price_per_kw,
        sentence=(
            f"{name} is billed on {peak_kw:.1f} kW, set by this plan; each kW of it costs "
            f"{price_per_kw:.2f} {problem.prices.currency}"
        ),
    )


def worth_telling(bindings: Iterable[Binding]) -> tuple[Binding, ...]:
    """Return the bindings that are worth something, the dearest first."""
    kept = [binding for binding in bindings if binding.price_per_kw > _LEAST_PRICE_PER_KW]
    return tuple(sorted(kept, key=lambda binding: (-binding.price_per_kw, binding.name)))
