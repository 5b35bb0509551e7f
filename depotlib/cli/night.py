"""``depot night``: plans tonight from the depot's own store, beside the baselines."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.night_options import DaysPerMonthOption, EveningOption, RunningPeakOption
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.cli.report_option import ReportOption
from depotlib.model.plan import Occupancy
from depotlib.planning.budget import TIME_LIMIT_S
from depotlib.planning.knobs.preference import Preference
from depotlib.settings import read_settings
from depotlib.units import minutes_to_s
from depotlib.workflows.background_job import seen_job, start_job
from depotlib.workflows.open_notebook import plan_recipe
from depotlib.workflows.plan_job import (
    KIND,
    NightQuestion,
    answer_of_job,
    answer_of_night,
    plan_arguments,
    question_of,
)
from depotlib.workflows.plan_tonight import NightAnswer
from depotlib.workflows.print_pdf import write_pdf
from depotlib.workflows.report_nights import plan_report
from depotlib.workflows.review_store import printed_in
from depotlib.workflows.tonight import NIGHTS_PER_MONTH, NightChoices
from depotlib.workflows.write_report import write_report
from depotlib.workflows.yard_moves import write_yard_page, yard_page
from depotlib.workflows.yard_sheet import night_script, write_yard_sheet


class NightTiming(StrEnum):
    """When to charge, where the bill does not care."""

    EARLIEST = "earliest"
    LATEST = "latest"


def command(
    *,
    evening: EveningOption = None,
    site_limit: Annotated[float | None, typer.Option(help="operating limit [kW]")] = None,
    days_per_month: DaysPerMonthOption = NIGHTS_PER_MONTH,
    running_peak: RunningPeakOption = 0.0,
    ignore_occupancy: Annotated[bool, typer.Option(help="a bound, never pushable")] = False,
    timing: Annotated[
        NightTiming, typer.Option(help="of equal bills the earliest or the latest")
    ] = NightTiming.EARLIEST,
    care: Annotated[
        float, typer.Option(help="what a kWh that waits an hour costs the battery")
    ] = 0.0,
    slack_minutes: Annotated[int, typer.Option(help="done so long before departure")] = 0,
    fair: Annotated[bool, typer.Option(help="equals share what is missing")] = False,
    sheet: Annotated[Path | None, typer.Option(help="write the yard sheet here")] = None,
    moves: Annotated[
        Path | None, typer.Option(help="write the moves here, as a page to print: .html or .pdf")
    ] = None,
    report: ReportOption = None,
    time_limit: Annotated[float, typer.Option(help="for its solvers together [s]")] = (
        TIME_LIMIT_S
    ),
    background: Annotated[
        bool,
        typer.Option("--background", help="as a job: print it at once; depot work follows it"),
    ] = False,
    job: Annotated[str, typer.Option(help="print the night that this job has planned")] = "",
) -> int:
    """Plan a night, keep the plan in the store, and print it beside its baselines."""
    settings = read_settings()
    now, occupancy = settings.depot_clock().now(), _occupancy(is_relaxed=ignore_occupancy)
    choices = NightChoices(
        evening=evening.date() if evening else None,
        operating_limit_kw=site_limit,
        nights_per_month=days_per_month,
        running_peak_kw=running_peak,
        preference=Preference(
            timing="latest" if timing is NightTiming.LATEST else "earliest",
            waiting_per_kwh=care,
            slack_s=int(minutes_to_s(slack_minutes)),
            is_fair=fair,
        ),
        time_limit_s=time_limit,
    )
    question = NightQuestion(now, choices=choices, occupancy=occupancy)
    if job:
        question = question_of(seen_job(settings, job).job)
    if background:
        print_json(start_job(settings, KIND, arguments=plan_arguments(question)))
        return EXIT_DONE
    answer = answer_of_job(settings, job) if job else answer_of_night(settings, question)
    if report is not None:
        recipe = plan_recipe(
            settings, at=question.at, choices=question.choices, occupancy=question.occupancy
        )
        write_report(report, plan_report(answer), recipe=recipe, settings=settings)
    if sheet is not None:
        write_yard_sheet(sheet, night_script(answer.tonight, answer.plan))
    if moves is not None:
        write_moves = write_pdf if moves.suffix.lower() == ".pdf" else write_yard_page
        display = printed_in(settings)
        write_moves(moves, yard_page(answer.tonight, answer.plan, display=display))
    print_json(_printed(answer))
    return EXIT_FALLS_SHORT if answer.plan.header.status == "shortfall" else EXIT_DONE


def _occupancy(*, is_relaxed: bool) -> Occupancy:
    return "relaxed" if is_relaxed else "assigned"


def _printed(answer: NightAnswer) -> dict[str, object]:
    plan = answer.plan
    return {
        "depot": answer.tonight.depot.name,
        "evening": answer.tonight.evening,
        "tariff": answer.tonight.tariff_name,
        "plan": plan.header,
        "moves": plan.moves,
        "shortfalls": plan.shortfalls,
        "bindings": plan.bindings,
        "audit": {"passed": plan.audit.passed, "violations": plan.audit.violations},
        "needs": [
            {
                "vehicle": need.dwell.vehicle_id,
                "arithmetic": need.arithmetic,
                "missing": need.missing,
            }
            for need in answer.tonight.needs
        ],
        "baselines": [baseline.header for baseline in answer.baselines],
    }
