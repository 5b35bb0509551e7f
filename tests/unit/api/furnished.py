"""A door to a depot that has one of everything, so that calls are about something."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from depotlib.api.door import Door
from depotlib.exchange.api_keys import issue_key
from depotlib.exchange.mailbox import open_mailbox
from tests.unit.api.conftest import door_to
from tests.unit.exchange import samples, webhook_samples
from tests.unit.exchange.samples import EVENING, TOKEN


@contextmanager
def furnished(folder: Path) -> Iterator[Door]:
    """Hold a door whose mailbox holds one of everything; the operator's token is `TOKEN`."""
    path = folder / "exchange.sqlite"
    token = path.with_name("operator.token")
    token.write_text(TOKEN)
    issue_key(token, "tms", scopes=["fleet:write"], now=EVENING)  # from now on callers need one
    with open_mailbox(path) as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.put_station_state(samples.station_state())
        mailbox.put_ledger([samples.node()])
        mailbox.put_lease(samples.lease())
        mailbox.put_distrust(samples.distrust())
        mailbox.site_meter.put("site", samples.site_meter())
        mailbox.beat("gateway", EVENING)
        mailbox.add_release(samples.release())
        mailbox.set_current_release("r1", at=EVENING)
        mailbox.grid_limits.put(samples.grid_limit())
        mailbox.grid_limits.put_impact(samples.grid_limit_impact())
        mailbox.ask(samples.request())
        mailbox.put_push_result(samples.push_result())
        mailbox.webhooks.put(webhook_samples.webhook())
        mailbox.webhooks.put_progress(webhook_samples.webhook_progress())
        mailbox.webhooks.put_dead(webhook_samples.dead_letter())
        yield door_to(path)
