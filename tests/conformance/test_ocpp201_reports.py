"""OCPP 2.0.1, what stations tell of themselves: large reports and faults; frames on the wire."""

import pytest

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.gateway_process import gateway, station
from tests.conformance.ocpp201_frames import STATION_201

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home) as address:
        yield address


@pytest.fixture
def cp(url):
    with station(url, "CP-1", **STATION_201) as connected:
        yield connected


def test_tc_b_13_a_large_report_in_parts_is_kept_whole_whatever_the_order(home, cp):
    # 60 parts of 100 variables: a report of half a megabyte, said as fast as it can be.
    parts = list(range(59, -1, -1))
    for part in parts:
        variables = [
            {"component": {"name": "Part", "evse": {"id": 1}},
             "variable": {"name": f"Variable{part}x{number}"},
             "variableAttribute": [{"type": "Target", "value": "0"}, {"value": f"{number}"}]}
            for number in range(100)
        ]  # fmt: skip
        cp.say("NotifyReport", {"requestId": 77, "generatedAt": "2026-11-20T20:00:00Z",
                                "seqNo": part, "tbc": part != 59, "reportData": variables},
               unique_id=f"part-{part}")  # fmt: skip
    cp.hear(lambda: all(f"part-{part}" in cp.answers for part in parts))

    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        records = mailbox.journal(0, 100_000, kinds=["report_told"])
    told = [one.entry.payload for one in records if one.entry.payload["request_id"] == 77]
    assert [one["part"] for one in told] == parts
    assert [one["part"] for one in told if one["is_last"]] == [59]
    assert {(one["variables"], one["left_out"]) for one in told} == {(100, 0)}
    assert "Part[1].Variable7x42 = 42; " in told[parts.index(7)]["told"]
    assert cp.errors == []


def event(variable, value, **more):
    part = {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}}
    data = {"eventId": 1, "timestamp": "2026-11-20T20:00:00Z", "trigger": "Delta",
            "actualValue": value, "eventNotificationType": "HardWiredNotification",
            "component": part, "variable": {"name": variable}, **more}  # fmt: skip
    return {"generatedAt": "2026-11-20T20:00:00Z", "seqNo": 0, "eventData": [data]}


def faults(home):
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        return [one.entry for one in mailbox.journal(0, 100_000, kinds=["fault_told"])]


def test_tc_g_20_a_lock_that_fails_stands_in_the_journal_until_it_holds_again(home, cp):
    before = len(faults(home))

    assert cp.ask("NotifyEvent", event("Problem", "true", techCode="E7", techInfo="jammed")) == {}
    assert cp.ask("NotifyEvent", event("Problem", "false")) == {}
    # What only changed is no fault.
    assert cp.ask("NotifyEvent", event("Tries", "3")) == {}

    told = faults(home)[before:]
    assert {one.connector_id for one in told} == {"CP-1/1"}
    assert [one.payload["is_over"] for one in told] == [False, True]
    assert (told[0].payload["code"], told[0].payload["detail"]) == ("E7", "jammed")
    assert told[0].payload["component"] == "ConnectorPlugRetentionLock"
