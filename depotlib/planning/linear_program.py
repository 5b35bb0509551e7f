"""Linear programs as arrays: the one door to the LP solvers.

Arrays go into the solver's own model message; no object is made per variable (that costs 5 to 40
times the building time).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Thread
from typing import Final, Literal, cast

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    result_pb2,
    solution_pb2,
    sparse_containers_pb2,
)
from ortools.math_opt.core.python import solver as core_solver
from ortools.util.python.pybind_solve_interrupter import PySolveInterrupter
from pybind11_abseil.status import StatusNotOk

from depotlib.errors import SolverError, SolverTimeError
from depotlib.planning.budget import TIME_LIMIT_S
from depotlib.planning.problem import IntArray
from depotlib.planning.watch import Watch

LpSolver = Literal["glop", "highs", "scip"]
Vector = NDArray[np.float64]
"""Numbers of a program, each in the unit of its own row or column."""

_SOLVERS: Final[dict[LpSolver, int]] = {
    "glop": parameters_pb2.SOLVER_TYPE_GLOP,
    "highs": parameters_pb2.SOLVER_TYPE_HIGHS,
    "scip": parameters_pb2.SOLVER_TYPE_GSCIP,
}

_ENDED_EARLY: Final = (
    result_pb2.TERMINATION_REASON_NO_SOLUTION_FOUND,
    result_pb2.TERMINATION_REASON_FEASIBLE,
)

_LOOK_EVERY_S: Final = 0.2

# The compiled solver carries no types: this is the form in which it is called.
_CoreSolve = Callable[..., result_pb2.SolveResultProto]
_core_solve = cast("_CoreSolve", core_solver.solve)


@dataclass(frozen=True, slots=True)
class LinearProgram:
    """minimise cost · x subject to row_lower <= A x <= row_upper, lower <= x <= upper.

    Parameters
    ----------
    cost, lower, upper : ndarray
        (columns,), in the units of each column; infinite bounds allowed.
    row_lower, row_upper : ndarray
        (rows,), in the units of each row.
    row, column : ndarray of int
        Place of every entry of A; each place once.
    value : ndarray
        Entries of A.
    is_integer : bool
        Whether all columns are whole numbers; ``scip`` only.
    whole_columns : ndarray of int or None
        The columns that are whole numbers where not all are; ``scip`` or ``highs``.
    """

    cost: Vector
    lower: Vector
    upper: Vector
    row_lower: Vector
    row_upper: Vector
    row: IntArray
    column: IntArray
    value: Vector
    is_integer: bool = False
    whole_columns: IntArray | None = None


@dataclass(frozen=True, slots=True)
class LinearSolution:
    """An optimum.

    Parameters
    ----------
    values : ndarray
        (columns,).
    objective_amount : float
    row_duals : ndarray
        Change of the optimum per unit of each row's bound, (rows,).
    reduced_costs : ndarray
        Change of the optimum per unit of each column's bound, (columns,).
    is_optimal : bool
        Whether the solver has proven it; otherwise it is the best that it found in its time.
    bound_amount : float
        No solution is below it, as far as the solver has proven.
    """

    values: Vector
    objective_amount: float
    row_duals: Vector
    reduced_costs: Vector
    is_optimal: bool = True
    bound_amount: float = -np.inf


def solve_linear(
    program: LinearProgram,
    *,
    solver: LpSolver = "glop",
    time_limit_s: float = TIME_LIMIT_S,
    most_nodes: int | None = None,
    watch: Watch | None = None,
) -> LinearSolution:
    """Return an optimum of a linear program; duals are 0 where its columns are whole numbers.

    Parameters
    ----------
    program : LinearProgram
    solver : {'glop', 'highs', 'scip'}
    time_limit_s : float
    most_nodes : int, optional
        Branches after which the best that was found will do, on every machine the same.
    watch : Watch, optional
        Whose wish to stop interrupts it, as its time limit would.

    Raises
    ------
    SolverError
        If the solver refuses the program or finds no optimum.
    SolverTimeError
        If its time is over first; whole numbers that keep all rows are an answer even so.
    """
    call = _Call(_model(program), solver, _parameters(time_limit_s, most_nodes))
    try:
        result = call() if watch is None else _watched(call, watch=watch)
    except StatusNotOk as error:
        # The library's own wrapper would hide this message.
        raise SolverError(
            f"{solver} refuses the program: {error.message}", where="planning.linear_program"
        ) from error
    is_optimal = result.termination.reason == result_pb2.TERMINATION_REASON_OPTIMAL
    is_branched = program.is_integer or program.whole_columns is not None
    is_found = is_optimal or (
        is_branched and result.termination.reason == result_pb2.TERMINATION_REASON_FEASIBLE
    )
    if not is_found or not result.solutions:
        raise _failure(result.termination, solver=solver)
    solution = _read(program, result.solutions[0])
    proven_amount = float(result.termination.objective_bounds.dual_bound)
    return replace(
        solution,
        is_optimal=is_optimal,
        bound_amount=proven_amount if is_branched else solution.objective_amount,
    )


@dataclass(frozen=True, slots=True)
class _Call:
    """A program as its solver takes it."""

    model: model_pb2.ModelProto
    solver: LpSolver
    parameters: parameters_pb2.SolveParametersProto

    def __call__(
        self, interrupter: PySolveInterrupter | None = None
    ) -> result_pb2.SolveResultProto:
        """Return the solver's answer."""
        return _core_solve(
            self.model,
            _SOLVERS[self.solver],
            parameters_pb2.SolverInitializerProto(),
            self.parameters,
            model_parameters_pb2.ModelSolveParametersProto(),
            None,
            callback_pb2.CallbackRegistrationProto(),
            None,
            interrupter,
        )


def _watched(call: _Call, *, watch: Watch) -> result_pb2.SolveResultProto:
    """Return a solver's answer, if nobody wishes it ended before.

    Glop lets itself be interrupted. HiGHS takes no notice (OR-Tools 9.15): it is left alone in a
    thread that ends with its time limit or with the process, as is SCIP, which only complains.
    """
    if call.solver == "glop":
        interrupter = PySolveInterrupter()
        with watch.interrupting(interrupter.interrupt):
            return call(interrupter)
    answers: list[result_pb2.SolveResultProto] = []
    refusals: list[StatusNotOk] = []

    def work() -> None:
        try:
            answers.append(call())
        except StatusNotOk as error:
            refusals.append(error)

    solving = Thread(target=work, name="solver", daemon=True)
    solving.start()
    while solving.is_alive() and not watch.is_over:
        solving.join(_LOOK_EVERY_S)
    if refusals:
        raise refusals[0]
    if not answers:
        raise SolverTimeError(
            f"{call.solver} was left before its end", where="planning.linear_program"
        )
    return answers[0]


def _failure(termination: result_pb2.TerminationProto, *, solver: LpSolver) -> SolverError:
    """Return what to say where there is no answer."""
    name = result_pb2.TerminationReasonProto.Name(termination.reason)
    # Glop does not say which limit ended it: only time and branches are limited here.
    is_late = termination.reason in _ENDED_EARLY
    return (SolverTimeError if is_late else SolverError)(
        f"{solver} ended with {name.removeprefix('TERMINATION_REASON_').lower()}",
        where="planning.linear_program",
        hint=termination.detail,
    )


def _model(program: LinearProgram) -> model_pb2.ModelProto:
    order = np.lexsort((program.column, program.row))
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(len(program.cost)))
    model.variables.lower_bounds.extend(program.lower.tolist())
    model.variables.upper_bounds.extend(program.upper.tolist())
    is_whole = np.full(len(program.cost), program.is_integer)
    if program.whole_columns is not None:
        is_whole[program.whole_columns] = True
    model.variables.integers.extend(is_whole.tolist())
    priced = np.flatnonzero(program.cost)
    model.objective.linear_coefficients.ids.extend(priced.tolist())
    model.objective.linear_coefficients.values.extend(program.cost[priced].tolist())
    model.linear_constraints.ids.extend(range(len(program.row_lower)))
    model.linear_constraints.lower_bounds.extend(program.row_lower.tolist())
    model.linear_constraints.upper_bounds.extend(program.row_upper.tolist())
    matrix = model.linear_constraint_matrix
    matrix.row_ids.extend(program.row[order].tolist())
    matrix.column_ids.extend(program.column[order].tolist())
    matrix.coefficients.extend(program.value[order].tolist())
    return model


def _parameters(time_limit_s: float, most_nodes: int | None) -> parameters_pb2.SolveParametersProto:
    parameters = parameters_pb2.SolveParametersProto()
    parameters.time_limit.FromTimedelta(timedelta(seconds=time_limit_s))
    if most_nodes is not None:
        parameters.node_limit = most_nodes
    return parameters


def _read(program: LinearProgram, solution: solution_pb2.SolutionProto) -> LinearSolution:
    primal = solution.primal_solution
    return LinearSolution(
        values=_dense(primal.variable_values, len(program.cost)),
        objective_amount=float(primal.objective_value),
        row_duals=_dense(solution.dual_solution.dual_values, len(program.row_lower)),
        reduced_costs=_dense(solution.dual_solution.reduced_costs, len(program.cost)),
    )


def _dense(vector: sparse_containers_pb2.SparseDoubleVectorProto, length: int) -> Vector:
    dense = np.zeros(length)
    dense[np.fromiter(vector.ids, dtype=np.int64, count=len(vector.ids))] = np.fromiter(
        vector.values, dtype=np.float64, count=len(vector.values)
    )
    return dense
