"""Play nights from files under several policies, many times: readiness and cost as distributions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean, quantiles, stdev
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.errors import InputError
from depotlib.ingest.content import read_content
from depotlib.model.calendar import zone
from depotlib.model.depot import GridConnection
from depotlib.model.dwell import Dwell
from depotlib.simulation.outcome import ScenarioOutcome
from depotlib.simulation.play import play_nights
from depotlib.simulation.scenario import NOTHING_HAPPENS, Chances, PastNight, Scenario
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.workflows.plan_tables import depot_of, dwells_of

NOON: Final = timedelta(hours=12)
BLIND: Final = "blind"


@dataclass(frozen=True, slots=True)
class NightsToPlay:
    """The files of a depot and what is to be played.

    Parameters
    ----------
    dwells_path, stations_path, tariff_path : Path
        Dwells of several nights are drawn from, whole nights at a time; those of one night are a
        typical one.
    site_limit_kw : float
        Operating limit.
    time_zone : str
        Of local times and of the tariff's hours.
    policies : tuple of str
        The first is what the others are compared with.
    plays : int
        Seeds, from 0 on; the same for every policy.
    service_kw : float or None
        Hard limit; None: the operating limit.
    circuits_path : Path or None
    first : date or None
        First evening; None: that of the first dwell.
    days : int
        Evenings of a play.
    chances : Chances
    changeover_s, moves_per_hour : int
        As of a depot; 0 moves: as many as there are.
    """

    dwells_path: Path
    stations_path: Path
    tariff_path: Path
    site_limit_kw: float
    time_zone: str
    policies: tuple[str, ...]
    plays: int = 20
    service_kw: float | None = None
    circuits_path: Path | None = None
    first: date | None = None
    days: int = 1
    chances: Chances = NOTHING_HAPPENS
    changeover_s: int = 600
    moves_per_hour: int = 0


@dataclass(frozen=True, slots=True)
class CostOfSwaps:
    """What vehicles in each other's bays cost a plan that is carried out blindly, a play.

    Parameters
    ----------
    bill_change_amount, unmet_change_kwh : float
        Mean over plays: with swaps less without.
    ready_change_share : float
        Of all stays; negative: fewer are ready.
    """

    bill_change_amount: float
    unmet_change_kwh: float
    ready_change_share: float


@dataclass(frozen=True, slots=True)
class PlayedPolicy:
    """What came of one policy over all plays.

    Parameters
    ----------
    policy : str
    bill_mean_amount, bill_p10_amount, bill_p50_amount, bill_p90_amount : float
        Of a play.
    ready_mean_share : float
        Of all stays.
    ready_p50_share, ready_p95_share : float
        Of a night's vehicles: reached on 50 and on 95 of 100 nights.
    least_ready_share : float
        Of the worst night.
    worst_vehicle_id : str
    worst_vehicle_share : float
        Ready in so many of its stays, in the play where that was least.
    peak_p50_kw, peak_p90_kw : float
    energy_mean_kwh, unmet_mean_kwh : float
    unmet_mean_by_cause_kwh : dict of str to float
    moves_mean_count : float
    dearer_mean_amount : float
        Than the first policy, night by same night.
    dearer_sigma_amount : float
        Standard error of that mean.
    swaps : CostOfSwaps or None
        Where vehicles change bays and the policy does not see it.
    fed_mean_kwh, wear_mean_amount : float
        What vehicles fed back in a play, and what that and storage cost the batteries, beside the
        bill.
    """

    policy: str
    bill_mean_amount: float
    bill_p10_amount: float
    bill_p50_amount: float
    bill_p90_amount: float
    ready_mean_share: float
    ready_p50_share: float
    ready_p95_share: float
    least_ready_share: float
    worst_vehicle_id: str
    worst_vehicle_share: float
    peak_p50_kw: float
    peak_p90_kw: float
    energy_mean_kwh: float
    unmet_mean_kwh: float
    unmet_mean_by_cause_kwh: dict[str, float]
    moves_mean_count: float
    dearer_mean_amount: float
    dearer_sigma_amount: float
    swaps: CostOfSwaps | None
    fed_mean_kwh: float = 0.0
    wear_mean_amount: float = 0.0


@dataclass(frozen=True, slots=True)
class PlayedNights:
    """What came of all policies on the same nights.

    Parameters
    ----------
    currency : str
    plays, days, vehicles, past_nights : int
    policies : tuple of PlayedPolicy
        In the order in which they were asked for.
    """

    currency: str
    plays: int
    days: int
    vehicles: int
    past_nights: int
    policies: tuple[PlayedPolicy, ...]


def simulate_night(files: NightsToPlay) -> PlayedNights:
    """Return what comes of nights under some policies, each on the very same draws.

    Raises
    ------
    InputError
        If a file cannot be used, or nothing is to be played.
    PlanningError
        If there is no such policy, or files contradict each other.
    """
    if files.plays < 1 or not files.policies:
        raise InputError(
            f"{files.plays} plays of {len(files.policies)} policies say nothing",
            where="plays",
            hint="give at least one of each",
        )
    scenario = scenario_of(files)
    by_policy = {policy: _played(scenario, policy, plays=files.plays) for policy in files.policies}
    first = by_policy[files.policies[0]]
    return PlayedNights(
        currency=scenario.tariff.currency,
        plays=files.plays,
        days=files.days,
        vehicles=len({stay.vehicle_id for night in scenario.nights for stay in night.stays}),
        past_nights=len(scenario.nights),
        policies=tuple(
            _summed_up(outcomes, first, swaps=_cost_of_swaps(scenario, outcomes))
            for outcomes in by_policy.values()
        ),
    )


def scenario_of(files: NightsToPlay) -> Scenario:
    """Return the scenario that files describe, under the first of the policies.

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    time_zone = zone(files.time_zone)
    nights = _nights(dwells_of(files.dwells_path, time_zone=time_zone), time_zone)
    tariff = tariff_from_document(
        read_content(files.tariff_path).data, where=str(files.tariff_path)
    )
    depot = depot_of(
        files.stations_path,
        circuits_path=files.circuits_path,
        grid=GridConnection(
            service_kw=files.site_limit_kw if files.service_kw is None else files.service_kw,
            operating_limit_kw=files.site_limit_kw,
        ),
        time_zone=files.time_zone,
    )
    return Scenario(
        depot=replace(
            depot,
            currency=tariff.currency,
            changeover_s=files.changeover_s,
            moves_per_hour=files.moves_per_hour,
        ),
        tariff=tariff,
        nights=nights,
        first=files.first or nights[0].evening,
        days=files.days,
        policy=files.policies[0],
        chances=files.chances,
    )


def _nights(dwells: Sequence[Dwell], time_zone: ZoneInfo) -> tuple[PastNight, ...]:
    """Return dwells by the evening that they begin in, from noon to noon."""

    def evening_of(instant: datetime) -> date:
        return (instant.astimezone(time_zone).replace(tzinfo=None) - NOON).date()

    by_evening: dict[date, list[Dwell]] = defaultdict(list)
    for dwell in dwells:
        by_evening[evening_of(dwell.arrival)].append(dwell)
    return tuple(PastNight(evening, tuple(by_evening[evening])) for evening in sorted(by_evening))


def _played(scenario: Scenario, policy: str, *, plays: int) -> list[ScenarioOutcome]:
    return [play_nights(replace(scenario, policy=policy, seed=seed)) for seed in range(plays)]


def _cost_of_swaps(scenario: Scenario, swapped: Sequence[ScenarioOutcome]) -> CostOfSwaps | None:
    """Return what swaps cost who does not see them: the same nights, everybody in its own bay."""
    if not scenario.chances.misplaced_share or swapped[0].policy != BLIND:
        return None
    orderly = replace(scenario, chances=replace(scenario.chances, misplaced_share=0.0))
    without = _played(orderly, BLIND, plays=len(swapped))
    return CostOfSwaps(
        bill_change_amount=_mean_bill(swapped) - _mean_bill(without),
        unmet_change_kwh=mean(one.unmet_kwh for one in swapped)
        - mean(one.unmet_kwh for one in without),
        ready_change_share=mean(one.readiness.mean_share for one in swapped)
        - mean(one.readiness.mean_share for one in without),
    )


def _mean_bill(outcomes: Sequence[ScenarioOutcome]) -> float:
    return mean(float(one.bill) for one in outcomes)


def _summed_up(
    outcomes: Sequence[ScenarioOutcome],
    first: Sequence[ScenarioOutcome],
    *,
    swaps: CostOfSwaps | None,
) -> PlayedPolicy:
    bills = [float(one.bill) for one in outcomes]
    dearer = [bill - float(one.bill) for bill, one in zip(bills, first, strict=True)]
    shares = sorted(night.ready_share for one in outcomes for night in one.nights)
    worst = min((one.readiness for one in outcomes), key=lambda one: one.worst_vehicle_share)
    peaks_kw = [one.peak_kw for one in outcomes]
    causes: dict[str, float] = defaultdict(float)
    for one in outcomes:
        for part in one.unmet:
            causes[part.cause] += part.energy_kwh / len(outcomes)
    return PlayedPolicy(
        policy=outcomes[0].policy,
        bill_mean_amount=mean(bills),
        bill_p10_amount=_decile(bills, 1),
        bill_p50_amount=_decile(bills, 5),
        bill_p90_amount=_decile(bills, 9),
        ready_mean_share=mean(one.readiness.mean_share for one in outcomes),
        ready_p50_share=shares[len(shares) // 2],
        ready_p95_share=shares[len(shares) // 20],
        least_ready_share=shares[0],
        worst_vehicle_id=worst.worst_vehicle_id,
        worst_vehicle_share=worst.worst_vehicle_share,
        peak_p50_kw=_decile(peaks_kw, 5),
        peak_p90_kw=_decile(peaks_kw, 9),
        energy_mean_kwh=mean(one.charged_kwh for one in outcomes),
        unmet_mean_kwh=mean(one.unmet_kwh for one in outcomes),
        unmet_mean_by_cause_kwh=dict(causes),
        moves_mean_count=mean(one.moves for one in outcomes),
        dearer_mean_amount=mean(dearer),
        dearer_sigma_amount=stdev(dearer) / len(dearer) ** 0.5 if len(dearer) > 1 else 0.0,
        swaps=swaps,
        fed_mean_kwh=mean(0.0 if one.feed is None else one.feed.given_kwh for one in outcomes),
        wear_mean_amount=mean(one.wear_amount for one in outcomes),
    )


def _decile(values: Sequence[float], number: int) -> float:
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=10, method="inclusive")[number - 1]
