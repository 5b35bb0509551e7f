"""A plan explained: limits, peaks, hours, energies, points, conflicts, repairs and chances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.model.plan import Plan
from depotlib.planning.explain.conflict import Conflict, conflicts_of
from depotlib.planning.explain.duties import DutyAdvice, DutyOption, duty_advice
from depotlib.planning.explain.facts import NightFacts
from depotlib.planning.explain.limits import LimitValue, limit_values, more_site_power
from depotlib.planning.explain.peak_cut import PeakCut, peak_cuts
from depotlib.planning.explain.repairs import Repair, ReserveKnob, repairs_of
from depotlib.planning.explain.values import (
    DepartureValue,
    EnergyValue,
    PointValue,
    Solved,
    departure_values,
    energy_values,
    point_values,
    solved,
)
from depotlib.planning.outcome import Outcome
from depotlib.planning.ready_chance import SAMPLES, SEED, ReadyChance, ready_chances, sigmas_kwh
from depotlib.planning.sentence import saving_words
from depotlib.planning.solve import solve_problem

SITE_STEPS_KW: Final[tuple[float, ...]] = (-10.0, 10.0)
_UNLIKELY_SHARE: Final = 0.95
_NOTICEABLE_KWH: Final = 0.01
_TOLD: Final = 4


@dataclass(frozen=True, slots=True)
class ExplainOrder:
    """What is asked beside the plan itself.

    Parameters
    ----------
    made_at : datetime
        Stands in the plans of repairs.
    reserve : ReserveKnob or None
        Lets a smaller reserve be offered.
    duty_options : tuple of DutyOption
        Other ways to give out the duties.
    site_steps_kw : tuple of float
        By how much the site's limit is moved, as a slider would.
    samples, seed : int
        For the chances of being ready.
    """

    made_at: datetime
    reserve: ReserveKnob | None = None
    duty_options: tuple[DutyOption, ...] = ()
    site_steps_kw: tuple[float, ...] = SITE_STEPS_KW
    samples: int = SAMPLES
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class SiteStep:
    """What so much more, or less, for the site in every interval comes to.

    Parameters
    ----------
    step_kw : float
    outcome : Outcome
    saved_amount : float
    sentence : str
    """

    step_kw: float
    outcome: Outcome
    saved_amount: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a plan is as it is, and what would change it.

    Parameters
    ----------
    plan_id, currency : str
    outcome : Outcome
        What all differences start from: the optimum within the plan's windows, before least powers.
    limits : tuple of LimitValue
        The dearest first.
    site_steps : tuple of SiteStep
    peaks : tuple of PeakCut
    departures : tuple of DepartureValue
    energies : tuple of EnergyValue
    points : tuple of PointValue
    conflicts : tuple of Conflict
        Empty where everything fits.
    repairs : tuple of Repair
    duties : DutyAdvice or None
        None where no other way was given.
    chances : tuple of ReadyChance
        By vehicle.
    """

    plan_id: str
    currency: str
    outcome: Outcome
    limits: tuple[LimitValue, ...]
    site_steps: tuple[SiteStep, ...]
    peaks: tuple[PeakCut, ...]
    departures: tuple[DepartureValue, ...]
    energies: tuple[EnergyValue, ...]
    points: tuple[PointValue, ...]
    conflicts: tuple[Conflict, ...]
    repairs: tuple[Repair, ...]
    duties: DutyAdvice | None
    chances: tuple[ReadyChance, ...]

    def sentences(self) -> tuple[str, ...]:
        """Return what a dispatcher should read, the urgent first: at most four of a kind."""
        doubtful = sorted(
            (one for one in self.chances if one.as_planned_share < _UNLIKELY_SHARE),
            key=lambda one: one.as_planned_share,
        )
        groups: tuple[tuple[str, ...], ...] = (
            tuple(one.sentence for one in self.conflicts),
            tuple(one.sentence for one in self.repairs),
            () if self.duties is None else (self.duties.sentence,),
            tuple(one.sentence for one in doubtful),
            tuple(one.sentence for one in self.peaks),
            tuple(one.sentence for one in self.limits),
            tuple(one.sentence for one in self.site_steps),
            tuple(one.sentence for one in self.departures),
            tuple(one.sentence for one in self.energies),
            tuple(one.sentence for one in self.points),
        )
        return tuple(sentence for group in groups for sentence in group[:_TOLD])


def explain_plan(facts: NightFacts, plan: Plan, *, order: ExplainOrder) -> Explanation:
    """Return the explanation of a plan.

    Parameters
    ----------
    facts : NightFacts
        Those that the plan was made from.
    plan : Plan
    order : ExplainOrder

    Raises
    ------
    ExplainError
        If the plan was made from other facts.
    PlanningError
        If something cannot be solved again.
    """
    problem = facts.decided(plan)
    start = solved(problem, solve_problem(problem))
    priced = start.solution.priced or problem
    zone = facts.time_zone
    return Explanation(
        plan_id=plan.header.plan_id,
        currency=facts.prices.currency,
        outcome=start.outcome,
        limits=limit_values(problem, start.solution, time_zone=zone),
        site_steps=_site_steps(start, order.site_steps_kw),
        peaks=peak_cuts(priced, start.solution.task_kw, time_zone=zone),
        departures=departure_values(start, facts),
        energies=energy_values(start),
        points=point_values(start, facts, made_at=order.made_at),
        conflicts=conflicts_of(problem, time_zone=zone) if start.outcome.is_short else (),
        repairs=repairs_of(facts, plan, made_at=order.made_at, reserve=order.reserve),
        duties=_duties(facts, plan, order=order),
        chances=ready_chances(
            problem,
            start.solution.task_kw,
            sigma_kwh=sigmas_kwh(facts.dwells),
            samples=order.samples,
            seed=order.seed,
        ),
    )


def _duties(facts: NightFacts, plan: Plan, *, order: ExplainOrder) -> DutyAdvice | None:
    if not order.duty_options:
        return None
    return duty_advice(facts, plan, options=order.duty_options, made_at=order.made_at)


def _site_steps(start: Solved, steps_kw: Sequence[float]) -> tuple[SiteStep, ...]:
    return tuple(
        _site_step(start, step_kw, outcome=outcome)
        for step_kw, outcome in more_site_power(start.problem, start.solution, steps_kw=steps_kw)
    )


def _site_step(start: Solved, step_kw: float, *, outcome: Outcome) -> SiteStep:
    saved_amount = start.outcome.bill_amount - outcome.bill_amount
    change_kwh = start.outcome.unmet_kwh - outcome.unmet_kwh
    result = saving_words(saved_amount, start.problem.prices.currency)
    if change_kwh > _NOTICEABLE_KWH:
        result = f"delivers {change_kwh:.1f} kWh that are missing now"
    elif change_kwh < -_NOTICEABLE_KWH:
        result = f"leaves {-change_kwh:.1f} kWh more undelivered"
    word = "more" if step_kw >= 0 else "less"
    return SiteStep(
        step_kw=step_kw,
        outcome=outcome,
        saved_amount=saved_amount,
        sentence=f"{abs(step_kw):g} kW {word} for the site all night {result}",
    )
