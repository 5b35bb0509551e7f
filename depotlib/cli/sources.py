"""``depot sources``: says what can be imported, and what was from each source."""

from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.settings import read_settings
from depotlib.workflows.list_sources import list_sources


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, as always")] = False,
) -> None:
    """Print every source with its imports, and the mappings that are remembered."""
    del as_json  # the output is always JSON
    listed = list_sources(read_settings())
    print_json({"sources": listed.sources, "mappings": listed.mappings})
