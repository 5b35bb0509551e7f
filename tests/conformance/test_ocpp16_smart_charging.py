"""OCPP 1.6J Smart Charging, named by certification case, asserted on frames of a raw client.

Every push is one of its own in one gateway: the station that it is for, and what it answers, differ.
"""

from datetime import UTC, datetime
from itertools import count

import pytest

from tests.conformance.cases import negative
from tests.conformance.errands import run
from tests.conformance.gateway_process import ACCEPTED, SITE, WAIT_S, gateway, station
from tests.conformance.pushing import push_limit, push_states

pytestmark = pytest.mark.conformance

STATIONS = tuple(f"CP-{number}" for number in range(4, 14))
ROOMY_SITE = SITE.replace("service_kw = 40.0", "service_kw = 200.0").replace(
    "operating_limit_kw = 36.0", "operating_limit_kw = 190.0"
) + "".join(
    f'\n[[station]]\nstation_id = "{name}"\nmax_kw = 7.36\nmin_kw = 1.38\nsafe_limit_kw = 1.38\n'
    f'\n[[identity]]\ntoken = "TAG-{name}"\nvehicle_id = "van-{name}"\n'
    for name in STATIONS
)
PUSHES = count(1)
LIMIT = 21.7  # 5000 W / 230 V = 21.74 A, cut to tenths


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home, site=ROOMY_SITE) as address:
        yield address


@pytest.fixture
def pushed(home):
    """Push 5 kW to a station; return what says which states its push has reached."""

    def push(station_id):
        name = str(next(PUSHES))
        push_limit(
            home,
            limit_kw=5.0,
            connector_id=f"{station_id}/1",
            vehicle_id=f"van-{station_id}",
            name=name,
        )
        return lambda: {state for state, _ in push_states(home, name=name)}

    return push


def profiles(cp):
    return [payload["csChargingProfiles"] for payload in cp.asked("SetChargingProfile")]


def leases(cp):
    return [one for one in profiles(cp) if one["stackLevel"] == 1]


def armed(cp):
    cp.boot()
    cp.hear(lambda: len(cp.asked("TriggerMessage")) == 2)  # the last of what arming asks


def now_text():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def accepted(cp, states):
    """Wait until a push is accepted: what is still queued would hold up the next one."""
    cp.hear(lambda: states() & {"accepted", "read_back"})


def begun(cp, tag):
    start = {"connectorId": 1, "idTag": tag, "meterStart": 0, "timestamp": now_text()}
    return cp.ask("StartTransaction", start)["transactionId"]


def composite(**answer):
    """What a station answers: a composite schedule as told, and to all else that it is accepted."""
    return lambda action, _payload: answer if action == "GetCompositeSchedule" else ACCEPTED


def schedule(limit, unit="A"):
    periods = [{"startPeriod": 0, "limit": limit}]
    return {"chargingRateUnit": unit, "chargingSchedulePeriod": periods}


# --- the safe limit -----------------------------------------------------------------------------


def test_the_safe_limit_is_the_first_thing_a_station_hears_after_its_boot(url):
    with station(url, "CP-1") as cp:
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


def test_a_station_that_says_nothing_is_armed_all_the_same(url):
    with station(url, "CP-3") as cp:
        cp.hear(lambda: bool(cp.calls))

        assert cp.calls[0][1] == "SetChargingProfile"


def test_a_station_is_given_its_own_maximum(url):
    with station(url, "CP-2") as cp:
        armed(cp)

        purposes = {one["chargingProfilePurpose"]: one for one in profiles(cp)}

    maximum = purposes["ChargePointMaxProfile"]["chargingSchedule"]
    assert maximum["chargingRateUnit"] == "W"
    assert maximum["chargingSchedulePeriod"][0]["limit"] == 20_000.0


def test_one_call_is_outstanding_at_a_time(url):
    with station(url, "CP-1") as cp:
        cp.say("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        frames = [cp.socket.recv(timeout=WAIT_S) for _ in range(2)]  # the answer, and one call

        with pytest.raises(TimeoutError):
            cp.socket.recv(timeout=1.0)

    assert [frame[1] for frame in frames] == ["3", "2"]


# --- TC_056: a default ---------------------------------------------------------------------------


def test_tc_056_a_pushed_limit_travels_as_an_absolute_default_above_the_safe_limit(url, pushed):
    with station(url, "CP-4") as cp:
        armed(cp)
        accepted(cp, pushed("CP-4"))

        profile = leases(cp)[0]

    assert profile["chargingProfilePurpose"] == "TxDefaultProfile"
    assert profile["chargingProfileKind"] == "Absolute"
    assert "transactionId" not in profile
    assert "recurrencyKind" not in profile
    assert profile["validFrom"] == profile["chargingSchedule"]["startSchedule"]
    assert profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == LIMIT


@negative
@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("CP-5", {"status": "Rejected"}, id="TC_056-rejected"),
        pytest.param("CP-6", {"status": "NotSupported"}, id="TC_056-not-supported"),
        pytest.param("CP-7", "NotSupported", id="TC_056-error"),
        pytest.param("CP-8", {}, id="TC_056-no-status"),
    ],
)
def test_tc_056_a_limit_that_is_not_accepted_is_a_rejected_push(url, pushed, name, says):
    def refuse(_action, payload):
        return says if payload.get("csChargingProfiles", {}).get("stackLevel", 0) else ACCEPTED

    with station(url, name) as cp:
        cp.boot()
        states = pushed(name)
        cp.hear(lambda: "rejected" in states(), answer=refuse)

        assert states() == {"rejected"}


# --- TC_057, TC_059: of a transaction ------------------------------------------------------------


def test_tc_057_a_transaction_gets_its_limit_as_a_profile_of_its_own(url, pushed):
    with station(url, "CP-13") as cp:
        armed(cp)
        accepted(cp, pushed("CP-13"))
        number = begun(cp, "TAG-CP-13")
        cp.hear(lambda: any("transactionId" in one for one in leases(cp)))

        profile = next(one for one in leases(cp) if "transactionId" in one)

    assert profile["chargingProfilePurpose"] == "TxProfile"
    assert profile["transactionId"] == number
    assert "recurrencyKind" not in profile
    assert {"validFrom", "validTo"} <= set(profile)
    assert {"startSchedule", "duration"} <= set(profile["chargingSchedule"])


@negative
def test_tc_057_no_transaction_gets_a_profile_that_is_over(url, pushed):
    with station(url, "CP-9") as cp:
        armed(cp)
        accepted(cp, pushed("CP-9"))
        number = begun(cp, "TAG-CP-9")
        end = {"transactionId": number, "meterStop": 10, "timestamp": now_text()}
        cp.ask("StopTransaction", end)
        told = len(profiles(cp))
        cp.ask("StatusNotification", {"connectorId": 1, "errorCode": "NoError",
                                      "status": "Available"})  # fmt: skip
        late = profiles(cp)[told:]

    assert [one for one in late if one.get("transactionId") == number] == []


def test_tc_059_the_first_lease_of_a_remote_start_takes_the_place_of_what_it_began_with(
    url, home, pushed
):
    with station(url, "CP-10") as cp:
        armed(cp)
        accepted(cp, pushed("CP-10"))
        assert run(cp, home, "start", place="CP-10/1", facts={"token": "TAG-CP-10"})[0] == "done"
        first = cp.asked("RemoteStartTransaction")[0]["chargingProfile"]
        number = begun(cp, "TAG-CP-10")
        cp.hear(lambda: any(one.get("transactionId") == number for one in leases(cp)))

        lease = next(one for one in leases(cp) if one.get("transactionId") == number)

    # Its id, and its purpose and level: either alone replaces (OCPP 1.6 section 5.16.3).
    for name in ("chargingProfileId", "chargingProfilePurpose", "stackLevel"):
        assert lease[name] == first[name]
    assert first["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 6.0
    assert lease["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == LIMIT


# --- TC_066: read back ---------------------------------------------------------------------------


def test_tc_066_what_was_accepted_is_read_back(url, pushed):
    answer = composite(
        status="Accepted", connectorId=1, scheduleStart=now_text(), chargingSchedule=schedule(LIMIT)
    )
    with station(url, "CP-11") as cp:
        cp.boot()
        states = pushed("CP-11")
        cp.hear(lambda: "read_back" in states(), answer=answer)

        asked = cp.asked("GetCompositeSchedule")[-1]

    assert (asked["connectorId"], asked["chargingRateUnit"]) == (1, "A")


@negative
@pytest.mark.parametrize(
    "says",
    [
        pytest.param({"status": "Rejected"}, id="TC_066-rejected"),
        pytest.param({"status": "Accepted"}, id="TC_066-empty"),
        pytest.param(
            {"status": "Accepted", "chargingSchedule": schedule(-1)}, id="TC_066-no-limit"
        ),
        pytest.param({"status": "Accepted", "chargingSchedule": schedule(32.0)}, id="TC_066-more"),
    ],
)
def test_tc_066_a_composite_that_proves_nothing_takes_no_acceptance_back(url, pushed, says):
    asked: list[int] = []
    with station(url, "CP-12") as cp:
        cp.boot()
        states = pushed("CP-12")

        def is_read():
            lease = next((at for at, one in enumerate(cp.calls) if _is_lease(one)), None)
            later = [] if lease is None else cp.calls[lease:]
            asked[:] = [at for at, one in enumerate(later) if one[1] == "GetCompositeSchedule"]
            return bool(asked) and "accepted" in states()

        cp.hear(is_read, answer=composite(**says))
        cp.ask("Heartbeat", {})

        assert states() == {"accepted"}


def _is_lease(call):
    return call[2].get("csChargingProfiles", {}).get("stackLevel") == 1
