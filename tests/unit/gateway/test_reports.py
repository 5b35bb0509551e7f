"""What 2.x stations tell of themselves: which events are faults, and what a report leaves behind."""

import pytest

from depotlib.gateway.guard import Frame
from depotlib.gateway.messages import AnswerEmpty, NoticeGiven
from depotlib.gateway.reports import MOST_TOLD, FaultTold, ReportTold
from depotlib.gateway.versions.ocpp201 import OCPP201
from tests.gateway_cases import T0, site


def told(**event):
    data = {"component": {"name": "Part", "evse": {"id": 1}}, "variable": {"name": "V"}, **event}
    return OCPP201.read_call(Frame(2, "1", "NotifyEvent", {"eventData": [data]}), T0)


@pytest.mark.parametrize(
    ("event", "is_over"),
    [
        ({"variable": {"name": "Problem"}, "actualValue": "true"}, False),
        ({"variable": {"name": "Problem"}, "actualValue": "False"}, True),
        ({"trigger": "Alerting", "actualValue": "91"}, False),
        ({"trigger": "Alerting", "actualValue": "60", "cleared": True}, True),
        ({"techCode": "E7", "actualValue": ""}, False),
    ],
)
def test_a_problem_an_alert_and_a_makers_code_are_faults(event, is_over):
    (fault,) = told(**event).faults

    assert (fault.component, fault.connector, fault.is_over) == ("Part", 1, is_over)


@pytest.mark.parametrize("trigger", ["Delta", "Periodic"])
def test_what_only_changed_or_was_due_is_no_fault(trigger):
    assert isinstance(told(trigger=trigger, actualValue="3"), NoticeGiven)


def test_a_fault_of_an_evse_that_is_not_there_is_the_stations():
    there = site()
    event = told(techCode="E7", component={"name": "Part", "evse": {"id": 9}})
    assert isinstance(event, FaultTold)

    there.say("S0", event)

    (entry,) = [one for one in there.journal if one.kind == "fault_told"]
    assert (entry.station_id, entry.connector_id) == ("S0", None)
    assert there.answers == [AnswerEmpty("1", "NotifyEvent")]


def test_a_report_keeps_passwords_to_itself_and_counts_what_it_leaves_out():
    values = (
        ("SecurityCtrlr.BasicAuthPassword", "secret"),
        *((f"C.V{n}", "x" * 1000) for n in range(20)),
    )
    there = site()

    there.say("S0", ReportTold("1", 5, 0, values, is_last=True))

    (entry,) = [one for one in there.journal if one.kind == "report_told"]
    assert "secret" not in str(entry.payload)
    assert len(entry.payload["told"]) <= MOST_TOLD
    # 16,000 characters hold the first name and 15 values of about 1,010.
    assert (entry.payload["variables"], entry.payload["left_out"]) == (21, 5)
