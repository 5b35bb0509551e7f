"""``depot demo``: loads the demo depot into the store."""

from datetime import datetime
from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.settings import read_settings
from depotlib.workflows.load_demo import load_demo


def command(
    *,
    night: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="its evening; default: today")
    ] = None,
) -> None:
    """Load the demo depot: site, fleet, duties, identities, exports, tariff."""
    settings = read_settings()
    loaded = load_demo(
        settings, now=settings.depot_clock().now(), night=night.date() if night else None
    )
    print_json({"depot_id": loaded.depot_id, "night": loaded.night, "files": loaded.files})
