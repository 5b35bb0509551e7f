"""``depot store``: says what the store holds, and lists its refused records."""

from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.errors import StoreMissingError
from depotlib.settings import read_settings
from depotlib.workflows.review_store import review_rejections, review_store


def command(
    *,
    rejections: Annotated[bool, typer.Option(help="list the refused records too")] = False,
) -> None:
    """Print the chosen depot and tariff, the imports, the plans, and what was refused."""
    settings = read_settings()
    review = review_store(settings)
    if review is None:
        raise StoreMissingError(
            "there is no store yet",
            where=str(settings.warehouse_path),
            hint="import a file, or load the demo depot: depot demo",
        )
    refused = review_rejections(settings).to_dicts() if rejections else []
    print_json(
        {
            "depot": review.depot.depot_id if review.depot else None,
            "tariff": review.tariff_id,
            "imports": review.imports.to_dicts(),
            "plans": review.plans,
            "rejections": refused,
        }
    )
