"""What a plan says of itself: header, setpoint rows, shortfalls with their reasons."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl

from depotlib.model.frames import SetpointFrame
from depotlib.model.plan import (
    AuditReport,
    Plan,
    PlanHeader,
    PlanStatus,
    Shortfall,
)
from depotlib.planning.asset_powers import AssetPowers, schedules_of
from depotlib.planning.cost import cost_of, gap_share_of
from depotlib.planning.flow.shortage import shortage_reasons
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.planning.yard.assignment import YardAssignment

OPTIMAL_GAP_SHARE: Final = 1e-6
RELAXED_REASON: Final = (
    "occupancy was relaxed: no vehicle waits for a plug in this plan, so no station can follow it"
)
UNFOLLOWED_REASON: Final = (
    "the plan counts on storage or on vehicles that feed back, and a release tells stations only "
    "how much to charge"
)
_UNMET_TOLERANCE_KWH: Final = 1e-4
_LEAST_POWER_KW: Final = 1e-5
_NO_AUDIT: Final = AuditReport(violations=(), checks=())


@dataclass(frozen=True, slots=True)
class Decision:
    """Powers, who chose them, and the bound that they are held against.

    Parameters
    ----------
    policy : str
    task_kw : ndarray
        (tasks, intervals).
    solution : Solution
        Of the solver, whether or not the powers are its own.
    bound_amount : float
    build_s, solve_s : float
    assets : AssetPowers or None
        What storage, solar and vehicles that feed back do, where there are any.
    is_stopped_early : bool
        Whether somebody ended the search.
    """

    policy: str
    task_kw: FloatArray
    solution: Solution
    bound_amount: float
    build_s: float
    solve_s: float
    assets: AssetPowers | None = None
    is_stopped_early: bool = False

    @property
    def is_optimal_policy(self) -> bool:
        """Return whether the planner chose the powers."""
        return self.policy == "optimal"


def unaudited_plan(
    problem: PlanningProblem,
    decision: Decision,
    *,
    yard: YardAssignment | None,
    made_at: datetime,
    hindrances: Mapping[str, str],
) -> Plan:
    """Return a decision as a plan whose audit is still to come.

    Parameters
    ----------
    problem : PlanningProblem
    decision : Decision
    yard : YardAssignment or None
        None where occupancy was relaxed.
    made_at : datetime
    hindrances : mapping of str to str
        Vehicle and why it has no connector window.
    """
    shortfalls = _shortfalls(problem, decision, hindrances=hindrances)
    setpoints = setpoints_of(problem, decision.task_kw)
    return Plan(
        header=_header(problem, decision, yard=yard, made_at=made_at, shortfalls=shortfalls),
        grid=problem.grid,
        setpoints=setpoints,
        windows=() if yard is None else yard.windows,
        moves=() if yard is None else yard.moves,
        shortfalls=shortfalls,
        bindings=decision.solution.bindings if decision.is_optimal_policy else (),
        audit=_NO_AUDIT,
        assets=schedules_of(problem, decision.assets),
    )


def setpoints_of(problem: PlanningProblem, task_kw: FloatArray) -> pl.DataFrame:
    """Return powers as a `SetpointFrame`: where more than 0, by task and time."""
    task, interval = np.nonzero(task_kw > _LEAST_POWER_KW)
    vehicle_ids = np.array(problem.needs.vehicle_ids, dtype=object)[problem.tasks.need[task]]
    connector_ids = np.array(problem.tasks.connector_ids, dtype=object)[task]
    starts = np.array(
        [start.replace(tzinfo=None) for start in problem.grid.starts()], dtype="datetime64[us]"
    )
    frame = pl.DataFrame(
        {
            "vehicle_id": pl.Series(vehicle_ids.tolist(), dtype=pl.String),
            "connector_id": pl.Series(connector_ids.tolist(), dtype=pl.String),
            "interval_start": pl.Series(starts[interval]).dt.replace_time_zone("UTC"),
            "power_kw": task_kw[task, interval],
        }
    )
    return SetpointFrame.validate(frame, cast=True)


def _shortfalls(
    problem: PlanningProblem, decision: Decision, *, hindrances: Mapping[str, str]
) -> tuple[Shortfall, ...]:
    needs = problem.needs
    delivered_kwh = _delivered_kwh(problem, decision)
    short = np.flatnonzero(needs.energy_target_kwh - delivered_kwh > _UNMET_TOLERANCE_KWH)
    if not len(short):
        return ()
    reasons = shortage_reasons(problem)
    return tuple(
        Shortfall(
            vehicle_id=needs.vehicle_ids[need],
            unmet_kwh=float(needs.energy_target_kwh[need] - delivered_kwh[need]),
            unmet_must_kwh=max(0.0, float(needs.energy_must_kwh[need] - delivered_kwh[need])),
            reason=hindrances.get(needs.vehicle_ids[need])
            or reasons.get(need)
            or _other_reason(decision),
        )
        for need in short.tolist()
    )


def _other_reason(decision: Decision) -> str:
    if decision.is_optimal_policy:
        return "the least power of its connector leaves no room within the limits"
    return f"the policy {decision.policy} serves others first; a plan could serve it"


def _delivered_kwh(problem: PlanningProblem, decision: Decision) -> FloatArray:
    given_kwh = np.bincount(
        problem.tasks.need,
        weights=decision.task_kw.sum(axis=1) * problem.grid.interval_h,
        minlength=len(problem.needs.vehicle_ids),
    ).astype(np.float64)
    return (
        given_kwh if decision.assets is None else given_kwh - decision.assets.returned_kwh(problem)
    )


def _header(
    problem: PlanningProblem,
    decision: Decision,
    *,
    yard: YardAssignment | None,
    made_at: datetime,
    shortfalls: tuple[Shortfall, ...],
) -> PlanHeader:
    cost = cost_of(problem, decision.task_kw, assets=decision.assets)
    delivered_kwh = _delivered_kwh(problem, decision)
    is_ready = delivered_kwh >= problem.needs.energy_must_kwh - _UNMET_TOLERANCE_KWH
    gap_share = gap_share_of(cost, decision.bound_amount)
    reason = RELAXED_REASON if yard is None else _unfollowed(decision)
    digest = problem.digest()
    status = _status(decision, gap_share=gap_share, is_short=bool(shortfalls))
    # What is proven cannot be had better by waiting; and a baseline does not search.
    is_stopped_early = (
        decision.is_stopped_early and decision.is_optimal_policy and status != "optimal"
    )
    return PlanHeader(
        plan_id=_plan_id(digest, decision, is_stopped_early=is_stopped_early),
        problem_digest=digest,
        made_at=made_at.astimezone(UTC),
        policy=decision.policy,
        path=decision.solution.path if decision.is_optimal_policy else "baseline",
        occupancy="relaxed" if yard is None else "assigned",
        status=status,
        currency=problem.prices.currency,
        bill_amount=cost.bill_amount,
        energy_amount=cost.energy_amount,
        demand_amount=cost.demand_amount,
        bound_amount=decision.bound_amount,
        gap_share=gap_share,
        peak_kw=cost.peak_kw,
        billed_peak_kw=cost.billed_peak_kw,
        unmet_kwh=sum(shortfall.unmet_kwh for shortfall in shortfalls),
        vehicles=len(problem.needs.vehicle_ids),
        ready=int(is_ready.sum()),
        swaps=0 if yard is None else yard.swaps,
        build_s=decision.build_s,
        solve_s=decision.solve_s,
        pushable=not reason,
        pushable_reason=reason,
        is_stopped_early=is_stopped_early,
    )


def _unfollowed(decision: Decision) -> str:
    """Return why nobody would follow a plan with connectors, or nothing."""
    if decision.assets is None or not (
        decision.assets.storage_kw.any() or decision.assets.feed_kw.any()
    ):
        return ""
    return UNFOLLOWED_REASON


def _status(decision: Decision, *, gap_share: float, is_short: bool) -> PlanStatus:
    if is_short:
        return "shortfall"
    is_proven = decision.is_optimal_policy and decision.solution.is_proven
    return "optimal" if is_proven and gap_share <= OPTIMAL_GAP_SHARE else "feasible"


def _plan_id(digest: str, decision: Decision, *, is_stopped_early: bool) -> str:
    """Return the digest of problem, policy and setpoints, shortened.

    A plan that was stopped early is another record than the same one with its proof.
    """
    stopped = " stopped early" if is_stopped_early else ""
    whole = hashlib.sha256(f"{digest} {decision.policy}{stopped}".encode())
    whole.update(np.ascontiguousarray(decision.task_kw).tobytes())
    return whole.hexdigest()[:24]
