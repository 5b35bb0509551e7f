"""The process `depot feed`: it follows, goes on after a kill, ends when told; secrets stay inside."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from depotlib.cli.main import run_command
from depotlib.clock import real_clock
from depotlib.model.feed import FeedState
from depotlib.settings import Settings
from depotlib.workflows.depot_processes import depot_processes
from tests.places import ROOT
from tests.unit.feeds.openadr_depot import limited, opened, source, standing
from tests.unit.feeds.site import published, readings
from tests.unit.feeds.vendors import TOKEN, Samsara, serving
from tests.unit.feeds.vtn import CLIENT, SECRET, Vtn
from tests.unit.feeds.vtn import serving as vtn_serving


@contextmanager
def running(home, name: str, **variables: str):
    process = subprocess.Popen(
        [sys.executable, "-m", "depotlib", "feed", name, "--home", str(home), "--watch-stdin"],
        cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **variables},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stderr.close()


def wait_until(claim, *, patience_s: float = 60.0):
    end = time.monotonic() + patience_s
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_killed_feed_goes_on_from_its_cursor_and_ends_with_its_parent(tmp_path):
    now = datetime.now(UTC)
    stats = [
        [{"id": "281", "evStateOfChargeMilliPercent": [
            {"time": (now - timedelta(minutes=3 - n)).isoformat(), "value": 41_000 + n}]}]
        for n in range(2)
    ]  # fmt: skip
    vendor = Samsara(pages=stats[:1])
    with published(tmp_path) as mailbox, serving(vendor) as address:
        variables = {"DEPOT_SAMSARA_ADDRESS": address, "DEPOT_SAMSARA_TOKEN": TOKEN}
        with running(tmp_path, "samsara", **variables) as first:
            wait_until(lambda: mailbox.feeds.get("samsara") is not None)
            first.send_signal(signal.SIGKILL)
            first.wait()
        assert readings(mailbox)["van-1"].soc == 0.41
        vendor.pages = stats
        with running(tmp_path, "samsara", **variables) as second:
            wait_until(lambda: readings(mailbox)["van-1"].soc == 0.41001)
            second.stdin.close()
            second.wait(60)
            said = second.stderr.read()

    assert "follows samsara" in said
    assert TOKEN not in said
    asked = [
        call.query.get("after")
        for call in vendor.calls
        if "stats" in call.path and call.query.get("types") != "gps"
    ]
    assert asked[:2] == [None, "1"]


def test_the_feed_of_openadr_obeys_reports_and_goes_on_after_a_kill(tmp_path):
    now = datetime.now(UTC)
    over = limited("over", 30.0, start=now - timedelta(hours=1), duration="PT10M",
                   reportDescriptors=[{"payloadType": "DEMAND"}])  # fmt: skip
    vtn = Vtn(programs=[{"id": "program-1", "programName": "limits"}])
    vtn.events = [limited("e1", 36.0, start=now), over]
    with vtn_serving(vtn), opened(tmp_path, source(vtn, period_s=5)) as mailbox:
        variables = {"DEPOT_OPENADR_CLIENT_ID": CLIENT, "DEPOT_OPENADR_CLIENT_SECRET": SECRET}
        with running(tmp_path, "openadr", **variables) as first:
            wait_until(lambda: len(mailbox.grid_limits.all()) == 1 and len(vtn.reports) == 1)
            first.send_signal(signal.SIGKILL)
            first.wait()
        vtn.events = [limited("e1", 24.0, start=now), over]
        with running(tmp_path, "openadr", **variables) as second:
            wait_until(
                lambda: [one.limit_kw for one in standing(mailbox, datetime.now(UTC))] == [24.0]
            )
            second.stdin.close()
            second.wait(60)
            said = second.stderr.read()

        given = [one.entry.payload["action"] for one in mailbox.journal(kinds=["grid_limit"])]
    assert given == ["given", "given", "withdrawn"]
    assert [one["reportName"] for one in vtn.reports] == ["over.0.0"]
    assert "follows openadr" in said
    assert SECRET not in said


def test_status_says_how_feeds_do_and_how_fresh_vehicles_are(tmp_path, capsys):
    with published(tmp_path) as mailbox:
        state = FeedState("geotab", datetime.now(UTC), marks={"Trip": "0a"}, note="it is down")
        mailbox.feeds.put("geotab", state)

        code = run_command(["feed", "status", "--home", str(tmp_path)])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [(one["feed"], one["note"]) for one in told["feeds"]] == [("geotab", "it is down")]
    assert "marks" not in told["feeds"][0]
    assert [(one["vehicle_id"], one["is_stale"]) for one in told["vehicles"]] == [
        ("van-1", True),
        ("van-2", True),
    ]


def test_depot_up_starts_the_feeds_that_the_settings_name(tmp_path):
    settings = Settings(home=tmp_path, feeds="samsara,folder", samsara_token=TOKEN)

    plans = {
        plan.name: plan for plan in depot_processes(settings, clock=real_clock(), night_sheet=None)
    }

    assert plans["feed-samsara"].arguments[:4] == ("-m", "depotlib", "feed", "samsara")
    assert "feed-folder" in plans
    assert TOKEN not in " ".join(plans["feed-samsara"].arguments)
