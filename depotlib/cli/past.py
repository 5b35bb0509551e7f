"""``depot past``: plans a past night of the session history again."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.settings import read_settings
from depotlib.workflows.plan_past_night import (
    LEEDS_SITE,
    PastNight,
    PastNightAnswer,
    plan_past_night,
)
from depotlib.workflows.review_demand import list_tariffs
from depotlib.workflows.tonight import NIGHTS_PER_MONTH


def command(
    *,
    evening: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="local date; the night begins at noon")
    ],
    sessions_of: Annotated[
        str | None, typer.Option(help="site as the log names it; default: all")
    ] = None,
    site: Annotated[Path, typer.Option(help="site file: stations and limits")] = LEEDS_SITE,
    tariff: Annotated[str, typer.Option(help="a tariff id of the store; default: the first")] = "",
    max_kw: Annotated[float, typer.Option(help="power of a charging vehicle")] = 7.2,
    days_per_month: Annotated[float, typer.Option(help="nights like this a month")] = (
        NIGHTS_PER_MONTH
    ),
) -> int:
    """Print what a past night drew beside the plan that would have delivered the same."""
    settings = read_settings()
    answer = plan_past_night(
        settings,
        PastNight(
            evening=evening.date(),
            tariff_id=tariff or next(iter(list_tariffs(settings)), ""),
            site=sessions_of,
            site_path=site,
            max_kw=max_kw,
            nights_per_month=days_per_month,
        ),
        now=settings.depot_clock().now(),
    )
    print_json(_printed(answer))
    return EXIT_FALLS_SHORT if answer.plan.header.status == "shortfall" else EXIT_DONE


def _printed(answer: PastNightAnswer) -> dict[str, object]:
    plan = answer.plan
    return {
        "depot": answer.depot.name,
        "tariff": answer.tariff_name,
        "currency": plan.header.currency,
        "happened": answer.happened,
        "plan": plan.header,
        "saving": answer.happened.bill_amount - plan.header.bill_amount,
        "planned_again": [dwell.vehicle_id for dwell in answer.dwells],
        "as_it_happened": [dwell.vehicle_id for dwell in answer.unmoved],
        "shortfalls": plan.shortfalls,
        "audit": {"passed": plan.audit.passed, "violations": plan.audit.violations},
        "notes": answer.notes,
    }
