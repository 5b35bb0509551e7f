"""OpenADR's client and its server: tokens, refusals, reports, both versions; secrets stay unsaid."""

import json
from datetime import timedelta

import pytest

from depotlib.errors import SettingsError
from depotlib.feeds.freshness import freshness
from depotlib.feeds.registry import feed_of
from depotlib.model.grid_limit import GridLimit
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from tests.unit.exchange.samples import EVENING
from tests.unit.feeds.openadr_depot import (
    NOW,
    PATIENCE_S,
    client,
    following,
    limited,
    looked,
    opened,
    publish,
    source,
    standing,
)
from tests.unit.feeds.vtn import CLIENT, SECRET, Vtn, serving

END = EVENING + timedelta(hours=2)
AFTER = END + timedelta(minutes=5)


@pytest.fixture
def vtn():
    server = Vtn(programs=[{"id": "program-1", "programName": "limits"}])
    with serving(server):
        yield server


@pytest.fixture
def mailbox(vtn, tmp_path):
    with opened(tmp_path, source(vtn)) as mailbox:
        yield mailbox


def journal_minute(mailbox, limit: GridLimit, *, minute: int, mean_kw: float, most_kw: float):
    facts = {
        "limit_id": limit.limit_id,
        "node_id": limit.node_id,
        "start": (limit.start + timedelta(minutes=minute)).isoformat(),
        "limit_kw": limit.limit_kw,
        "mean_kw": mean_kw,
        "most_kw": most_kw,
        "measured_by": "site_meter",
        "watched_s": 60.0,
    }
    mailbox.append([JournalEntry(at=END, kind="grid_limit_minute", payload=facts)])


def test_one_token_serves_many_looks_and_a_recalled_one_is_renewed_once(vtn, mailbox, tmp_path):
    vtn.events = [limited("e1", 36.0)]
    follower, told = following(mailbox, client(tmp_path))
    follower.step(NOW)
    follower.step(NOW)
    given_before = vtn.tokens_given
    vtn.token = "token-2"

    wait_s = follower.step(NOW)

    assert (given_before, vtn.tokens_given) == (1, 2)
    assert (wait_s, told) == (30.0, [])


def test_a_wrong_secret_is_asked_again_after_five_minutes_and_said_nowhere(vtn, mailbox, tmp_path):
    follower, told = following(mailbox, client(tmp_path, secret="wrong secret of ours"))

    wait_s = follower.step(NOW)

    held = mailbox.feeds.get("openadr")
    assert wait_s == 300.0
    assert held.failures == 1
    assert "401" in held.note
    assert "wrong secret of ours" not in json.dumps(told) + held.note


@pytest.mark.parametrize(
    "address",
    ["/auth/token", "http://login.example/t", "https://[::1/t", "https://login.example:no/t"],
)
def test_a_token_server_that_cannot_be_called_is_a_failed_look(vtn, mailbox, tmp_path, address):
    vtn.token_address = address
    follower, told = following(mailbox, client(tmp_path))

    waits_s = [follower.step(NOW) for _ in range(2)]

    assert waits_s == [2.0, 4.0]
    assert mailbox.feeds.get("openadr").failures == 2
    assert len(told) == 1


def test_a_token_that_would_break_the_header_is_not_sent_and_said_nowhere(vtn, mailbox, tmp_path):
    vtn.token = "token-1\r\nX-Other: 1"
    follower, told = following(mailbox, client(tmp_path))

    wait_s = follower.step(NOW)

    held = mailbox.feeds.get("openadr")
    assert wait_s == 300.0
    assert "no token that can be sent" in held.note
    assert "token-1" not in json.dumps(told) + held.note
    assert vtn.asked("/programs") == []


def test_a_server_that_is_down_takes_no_limit_away_and_says_when_to_ask(vtn, mailbox, tmp_path):
    vtn.events = [limited("e1", 36.0)]
    follower, _ = following(mailbox, client(tmp_path))
    follower.step(NOW)
    vtn.refusals["/events"] = (503, {"Retry-After": "45"})

    wait_s = follower.step(NOW + timedelta(minutes=1))

    assert wait_s == 45.0
    assert [one.limit_kw for one in standing(mailbox)] == [36.0]


def test_what_is_no_list_is_no_cancellation(vtn, mailbox, tmp_path):
    vtn.events = [limited("e1", 36.0)]
    follower, _ = following(mailbox, client(tmp_path))
    follower.step(NOW)
    vtn.refusals["/events"] = (200, {})  # an object where a list should be

    follower.step(NOW + timedelta(minutes=1))

    assert len(standing(mailbox)) == 1
    assert mailbox.feeds.get("openadr").failures == 1


def test_a_site_without_server_or_with_an_open_address_says_so(vtn, mailbox, tmp_path):
    follower, told = following(mailbox, client(tmp_path))
    publish(mailbox, None)
    follower.step(NOW)
    publish(mailbox, source(vtn, address="http://vtn.example/openadr3"))
    follower.step(NOW)

    assert "names no OpenADR server" in told[0]
    assert "https" in told[1]


def test_the_older_version_has_its_token_at_itself_and_groups_as_target_values(vtn, tmp_path):
    vtn.version = "3.0"
    vtn.events = [limited("e1", 36.0, targets=[{"type": "GROUP", "values": ["feeder-7"]}])]
    with opened(tmp_path, source(vtn, version="3.0", targets=("feeder-7",))) as mailbox:
        following(mailbox, client(tmp_path))[0].step(NOW)

        assert len(standing(mailbox)) == 1
    assert vtn.asked("/auth/server") == []
    (asked,) = vtn.asked("/events")
    assert (asked["targetType"], asked["targetValues"]) == (["GROUP"], ["feeder-7"])


def test_a_server_of_public_signals_is_asked_without_a_token(vtn, mailbox, tmp_path):
    vtn.has_auth = False
    vtn.events = [limited("e1", 36.0)]
    feed = feed_of("openadr", Settings(home=tmp_path))
    # The registry's feed reads the mailbox of its home.
    assert (tmp_path / "exchange.sqlite").exists()

    following(mailbox, feed)[0].step(NOW)

    assert len(standing(mailbox)) == 1
    assert vtn.tokens_given == 0


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_a_report_of_an_interval_is_the_mean_of_its_minutes(vtn, tmp_path, version):
    vtn.version = version
    wish = {"payloadType": "DEMAND", "readingType": "MEAN", "units": "KW"}
    vtn.events = [limited("e1", 36.0, duration="PT2M", reportDescriptors=[wish])]
    with opened(tmp_path, source(vtn, version=version)) as mailbox:
        feed = client(tmp_path)
        follower, _ = following(mailbox, feed)
        follower.step(EVENING)
        limit = standing(mailbox, EVENING)[0]
        journal_minute(mailbox, limit, minute=0, mean_kw=30.0, most_kw=33.0)
        journal_minute(mailbox, limit, minute=1, mean_kw=20.0, most_kw=41.0)

        waits_s = looked(follower, feed, *[EVENING + timedelta(minutes=4)] * 3)

        held = mailbox.feeds.get("openadr")
    (report,) = vtn.reports
    (resource,) = report["resources"]
    (interval,) = resource["intervals"]
    assert (report["eventID"], report["clientName"]) == ("e1", "north")
    assert report.get("programID") == ("program-1" if version == "3.0" else None)
    assert resource["resourceName"] == "north"
    # (30 + 20) / 2, and both minutes were watched by the site's meter.
    assert interval["payloads"] == [
        {"type": "DEMAND", "values": [25.0]},
        {"type": "DATA_QUALITY", "values": ["OK"]},
    ]
    # The look begins it, the next keeps that it was given; neither waits for it.
    assert waits_s == [30.0, 30.0, 30.0]
    assert "report:e1.0.0" in held.marks


def test_reports_by_minute_of_power_peaks_and_energy(vtn, mailbox, tmp_path):
    vtn.events = [
        limited("e1", 36.0, duration="PT3M", reportDescriptors=[
            {"payloadType": "DEMAND", "readingType": "PEAK", "reportIntervals": "SUB_INTERVALS"},
            {"payloadType": "USAGE", "aggregate": True},
        ])
    ]  # fmt: skip
    feed = client(tmp_path)
    follower, _ = following(mailbox, feed)
    follower.step(EVENING)
    limit = standing(mailbox, EVENING)[0]
    journal_minute(mailbox, limit, minute=0, mean_kw=30.0, most_kw=33.0)
    journal_minute(mailbox, limit, minute=2, mean_kw=36.0, most_kw=36.0)

    looked(follower, feed, EVENING + timedelta(minutes=5))

    peaks, usage = (one["resources"][0] for one in vtn.reports)
    assert [one["payloads"][0]["values"] for one in peaks["intervals"]] == [[33.0], [36.0]]
    assert {one["id"] for one in peaks["intervals"]} == {0}
    # 30 kW and 36 kW for a minute each; the minute between was not watched.
    assert usage["intervals"][0]["payloads"] == [
        {"type": "USAGE", "values": [1.1]},
        {"type": "DATA_QUALITY", "values": ["ESTIMATED"]},
    ]
    assert usage["resourceName"] == "AGGREGATED_REPORT"


def test_a_report_is_given_every_so_many_intervals(vtn, mailbox, tmp_path):
    intervals = [
        {"id": n, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [36.0 - n]}]}
        for n in range(4)
    ]
    wish = {"payloadType": "DEMAND", "frequency": 2}
    vtn.events = [
        limited("e1", 0.0, duration="PT30M", intervals=intervals, reportDescriptors=[wish])
    ]
    feed = client(tmp_path)
    follower, _ = following(mailbox, feed)

    looked(follower, feed, *(EVENING + timedelta(minutes=minutes) for minutes in (10, 65, 66)))

    # Of four half hours two are over.
    (report,) = vtn.reports
    told = report["resources"][0]["intervals"]
    assert [one["id"] for one in told] == [0, 1]
    assert told[0]["payloads"][1] == {"type": "DATA_QUALITY", "values": ["MISSING"]}


def test_a_report_that_is_not_taken_holds_up_no_event_and_is_given_later(vtn, mailbox, tmp_path):
    vtn.events = [limited("e1", 36.0, reportDescriptors=[{"payloadType": "DEMAND"}])]
    vtn.refusals["/reports"] = (500, {})
    feed = client(tmp_path)
    follower, _ = following(mailbox, feed)
    looked(follower, feed, NOW, AFTER, AFTER)
    failing = mailbox.feeds.get("openadr")
    vtn.events.append(limited("e2", 24.0, start=AFTER))
    looked(follower, feed, AFTER)
    limited_meanwhile = [one.limit_kw for one in standing(mailbox, AFTER)]

    del vtn.refusals["/reports"]
    looked(follower, feed, AFTER, AFTER)

    assert failing.failing_since is None
    assert "was not taken" in failing.note
    assert limited_meanwhile == [24.0]
    assert [one["reportName"] for one in vtn.reports] == ["e1.0.0"]
    assert mailbox.feeds.get("openadr").note == ""


def test_a_report_that_the_server_refuses_for_ever_holds_up_no_other(vtn, mailbox, tmp_path):
    wish = {"payloadType": "DEMAND"}
    vtn.events = [limited(name, 36.0, reportDescriptors=[wish]) for name in ("bad", "good")]
    vtn.refused_reports = {"bad.0.0"}
    feed = client(tmp_path)
    follower, _ = following(mailbox, feed)

    looked(follower, feed, AFTER, AFTER, AFTER)

    assert [one["reportName"] for one in vtn.reports] == ["good.0.0"]
    assert "report bad.0.0 was not taken" in mailbox.feeds.get("openadr").note


def test_an_event_is_heard_while_a_report_hangs(vtn, mailbox, tmp_path):
    vtn.events = [limited("e1", 36.0, reportDescriptors=[{"payloadType": "DEMAND"}])]
    vtn.hangs_for_reports.clear()
    feed = client(tmp_path)
    follower, _ = following(mailbox, feed)
    try:
        follower.step(AFTER)
        assert vtn.report_begun.wait(PATIENCE_S)
        vtn.events.append(limited("e2", 24.0, start=AFTER))

        follower.step(AFTER)

        assert [one.limit_kw for one in standing(mailbox, AFTER)] == [24.0]
        assert vtn.reports == []
    finally:
        vtn.hangs_for_reports.set()
        feed.settle(PATIENCE_S)
    assert [one["reportName"] for one in vtn.reports] == ["e1.0.0"]


def test_a_report_reads_the_journal_from_its_first_interval_on(vtn, mailbox, tmp_path):
    vtn.events = [
        limited("e1", 36.0, duration="PT2M", reportDescriptors=[{"payloadType": "USAGE"}])
    ]
    feed = client(tmp_path)
    follower, _ = following(mailbox, feed)
    follower.step(EVENING)
    limit = standing(mailbox, EVENING)[0]
    # A year's worth of last night: a record that cannot be read would end a reading of it all.
    broken = {"limit_id": limit.limit_id, "node_id": "site", "start": "long ago"}
    mailbox.append(
        [JournalEntry(EVENING - timedelta(hours=9), "grid_limit_minute", payload=broken)] * 200
        + [JournalEntry(EVENING - timedelta(hours=1), "meter")] * 50
    )
    journal_minute(mailbox, limit, minute=0, mean_kw=30.0, most_kw=33.0)
    journal_minute(mailbox, limit, minute=1, mean_kw=30.0, most_kw=33.0)

    looked(follower, feed, EVENING + timedelta(minutes=4))

    # 30 kW for two minutes.
    (report,) = vtn.reports
    assert report["resources"][0]["intervals"][0]["payloads"][0]["values"] == [1.0]


def test_a_report_that_the_server_has_already_counts_as_given(vtn, mailbox, tmp_path):
    vtn.events = [limited("e1", 36.0, reportDescriptors=[{"payloadType": "USAGE"}])]
    vtn.reports = [{"reportName": "e1.0.0"}]  # given before this process was killed
    feed = client(tmp_path)
    follower, _ = following(mailbox, feed)

    looked(follower, feed, AFTER, AFTER)

    assert "report:e1.0.0" in mailbox.feeds.get("openadr").marks


def test_forecasts_and_states_are_refused_by_name(vtn, mailbox, tmp_path):
    wishes = [{"payloadType": "OPERATING_STATE"}, {"payloadType": "USAGE", "historical": False}]
    vtn.events = [limited("e1", 36.0, reportDescriptors=wishes)]
    follower, _ = following(mailbox, client(tmp_path))

    follower.step(NOW)

    assert mailbox.feeds.get("openadr").reasons == {"report_not_provided": 2}
    assert len(standing(mailbox)) == 1


def test_a_signal_says_nothing_of_vehicles(vtn, mailbox, tmp_path):
    vtn.events = [limited("e1", 36.0)]

    following(mailbox, client(tmp_path))[0].step(NOW)

    assert all(one.source == "" for one in freshness(mailbox, now=NOW))


def test_no_secret_is_written_into_the_mailbox(vtn, mailbox, tmp_path):
    vtn.events = [limited("e1", 36.0)]
    following(mailbox, client(tmp_path))[0].step(NOW)
    mailbox.close()

    written = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())

    assert b"openadr limits" in written
    assert SECRET.encode() not in written
    assert CLIENT.encode() not in written


def test_the_registry_names_it():
    with pytest.raises(SettingsError) as caught:
        feed_of("nothing", Settings())

    assert "openadr" in caught.value.hint
