"""Suspicions that are billed again: another period, day type, window, clock, tariff or read."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import LoadError
from depotlib.model.calendar import BillingPeriod, calendar_month, local_instant, zone
from depotlib.model.utility_bill import CauseKind
from depotlib.tariffs.bill_match import expected_lines
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.component import Component
from depotlib.tariffs.energy import Energy
from depotlib.tariffs.line_suspicion import METERED, MULTIPLIERS, TIER
from depotlib.tariffs.suspicion import (
    FREE,
    LESS_SPECIFIC,
    SPECIFIC,
    Evidence,
    Suspicion,
    of_kinds,
)
from depotlib.tariffs.tou_demand import TouDemand
from depotlib.tariffs.urdb_record import Schedule
from depotlib.units import SECONDS_PER_HOUR, minutes_to_s

Reschedule = Callable[[Schedule], Schedule]

ONE_DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
DAY_SHIFTS: Final = (
    *((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1)),
    *((0, 2), (0, -2), (2, 0), (-2, 0), (2, 2), (-2, -2), (1, -1), (-1, 1)),
)
WINDOWS_MIN: Final = (5, 10, 15, 20, 30, 60)
METERED_KINDS: Final = frozenset({"energy", "demand"})
DEMAND: Final = frozenset({"demand"})
ENERGY: Final = frozenset({"energy"})


def other_period(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that the bill covers other days than it says."""
    case = evidence.case
    first, end = (
        instant.astimezone(case.time_zone).date()
        for instant in (case.period.start, case.period.end)
    )
    spans = [(first + n * ONE_DAY, end + m * ONE_DAY) for n, m in DAY_SHIFTS]
    month = calendar_month(case.period.start, case.time_zone)
    spans.append(
        (
            month.start.astimezone(case.time_zone).date(),
            month.end.astimezone(case.time_zone).date(),
        )
    )
    for span in dict.fromkeys(spans):
        if span != (first, end) and span[0] < span[1]:
            yield from _billed_again(
                evidence,
                replace(case, period=_period(*span, time_zone=case.time_zone)),
                kind="wrong_period",
                sentence=f"the bill covers {span[0]} to {span[1]}, not {first} to {end}",
            )


def other_day_type(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that a holiday is billed as a working day, or a public holiday as a weekend day."""
    days = _days(evidence.case)
    known = evidence.case.inputs.holidays
    observed = [day for day in days if day in known]
    trials = [(f"the holiday {day} is billed as a working day", known - {day}) for day in observed]
    if len(observed) > 1:
        trials.append(("no holiday is observed", known - set(observed)))
    trials += [
        (f"{day}, a public holiday that the tariff does not observe, is billed as a weekend day",
         known | {day})
        for day in days
        if day in evidence.public_holidays - known
    ]  # fmt: skip
    for sentence, holidays in trials:
        yield from _billed_again(
            evidence, _observing(evidence.case, holidays), kind="holiday", sentence=sentence
        )


def any_day_off(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that some working day is billed as a weekend day."""
    known = evidence.case.inputs.holidays
    for day in _days(evidence.case):
        if day.weekday() < SATURDAY and day not in known | evidence.public_holidays:
            yield from _billed_again(
                evidence,
                _observing(evidence.case, known | {day}),
                kind="holiday",
                sentence=f"the working day {day} is billed as a weekend day",
                rank=LESS_SPECIFIC,
            )


def other_window(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that demand is the mean over another window, or over sliding ones."""
    case = evidence.case
    right_s = case.tariff.demand_window_s
    for minutes in WINDOWS_MIN:
        window_s = int(minutes_to_s(minutes))
        if window_s != right_s and window_s >= case.interval_s:
            yield from _billed_again(
                evidence,
                replace(case, tariff=replace(case.tariff, demand_window_s=window_s)),
                kind="wrong_window",
                sentence=f"demand is the mean over {minutes} min, not {right_s} s",
                kinds=DEMAND,
            )
    kind = "block" if case.inputs.windows == "sliding" else "sliding"
    yield from _billed_again(
        evidence,
        replace(case, inputs=replace(case.inputs, windows=kind)),
        kind="wrong_window",
        sentence=f"demand is taken over {kind} windows, not {case.inputs.windows} ones",
        kinds=DEMAND,
    )


def other_tariff(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that the bill follows an earlier version of the tariff or another schedule."""
    for tariff in evidence.former_tariffs:
        since = "" if tariff.valid_from is None else f", in force from {tariff.valid_from.date()}"
        yield from _billed_again(
            evidence,
            replace(evidence.case, tariff=tariff),
            kind="wrong_tariff",
            sentence=f"billed under {tariff.name} ({tariff.tariff_id}{since})",
            kinds=None,
        )


def other_clock(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that time-of-use hours are read off a clock that is wrong by an hour."""
    case = evidence.case
    standard = _standard_time(case.period.start, case.time_zone)
    if standard is not None:
        yield from _billed_again(
            evidence,
            replace(case, time_zone=standard),
            kind="clock_shift",
            sentence="time-of-use hours follow standard time all year: the meter's clock does "
            "not change for daylight saving",
            kinds=METERED_KINDS,
        )
    for hours, word in ((1, "late"), (-1, "early")):
        yield from _rescheduled(
            evidence,
            lambda schedule, hours=hours: _rolled(schedule, hours),
            kind="clock_shift",
            sentence=f"every time-of-use period begins an hour {word}",
        )


def other_schedule(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that weekends or seasons are mapped to the wrong periods."""
    trials: tuple[tuple[str, Reschedule], ...] = (
        ("weekends are billed as working days", lambda one: replace(one, weekend=one.weekday)),
        ("working days are billed as weekends", lambda one: replace(one, weekday=one.weekend)),
        ("the season changes a month late", lambda one: _of_other_months(one, 1)),
        ("the season changes a month early", lambda one: _of_other_months(one, -1)),
        ("the months of the other season are billed", lambda one: _of_other_months(one, 6)),
    )
    for sentence, change in trials:
        yield from _rescheduled(evidence, change, kind="wrong_time_of_use", sentence=sentence)


def other_read(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that the energy is an estimate: all of it off by one factor."""
    theirs_kwh = sum(
        (line.quantity or Decimal(0) for line in evidence.theirs.lines if line.kind == "energy"),
        Decimal(0),
    )
    ours = [line for line in evidence.lines if line.kind == "energy"]
    ours_kwh = sum((line.quantity for line in ours), Decimal(0))
    if theirs_kwh <= 0 or ours_kwh <= 0:
        return
    is_marked = evidence.theirs.says_estimated
    for found in _scaled(
        evidence,
        theirs_kwh / ours_kwh,
        kinds=ENERGY,
        kind="estimated_read",
        sentence=(
            f"the energy is {theirs_kwh} kWh where the meter's intervals hold {ours_kwh:.0f}: "
            + ("an estimated read" if is_marked else "an estimated or wrong read")
        ),
        rank=SPECIFIC if is_marked else FREE,
    ):
        # The factor comes from the printed quantities, and carries the rounding of them all.
        yield replace(found, roundings=1 + len(ours))


def other_multiplier(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that the meter's multiplier is wrong, where tiers follow the quantity."""
    for kinds, words in METERED:
        if any(line.kind in kinds and TIER.search(line.component) for line in evidence.lines):
            for factor in MULTIPLIERS:
                yield from _scaled(
                    evidence,
                    factor,
                    kinds=kinds,
                    kind="wrong_multiplier",
                    sentence=f"{words} is {factor} times what the meter saw: a wrong multiplier "
                    "or decimal",
                )


def _billed_again(
    evidence: Evidence,
    case: BillingCase,
    *,
    kind: CauseKind,
    sentence: str,
    kinds: frozenset[str] | None = None,
    rank: int = SPECIFIC,
) -> Iterator[Suspicion]:
    # A suspicion that cannot touch what differs need not be billed.
    if kinds is not None and not evidence.kinds_apart <= kinds:
        return
    try:
        again = expected_lines(case.bill())
    except LoadError:
        # The load does not reach so far: nothing can be said.
        return
    lines = again if kinds is None else of_kinds(again, kinds, rest=evidence.lines)
    if lines != evidence.lines:
        yield Suspicion(kind=kind, sentence=sentence, lines=lines, rank=rank)


def _scaled(
    evidence: Evidence,
    factor: Decimal,
    *,
    kinds: frozenset[str],
    kind: CauseKind,
    sentence: str,
    rank: int = SPECIFIC,
) -> Iterator[Suspicion]:
    load = evidence.case.load.with_columns(pl.col("power_kw") * float(factor))
    yield from _billed_again(
        evidence,
        replace(evidence.case, load=load),
        kind=kind,
        sentence=sentence,
        kinds=kinds,
        rank=rank,
    )


def _rescheduled(
    evidence: Evidence, change: Reschedule, *, kind: CauseKind, sentence: str
) -> Iterator[Suspicion]:
    tariff = evidence.case.tariff
    components = tuple(_with_schedule(component, change) for component in tariff.components)
    if components != tariff.components:
        yield from _billed_again(
            evidence,
            replace(evidence.case, tariff=replace(tariff, components=components)),
            kind=kind,
            sentence=sentence,
            kinds=METERED_KINDS,
        )


def _with_schedule(component: Component, change: Reschedule) -> Component:
    if isinstance(component, Energy | TouDemand):
        return replace(component, schedule=change(component.schedule))
    return component


def _rolled(schedule: Schedule, hours: int) -> Schedule:
    def later(rows: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        return tuple((*row[-hours:], *row[:-hours]) for row in rows)

    return Schedule(weekday=later(schedule.weekday), weekend=later(schedule.weekend))


def _of_other_months(schedule: Schedule, months: int) -> Schedule:
    def moved(rows: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        return (*rows[-months:], *rows[:-months])

    return Schedule(weekday=moved(schedule.weekday), weekend=moved(schedule.weekend))


def _observing(case: BillingCase, holidays: frozenset[date]) -> BillingCase:
    return replace(case, inputs=replace(case.inputs, holidays=holidays, are_holidays_stated=True))


def _days(case: BillingCase) -> list[date]:
    first, end = (
        instant.astimezone(case.time_zone).date()
        for instant in (case.period.start, case.period.end)
    )
    return [first + offset * ONE_DAY for offset in range((end - first).days)]


def _period(first: date, end: date, *, time_zone: ZoneInfo) -> BillingPeriod:
    return BillingPeriod(
        start=local_instant(first, time(0), time_zone=time_zone),
        end=local_instant(end, time(0), time_zone=time_zone),
    )


def _standard_time(instant: datetime, time_zone: ZoneInfo) -> ZoneInfo | None:
    local = instant.astimezone(time_zone)
    offset, saving = local.utcoffset(), local.dst()
    if offset is None or not saving:
        return None
    standard_s = int((offset - saving).total_seconds())
    if standard_s % SECONDS_PER_HOUR:
        return None
    # The zone database counts its fixed zones westward.
    return zone(f"Etc/GMT{-standard_s // SECONDS_PER_HOUR:+d}" if standard_s else "UTC")
