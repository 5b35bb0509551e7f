"""Plan a night of the depot: the optimum with its proof, and what others would have done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from depotlib.model.plan import Occupancy, Plan
from depotlib.planning.plan import OPTIMAL, POLICIES, PlanOrder, plan_night, plans_of_night
from depotlib.planning.watch import Watch
from depotlib.settings import Settings
from depotlib.store.plans import load_plan, save_plan
from depotlib.workflows.tonight import NO_NIGHT_CHOICES, NightChoices, Tonight, gather_tonight

BASELINE_NAMES: Final = tuple(policy for policy in POLICIES if policy != OPTIMAL)


@dataclass(frozen=True, slots=True)
class NightAnswer:
    """A night's plan beside its baselines.

    Parameters
    ----------
    tonight : Tonight
        What the plan rests on.
    plan : Plan
    baselines : tuple of Plan
        Same night, other policies; the first, uncontrolled, shows what would happen.
    """

    tonight: Tonight
    plan: Plan
    baselines: tuple[Plan, ...]


def plan_tonight(
    settings: Settings,
    *,
    now: datetime,
    choices: NightChoices = NO_NIGHT_CHOICES,
    occupancy: Occupancy = "assigned",
    watch: Watch | None = None,
) -> NightAnswer:
    """Return the plan of a night, kept in the store, beside its baselines.

    Parameters
    ----------
    settings : Settings
    now : datetime
    choices : NightChoices, optional
    occupancy : {'assigned', 'relaxed'}
        Relaxed is a bound, not a plan: it can never be pushed.
    watch : Watch, optional
        Told how far the plan is; its wish to stop makes the best so far the plan.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If something the night rests on is not there; says what.
    PlanningError
        If the facts contradict each other.
    """
    watch = watch or Watch()
    tonight = gather_tonight(settings, now=now, choices=choices)
    plan, *baselines = plans_of_night(
        tonight.dwells,
        tonight.depot,
        grid=tonight.grid,
        prices=tonight.prices,
        base_load_kw=np.asarray(tonight.base_load_kw),
        orders=[
            PlanOrder(
                made_at=now,
                policy=policy,
                occupancy=occupancy,
                preference=tonight.preference,
                time_limit_s=choices.time_limit_s,
                watch=watch,
            )
            for policy in (OPTIMAL, *BASELINE_NAMES)
        ],
    )
    save_plan(settings.warehouse_path, plan)
    return NightAnswer(tonight=tonight, plan=plan, baselines=tuple(baselines))


def stored_plan(settings: Settings, plan_id: str) -> Plan:
    """Return a plan of the store.

    Raises
    ------
    RecordMissingError
        If there is no such plan.
    """
    return load_plan(settings.warehouse_path, plan_id)


def plan_of(tonight: Tonight, *, now: datetime) -> Plan:
    """Return the optimal plan of gathered facts; nothing is kept.

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
        order=PlanOrder(made_at=now),
    )
