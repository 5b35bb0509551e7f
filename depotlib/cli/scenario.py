"""``depot scenario``: tonight with some facts changed, planned, beside tonight as it is."""

from typing import Annotated

import typer

from depotlib.cli.night_options import (
    DaysPerMonthOption,
    EveningOption,
    IgnoreOccupancyOption,
    RunningPeakOption,
)
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.cli.report_option import ReportOption
from depotlib.settings import read_settings
from depotlib.workflows.compare_scenarios import (
    ScenarioOrder,
    compare_scenarios,
    scenario_from_text,
)
from depotlib.workflows.open_notebook import scenarios_recipe
from depotlib.workflows.report_scenarios import scenarios_report
from depotlib.workflows.tonight import NIGHTS_PER_MONTH, NightChoices
from depotlib.workflows.write_report import write_report


def command(
    scenario: Annotated[
        list[str] | None,
        typer.Argument(help="'More vans: vehicles=80; ac_stations=48'; repeatable"),
    ] = None,
    *,
    evening: EveningOption = None,
    days_per_month: DaysPerMonthOption = NIGHTS_PER_MONTH,
    running_peak: RunningPeakOption = 0.0,
    ignore_occupancy: IgnoreOccupancyOption = False,
    time_zone: Annotated[str, typer.Option(help="of times in the report")] = "UTC",
    report: ReportOption = None,
) -> int:
    """Plan a night and scenarios of it; keeps nothing; exit 3 if one cannot be planned."""
    settings = read_settings()
    order = ScenarioOrder(
        at=settings.depot_clock().now(),
        choices=NightChoices(
            evening=evening.date() if evening else None,
            nights_per_month=days_per_month,
            running_peak_kw=running_peak,
        ),
        occupancy="relaxed" if ignore_occupancy else "assigned",
    )
    asked = [scenario_from_text(text) for text in scenario or ()]
    solved = compare_scenarios(settings, order, scenarios=asked)
    if report is not None:
        recipe = scenarios_recipe(settings, order, scenarios=asked, time_zone=time_zone)
        write_report(
            report, scenarios_report(solved, time_zone=time_zone), recipe=recipe, settings=settings
        )
    print_json(
        {
            "scenarios": [
                {
                    "name": one.scenario.name,
                    "changes": one.scenario.changes,
                    "plan": None if one.plan is None else one.plan.header,
                    "why_not": one.why_not,
                }
                for one in solved
            ]
        }
    )
    return EXIT_DONE if all(one.plan is not None for one in solved) else EXIT_FALLS_SHORT
