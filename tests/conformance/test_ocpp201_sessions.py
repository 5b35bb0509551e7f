"""OCPP 2.0.1 blocks E and J: transactions, their tokens and meters, in any order; frames on the wire."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.cases import negative
from tests.conformance.gateway_process import gateway, station
from tests.conformance.ocpp201_frames import STATION_201, TAG, told

pytestmark = pytest.mark.conformance

HOURS = itertools.count()


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


@pytest.fixture
def name():
    """A transaction's name that no other test has."""
    return uuid.uuid4().hex


def sessions(home, name):
    """Return the journal of one transaction, in order, until another starts at the same second."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        entries = [record.entry for record in mailbox.journal(limit=100_000)]
    begun = [at for at, one in enumerate(entries) if one.payload.get("transaction_name") == name]
    if not begun:
        return []
    session_id = entries[begun[0]].payload["session_id"]
    own = [one for one in entries[begun[0] :] if one.payload.get("session_id") == session_id]
    others = [
        at
        for at, one in enumerate(own)
        if one.kind == "session_started" and one.payload["transaction_name"] != name
    ]
    return own[: others[0]] if others else own


def count_of(home, kind):
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        return sum(record.entry.kind == kind for record in mailbox.journal(limit=100_000))


def of_kind(entries, kind):
    return [one for one in entries if one.kind == kind]


# --- C: tokens ------------------------------------------------------------------------------


def test_tc_c_08_a_token_is_known_whatever_its_case(cp, name, home):
    offered = {"idToken": "tag-1", "type": "Central"}
    start = told("Started", name, 0, idToken=offered, evse={"id": 1}, at="2026-11-20T10:00:00Z")

    assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
    assert of_kind(sessions(home, name), "session_started")[0].payload["vehicle_id"] == "van-1"
    cp.ask("TransactionEvent", told("Ended", name, 1, at="2026-11-20T10:01:00Z"))


# --- E: transactions ------------------------------------------------------------------------


def test_tc_e_01_a_whole_session_is_told_once(cp, name, home):
    start = told("Started", name, 0, idToken=TAG, evse={"id": 1, "connectorId": 1}, register_wh=500)
    update = told("Updated", name, 1, at="2026-11-20T20:09:00Z", register_wh=800, power_w=3500.0)
    end = told("Ended", name, 2, at="2026-11-20T20:20:00Z", register_wh=1400)

    assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
    assert cp.ask("TransactionEvent", update) == {}
    assert cp.ask("TransactionEvent", end) == {}

    entries = sessions(home, name)
    assert len(of_kind(entries, "session_started")) == 1
    (ended,) = of_kind(entries, "session_ended")
    assert ended.payload["energy_kwh"] == pytest.approx(0.9)  # 1400 - 500 Wh
    powers = [one.payload["power_kw"] for one in of_kind(entries, "meter")]
    assert 3.5 in powers


def test_tc_e_03_a_token_after_the_start_says_who_it_is(cp, name, home):
    plugged = told("Started", name, 0, trigger="CablePluggedIn", evse={"id": 1})
    authorized = told(
        "Updated", name, 1, trigger="Authorized", idToken=TAG, at="2026-11-20T20:04:00Z"
    )

    assert cp.ask("TransactionEvent", plugged) == {}
    assert cp.ask("TransactionEvent", authorized) == {"idTokenInfo": {"status": "Accepted"}}

    entries = sessions(home, name)
    (resolved,) = of_kind(entries, "identity_resolved")
    assert resolved.payload["vehicle_id"] == "van-1"
    assert of_kind(entries, "identity_exception") == []
    cp.ask("TransactionEvent", told("Ended", name, 2, at="2026-11-20T20:05:00Z"))


@negative
def test_tc_e_03_charging_without_any_token_is_somebody_to_look_at(cp, name, home):
    plugged = told("Started", name, 0, evse={"id": 1})
    charging = told("Updated", name, 1, charging_state="Charging", at="2026-11-20T20:04:00Z")
    cp.ask("TransactionEvent", plugged)
    cp.ask("TransactionEvent", charging)

    assert len(of_kind(sessions(home, name), "identity_exception")) == 1
    cp.ask("TransactionEvent", told("Ended", name, 2, at="2026-11-20T20:05:00Z"))


def test_tc_e_04_a_start_without_a_place_waits_for_one_where_there_are_several(url, name, home):
    with station(url, "CP-3", **STATION_201) as cp:
        start = told("Started", name, 0, idToken=TAG, register_wh=100)
        assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
        assert sessions(home, name) == []

        place = told("Updated", name, 1, evse={"id": 2}, at="2026-11-20T20:04:00Z")
        assert cp.ask("TransactionEvent", place) == {}

    (started,) = of_kind(sessions(home, name), "session_started")
    assert started.connector_id == "CP-3/2"
    assert started.payload["vehicle_id"] == "van-1"
    assert started.payload["meter_start_kwh"] == 0.1
    with station(url, "CP-3", **STATION_201) as cp:
        cp.ask("TransactionEvent", told("Ended", name, 2, at="2026-11-20T20:05:00Z"))


@negative
def test_tc_e_09_the_token_of_whoever_stops_is_not_that_of_whoever_charges(cp, name, home):
    stranger = {"idToken": "STRANGER", "type": "ISO14443"}
    cp.ask("TransactionEvent", told("Started", name, 0, evse={"id": 1}))
    end = told(
        "Ended", name, 1, trigger="StopAuthorized", idToken=stranger, at="2026-11-20T20:05:00Z"
    )

    cp.ask("TransactionEvent", end)

    (started,) = of_kind(sessions(home, name), "session_started")
    assert started.payload["id_tag"] == ""
    assert of_kind(sessions(home, name), "identity_resolved") == []


def test_tc_e_29_an_event_that_is_repeated_is_answered_and_counted_once(cp, name, home):
    start = told("Started", name, 0, idToken=TAG, evse={"id": 1}, register_wh=0)
    update = told("Updated", name, 1, at="2026-11-20T20:09:00Z", register_wh=800)
    for _ in range(2):
        assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
        assert cp.ask("TransactionEvent", update) == {}
    cp.ask("TransactionEvent", told("Ended", name, 2, at="2026-11-20T20:20:00Z"))

    entries = sessions(home, name)
    assert len(of_kind(entries, "session_started")) == 1
    # One for the start, one for the update.
    assert [one.payload["energy_kwh"] for one in of_kind(entries, "meter")] == [0.0, 0.8]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_tc_e_40_in_any_order_it_is_one_session_with_all_of_its_energy(cp, name, home, order):
    # A second of its own for each: no session begins where another began.
    begin = datetime(2026, 11, 19, tzinfo=UTC) + timedelta(hours=next(HOURS))
    at = [f"{begin + timedelta(minutes=10 * step):%Y-%m-%dT%H:%M:%SZ}" for step in range(4)]
    events = [
        told("Started", name, 0, idToken=TAG, evse={"id": 1}, at=at[0], register_wh=1000),
        told("Updated", name, 1, evse={"id": 1}, at=at[1], register_wh=1800),
        told("Updated", name, 2, evse={"id": 1}, at=at[2], register_wh=2500),
        told("Ended", name, 3, evse={"id": 1}, at=at[3], register_wh=3000),
    ]

    for index in order:
        cp.ask("TransactionEvent", events[index] | {"offline": True})

    entries = sessions(home, name)
    assert len(of_kind(entries, "session_started")) == 1
    last = of_kind(entries, "session_ended")[-1]
    assert last.payload["energy_kwh"] == pytest.approx(2.0)  # 3000 - 1000 Wh
    assert last.payload["vehicle_id"] == "van-1"


@negative
def test_tc_e_40_an_old_start_does_not_end_the_session_that_runs(cp, name, home):
    running, old = name, name[::-1]
    cp.ask("TransactionEvent", told("Started", running, 0, idToken=TAG, evse={"id": 1}))

    cp.ask(
        "TransactionEvent",
        told("Started", old, 0, offline=True, evse={"id": 1}, at="2026-11-20T08:00:00Z"),
    )
    cp.ask("TransactionEvent", told("Ended", old, 1, offline=True, at="2026-11-20T09:00:00Z"))

    assert of_kind(sessions(home, running), "session_ended") == []
    assert len(of_kind(sessions(home, old), "session_ended")) == 1
    cp.ask("TransactionEvent", told("Ended", running, 1, at="2026-11-20T20:05:00Z"))


def test_an_update_whose_start_was_lost_is_a_session_all_the_same(cp, name, home):
    cp.ask("TransactionEvent", told("Updated", name, 7, evse={"id": 1}, register_wh=700))

    assert len(of_kind(sessions(home, name), "session_started")) == 1
    cp.ask("TransactionEvent", told("Ended", name, 8, at="2026-11-20T20:05:00Z"))


@negative
def test_a_start_on_an_evse_that_is_not_there_is_no_session(cp, name, home):
    start = told("Started", name, 0, idToken=TAG, evse={"id": 9})

    assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
    assert sessions(home, name) == []


@negative
@pytest.mark.parametrize("missing", ["eventType", "seqNo", "transactionInfo"])
def test_tc_e_02_an_event_without_what_it_must_have_is_refused(cp, name, missing):
    event = told("Started", name, 0)
    del event[missing]

    assert cp.refused("TransactionEvent", event) == "OccurrenceConstraintViolation"


@negative
def test_tc_e_02_an_event_of_no_known_type_is_refused(cp, name):
    assert cp.refused("TransactionEvent", told("Paused", name, 0)) == "PropertyConstraintViolation"


@negative
def test_tc_e_02_an_event_whose_place_in_line_is_no_number_is_refused(cp, name):
    event = told("Started", name, 0) | {"seqNo": "first"}

    assert cp.refused("TransactionEvent", event) == "TypeConstraintViolation"


# --- J: meters ------------------------------------------------------------------------------


def test_tc_j_01_a_power_of_ten_counts(cp, name, home):
    cp.ask("TransactionEvent", told("Started", name, 0, idToken=TAG, evse={"id": 1}))
    sampled = [
        {"value": 35, "measurand": "Power.Active.Import",
         "unitOfMeasure": {"unit": "W", "multiplier": 2}},
    ]  # fmt: skip
    value = {"timestamp": "2026-11-20T20:09:00Z", "sampledValue": sampled}

    assert cp.ask("MeterValues", {"evseId": 1, "meterValue": [value]}) == {}

    meters = of_kind(sessions(home, name), "meter")
    assert [one.payload["power_kw"] for one in meters] == [3.5]  # 35 x 10^2 W
    cp.ask("TransactionEvent", told("Ended", name, 1, at="2026-11-20T20:10:00Z"))


@negative
@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"evseId": 1}, "OccurrenceConstraintViolation"),
        ({"evseId": 1, "meterValue": "none"}, "TypeConstraintViolation"),
        ({"evseId": -1, "meterValue": []}, "PropertyConstraintViolation"),
        ({"evseId": "first", "meterValue": []}, "TypeConstraintViolation"),
    ],
)
def test_tc_j_02_meter_values_that_break_the_rules_are_refused(cp, payload, code):
    assert cp.refused("MeterValues", payload) == code


def test_tc_j_02_aligned_values_of_a_running_transaction_are_its_own(cp, name, home):
    cp.ask("TransactionEvent", told("Started", name, 0, idToken=TAG, evse={"id": 1}))
    sampled = [{"value": 5000, "context": "Sample.Clock"}]
    value = {"timestamp": "2026-11-20T20:15:00Z", "sampledValue": sampled}

    assert cp.ask("MeterValues", {"evseId": 1, "meterValue": [value]}) == {}

    cp.ask("TransactionEvent", told("Ended", name, 1, at="2026-11-20T20:20:00Z", register_wh=5600))
    (ended,) = of_kind(sessions(home, name), "session_ended")
    assert ended.payload["energy_kwh"] == pytest.approx(0.6)  # 5600 - 5000 Wh


@negative
def test_tc_j_03_values_of_an_evse_where_nothing_runs_are_answered_and_nobodys(cp, home):
    value = {"timestamp": "2026-11-20T20:15:00Z", "sampledValue": [{"value": 5000}]}
    before = count_of(home, "meter")

    assert cp.ask("MeterValues", {"evseId": 1, "meterValue": [value]}) == {}
    assert cp.ask("MeterValues", {"evseId": 9, "meterValue": [value]}) == {}

    assert count_of(home, "meter") == before


@negative
@pytest.mark.parametrize("value", ["-", None, {"a": 1}], ids=["text", "nothing", "object"])
def test_tc_j_07_a_value_that_is_none_leaves_the_rest_of_the_event_standing(cp, name, home, value):
    start = told("Started", name, 0, idToken=TAG, evse={"id": 1}, register_wh=0)
    start["meterValue"][0]["sampledValue"][0]["value"] = value

    assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}

    assert len(of_kind(sessions(home, name), "session_started")) == 1
    cp.ask("TransactionEvent", told("Ended", name, 1, at="2026-11-20T20:20:00Z"))


@negative
def test_tc_j_01_meter_values_without_an_evse_are_refused(cp):
    assert cp.refused("MeterValues", {"meterValue": []}) == "OccurrenceConstraintViolation"
