"""``depot publish``: writes the brief, all that the live side knows of the world."""

from depotlib.cli.printing import print_json
from depotlib.settings import read_settings
from depotlib.workflows.publish_site import publish_site


def command() -> None:
    """Publish tonight's site, fleet, duties, needs and prices to the live side."""
    settings = read_settings()
    version = publish_site(settings, now=settings.depot_clock().now())
    print_json({"brief_version": version})
