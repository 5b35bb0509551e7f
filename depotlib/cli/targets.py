"""``depot targets``: the peak worth paying for this month."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.settings import read_settings
from depotlib.workflows.month_targets import month_targets
from depotlib.workflows.plan_past_night import LEEDS_SITE, PastNight
from depotlib.workflows.review_demand import list_tariffs


def command(
    *,
    month: Annotated[
        datetime, typer.Option(formats=["%Y-%m"], help="calendar month whose prices hold")
    ],
    sessions_of: Annotated[
        str | None, typer.Option(help="site as the log names it; default: all")
    ] = None,
    site: Annotated[Path, typer.Option(help="site file: stations and limits")] = LEEDS_SITE,
    tariff: Annotated[str, typer.Option(help="a tariff id of the store; default: the first")] = "",
    max_kw: Annotated[float, typer.Option(help="power of a charging vehicle")] = 7.2,
    samples: Annotated[int, typer.Option(min=1, help="months to draw")] = 20,
    seed: Annotated[int, typer.Option(help="the same seed draws the same months")] = 0,
) -> int:
    """Print the target of each demand charge, from months drawn out of the session history."""
    settings = read_settings()
    answer = month_targets(
        settings,
        PastNight(
            evening=month.date(),
            tariff_id=tariff or next(iter(list_tariffs(settings)), ""),
            site=sessions_of,
            site_path=site,
            max_kw=max_kw,
        ),
        samples=samples,
        seed=seed,
    )
    print_json(answer)
    return EXIT_DONE
