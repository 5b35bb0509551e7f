"""``depot portfolio``: every depot of DEPOT_HOME and DEPOT_HOMES at one look."""

from dataclasses import asdict

from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.settings import read_settings
from depotlib.workflows.watch_portfolio import watch_portfolio


def command() -> int:
    """Print a line for each depot: who is ready, peak, bill, silent stations; 3 on any trouble."""
    settings = read_settings()
    lines = watch_portfolio(settings, now=settings.depot_clock().now())
    print_json([asdict(one) | {"home": str(one.home)} for one in lines])
    return EXIT_FALLS_SHORT if any(one.trouble for one in lines) else EXIT_DONE
