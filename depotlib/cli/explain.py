"""``depot explain``: why tonight's plan is as it is, and what would change it."""

from typing import Annotated

import typer

from depotlib.cli.explanation import printed_explanation
from depotlib.cli.night_options import (
    DaysPerMonthOption,
    EveningOption,
    IgnoreOccupancyOption,
    RunningPeakOption,
)
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json, print_message
from depotlib.settings import read_settings
from depotlib.workflows.explain_plan import NightExplained, explain_tonight, frontier_of
from depotlib.workflows.tonight import NIGHTS_PER_MONTH, NightChoices


def command(
    *,
    evening: EveningOption = None,
    site_limit: Annotated[float | None, typer.Option(help="operating limit [kW]")] = None,
    days_per_month: DaysPerMonthOption = NIGHTS_PER_MONTH,
    running_peak: RunningPeakOption = 0.0,
    ignore_occupancy: IgnoreOccupancyOption = False,
    frontier: Annotated[bool, typer.Option(help="also what slack and battery care cost")] = False,
    text: Annotated[bool, typer.Option(help="also as sentences, on stderr")] = False,
) -> int:
    """Explain tonight's plan: limits, peaks, hours, repairs, chances; exit 3 if it falls short."""
    settings = read_settings()
    explained = explain_tonight(
        settings,
        now=settings.depot_clock().now(),
        choices=NightChoices(
            evening=evening.date() if evening else None,
            operating_limit_kw=site_limit,
            nights_per_month=days_per_month,
            running_peak_kw=running_peak,
        ),
        occupancy="relaxed" if ignore_occupancy else "assigned",
    )
    answer = _printed(explained)
    if frontier:
        answer["frontier"] = frontier_of(explained.tonight, explained.plan)
    if text:
        for sentence in explained.explanation.sentences():
            print_message(f"- {sentence}")
    print_json(answer)
    short = explained.plan.header.status == "shortfall"
    return EXIT_FALLS_SHORT if short else EXIT_DONE


def _printed(explained: NightExplained) -> dict[str, object]:
    return {
        "depot": explained.tonight.depot.name,
        "evening": explained.tonight.evening,
        "tariff": explained.tonight.tariff_name,
        "plan": explained.plan.header,
        **printed_explanation(explained.explanation),
    }
