"""``depot demand``: bills and demand charges of a site's sessions under a tariff."""

from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.settings import read_settings
from depotlib.workflows.review_demand import list_tariffs, review_demand


def command(
    *,
    site: Annotated[str, typer.Option(help="a site with sessions in the store")],
    tariff: Annotated[str, typer.Option(help="a tariff id of the store")] = "",
    time_zone: Annotated[str, typer.Option(help="zone of the site's meter")] = "UTC",
    max_kw: Annotated[float, typer.Option(help="power of a charging vehicle")] = 7.2,
    spread: Annotated[bool, typer.Option(help="spread energy evenly over each stay")] = False,
) -> None:
    """Print the monthly bills of a site's sessions, line by line."""
    settings = read_settings()
    tariffs = list_tariffs(settings)
    review = review_demand(
        settings,
        site=site,
        tariff_id=tariff or next(iter(tariffs), ""),
        time_zone=time_zone,
        max_kw=max_kw,
        shape="spread" if spread else "at_plug_in",
    )
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
