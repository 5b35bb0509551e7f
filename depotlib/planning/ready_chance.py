"""P(ready): how likely each vehicle has what it needs to go, its need being uncertain.

The method, stated. A need is normal about its must, with the standard deviation that `needs` gives
the stay, cut off at 0; the needs of different vehicles are independent. Two answers bound what a
depot sees:

- *as planned*: nobody changes the plan. A vehicle is ready when its need is at most what the plan
  delivers to it, ``P = Φ((delivered - must) / sigma)``: analytic, no sampling.
- *planned again*: the needs are known in time, and the planner plans for them. Sampled from a
  seed: in each sample the largest set of vehicles that can be ready is found as the planner finds
  it, and a vehicle's chance is the share of samples in which it is among them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from depotlib.errors import ProblemError
from depotlib.model.dwell import Dwell
from depotlib.planning.changes import with_energies
from depotlib.planning.flow.network import network_of
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.readiness import readiness_of
from depotlib.planning.outcome import READY_TOLERANCE_KWH, delivered_kwh
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.sentence import percent_words

SAMPLES: Final = 200
SEED: Final = 2026
_SURE_SHARE: Final = 0.995
_STANDARD_ERRORS: Final = 1.96
"""Two-sided 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class ReadyChance:
    """How likely one vehicle is ready.

    Parameters
    ----------
    vehicle_id : str
    must_kwh, sigma_kwh : float
        What it needs to go: mean and standard deviation, at the wall.
    delivered_kwh : float
        By the plan.
    as_planned_share : float
        Chance if the plan is followed whatever it turns out to need, 0-1.
    planned_again_share : float
        Chance if its need is known in time and all is planned again, 0-1.
    half_width_share : float
        Of the 95 % interval of the latter, from the number of samples (Wilson's).
    margin_kwh : float
        What the plan delivers beyond the must.
    sentence : str
    """

    vehicle_id: str
    must_kwh: float
    sigma_kwh: float
    delivered_kwh: float
    as_planned_share: float
    planned_again_share: float
    half_width_share: float
    margin_kwh: float
    sentence: str


def sigmas_kwh(dwells: Sequence[Dwell]) -> FloatArray:
    """Return how uncertain the need of each stay is: its standard deviation [kWh]."""
    return np.array([dwell.energy_sigma_kwh for dwell in dwells], dtype=np.float64)


def ready_chances(
    problem: PlanningProblem,
    task_kw: FloatArray,
    *,
    sigma_kwh: FloatArray,
    samples: int = SAMPLES,
    seed: int = SEED,
) -> tuple[ReadyChance, ...]:
    """Return how likely each vehicle is ready, in the order of the needs.

    Parameters
    ----------
    problem : PlanningProblem
    task_kw : ndarray
        Of the plan, (tasks, intervals).
    sigma_kwh : ndarray
        Standard deviation of each need, 0 or more, (needs,).
    samples : int
        Nights drawn for *planned again*; a fifth of them where even the expected needs do not all
        fit, because each is then a search.
    seed : int

    Raises
    ------
    ProblemError
        If a standard deviation is missing, negative or no number.
    """
    if sigma_kwh.shape != problem.needs.energy_must_kwh.shape or not np.all(
        np.isfinite(sigma_kwh) & (sigma_kwh >= 0)
    ):
        raise ProblemError(
            "every need wants a standard deviation that is a number of 0 or more",
            where="sigma_kwh",
            hint="give 0 where a need is certain",
        )
    given_kwh = delivered_kwh(problem, task_kw)
    planned = chances_as_planned(problem.needs.energy_must_kwh, given_kwh, sigma_kwh=sigma_kwh)
    count = _count(problem, sigma_kwh=sigma_kwh, samples=samples)
    again = _chances_planned_again(problem, sigma_kwh=sigma_kwh, count=count, seed=seed)
    return tuple(
        _chance(problem, need, given_kwh=given_kwh, sigma_kwh=sigma_kwh, shares=shares, n=count)
        for need, shares in enumerate(zip(planned.tolist(), again.tolist(), strict=True))
    )


def chances_as_planned(
    must_kwh: FloatArray, given_kwh: FloatArray, *, sigma_kwh: FloatArray
) -> FloatArray:
    """Return ``Φ((delivered - must) / sigma)`` of every need, 0-1; certain where sigma is 0."""
    margin_kwh = given_kwh + READY_TOLERANCE_KWH - must_kwh
    return np.array(
        [
            _normal_share(margin / sigma) if sigma > 0 else float(margin >= 0)
            for margin, sigma in zip(margin_kwh.tolist(), sigma_kwh.tolist(), strict=True)
        ]
    )


def drawn_problem(problem: PlanningProblem, deviation_kwh: FloatArray) -> PlanningProblem:
    """Return the problem in which the needs turn out so much larger or smaller, (needs,).

    ``max(0, must + deviation)``

    Target and must alike, since both rest on the same reading; neither falls below 0.
    """
    return with_energies(
        problem,
        must_kwh=np.maximum(0.0, problem.needs.energy_must_kwh + deviation_kwh),
        target_kwh=np.maximum(0.0, problem.needs.energy_target_kwh + deviation_kwh),
    )


def _chances_planned_again(
    problem: PlanningProblem, *, sigma_kwh: FloatArray, count: int, seed: int
) -> FloatArray:
    random = np.random.default_rng(seed)
    deviations_kwh = random.standard_normal((count, len(sigma_kwh))) * sigma_kwh
    # Less need never makes a fleet less ready: where the worst of all draws fits, every draw does.
    worst = drawn_problem(problem, deviations_kwh.max(axis=0))
    if np.all(_ready(worst) > 0):
        return np.ones(len(sigma_kwh))
    ready = np.zeros(len(sigma_kwh))
    for deviation_kwh in deviations_kwh:
        ready += _ready(drawn_problem(problem, deviation_kwh))
    return ready / count


def _count(problem: PlanningProblem, *, sigma_kwh: FloatArray, samples: int) -> int:
    if not np.any(sigma_kwh > 0):
        # What is certain is decided once: every sample is the same.
        return 1
    return samples if bool(np.all(_ready(problem) > 0)) else max(1, samples // 5)


def _ready(problem: PlanningProblem) -> FloatArray:
    """Return 1 for each need whose must the planner promises in full."""
    needs = problem.needs
    musts = replace(needs, energy_target_kwh=needs.energy_must_kwh)
    asked = replace(problem, needs=musts)
    ready = (needs.energy_must_kwh <= READY_TOLERANCE_KWH).astype(np.float64)
    for night in nights_of(asked):
        promised = readiness_of(asked, network_of(asked, night)).ready
        ready[night.needs] = np.maximum(ready[night.needs], promised.astype(np.float64))
    return ready


def _chance(
    problem: PlanningProblem,
    need: int,
    *,
    given_kwh: FloatArray,
    sigma_kwh: FloatArray,
    shares: tuple[float, float],
    n: int,
) -> ReadyChance:
    vehicle_id, must_kwh = problem.needs.vehicle_ids[need], problem.needs.energy_must_kwh[need]
    as_planned, again = shares
    margin_kwh = float(given_kwh[need] - must_kwh)
    words = _share_words(as_planned)
    if _share_words(again) != words:
        words += f" as planned, {_share_words(again)} if it is planned again in time"
    return ReadyChance(
        vehicle_id=vehicle_id,
        must_kwh=float(must_kwh),
        sigma_kwh=float(sigma_kwh[need]),
        delivered_kwh=float(given_kwh[need]),
        as_planned_share=as_planned,
        planned_again_share=again,
        half_width_share=_half_width(again, n) if sigma_kwh[need] > 0 else 0.0,
        margin_kwh=margin_kwh,
        sentence=(
            f"{vehicle_id} is ready with {words}: it gets {abs(margin_kwh):.1f} kWh "
            f"{'more' if margin_kwh >= 0 else 'less'} than it needs, give or take "
            f"{sigma_kwh[need]:.1f} kWh"
        ),
    )


def _share_words(share: float) -> str:
    if share >= _SURE_SHARE:
        return "99 % or more"
    return "less than 1 %" if share <= 1 - _SURE_SHARE else percent_words(share)


def _normal_share(z: float) -> float:
    """Return the standard normal distribution at z.

    ``Φ(z) = erfc(-z / √2) / 2``
    """
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _half_width(share: float, n: int) -> float:
    """Return half the width of Wilson's 95 % interval of a share seen in n samples.

    ``z √(p (1 - p) / n + z² / 4n²) / (1 + z² / n)``

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22 (1927), 209-212.
    """
    z = _STANDARD_ERRORS
    spread = math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return z * spread / (1 + z**2 / n)
