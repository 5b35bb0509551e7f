"""OCPP 2.0.1 block E case by case: how transactions begin and end, told on the wire as stations do.

Each story is told on a second of its own, and ends as one session: with its vehicle, its reason and
all of its energy, whatever began or ended it.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.cases import negative
from tests.conformance.gateway_process import gateway, station
from tests.conformance.ocpp201_frames import STATION_201, TAG, told

pytestmark = pytest.mark.conformance

HOURS = count()
STRANGER = {"idToken": "STRANGER", "type": "ISO14443"}
EVSE = {"evse": {"id": 1, "connectorId": 1}}
ENDED = "Ended"


@dataclass(frozen=True)
class Step:
    """An event: what triggers it, and what it holds beyond a register that goes on."""

    kind: str
    trigger: str
    state: str = ""
    token: dict | None = None
    evse: bool = False
    stopped: str = ""


def begin(trigger, state="", *, token=None, evse=True):
    return Step("Started", trigger, state, token=token, evse=evse)


def go_on(trigger, state="", *, token=None, evse=False):
    return Step("Updated", trigger, state, token=token, evse=evse)


def end(trigger, stopped, *, state="Idle", token=None):
    return Step(ENDED, trigger, state, token=token, stopped=stopped)


PLUGGED = begin("CablePluggedIn", "EVConnected")
KNOWN = go_on("Authorized", token=TAG)
CHARGES = go_on("ChargingStateChanged", "Charging")
AUTHORIZED = begin("Authorized", "EVConnected", token=TAG)
LEAVES = end("EVCommunicationLost", "EVDisconnected")
# Case, story, reason of the end.
STORIES = [
    ("E_01", [begin("ChargingStateChanged", "Charging", token=TAG), LEAVES], "EVDisconnected"),
    ("E_02", [begin("ChargingStateChanged", "Charging", token=TAG), CHARGES, LEAVES],
     "EVDisconnected"),
    ("E_03", [PLUGGED, KNOWN, CHARGES, LEAVES], "EVDisconnected"),
    ("E_04", [begin("Authorized", token=TAG, evse=False), go_on("CablePluggedIn", "EVConnected",
              evse=True), CHARGES, LEAVES], "EVDisconnected"),
    ("E_07", [AUTHORIZED, CHARGES, end("StopAuthorized", "Local", token=TAG)], "Local"),
    ("E_08", [AUTHORIZED, CHARGES, go_on("StopAuthorized", "EVConnected", token=TAG),
              end("ChargingStateChanged", "Local")], "Local"),
    ("E_09", [PLUGGED, KNOWN, LEAVES], "EVDisconnected"),
    ("E_10", [AUTHORIZED, LEAVES], "EVDisconnected"),
    ("E_11", [begin("SignedDataReceived", token=TAG), CHARGES, LEAVES], "EVDisconnected"),
    ("E_12", [begin("EVDetected"), go_on("CablePluggedIn", "EVConnected"), KNOWN, CHARGES,
              end("EVDeparted", "Local")], "Local"),
    ("E_14", [AUTHORIZED, CHARGES, end("EVCommunicationLost", "Local")], "Local"),
    ("E_15", [AUTHORIZED, CHARGES, end("StopAuthorized", "Local", token=TAG)], "Local"),
    ("E_17", [AUTHORIZED, CHARGES, go_on("EVCommunicationLost", "Idle"),
              end("EVConnectTimeout", "EVDisconnected")], "EVDisconnected"),
    ("E_19", [AUTHORIZED, CHARGES, end("EVDeparted", "EVDisconnected")], "EVDisconnected"),
    ("E_20", [AUTHORIZED, CHARGES, go_on("ChargingStateChanged", "SuspendedEV"), LEAVES],
     "EVDisconnected"),
    ("E_21", [AUTHORIZED, CHARGES, end("RemoteStop", "Remote")], "Remote"),
    ("E_22", [AUTHORIZED, CHARGES, go_on("ChargingStateChanged", "SuspendedEV"),
              end("ChargingStateChanged", "StoppedByEV")], "StoppedByEV"),
    ("E_26", [AUTHORIZED, CHARGES, go_on("EVCommunicationLost", "Idle"),
              go_on("CablePluggedIn", "EVConnected"), CHARGES, LEAVES], "EVDisconnected"),
    ("E_38", [AUTHORIZED, go_on("ChargingStateChanged", "SuspendedEV"), CHARGES, LEAVES],
     "EVDisconnected"),
]  # fmt: skip
REFUSED = [
    ("E_16", [begin("Authorized", "EVConnected", token=STRANGER),
              end("Deauthorized", "DeAuthorized")], "DeAuthorized"),
    ("E_39", [PLUGGED, end("EVConnectTimeout", "Timeout")], "Timeout"),
    ("E_15", [PLUGGED, CHARGES, end("StopAuthorized", "MasterPass", token=STRANGER)],
     "MasterPass"),
    ("E_07", [PLUGGED, end("AbnormalCondition", "PowerLoss")], "PowerLoss"),
    ("E_14", [PLUGGED, end("ResetCommand", "ImmediateReset")], "ImmediateReset"),
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def cp(home):
    with gateway(home) as url, station(url, "CP-1", **STATION_201) as connected:
        yield connected


def tell(cp, steps, *, first_seq=1):
    """Tell a story by the minute and the kilowatt-hour; return its name and the answers."""
    name = uuid.uuid4().hex
    at = datetime(2026, 11, 18, tzinfo=UTC) + timedelta(hours=next(HOURS))
    answers = []
    for number, step in enumerate(steps):
        event = told(
            step.kind,
            name,
            first_seq + number,
            trigger=step.trigger,
            at=f"{at + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}",
            charging_state=step.state,
            register_wh=1000 * number,
            **({"idToken": step.token} if step.token else {}),
            **(EVSE if step.evse else {}),
        )
        if step.stopped:
            event["transactionInfo"]["stoppedReason"] = step.stopped
        answers.append(cp.ask("TransactionEvent", event))
    return name, answers


def session_of(home, name):
    """Return the entries of a session, by the kind of each."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        entries = [record.entry for record in mailbox.journal(limit=100_000)]
    (started,) = [one for one in entries if one.payload.get("transaction_name") == name]
    own = [one for one in entries if one.payload.get("session_id") == started.payload["session_id"]]
    return {
        kind: [one.payload for one in own if one.kind == kind] for kind in {o.kind for o in own}
    }


def of(stories):
    return [pytest.param(*one[1:], id=f"TC_{one[0]}-{at}") for at, one in enumerate(stories)]


@pytest.mark.parametrize(("steps", "reason"), of(STORIES))
def test_a_story_is_one_session_with_its_vehicle_its_energy_and_its_reason(cp, home, steps, reason):
    name, answers = tell(cp, steps)

    session = session_of(home, name)
    (ended,) = session["session_ended"]
    assert ended["vehicle_id"] == "van-1"
    assert ended["reason"] == reason
    assert ended["energy_kwh"] == pytest.approx(len(steps) - 1.0)  # 1 kWh from step to step
    # Whoever offers a token is told of it; whoever offers none is told nothing (E02, C01).
    assert ["idTokenInfo" in one for one in answers] == [step.token is not None for step in steps]


@negative
@pytest.mark.parametrize(("steps", "reason"), of(REFUSED))
def test_a_session_of_nobody_stays_one_of_nobody_whatever_ends_it(cp, home, steps, reason):
    name, _ = tell(cp, steps)

    (ended,) = session_of(home, name)["session_ended"]
    assert ended["vehicle_id"] is None
    assert ended["reason"] == reason


def test_tc_e_53_a_sequence_that_begins_at_0_is_taken(cp, home):
    name, _ = tell(cp, [AUTHORIZED, CHARGES, LEAVES], first_seq=0)

    (ended,) = session_of(home, name)["session_ended"]
    assert ended["energy_kwh"] == pytest.approx(2.0)


@negative
def test_tc_e_53_a_number_of_another_moment_is_no_repetition(cp, home):
    name = uuid.uuid4().hex
    at = datetime(2026, 11, 18, tzinfo=UTC) + timedelta(hours=next(HOURS))
    texts = [f"{at + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}" for minute in range(3)]
    cp.ask("TransactionEvent", told("Started", name, 0, idToken=TAG, at=texts[0], register_wh=0))
    # A station that counts wrongly says two things under one number.
    cp.ask("TransactionEvent", told("Updated", name, 0, at=texts[1], register_wh=500))
    cp.ask("TransactionEvent", told("Ended", name, 0, at=texts[2], register_wh=900))

    (ended,) = session_of(home, name)["session_ended"]
    assert ended["energy_kwh"] == pytest.approx(0.9)
