"""Claims on energy in classes, as the linear path sees them: musts of the ready, musts, wishes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depotlib.planning.budget import Budget
from depotlib.planning.flow.network import need_mwh, network_of
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.ready_set import largest_ready_set
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Claims:
    """Parts of needs, in classes, the most important class first.

    Parameters
    ----------
    rank : ndarray of int
        Class of each claim, (claims,).
    need : ndarray of int
        (claims,).
    energy_kwh : ndarray
        (claims,).
    granted_kwh : tuple of float
        What the first classes get at least, in order; the classes after them are still open.
    is_proven : bool
        Whether no larger set of ready vehicles exists.
    """

    rank: IntArray
    need: IntArray
    energy_kwh: FloatArray
    granted_kwh: tuple[float, ...] = ()
    is_proven: bool = True

    @property
    def classes(self) -> int:
        """Return the number of classes."""
        return int(self.rank.max()) + 1 if len(self.rank) else 0


def whole_claims(problem: PlanningProblem) -> Claims:
    """Return the claims in which every need is one, all of one class."""
    count = len(problem.needs.vehicle_ids)
    return Claims(
        rank=np.zeros(count, dtype=np.int64),
        need=np.arange(count, dtype=np.int64),
        energy_kwh=problem.needs.energy_target_kwh,
    )


def ranked_claims(
    problem: PlanningProblem, *, budget: Budget, chosen: tuple[BoolArray, bool] | None = None
) -> Claims:
    """Return the claims in classes, for a problem in which not everything fits.

    Parameters
    ----------
    problem : PlanningProblem
    budget : Budget
    chosen : tuple of (ndarray of bool, bool), optional
        Who gets the whole must, and whether no larger set exists; by default the largest set
        that the tree of limits allows.
    """
    needs = problem.needs
    ready, is_proven = chosen or _ready(problem, budget)
    order = np.unique(-needs.priority, return_inverse=True)[1]
    levels = int(order.max()) + 1
    everyone = np.arange(len(needs.vehicle_ids), dtype=np.int64)
    rank = np.concatenate([np.where(ready, 0, 1 + order), 1 + levels + order])
    return Claims(
        rank=np.unique(rank, return_inverse=True)[1],
        need=np.concatenate([everyone, everyone]),
        energy_kwh=np.concatenate(
            [needs.energy_must_kwh, needs.energy_target_kwh - needs.energy_must_kwh]
        ),
        is_proven=is_proven,
    )


def _ready(problem: PlanningProblem, budget: Budget) -> tuple[BoolArray, bool]:
    """Return the vehicles that get their whole must; those in no night only if they need none."""
    ready = problem.needs.energy_must_kwh <= 0
    is_proven = True
    for night in nights_of(problem):
        chosen = largest_ready_set(
            network_of(problem, night),
            need_mwh(problem.needs.energy_must_kwh[night.needs]),
            priority=problem.needs.priority[night.needs],
            budget=budget,
        )
        ready[night.needs] = chosen.ready
        is_proven = is_proven and chosen.is_proven
    return ready, is_proven
