"""``depot tariffs``: compare, show and import tariffs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_BAD_INPUT, EXIT_DONE, print_json
from depotlib.cli.report_option import ReportOption
from depotlib.errors import OptionRefusedError
from depotlib.settings import Settings, read_settings
from depotlib.workflows.compare_tariffs import (
    ComparedTariff,
    History,
    TariffComparison,
    TariffCost,
    compare_files,
    compare_stored,
)
from depotlib.workflows.import_files import import_files
from depotlib.workflows.open_notebook import comparison_recipe
from depotlib.workflows.report_bills import comparison_report
from depotlib.workflows.review_demand import list_tariffs
from depotlib.workflows.show_tariff import show_tariff
from depotlib.workflows.write_report import write_report


class Action(StrEnum):
    """What to do with tariffs."""

    COMPARE = "compare"
    SHOW = "show"
    IMPORT = "import"


def command(
    action: Annotated[Action, typer.Argument(help="compare, show or import")],
    tariffs: Annotated[
        list[str] | None,
        typer.Argument(help="files, or ids of the store; compare, show: default all of the store"),
    ] = None,
    *,
    load: Annotated[
        Path | None, typer.Option(help="compare: CSV with interval_start and power_kw")
    ] = None,
    site: Annotated[str, typer.Option(help="compare: a site with sessions in the store")] = "",
    time_zone: Annotated[str | None, typer.Option(help="zone of the meter")] = None,
    max_kw: Annotated[float, typer.Option(help="power of a charging vehicle")] = 7.2,
    plan: Annotated[bool, typer.Option(help="plan the same stays anew under each")] = True,
    report: ReportOption = None,
) -> int:
    """Compare tariffs on a load or a site's sessions, show what they hold, or import them."""
    settings, named = read_settings(), tariffs or []
    if action is Action.IMPORT:
        return _import(settings, named)
    if action is Action.SHOW:
        print_json([show_tariff(settings, one) for one in named or list_tariffs(settings)])
        return EXIT_DONE
    if (load is None) == (not site):
        raise OptionRefusedError(
            "compare needs either a load or a site",
            where="--load, --site",
            hint="name a CSV with --load, or a site of the store with --site",
        )
    if load is not None:
        paths = [Path(one) for one in named]
        compared = compare_files(load, paths, time_zone=time_zone)
        if report is not None:
            write_report(
                report, comparison_report(compared, time_zone=time_zone or "UTC"), settings=settings
            )
        print_json(_printed(compared))
        return EXIT_DONE
    history = History(site=site, time_zone=time_zone or "UTC", max_kw=max_kw, is_planned=plan)
    chosen = named or list(list_tariffs(settings))
    compared = compare_stored(settings, history, tariff_ids=chosen)
    if report is not None:
        recipe = comparison_recipe(settings, history, tariff_ids=tuple(chosen))
        written = comparison_report(compared, time_zone=history.time_zone)
        write_report(report, written, recipe=recipe, settings=settings)
    print_json(_printed(compared))
    return EXIT_DONE


def _import(settings: Settings, named: list[str]) -> int:
    now = settings.depot_clock().now()
    answers = import_files([Path(one) for one in named], settings=settings, now=now)
    print_json(
        [
            {"file": one.file, "report": one.report}
            if one.error is None
            else {
                "file": one.file,
                "error": {
                    "what": one.error.what,
                    "where": one.error.where,
                    "hint": one.error.hint,
                },
            }
            for one in answers
        ]
    )
    return EXIT_BAD_INPUT if any(one.error for one in answers) else EXIT_DONE


def _printed(comparison: TariffComparison) -> dict[str, object]:
    return {
        "from": comparison.start,
        "to": comparison.end,
        "tariffs": [_tariff(one) for one in comparison.tariffs],
        "notes": comparison.notes,
    }


def _tariff(one: ComparedTariff) -> dict[str, object]:
    return {
        "id": one.tariff_id,
        "name": one.name,
        "currency": one.currency,
        "past": _cost(one.past),
        "planned": _cost(one.planned),
        "refusal": one.refusal,
    }


def _cost(cost: TariffCost | None) -> dict[str, object] | None:
    if cost is None:
        return None
    return {
        "total": cost.total_amount,
        "energy": cost.energy_amount,
        "demand": cost.demand_amount,
        "other": cost.other_amount,
        "peak_kw": cost.peak_kw,
        "months": {bill.period.start.isoformat(): bill.total for bill in cost.bills},
    }
