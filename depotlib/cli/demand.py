"""``depot demand``: bills and demand charges of a site's sessions under a tariff."""

from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.cli.report_option import ReportOption
from depotlib.settings import read_settings
from depotlib.workflows.billing_cases import StoredCase
from depotlib.workflows.open_notebook import demand_recipe
from depotlib.workflows.report_bills import demand_report
from depotlib.workflows.review_demand import list_tariffs, review_demand
from depotlib.workflows.write_report import write_report


def command(
    *,
    site: Annotated[str, typer.Option(help="a site with sessions in the store")],
    tariff: Annotated[str, typer.Option(help="a tariff id of the store")] = "",
    time_zone: Annotated[str, typer.Option(help="zone of the site's meter")] = "UTC",
    max_kw: Annotated[float, typer.Option(help="power of a charging vehicle")] = 7.2,
    spread: Annotated[bool, typer.Option(help="spread energy evenly over each stay")] = False,
    report: ReportOption = None,
) -> None:
    """Print the monthly bills of a site's sessions, line by line."""
    settings = read_settings()
    tariffs = list_tariffs(settings)
    case = StoredCase(
        settings=settings,
        site=site,
        tariff_id=tariff or next(iter(tariffs), ""),
        time_zone=time_zone,
        max_kw=max_kw,
        shape="spread" if spread else "at_plug_in",
    )
    review = review_demand(
        settings,
        site=case.site,
        tariff_id=case.tariff_id,
        time_zone=case.time_zone,
        max_kw=case.max_kw,
        shape=case.shape,
    )
    if report is not None:
        write_report(report, demand_report(review), recipe=demand_recipe(case), settings=settings)
    print_json(
        {
            "tariffs": tariffs,
            "tariff": review.tariff_name,
            "currency": review.currency,
            "peak_kw": review.peak_kw,
            "peak_at": review.peak_at,
            "energy": review.energy_amount,
            "demand": review.demand_amount,
            "total": review.total_amount,
            "assumption": review.assumption,
            "bills": [{"total": bill.total, "bill": bill} for bill in review.bills],
        }
    )
