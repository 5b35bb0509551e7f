"""``depot try``: tonight with another limit, target or departure, beside tonight as it is."""

from datetime import timedelta
from typing import Annotated

import typer

from depotlib.cli.night_options import (
    DaysPerMonthOption,
    EveningOption,
    IgnoreOccupancyOption,
    RunningPeakOption,
)
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.errors import InputError
from depotlib.settings import read_settings
from depotlib.workflows.tonight import NIGHTS_PER_MONTH, NightChoices, gather_tonight
from depotlib.workflows.try_night import (
    DepartureShift,
    NightChange,
    NightTrial,
    plan_as_chosen,
    try_night,
)


def command(
    *,
    evening: EveningOption = None,
    days_per_month: DaysPerMonthOption = NIGHTS_PER_MONTH,
    running_peak: RunningPeakOption = 0.0,
    ignore_occupancy: IgnoreOccupancyOption = False,
    site_limit: Annotated[float | None, typer.Option(help="tried: operating limit [kW]")] = None,
    target: Annotated[float, typer.Option(help="tried: peak that counts as paid [kW]")] = 0.0,
    departs: Annotated[
        list[str] | None, typer.Option(help="tried: van-17=+60, minutes later; -60: earlier")
    ] = None,
    most_soc: Annotated[
        float | None, typer.Option(help="tried: nobody charged above it, 0-1; duties go before")
    ] = None,
) -> int:
    """Plan tonight with changes, beside tonight without; keeps nothing; exit 3 if it falls short."""
    settings = read_settings()
    now = settings.depot_clock().now()
    choices = NightChoices(
        evening=evening.date() if evening else None,
        nights_per_month=days_per_month,
        running_peak_kw=running_peak,
    )
    tonight = gather_tonight(settings, now=now, choices=choices)
    trial = try_night(
        settings,
        tonight,
        change=NightChange(
            operating_limit_kw=site_limit,
            paid_kw=target,
            shifts=tuple(_shift(text) for text in departs or ()),
            most_soc=most_soc,
        ),
        before=plan_as_chosen(
            tonight,
            made_at=now,
            occupancy="relaxed" if ignore_occupancy else "assigned",
        ),
        choices=choices,
    )
    print_json(_printed(trial))
    return EXIT_FALLS_SHORT if trial.plan.header.status == "shortfall" else EXIT_DONE


def _shift(text: str) -> DepartureShift:
    vehicle_id, _, minutes = text.rpartition("=")
    try:
        return DepartureShift(vehicle_id, timedelta(minutes=int(minutes)))
    except ValueError as error:
        raise InputError(
            f"{text!r} names no van and no minutes",
            where="--departs",
            hint="write van-17=+60 for an hour later, van-17=-30 for half an hour earlier",
        ) from error


def _printed(trial: NightTrial) -> dict[str, object]:
    return {
        "depot": trial.tonight.depot.name,
        "evening": trial.tonight.evening,
        "before": trial.before,
        "tried": trial.plan.header,
        "bill_change": trial.bill_change_amount,
        "peak_change_kw": trial.peak_change_kw,
        "ready_change": trial.ready_change,
        "unmet_change_kwh": trial.unmet_change_kwh,
        "shortfalls": trial.plan.shortfalls,
        "moves": trial.plan.moves,
        "audit": {
            "passed": trial.plan.audit.passed,
            "violations": trial.plan.audit.violations,
        },
    }
