"""OCPP 1.6J Smart Charging, named by certification case, asserted on frames of a raw client."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.exchange.preview import preview_digest
from depotlib.model.live import PushRequest
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from tests.conformance.gateway_process import WAIT_S, gateway, station

pytestmark = pytest.mark.conformance


@pytest.fixture
def home(tmp_path):
    return tmp_path


@pytest.fixture
def url(home):
    with gateway(home) as address:
        yield address


@pytest.fixture(scope="module")
def shared_url(tmp_path_factory):
    """A gateway for tests that put nothing into force."""
    with gateway(tmp_path_factory.mktemp("gateway")) as address:
        yield address


def push(home, *, limit_kw):
    """Ask for a release that gives CP-1 a limit from now on, for two hours."""
    now = datetime.now(UTC)
    end = now + timedelta(hours=2)
    steps = (LimitStep(now - timedelta(minutes=5), limit_kw),)
    schedule = ConnectorSchedule("CP-1/1", "van-1", steps, end, end, 5.0)
    release = Release("r1", "p", "push", 1, now, now, end, (schedule,), pushable=True)
    token = ensure_operator_token(home / "operator.token")
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        mailbox.add_release(release)
        digest = preview_digest(release, in_force=None)
        mailbox.ask(PushRequest("q1", "push", "r1", digest, "ann", now, token))


def profiles(cp):
    return [payload["csChargingProfiles"] for payload in cp.asked("SetChargingProfile")]


def armed(cp):
    cp.boot()
    cp.hear(lambda: len(cp.asked("TriggerMessage")) == 2)  # the last of what arming asks


def test_the_safe_limit_is_the_first_thing_a_station_hears_after_its_boot(shared_url):
    with station(shared_url, "CP-1") as cp:
        armed(cp)

        first = cp.calls[0]

    assert first[1] == "SetChargingProfile"
    assert first[2]["connectorId"] == 0
    profile = first[2]["csChargingProfiles"]
    assert (profile["chargingProfilePurpose"], profile["stackLevel"]) == ("TxDefaultProfile", 0)
    assert "validTo" not in profile
    assert profile["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 6.0, "numberPhases": 1}  # 1380 W / 230 V
    ]


def test_a_station_that_says_nothing_is_armed_all_the_same(shared_url):
    with station(shared_url, "CP-1") as cp:
        cp.hear(lambda: bool(cp.calls))

        assert cp.calls[0][1] == "SetChargingProfile"


def test_a_station_is_given_its_own_maximum(shared_url):
    with station(shared_url, "CP-2") as cp:
        armed(cp)

        purposes = {one["chargingProfilePurpose"]: one for one in profiles(cp)}

    maximum = purposes["ChargePointMaxProfile"]["chargingSchedule"]
    assert maximum["chargingRateUnit"] == "W"
    assert maximum["chargingSchedulePeriod"][0]["limit"] == 20_000.0


def test_tc_056_a_pushed_limit_travels_as_an_absolute_default_above_the_safe_limit(url, home):
    with station(url, "CP-1") as cp:
        armed(cp)
        push(home, limit_kw=5.0)
        cp.hear(lambda: any(one["stackLevel"] == 1 for one in profiles(cp)))

        profile = next(one for one in profiles(cp) if one["stackLevel"] == 1)

    assert profile["chargingProfilePurpose"] == "TxDefaultProfile"
    assert profile["chargingProfileKind"] == "Absolute"
    assert "transactionId" not in profile
    assert profile["validFrom"] == profile["chargingSchedule"]["startSchedule"]
    # 5000 W / 230 V = 21.74 A, cut to tenths
    assert profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 21.7


def test_tc_057_a_transaction_gets_its_limit_as_a_profile_of_its_own(url, home):
    with station(url, "CP-1") as cp:
        armed(cp)
        push(home, limit_kw=5.0)
        cp.hear(lambda: any(one["stackLevel"] == 1 for one in profiles(cp)))
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        start = {"connectorId": 1, "idTag": "TAG-1", "meterStart": 0, "timestamp": now}
        number = cp.ask("StartTransaction", start)["transactionId"]
        cp.hear(lambda: any("transactionId" in one for one in profiles(cp)))

        profile = next(one for one in profiles(cp) if "transactionId" in one)

    assert profile["chargingProfilePurpose"] == "TxProfile"
    assert profile["transactionId"] == number
    assert "recurrencyKind" not in profile
    assert {"validFrom", "validTo"} <= set(profile)
    assert {"startSchedule", "duration"} <= set(profile["chargingSchedule"])


def test_tc_066_what_was_accepted_is_read_back(url, home):
    def composite(action, payload):
        if action != "GetCompositeSchedule":
            return {"status": "Accepted"}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        periods = [{"startPeriod": 0, "limit": 21.7}]
        return {
            "status": "Accepted",
            "connectorId": payload["connectorId"],
            "scheduleStart": now,
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": periods},
        }

    with station(url, "CP-1") as cp:
        cp.boot()
        push(home, limit_kw=5.0)
        cp.hear(lambda: "read_back" in _states(home), answer=composite)


def test_a_refused_limit_is_a_refused_push(url, home):
    def refuse(_action, payload):
        level = payload.get("csChargingProfiles", {}).get("stackLevel", 0)
        return {"status": "Rejected" if level else "Accepted"}

    with station(url, "CP-1") as cp:
        cp.boot()
        push(home, limit_kw=5.0)
        cp.hear(lambda: "rejected" in _states(home), answer=refuse)


def test_one_call_is_outstanding_at_a_time(shared_url):
    with station(shared_url, "CP-1") as cp:
        cp.say("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        frames = [cp.socket.recv(timeout=WAIT_S) for _ in range(2)]  # the answer, and one call

        with pytest.raises(TimeoutError):
            cp.socket.recv(timeout=1.0)

    assert [frame[1] for frame in frames] == ["3", "2"]


def _states(home):
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        return {one.state for one in mailbox.push_results("q1")}
