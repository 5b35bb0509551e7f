"""``depot rollback``: asks the gateway to go back to the push before."""

from depotlib.cli.printing import print_json
from depotlib.cli.push import operator
from depotlib.settings import read_settings
from depotlib.workflows.push_plan import require_operator, roll_back


def command() -> None:
    """Return to the push before the one in force; the token is in DEPOT_OPERATOR_TOKEN."""
    settings = read_settings()
    asker = operator(settings)
    require_operator(settings, asker)
    request_id = roll_back(settings, operator=asker, now=settings.depot_clock().now())
    print_json({"request": request_id})
