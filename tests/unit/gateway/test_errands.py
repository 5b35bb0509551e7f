"""Errands: what an operator asks of a station in OCPP's words, as frames; and what is refused."""

import re
from dataclasses import replace

import pytest

from depotlib.errors import StationCallError
from depotlib.gateway.calls import StartRemotely
from depotlib.gateway.errand import Errand
from depotlib.gateway.errand_calls import ERRANDS, errand_call, told_by
from depotlib.gateway.messages import Connected, Replied, TransactionStarted
from depotlib.gateway.plug import Plug
from depotlib.gateway.profiles import Period
from depotlib.gateway.versions import VERSIONS
from tests.gateway_cases import T0, at, site
from tests.places import ROOT

OCPP21, OCPP201, OCPP16 = VERSIONS
PAGE = (ROOT / "docs" / "operating.md").read_text()
DIGEST = {"algorithm": "SHA256", "issuer_name": "aa", "issuer_key": "bb", "serial": "01"}
SPAN = {"since": "2026-11-20T00:00:00Z", "until": "2026-11-21T00:00:00Z"}
# (what, facts) → action of OCPP 1.6, action of 2.x; None: it has none.
SAID = [
    ("reset", {}, "Reset", "Reset"),
    ("reset", {"is_hard": True}, "Reset", "Reset"),
    ("unlock", {}, "UnlockConnector", "UnlockConnector"),
    ("availability", {"is_operative": False}, "ChangeAvailability", "ChangeAvailability"),
    ("start", {"token": "TAG-0"}, "RemoteStartTransaction", "RequestStartTransaction"),
    ("stop", {}, "RemoteStopTransaction", "RequestStopTransaction"),
    ("tell", {"message": "MeterValues"}, "TriggerMessage", "TriggerMessage"),
    ("tell", {"message": "SignCertificate"}, "ExtendedTriggerMessage", "TriggerMessage"),
    ("tell", {"message": "DiagnosticsStatusNotification"}, "TriggerMessage", "TriggerMessage"),
    ("read_settings", {"keys": "A, B"}, "GetConfiguration", "GetVariables"),
    ("change_setting", {"key": "A", "value": "1"}, "ChangeConfiguration", "SetVariables"),
    ("read_limits", {"duration_s": 60}, "GetCompositeSchedule", "GetCompositeSchedule"),
    ("clear_profiles", {"profile_id": 77}, "ClearChargingProfile", "ClearChargingProfile"),
    ("clear_profiles", {"stack_level": 2}, "ClearChargingProfile", "ClearChargingProfile"),
    ("clear_profiles", {"purpose": "transaction"}, "ClearChargingProfile", "ClearChargingProfile"),
    ("read_profiles", {}, None, "GetChargingProfiles"),
    ("read_inventory", {"report": "full"}, None, "GetBaseReport"),
    ("read_session", {}, None, "GetTransactionStatus"),
    ("reserve", {"token": "TAG-0", "until": "2026-11-20T21:00:00Z"}, "ReserveNow", "ReserveNow"),
    ("cancel_reservation", {"reservation_id": 5}, "CancelReservation", "CancelReservation"),
    ("send_tokens", {"list_version": 1, "tokens": "TAG-0,TAG-1"}, "SendLocalList", "SendLocalList"),
    (
        "send_tokens",
        {"list_version": 2, "tokens": "TAG-2", "removed": "TAG-0", "is_whole": False},
        "SendLocalList",
        "SendLocalList",
    ),
    ("read_tokens_version", {}, "GetLocalListVersion", "GetLocalListVersion"),
    ("forget_tokens", {}, "ClearCache", "ClearCache"),
    ("update_firmware", {"location": "ftp://x/f"}, "UpdateFirmware", "UpdateFirmware"),
    (
        "update_firmware",
        {"location": "ftp://x/f", "certificate": "C", "signature": "S"},
        "SignedUpdateFirmware",
        "UpdateFirmware",
    ),
    (
        "read_log",
        {"kind": "diagnostics", "location": "ftp://x", **SPAN},
        "GetDiagnostics",
        "GetLog",
    ),
    (
        "network_profile",
        {"slot": 1, "url": "wss://csms.example/ocpp", "security_profile": 2},
        None,
        "SetNetworkProfile",
    ),
    ("read_log", {"kind": "security", "location": "ftp://x", **SPAN}, "GetLog", "GetLog"),
    (
        "install_authority",
        {"authority": "manufacturer", "certificate": "PEM"},
        "InstallCertificate",
        "InstallCertificate",
    ),
    (
        "read_authorities",
        {"authority": "central_system"},
        "GetInstalledCertificateIds",
        "GetInstalledCertificateIds",
    ),
    ("delete_authority", DIGEST, "DeleteCertificate", "DeleteCertificate"),
]
REFUSED = [
    ("dance", {}, "no such errand"),
    ("unlock", {"speed": 1}, "no fact of it"),
    ("start", {"token": ""}, "token is missing"),
    ("start", {"token": "T" * 21}, "too long"),
    ("start", {"token": "T", "with_profile": "yes"}, "neither true nor false"),
    ("tell", {"message": "Joke"}, "message 'Joke'"),
    ("change_setting", {"key": "AuthorizationKey", "value": "00"}, "passwords"),
    ("change_setting", {"key": "SecurityCtrlr.BasicAuthPassword", "value": "0"}, "passwords"),
    ("change_setting", {"key": "A"}, "value is missing"),
    ("read_limits", {"duration_s": 0}, "no whole number"),
    ("read_limits", {"duration_s": True}, "no whole number"),
    ("clear_profiles", {}, "safe limit away"),
    ("clear_profiles", {"profile_id": 1}, "safe limit away"),
    ("clear_profiles", {"profile_id": 2}, "safe limit away"),
    ("clear_profiles", {"purpose": "default"}, "safe limit away"),
    ("clear_profiles", {"purpose": "station_maximum"}, "safe limit away"),
    ("clear_profiles", {"stack_level": 0}, "safe limit away"),
    ("clear_profiles", {"purpose": "none"}, "purpose 'none'"),
    ("read_profiles", {}, "OCPP 1.6 has no such call"),
    ("reserve", {"token": "T"}, "until is missing or past"),
    ("reserve", {"token": "T", "until": "2026-11-20T19:00:00Z"}, "until is missing or past"),
    ("reserve", {"token": "T", "until": "tomorrow"}, "no instant"),
    ("reserve", {"token": "T", "until": "2026-11-20T21:00:00"}, "no offset"),
    ("cancel_reservation", {}, "no whole number"),
    ("send_tokens", {"list_version": 0}, "no whole number"),
    ("send_tokens", {"list_version": 1, "removed": "T"}, "takes nothing out"),
    ("send_tokens", {"list_version": 1, "tokens": "T" * 21}, "too long"),
    ("update_firmware", {"location": "x", "signature": "S"}, "half of a signature"),
    ("update_firmware", {}, "location is missing"),
    ("read_log", {"kind": "secrets", "location": "x"}, "kind 'secrets'"),
    ("install_authority", {"authority": "manufacturer"}, "certificate is missing"),
    ("delete_authority", DIGEST | {"algorithm": "MD5"}, "algorithm 'MD5'"),
    ("availability", {"is_connector": "yes"}, "is_connector is neither"),
]


REFUSED_2X = [
    ("network_profile", {"slot": 1, "url": "wss://x", "security_profile": 1}, "do not go together"),
    ("network_profile", {"slot": 1, "url": "wss://x", "security_profile": 4}, "do not go together"),
    ("network_profile", {"slot": 1, "url": "wss:x", "security_profile": 2}, "no address"),
    (
        "network_profile",
        {"slot": 1, "url": "wss://x/" + "y" * 512, "security_profile": 2},
        "no address",
    ),
    ("network_profile", {"slot": 1, "url": "wss://[", "security_profile": 2}, "no address"),
    (
        "network_profile",
        {"slot": 1, "url": "wss://x", "security_profile": 2, "interface": "Air"},
        "interface 'Air'",
    ),
]


def station(version="1.6", *, lease_level=1):
    one = site().control.stations["S0"]
    one.handle(Connected(version), T0)
    one.arming.is_armed = True
    one.arming.dialect = replace(one.arming.dialect, lease_level=lease_level)
    return one


def errand(what, facts, whose, *, connector=1):
    return Errand(what, "order 1", connector, facts, station=whose, now=T0)


def with_session(one):
    one.handle(TransactionStarted("c", 1, "TAG-0", 0.0, at(0)), T0)
    return one


@pytest.mark.parametrize(("what", "facts", "action", "action_2x"), SAID)
def test_every_errand_is_said_in_the_words_of_each_version(what, facts, action, action_2x):
    one = with_session(station("2.0.1"))

    said = [version.write_call(errand_call(errand(what, facts, one))) for version in VERSIONS[:2]]
    if action is not None:
        old = with_session(station("1.6"))
        said.append(OCPP16.write_call(errand_call(errand(what, facts, old))))

    # Each was checked against its version's schema when it was written.
    assert [name for name, _ in said] == [action_2x, action_2x, *([action] if action else [])]


def test_no_errand_is_left_out_of_the_table():
    assert {what for what, *_ in SAID} == set(ERRANDS)


def test_the_page_for_operators_lists_every_errand_with_its_facts():
    rows = re.findall(r"^\| `([a-z_]+)` \|([^|]*)\|[^|]*\|$", PAGE, re.MULTILINE)

    listed = {what: tuple(re.findall(r"`(\w+)`", facts)) for what, facts in rows}

    assert {what: listed.get(what) for what in ERRANDS} == {
        what: one.facts for what, one in ERRANDS.items()
    }


@pytest.mark.parametrize(("what", "facts", "why"), REFUSED)
def test_an_errand_that_cannot_be_run_is_refused_and_says_why(what, facts, why):
    with pytest.raises(StationCallError, match=why) as refused:
        errand_call(errand(what, facts, station()))

    assert refused.value.hint


@pytest.mark.parametrize(("what", "facts", "why"), REFUSED_2X)
def test_what_a_newer_station_cannot_be_asked_is_refused_too(what, facts, why):
    with pytest.raises(StationCallError, match=why):
        errand_call(errand(what, facts, station("2.0.1")))


def test_a_1_6_station_of_several_connectors_is_not_reset_for_one_of_them():
    one = station()
    one.plugs[2] = Plug(2, "S0/2")

    with pytest.raises(StationCallError, match="resets every connector"):
        errand_call(errand("reset", {}, one))

    assert errand_call(errand("reset", {}, one, connector=0)).connector == 0


def test_nothing_is_cleared_before_the_safe_limit_is_in_place():
    one = station()
    one.arming.is_armed = False

    with pytest.raises(StationCallError, match="not in place"):
        errand_call(errand("clear_profiles", {"profile_id": 77}, one))


@pytest.mark.parametrize(("lease_level", "is_refused"), [(1, False), (0, True)])
def test_a_lease_is_cleared_only_where_it_does_not_lie_in_the_safe_limits_place(
    lease_level, is_refused
):
    asked = errand("clear_profiles", {"profile_id": 11}, station(lease_level=lease_level))

    if is_refused:
        with pytest.raises(StationCallError, match="safe limit away"):
            errand_call(asked)
    else:
        assert errand_call(asked)


def test_a_remote_start_begins_at_the_safe_limit_and_never_above():
    call = errand_call(errand("start", {"token": "TAG-0"}, station()))

    assert isinstance(call, StartRemotely)
    assert call.profile is not None
    assert call.profile.transaction_id is None  # OCPP 1.6 section 5.16.2
    assert call.profile.purpose == "transaction"
    assert call.profile.periods == (Period(0, 60),)  # 4.14 kW / (3 x 230 V) = 6.0 A


def test_a_remote_start_at_a_station_that_loses_such_profiles_carries_none():
    one = station()
    one.arming.dialect = replace(one.arming.dialect, uses_transaction_profile=False)

    call = errand_call(errand("start", {"token": "TAG-0"}, one))

    assert isinstance(call, StartRemotely)
    assert call.profile is None


@pytest.mark.parametrize("what", ["start", "stop"])
def test_a_start_or_stop_that_names_no_place_is_refused(what):
    facts = {"token": "T"} if what == "start" else {}

    with pytest.raises(StationCallError, match=r"no connector|no session"):
        errand_call(errand(what, facts, station(), connector=0))


@pytest.mark.parametrize("version", VERSIONS[1:], ids=lambda one: one.name)
def test_root_certificates_are_told_by_serial_number_in_each_version(version):
    one = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "aa",
        "issuerKeyHash": "bb",
        "serialNumber": "01",
    }
    chained = {"certificateHashDataChain": [{"certificateHashData": one}]}
    held = {"certificateHashData": [one]} if version.name == "1.6" else chained
    call = errand_call(errand("read_authorities", {"authority": "manufacturer"}, station()))

    found = version.read_reply(call, {"status": "Accepted", **held})
    none = version.read_reply(call, {"status": "NotFound"})

    assert (found.outcome, dict(found.facts)) == ("accepted", {"01": "SHA256 aa bb"})
    assert (none.outcome, none.note) == ("rejected", "NotFound")


def test_a_password_that_a_station_tells_is_not_told_on():
    told = told_by(Replied("r", "accepted", "1 keys", facts={"AuthorizationKey": "5ec2e7"}))

    assert told == "1 keys; AuthorizationKey is not shown"


def test_an_answer_is_told_whole_but_not_at_any_length():
    told = told_by(Replied("r", "accepted", "2 keys", facts={"A": "1", "B": "x" * 5000}))
    limits = told_by(Replied("r", "accepted", periods=(Period(0, 60), Period(30, 320)), unit="A"))

    assert told.startswith("2 keys; A = 1; B = xxx")
    assert len(told) == 1000
    assert limits == "from 0 s 6.0 A; from 30 s 32.0 A"
