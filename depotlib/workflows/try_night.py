"""Try a night: the same facts under another limit, another paid peak, another departure.

Nothing is kept and nothing can be pushed: this is for looking. Without who stands where it takes
some ten milliseconds, so that a slider can ask for it while it moves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from depotlib.errors import RecordMissingError
from depotlib.model.calendar import zone
from depotlib.model.dwell import Need
from depotlib.model.plan import Occupancy, Plan, PlanHeader
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.needs.soc_cap import capped_needs
from depotlib.planning.early_leaving import EarlyLeaving, chances_if_some_leave_early
from depotlib.planning.evenness import jain_share, met_shares, slack_shares
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.ready_chance import ready_chances, sigmas_kwh
from depotlib.planning.solve import solve_problem
from depotlib.settings import Settings
from depotlib.store.catalogue import chosen_tariff_id
from depotlib.tariffs.terms import price_terms
from depotlib.workflows.explain_plan import facts_of
from depotlib.workflows.review_demand import stored_tariff
from depotlib.workflows.tonight import NightChoices, Tonight

SOME_LEAVE_EARLY: Final = EarlyLeaving()
"""Requirement 42 of the field's guides: 10 % leave 45 minutes early."""


@dataclass(frozen=True, slots=True)
class DepartureShift:
    """One van that leaves at another time.

    Parameters
    ----------
    vehicle_id : str
    by : timedelta
        Later; negative: earlier.
    """

    vehicle_id: str
    by: timedelta


@dataclass(frozen=True, slots=True)
class NightChange:
    """What is tried.

    Parameters
    ----------
    operating_limit_kw : float or None
        None: as the night has it.
    paid_kw : float
        Peak up to which nothing more is due: billed already this month, or its target.
    shifts : tuple of DepartureShift
    most_soc : float or None
        Nobody is charged above this state of charge, unless its duty must have more; None: as
        the needs say.
    """

    operating_limit_kw: float | None = None
    paid_kw: float = 0.0
    shifts: tuple[DepartureShift, ...] = ()
    most_soc: float | None = None


@dataclass(frozen=True, slots=True)
class NightTrial:
    """A night as it would be, beside the same without the change.

    Parameters
    ----------
    tonight : Tonight
        With the change made.
    plan : Plan
    before : PlanHeader
        What the plan is compared with: the same occupancy, without the change.
    """

    tonight: Tonight
    plan: Plan
    before: PlanHeader

    @property
    def bill_change_amount(self) -> float:
        """Return what the bill changes by, a month."""
        return self.plan.header.bill_amount - self.before.bill_amount

    @property
    def peak_change_kw(self) -> float:
        """Return what the night's peak changes by."""
        return self.plan.header.peak_kw - self.before.peak_kw

    @property
    def ready_change(self) -> int:
        """Return how many more vehicles are ready; negative: fewer."""
        return self.plan.header.ready - self.before.ready

    @property
    def unmet_change_kwh(self) -> float:
        """Return how much more energy is missing; negative: less."""
        return self.plan.header.unmet_kwh - self.before.unmet_kwh


def try_night(
    settings: Settings,
    tonight: Tonight,
    *,
    change: NightChange,
    before: Plan,
    choices: NightChoices,
) -> NightTrial:
    """Return the plan of a night with a change made, beside the plan without it.

    Parameters
    ----------
    settings : Settings
    tonight : Tonight
        Without the change.
    change : NightChange
    before : Plan
        Of the night without the change; its occupancy and its instant are the trial's, too.
    choices : NightChoices
        Those that the night was gathered with.

    Raises
    ------
    RecordMissingError
        If a vehicle is not in the night.
    ModelError
        If a stay or a limit cannot be as it is tried.
    PlanningError
        If the facts contradict each other.
    """
    changed = changed_night(settings, tonight, change=change, choices=choices)
    plan = plan_as_chosen(
        changed,
        made_at=before.header.made_at,
        occupancy=before.header.occupancy,
    )
    return NightTrial(tonight=changed, plan=plan, before=before.header)


def plan_as_chosen(tonight: Tonight, *, made_at: datetime, occupancy: Occupancy) -> Plan:
    """Return the optimal plan of gathered facts by the preference among them; nothing is kept.

    Parameters
    ----------
    tonight : Tonight
    made_at : datetime
    occupancy : {'assigned', 'relaxed'}

    Raises
    ------
    PlanningError
        If the facts contradict each other.
    """
    return plan_night(
        tonight.dwells,
        tonight.depot,
        grid=tonight.grid,
        prices=tonight.prices,
        base_load_kw=np.asarray(tonight.base_load_kw),
        order=PlanOrder(made_at=made_at, occupancy=occupancy, preference=tonight.preference),
    )


def changed_night(
    settings: Settings, tonight: Tonight, *, change: NightChange, choices: NightChoices
) -> Tonight:
    """Return the facts of a night with a change made; the store is only read.

    The grid grows where a departure is moved beyond its end.

    Raises
    ------
    RecordMissingError
        If a vehicle is not in the night.
    ModelError
        If a stay or a limit cannot be as it is tried.
    """
    limit_kw = change.operating_limit_kw
    connection = tonight.depot.grid
    if limit_kw is not None:
        connection = replace(connection, operating_limit_kw=limit_kw)
    needs = _shifted(tonight.needs, change.shifts)
    if change.most_soc is not None:
        needs = capped_needs(needs, tonight.fleet, most_soc=change.most_soc)
    grid = grid_over(
        tonight.grid.start,
        max(tonight.grid.end, *(need.dwell.departure for need in needs)),
        interval_s=tonight.grid.interval_s,
    )
    base_load_kw = tonight.base_load_kw + (0.0,) * (grid.count - tonight.grid.count)
    paid_kw = max(choices.running_peak_kw, change.paid_kw)
    is_priced = grid == tonight.grid and paid_kw == choices.running_peak_kw
    return replace(
        tonight,
        depot=replace(tonight.depot, grid=connection),
        needs=needs,
        grid=grid,
        prices=tonight.prices
        if is_priced
        else _prices(settings, tonight, grid=grid, paid_kw=paid_kw, choices=choices),
        base_load_kw=base_load_kw,
    )


def ready_tonight(tonight: Tonight, plan: Plan) -> pl.DataFrame:
    """Return how likely each vehicle of a plan is ready, by the uncertainty of its need.

    Parameters
    ----------
    tonight : Tonight
        Facts that the plan was made from.
    plan : Plan

    Returns
    -------
    polars.DataFrame
        ``vehicle_id``; chances, 0-1: ``as_planned_share`` with the plan as it stands,
        ``planned_again_share`` with a plan made anew once the needs are known,
        ``leaving_early_share`` with the plan as it stands when some leave early (`SOME_LEAVE_EARLY`);
        ``met_share`` of what it asks for; ``slack_share`` of its stay that it could do without.

    Raises
    ------
    ExplainError
        If the plan was made from other facts.
    SolverError
        If a solver fails.
    """
    problem = facts_of(tonight, occupancy=plan.header.occupancy).decided(plan)
    task_kw, sigma_kwh = solve_problem(problem).task_kw, sigmas_kwh(tonight.dwells)
    chances = ready_chances(problem, task_kw, sigma_kwh=sigma_kwh)
    early = chances_if_some_leave_early(
        problem, task_kw, sigma_kwh=sigma_kwh, early=SOME_LEAVE_EARLY
    )
    return pl.DataFrame(
        {
            "vehicle_id": [one.vehicle_id for one in chances],
            "as_planned_share": [one.as_planned_share for one in chances],
            "planned_again_share": [one.planned_again_share for one in chances],
            "leaving_early_share": early,
            "met_share": met_shares(problem, task_kw),
            "slack_share": slack_shares(problem),
        },
        schema_overrides={"vehicle_id": pl.String},
    )


def evenness_tonight(rows: pl.DataFrame) -> float:
    """Return how evenly vehicles get what they ask for, by Jain: 1 all alike, 1 / n one has all.

    Parameters
    ----------
    rows : polars.DataFrame
        Of `ready_tonight`.
    """
    return jain_share(rows["met_share"].to_numpy())


def _shifted(needs: Iterable[Need], shifts: Iterable[DepartureShift]) -> tuple[Need, ...]:
    by = {shift.vehicle_id: shift.by for shift in shifts}
    known = tuple(needs)
    missing = by.keys() - {need.dwell.vehicle_id for need in known}
    if missing:
        raise RecordMissingError(
            f"{', '.join(sorted(missing))} is not in the night",
            where="departures",
            hint="name vans that leave after this night",
        )
    return tuple(
        replace(
            need,
            dwell=replace(
                need.dwell,
                departure=need.dwell.departure + by.get(need.dwell.vehicle_id, timedelta(0)),
            ),
        )
        for need in known
    )


def _prices(
    settings: Settings,
    tonight: Tonight,
    *,
    grid: TimeGrid,
    paid_kw: float,
    choices: NightChoices,
) -> PriceTerms:
    tariff_id = chosen_tariff_id(settings.warehouse_path, tonight.depot.depot_id)
    if tariff_id is None:
        raise RecordMissingError(
            f"no tariff has been chosen for {tonight.depot.name}",
            where="tariff",
            hint="import a tariff record and choose it",
        )
    return price_terms(
        stored_tariff(settings, tariff_id),
        grid,
        time_zone=zone(tonight.depot.time_zone),
        nights_per_month=choices.nights_per_month,
        sunk_kw=paid_kw,
    )
