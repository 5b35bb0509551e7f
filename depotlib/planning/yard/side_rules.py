"""Yards with rules of their own ground, by constraint programming: bays, neighbours, shifts.

One window a stay, on whole intervals: place, beginning and end are integers, and windows on one
place lie apart by a changeover. What the search does not know is stated here as it is:
who must stand where, who may not, who blocks whom in, and how many drives a shift can make. Slower
than the search, and exact on small yards, where it is also the search's referee.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Final

from ortools.sat.python import cp_model

from depotlib.errors import ProblemError, SolverError
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.yard.stays import Stay, YardClock, places_of, stays_of

_STEPS_PER_KWH: Final = 100
"""Energy is counted in hundredths of a kWh: missing ones are what is minimised first."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours in which so many drives can begin; outside all shifts, where there are any, none can.

    Parameters
    ----------
    start, end : datetime
        Half-open.
    drives : int
    """

    start: datetime
    end: datetime
    drives: int


@dataclass(frozen=True, slots=True)
class SideRules:
    """What a yard's ground and people ask beyond staff hours and changeovers.

    Parameters
    ----------
    fixed : tuple of (str, str)
        Vehicle and the connector it must use.
    barred : tuple of (str, str)
        Vehicle and a connector it may not use.
    apart : tuple of (str, str)
        Vehicles that may not be on neighbouring connectors at the same time.
    neighbours : tuple of (str, str)
        Connectors that stand side by side.
    blocked_in : tuple of (str, str)
        Inner and outer connector: nobody drives to or from the inner while the outer is taken.
    shifts : tuple of Shift
        None: staff hours alone hold.
    """

    fixed: tuple[tuple[str, str], ...] = ()
    barred: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    neighbours: tuple[tuple[str, str], ...] = ()
    blocked_in: tuple[tuple[str, str], ...] = ()
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class RuledYard:
    """Windows under side rules, with what is proven of them.

    Parameters
    ----------
    windows : tuple of ConnectorWindow
    moves : tuple of YardMove
        By time.
    unmet_kwh : float
        Least energy that lacks at the departures, at every window's full power.
    least_moves : int
        No yard with a window a stay and so little unmet energy has fewer drives: proven.
    is_proven : bool
        Whether the least unmet energy and the fewest moves are proven; else the time was up.
    """

    windows: tuple[ConnectorWindow, ...]
    moves: tuple[YardMove, ...]
    unmet_kwh: float
    least_moves: int
    is_proven: bool


@dataclass(frozen=True, slots=True)
class _Turn:
    """One stay at one place, if it has it; edges of the grid in whole intervals.

    Parameters
    ----------
    stay : Stay
    place : int
    is_there, is_driven_in, is_driven_out : BoolVar
    enters : IntVar
        Edge at which it is driven to the plug, or may draw power after it has plugged in itself.
    powered, leaves : IntVar
        Edges from which and to which it may draw power.
    span : IntervalVar
        From entering to the end of the changeover after it.
    """

    stay: Stay
    place: int
    is_there: cp_model.IntVar
    is_driven_in: cp_model.IntVar
    is_driven_out: cp_model.IntVar
    enters: cp_model.IntVar
    powered: cp_model.IntVar
    leaves: cp_model.IntVar
    span: cp_model.IntervalVar


def yard_under_rules(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    grid: TimeGrid,
    rules: SideRules,
    time_limit_s: float = 20.0,
) -> RuledYard:
    """Return windows that obey side rules, with least unmet energy, then fewest moves.

    Parameters
    ----------
    dwells : sequence of Dwell
    depot : Depot
    grid : TimeGrid
    rules : SideRules
    time_limit_s : float
        Of each of the two stages.

    Raises
    ------
    ProblemError
        If a rule names a connector or a vehicle that is not there.
    SolverError
        If no yard was found in time.
    """
    return _Model(dwells, depot, grid=grid, rules=rules).solve(time_limit_s)


class _Model:
    """The yard as a constraint program."""

    def __init__(
        self, dwells: Sequence[Dwell], depot: Depot, *, grid: TimeGrid, rules: SideRules
    ) -> None:
        self._cp = cp_model.CpModel()
        self._places = places_of(depot)
        self._clock = YardClock(depot, grid)
        self._gap = max(1, self._clock.gap)
        self._rules = rules
        self._place_of = {
            connector.connector_id: index
            for index, place in enumerate(self._places)
            for connector in place.evse.connectors
        }
        self._check_names(dwells)
        stays = stays_of(dwells, self._places, grid=grid)
        self._stays = [s for s in stays if s.dwell.energy_target_kwh > 0 and s.first < s.last]
        self._turns = [turn for stay in self._stays for turn in self._turns_of(stay)]
        for place in range(len(self._places)):
            self._cp.add_no_overlap(turn.span for turn in self._turns if turn.place == place)
        self._keep_apart()
        self._keep_lanes_open()
        self._keep_shifts()
        self._unmet = [self._unmet_of(stay) for stay in self._stays]

    def solve(self, time_limit_s: float) -> RuledYard:
        """Return the best yard: least unmet energy first, then the fewest drives."""
        solver, is_least = self._solved(sum(self._unmet), time_limit_s)
        self._cp.add(sum(self._unmet) <= round(solver.objective_value))
        drives = [d for turn in self._turns for d in (turn.is_driven_in, turn.is_driven_out)]
        solver, is_fewest = self._solved(sum(drives), time_limit_s)
        chosen = [turn for turn in self._turns if solver.value(turn.is_there)]
        moves = [move for turn in chosen for move in self._moves(turn, solver)]
        return RuledYard(
            windows=tuple(self._window(turn, solver) for turn in chosen),
            moves=tuple(
                sorted(moves, key=lambda m: (m.at, m.to_connector_id is not None, m.vehicle_id))
            ),
            unmet_kwh=sum(solver.value(one) for one in self._unmet) / _STEPS_PER_KWH,
            least_moves=math.ceil(solver.best_objective_bound - 1e-6),
            is_proven=is_least and is_fewest,
        )

    def _solved(
        self, objective: cp_model.LinearExprT, time_limit_s: float
    ) -> tuple[cp_model.CpSolver, bool]:
        self._cp.minimize(objective)
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = time_limit_s
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        status = solver.solve(self._cp)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            raise SolverError(
                "no yard obeys all side rules, or none was found in time",
                where="side rules",
                hint="allow more time, or drop a rule",
            )
        return solver, status == cp_model.OPTIMAL

    def _turns_of(self, stay: Stay) -> list[_Turn]:
        turns = [self._turn(stay, place) for place in stay.eligible if self._may(stay, place)]
        self._cp.add_at_most_one(turn.is_there for turn in turns)
        return turns

    def _may(self, stay: Stay, place: int) -> bool:
        vehicle_id = stay.dwell.vehicle_id
        wanted = {self._place_of[c] for v, c in self._rules.fixed if v == vehicle_id}
        barred = {self._place_of[c] for v, c in self._rules.barred if v == vehicle_id}
        return place not in barred and (not wanted or place in wanted)

    def _turn(self, stay: Stay, place: int) -> _Turn:
        cp, name, end = self._cp, f"[{stay.index},{place}]", self._clock.grid.count
        is_there = cp.new_bool_var(f"is_there{name}")
        is_in, is_out = cp.new_bool_var(f"driven_in{name}"), cp.new_bool_var(f"driven_out{name}")
        staffed = [edge for edge, is_staffed in enumerate(self._clock.staffed) if is_staffed]
        enters = cp.new_int_var(stay.first, stay.last, f"enters{name}")
        powered = cp.new_int_var(stay.first, stay.last, f"powered{name}")
        leaves = cp.new_int_var(stay.first, stay.last, f"leaves{name}")
        free = cp.new_int_var(0, end + self._gap + 1, f"free{name}")
        after_departure = self._clock.powered_from(stay.dwell.departure)
        cp.add(enters == stay.first).only_enforce_if(~is_in)
        cp.add(powered == stay.first).only_enforce_if(~is_in)
        cp.add(powered == enters + self._gap).only_enforce_if(is_in)
        cp.add(leaves == stay.last).only_enforce_if(~is_out)
        cp.add(leaves > powered)
        cp.add(free == leaves + self._gap).only_enforce_if(is_out)
        cp.add(free == min(after_departure, end + self._gap)).only_enforce_if(~is_out)
        open_edges = cp_model.Domain.from_values(staffed)
        cp.add_linear_expression_in_domain(enters, open_edges).only_enforce_if(is_in)
        cp.add_linear_expression_in_domain(leaves, open_edges).only_enforce_if(is_out)
        for drive in (is_in, is_out):
            cp.add_implication(drive, is_there)
        length = cp.new_int_var(0, end + self._gap + 1, f"length{name}")
        span = cp.new_optional_interval_var(enters, length, free, is_there, f"span{name}")
        return _Turn(stay, place, is_there, is_in, is_out, enters, powered, leaves, span)

    def _keep_apart(self) -> None:
        """Vehicles that are to stand apart are never on neighbouring plugs at once."""
        beside = {
            frozenset((self._place_of[one], self._place_of[other]))
            for one, other in self._rules.neighbours
        }
        pairs = {frozenset(pair) for pair in self._rules.apart}
        for one, other in combinations(self._turns, 2):
            vehicles = frozenset((one.stay.dwell.vehicle_id, other.stay.dwell.vehicle_id))
            if vehicles in pairs and frozenset((one.place, other.place)) in beside:
                self._cp.add_no_overlap([one.span, other.span])

    def _keep_lanes_open(self) -> None:
        """Nobody drives to or from an inner plug while its outer one is taken."""
        for inner_id, outer_id in self._rules.blocked_in:
            inner, outer = self._place_of[inner_id], self._place_of[outer_id]
            for one in (turn for turn in self._turns if turn.place == inner):
                for other in (turn for turn in self._turns if turn.place == outer):
                    for edge in (one.enters, one.leaves):
                        is_before = self._cp.new_bool_var("is_before")
                        both = [one.is_there, other.is_there]
                        self._cp.add(edge <= other.enters).only_enforce_if(*both, is_before)
                        self._cp.add(edge >= other.leaves).only_enforce_if(*both, ~is_before)

    def _keep_shifts(self) -> None:
        """Every drive begins in a shift, and no shift has more drives than it can make."""
        if not self._rules.shifts:
            return
        edges = self._clock.edges
        inside = [
            [i for i, edge in enumerate(edges) if shift.start <= edge < shift.end]
            for shift in self._rules.shifts
        ]
        made: list[list[cp_model.IntVar]] = [[] for _ in inside]
        for turn in self._turns:
            drives = ((turn.is_driven_in, turn.enters), (turn.is_driven_out, turn.leaves))
            for is_driven, edge in drives:
                chosen = [self._cp.new_bool_var("in_shift") for _ in inside]
                self._cp.add(sum(chosen) == is_driven)
                for number, is_chosen in enumerate(chosen):
                    made[number].append(is_chosen)
                    self._cp.add_linear_expression_in_domain(
                        edge, cp_model.Domain.from_values(inside[number])
                    ).only_enforce_if(is_chosen)
        for shift, drives in zip(self._rules.shifts, made, strict=True):
            self._cp.add(sum(drives) <= shift.drives)

    def _unmet_of(self, stay: Stay) -> cp_model.IntVar:
        wanted = math.ceil(stay.dwell.energy_target_kwh * _STEPS_PER_KWH - 1e-6)
        unmet = self._cp.new_int_var(0, wanted, f"unmet[{stay.index}]")
        turns = [turn for turn in self._turns if turn.stay is stay]
        for turn in turns:
            most_kwh = stay.max_kw[turn.place] * self._clock.grid.interval_h
            step = math.floor(most_kwh * _STEPS_PER_KWH + 1e-6)
            given = step * (turn.leaves - turn.powered)
            self._cp.add(unmet + given >= wanted).only_enforce_if(turn.is_there)
        self._cp.add(unmet == wanted).only_enforce_if(*(~turn.is_there for turn in turns))
        return unmet

    def _plug(self, turn: _Turn) -> str:
        connector = self._places[turn.place].connector_for(turn.stay.dwell)
        assert connector is not None, "a turn is made only where the stay can charge"
        return connector.connector_id

    def _window(self, turn: _Turn, solver: cp_model.CpSolver) -> ConnectorWindow:
        edges = self._clock.edges
        return ConnectorWindow(
            turn.stay.dwell.vehicle_id,
            self._plug(turn),
            edges[solver.value(turn.powered)],
            edges[solver.value(turn.leaves)],
        )

    def _moves(self, turn: _Turn, solver: cp_model.CpSolver) -> Iterator[YardMove]:
        edges, vehicle_id = self._clock.edges, turn.stay.dwell.vehicle_id
        if solver.value(turn.is_driven_in):
            yield YardMove(vehicle_id, None, self._plug(turn), edges[solver.value(turn.enters)])
        if solver.value(turn.is_driven_out):
            yield YardMove(vehicle_id, self._plug(turn), None, edges[solver.value(turn.leaves)])

    def _check_names(self, dwells: Sequence[Dwell]) -> None:
        rules = self._rules
        plugs = [c for _, c in (*rules.fixed, *rules.barred)]
        plugs += [c for pair in (*rules.neighbours, *rules.blocked_in) for c in pair]
        vehicles = [v for v, _ in (*rules.fixed, *rules.barred)]
        vehicles += [v for pair in rules.apart for v in pair]
        known = {dwell.vehicle_id for dwell in dwells}
        strangers = [c for c in plugs if c not in self._place_of]
        strangers += [v for v in vehicles if v not in known]
        if strangers:
            raise ProblemError(
                f"a side rule names {strangers[0]!r}, which is not here",
                where="side rules",
                hint="name vehicles of the night and connectors of the depot",
            )
