"""Facts that cannot all hold: an irreducible conflict of vehicles, stays, powers and limits.

The minimum cut of the greatest flow names all that may be involved. Fact by fact is then left out:
where the others still cannot hold together, it was not part of the conflict. What remains is
irreducible: without any one of its facts, the others could hold.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.planning.binding import limit_noun
from depotlib.planning.changes import with_energies
from depotlib.planning.flow.network import FlowSolver, MaxFlow, need_mwh, network_of, plain_supply
from depotlib.planning.flow.night import Night, nights_of
from depotlib.planning.outcome import READY_TOLERANCE_KWH
from depotlib.planning.problem import SITE, FloatArray, PlanningProblem
from depotlib.planning.sentence import (
    Span,
    clock_words,
    listed,
    names_words,
    span_words,
    spans_of,
)
from depotlib.units import kwh_to_mwh, mwh_to_kwh

EnergyKind = Literal["must", "target"]
FactKind = Literal["need", "stay", "power", "limit"]
_MOST_CONFLICTS: Final = 5
_TOLD_FACTS: Final = 3
_SLACK_MWH: Final = kwh_to_mwh(READY_TOLERANCE_KWH)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a conflict.

    Parameters
    ----------
    kind : {'need', 'stay', 'power', 'limit'}
        A vehicle's energy, its stay (or its connector windows), the most it draws; or a limit.
    index : int
        Of the need; of the node where it is a limit.
    intervals : tuple of int
        In which a limit stands in the way.
    is_enough : bool
        Whether everything would fit if this fact alone did not hold.
    sentence : str
    """

    kind: FactKind
    index: int
    intervals: tuple[int, ...] = ()
    is_enough: bool = False
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Facts that cannot hold together; without any one of them the others can.

    Parameters
    ----------
    energy : {'must', 'target'}
        Which energy does not fit.
    facts : tuple of Fact
    vehicle_ids : tuple of str
        Of its needs.
    spans : tuple of Span
        Hours of its limits.
    missing_kwh : float
        What these facts alone leave undelivered.
    missing_in_all_kwh : float
        What all facts of the night leave undelivered.
    sentence : str
    """

    energy: EnergyKind
    facts: tuple[Fact, ...]
    vehicle_ids: tuple[str, ...]
    spans: tuple[Span, ...]
    missing_kwh: float
    missing_in_all_kwh: float
    sentence: str


def conflicts_of(problem: PlanningProblem, *, time_zone: ZoneInfo) -> tuple[Conflict, ...]:
    """Return why not everything fits, as conflicts that share no vehicle; empty where it fits.

    The musts are asked first; where they fit, the targets. At most five conflicts are told, and
    none where storage, solar or vehicles that feed back could help: they are in no network.

    Parameters
    ----------
    problem : PlanningProblem
    time_zone : ZoneInfo
        For the hours in sentences.
    """
    if problem.solar_kw is not None:
        return ()
    energies: tuple[EnergyKind, ...] = ("must", "target")
    for energy in energies:
        left = _with_one_energy(problem, energy)
        found: list[Conflict] = []
        while len(found) < _MOST_CONFLICTS and (facts := _irreducible(left)):
            found.append(_told(problem, facts, energy=energy, time_zone=time_zone))
            needs = [fact.index for fact in facts if fact.kind == "need"]
            left = _without_energy(left, needs)
        if found:
            return tuple(found)
    return ()


def without_facts(problem: PlanningProblem, facts: Sequence[Fact]) -> PlanningProblem:
    """Return a problem in which some facts do not hold.

    No energy for a need; all of the grid for a stay; any power for a power; no limit for a limit.

    Parameters
    ----------
    problem : PlanningProblem
    facts : sequence of Fact
    """
    most_kw = _more_than_enough_kw(problem)
    must_kwh, target_kwh = (
        problem.needs.energy_must_kwh.copy(),
        problem.needs.energy_target_kwh.copy(),
    )
    tasks, cap_kw = problem.tasks, problem.tree.cap_kw.copy()
    first, last, max_kw = tasks.first.copy(), tasks.last.copy(), tasks.max_kw.copy()
    for fact in facts:
        own = tasks.need == fact.index
        if fact.kind == "need":
            must_kwh[fact.index] = target_kwh[fact.index] = 0.0
        elif fact.kind == "stay":
            first[own], last[own] = 0, problem.grid.count
        elif fact.kind == "power":
            max_kw[own] = most_kw
        else:
            cap_kw[fact.index, list(fact.intervals)] = most_kw
    changed = replace(
        problem,
        tasks=replace(tasks, first=first, last=last, max_kw=max_kw),
        tree=replace(problem.tree, cap_kw=cap_kw),
    )
    return with_energies(changed, must_kwh=must_kwh, target_kwh=target_kwh)


def only_facts(problem: PlanningProblem, facts: Sequence[Fact]) -> PlanningProblem:
    """Return the problem in which nothing but some facts holds: all others are left out.

    Parameters
    ----------
    problem : PlanningProblem
    facts : sequence of Fact
    """
    held = {(fact.kind, fact.index) for fact in facts}
    vehicles = range(len(problem.needs.vehicle_ids))
    kinds: tuple[FactKind, ...] = ("need", "stay", "power")
    left_out = [Fact(kind, need) for kind in kinds for need in vehicles if (kind, need) not in held]
    bare = without_facts(problem, left_out)
    cap_kw = np.full_like(bare.tree.cap_kw, _more_than_enough_kw(problem))
    for fact in facts:
        if fact.kind == "limit":
            at = list(fact.intervals)
            cap_kw[fact.index, at] = problem.tree.cap_kw[fact.index, at]
    return replace(bare, tree=replace(bare.tree, cap_kw=cap_kw))


def missing_kwh(problem: PlanningProblem) -> float:
    """Return the least energy that is missing of the targets of a problem."""
    return mwh_to_kwh(_missing_mwh(problem))


def _missing_mwh(problem: PlanningProblem) -> int:
    wanted_mwh = need_mwh(problem.needs.energy_target_kwh)
    given_mwh = 0
    for night in nights_of(problem):
        _, flow = _flow(problem, night)
        given_mwh += flow.value_mwh
    return int(wanted_mwh.sum()) - given_mwh


def _flow(problem: PlanningProblem, night: Night) -> tuple[FlowSolver, MaxFlow]:
    network = network_of(problem, night)
    supply = plain_supply(need_mwh(problem.needs.energy_target_kwh[night.needs]))
    solver = FlowSolver(network, supply)
    return solver, solver.solve(network.site_mwh)


def _irreducible(problem: PlanningProblem) -> list[Fact]:
    """Return one irreducible conflict of the targets of a problem; nothing where they fit."""
    facts = _suspects(problem)
    if not facts:
        return []
    kept = _fewest_needs(problem, facts)
    for kind in ("power", "stay"):
        fewer = [fact for fact in kept if fact.kind != kind]
        kept = fewer if _cannot_hold(problem, fewer) else kept
    for fact in [one for one in kept if one.kind != "need"]:
        fewer = [one for one in kept if one != fact]
        kept = fewer if _cannot_hold(problem, fewer) else kept
    return kept


def _fewest_needs(problem: PlanningProblem, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts without the needs that can be left out, and without what concerns these.

    The small ones go first, so that few and large ones remain.
    """

    def without(gone: Sequence[int]) -> list[Fact]:
        return [fact for fact in facts if fact.kind == "limit" or fact.index not in gone]

    wanted_kwh = problem.needs.energy_target_kwh
    needs = sorted(
        (fact.index for fact in facts if fact.kind == "need"), key=lambda need: wanted_kwh[need]
    )
    # To leave out more never makes it harder: so many of the smallest can go at once.
    fits_from = bisect_left(
        range(len(needs)),
        1,
        key=lambda count: not _cannot_hold(problem, without(needs[: count + 1])),
    )
    gone = needs[:fits_from]
    for need in needs[fits_from + 1 :]:
        if _cannot_hold(problem, without([*gone, need])):
            gone.append(need)
    return without(gone)


def _cannot_hold(problem: PlanningProblem, facts: Sequence[Fact]) -> bool:
    return _missing_mwh(only_facts(problem, facts)) > _SLACK_MWH


def _suspects(problem: PlanningProblem) -> list[Fact]:
    """Return all facts that the first conflict can be made of: those at a minimum cut."""
    stranded = _stranded(problem)
    if stranded is not None:
        return [Fact("need", stranded), Fact("stay", stranded)]
    for night in nights_of(problem):
        solver, flow = _flow(problem, night)
        if flow.value_mwh < solver.supply.total_mwh - _SLACK_MWH:
            return list(_at_cut(problem, solver, flow=flow))
    return []


def _stranded(problem: PlanningProblem) -> int | None:
    """Return a need that has not one interval to be served in."""
    tasks = problem.tasks
    served = set(tasks.need[tasks.last > tasks.first].tolist())
    for need, energy_kwh in enumerate(problem.needs.energy_target_kwh.tolist()):
        if energy_kwh > READY_TOLERANCE_KWH and need not in served:
            return need
    return None


def _at_cut(problem: PlanningProblem, solver: FlowSolver, *, flow: MaxFlow) -> Iterator[Fact]:
    network, arcs = solver.network, solver.arcs
    near = np.flatnonzero(flow.reached[arcs.need_base : arcs.cell_base])
    wanted = problem.needs.energy_target_kwh
    needs = [need for need in network.night.needs[near].tolist() if wanted[need] > 0]
    for kind in ("need", "stay", "power"):
        for need in needs:
            yield Fact(kind, need)
    hours: dict[int, list[int]] = defaultdict(list)
    for arc in flow.cut[flow.cut >= arcs.tree].tolist():
        if arc >= arcs.sink:
            hours[SITE].append(network.night.first + arc - arcs.sink)
        else:
            cell = int(network.tree_tail[arc - arcs.tree])
            hours[cell // network.span].append(network.night.first + cell % network.span)
    for node, intervals in sorted(hours.items()):
        yield Fact("limit", node, tuple(sorted(intervals)))


def _more_than_enough_kw(problem: PlanningProblem) -> float:
    """Return a power that could deliver everything in one interval, with room to spare."""
    everything_kwh = float(problem.needs.energy_target_kwh.sum())
    return 1.0 + float(problem.tree.cap_kw.max()) + everything_kwh / problem.grid.interval_h


def _with_one_energy(problem: PlanningProblem, energy: EnergyKind) -> PlanningProblem:
    """Return the problem whose targets are its musts, or its targets."""
    needs = problem.needs
    wanted_kwh: FloatArray = needs.energy_must_kwh if energy == "must" else needs.energy_target_kwh
    return with_energies(problem, must_kwh=wanted_kwh, target_kwh=wanted_kwh)


def _without_energy(problem: PlanningProblem, needs: Sequence[int]) -> PlanningProblem:
    return without_facts(problem, [Fact("need", need) for need in needs])


def _told(
    problem: PlanningProblem,
    facts: Sequence[Fact],
    *,
    energy: EnergyKind,
    time_zone: ZoneInfo,
) -> Conflict:
    asked = _with_one_energy(problem, energy)
    told = tuple(
        replace(
            fact,
            is_enough=_missing_mwh(without_facts(asked, [fact])) <= _SLACK_MWH,
            sentence=_fact_words(asked, fact, time_zone=time_zone),
        )
        for fact in facts
    )
    vehicle_ids = tuple(
        problem.needs.vehicle_ids[fact.index] for fact in told if fact.kind == "need"
    )
    missing, in_all_kwh = missing_kwh(only_facts(asked, facts)), missing_kwh(asked)
    together = " all" if len(vehicle_ids) > 1 else ""
    reach = "what they need to go" if energy == "must" else "all they are to get"
    return Conflict(
        energy=energy,
        facts=told,
        vehicle_ids=vehicle_ids,
        spans=spans_of([t for fact in told for t in fact.intervals], problem.grid),
        missing_kwh=missing,
        missing_in_all_kwh=in_all_kwh,
        sentence=(
            f"{names_words(vehicle_ids)} cannot{together} get {reach} (these alone lack "
            f"{missing:.1f} kWh, the night {in_all_kwh:.1f}): " + _reasons(told)
        ),
    )


def _reasons(facts: Sequence[Fact]) -> str:
    """Return the limits and the first of the vehicles' own facts; without any: no connector."""
    words = [fact.sentence for fact in facts if fact.kind == "limit"]
    own = [fact.sentence for fact in facts if fact.kind in {"stay", "power"}]
    words += own[:_TOLD_FACTS]
    if len(own) > _TOLD_FACTS:
        words.append(f"{len(own) - _TOLD_FACTS} more of their stays and powers")
    return listed(words) or "there is no connector for it"


def _fact_words(problem: PlanningProblem, fact: Fact, *, time_zone: ZoneInfo) -> str:
    needs, grid = problem.needs, problem.grid
    if fact.kind == "limit":
        spans = span_words(spans_of(fact.intervals, grid), time_zone)
        most_kw = float(problem.tree.cap_kw[fact.index, list(fact.intervals)].max())
        return f"{limit_noun(problem, fact.index)} leaves at most {most_kw:.1f} kW {spans}"
    vehicle_id = needs.vehicle_ids[fact.index]
    if fact.kind == "need":
        return f"{vehicle_id} needs {needs.energy_target_kwh[fact.index]:.1f} kWh"
    own = problem.tasks.need == fact.index
    if fact.kind == "power":
        return f"{vehicle_id} draws at most {float(problem.tasks.max_kw[own].max(initial=0)):g} kW"
    if not own.any():
        return f"{vehicle_id} has no connector"
    first, last = int(problem.tasks.first[own].min()), int(problem.tasks.last[own].max())
    if last <= first:
        return f"the stay of {vehicle_id} holds no whole interval"
    start, end = (grid.start + at * grid.step for at in (first, last))
    return (
        f"{vehicle_id} can charge from {clock_words(start, time_zone)} to "
        f"{clock_words(end, time_zone)} only"
    )
