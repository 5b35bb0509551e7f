"""The teller of webhooks is killed again and again: no event is lost, and none comes out of turn."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.workflows.fleet_webhooks import WebhookOrder, add_webhook
from tests.chaos.depot_processes import wait_until
from tests.places import ROOT
from tests.receiver import HANG, receiving
from tests.unit.exchange.samples import EVENING, TOKEN, brief

pytestmark = pytest.mark.chaos

LOOPBACK = "127.0.0.0/8"
KILLS, EVENTS = 4, 12


@contextmanager
def telling(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Hold a running teller; whatever happens it is gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "depotlib", "webhooks", "watch"],
        cwd=ROOT,
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("DEPOT_")},
            "DEPOT_HOME": str(home),
            "DEPOT_OPERATOR_TOKEN": TOKEN,
            "DEPOT_WEBHOOK_NETWORKS": LOOPBACK,
            "DEPOT_CLOCK": f"{EVENING.isoformat()},60",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(60.0)


@pytest.mark.full
def test_every_event_comes_at_least_once_and_first_in_order_through_four_kills(tmp_path: Path):
    settings = Settings(home=tmp_path, operator_token=TOKEN, webhook_networks=LOOPBACK)
    with receiving() as tms, open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(brief(), at=EVENING)
        order = WebhookOrder(tms.address, ("session",), webhook_id="tms")
        add_webhook(settings, order, now=EVENING)
        entries = [JournalEntry(EVENING, "session_started", "AC-01", None, {})] * EVENTS
        seqs = mailbox.append(entries)

        for _ in range(KILLS):
            # Two are taken, the third is on its way when the teller is killed with signal 9.
            tms.statuses[:], tms.otherwise = [204, 204], HANG
            before = len(tms.came)
            with telling(tmp_path):
                wait_until(lambda least=before + 3: len(tms.came) >= least, "the third message")
        tms.otherwise = 204
        with telling(tmp_path):
            wait_until(lambda: mailbox.webhooks.progress("tms").after_seq == seqs[-1], "the rest")

    came = [one.document["seq"] for one in tms.came]
    assert list(dict.fromkeys(came)) == seqs  # each, and first in order
    assert len(came) >= EVENTS + KILLS  # what hung came once more
    assert len(set(tms.ids())) == EVENTS  # under the id it had
