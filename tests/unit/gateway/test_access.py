"""The gate's verdicts, the vault and what is counted, without a socket."""

import base64
import json
from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from depotlib.errors import CredentialError, ListenAddressError
from depotlib.gateway.access.certificates import (
    create_authority,
    create_station_certificate,
    operator_name,
    sign_request,
)
from depotlib.gateway.access.desk import SecurityDesk
from depotlib.gateway.access.doorway import require_loopback, station_id_of
from depotlib.gateway.access.failures import MOST_KEYS, Failures
from depotlib.gateway.access.gate import MOST_NEWS, Caller, Gate, Subject
from depotlib.gateway.access.tls import server_context
from depotlib.gateway.access.vault import Vault
from depotlib.gateway.assurance import ChangePassword
from depotlib.gateway.messages import Replied

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
STATIONS = ("CP-1", "CP-2", "CP-3")


class Time:
    """A monotonic clock that is set by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def vault(tmp_path) -> Vault:
    return Vault(tmp_path / "security")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def gate(vault, time) -> Gate:
    return Gate(vault, is_open=False, monotonic_s=time)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def status(gate: Gate, caller: Caller) -> int:
    return int(gate.judge(caller, stations=STATIONS).status)


# --- profile 0 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "is_open", "expected"),
    [("127.0.0.1", False, 200), ("::1", False, 200), ("10.0.0.7", False, 401),
     ("10.0.0.7", True, 200), ("", False, 401)],
)  # fmt: skip
def test_without_any_proof_only_this_machine_is_served(vault, time, source, is_open, expected):
    gate = Gate(vault, is_open=is_open, monotonic_s=time)

    assert status(gate, Caller("CP-1", source)) == expected


def test_a_site_with_a_profile_serves_nobody_without_a_credential(gate):
    gate.site_profile = 1

    assert status(gate, Caller("CP-1", "127.0.0.1")) == 401


def test_the_sites_profile_lifts_that_of_every_station(gate, vault):
    password = vault.register("CP-1", profile=1)
    caller = Caller("CP-1", "10.0.0.7", basic("CP-1", password))
    assert status(gate, caller) == 200

    gate.site_profile = 2

    assert status(gate, caller) == 401
    assert not gate.is_still_welcome(caller)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "depot.example"])
def test_a_door_to_the_world_needs_a_profile_or_a_word(host):
    with pytest.raises(ListenAddressError, match="anybody could be any station"):
        require_loopback(host, site_profile=0, is_open=False)

    require_loopback(host, site_profile=1, is_open=False)
    require_loopback(host, site_profile=0, is_open=True)


# --- certificates -----------------------------------------------------------------------------


@pytest.fixture
def certified(vault) -> Subject:
    """Whom the certificate of CP-3, serial SN-3, names."""
    create_authority(vault, operator="Musterhof", now=NOW)
    vault.register("CP-3", profile=3, serial="SN-3")
    create_station_certificate(vault, "SN-3", now=NOW)
    return Subject("Musterhof", "SN-3", vault.certificates()[0].serial_number.upper())


def with_subject(subject: Subject | None) -> Caller:
    return Caller("CP-3", "10.0.0.7", is_encrypted=True, subject=subject)


def test_operator_and_serial_of_a_certificate_are_both_looked_at(gate, certified):
    number = certified.serial_number

    assert status(gate, with_subject(certified)) == 200
    for wrong in (
        Subject("Another", "SN-3", number),
        Subject("", "SN-3", number),
        Subject("Musterhof", "SN-4", number),
        Subject("Musterhof", "CP-3", number),
        Subject("Musterhof", "", number),
        Subject("Musterhof", "SN-3", "ABCDEF"),  # not issued here
    ):
        fresh = Gate(gate.vault, is_open=False, monotonic_s=Time())
        assert status(fresh, with_subject(wrong)) == 401, wrong


def test_a_revoked_certificate_is_not_welcome_any_more(gate, vault, certified):
    assert gate.is_still_welcome(with_subject(certified))

    vault.revoke("SN-3")

    assert not gate.is_still_welcome(with_subject(certified))
    assert status(gate, with_subject(certified)) == 401


def test_a_request_for_a_name_with_no_authority_is_refused(vault):
    with pytest.raises(CredentialError, match="no authority"):
        sign_request(vault, "", serial="SN-3", now=NOW)
    assert operator_name(vault) == ""


def test_without_certificates_there_is_no_encrypted_door(vault):
    with pytest.raises(CredentialError, match="certificates cannot be used"):
        server_context(vault)


# --- counting ---------------------------------------------------------------------------------


def test_a_bar_lasts_a_minute_from_the_failures(gate, vault, time):
    password = vault.register("CP-1", profile=1)
    wrong = Caller("CP-1", "10.0.0.7", basic("CP-1", "wrong"))
    right = Caller("CP-1", "10.0.0.7", basic("CP-1", password))
    for second in range(5):
        time.now_s = float(second)
        assert status(gate, wrong) == 401

    time.now_s = 59.9
    assert status(gate, right) == 429
    time.now_s = 60.1  # the first failure, at 0 s, is more than a minute ago
    assert status(gate, right) == 200


def test_a_flood_from_many_sources_does_not_fill_the_journal(gate, time):
    def told() -> int:
        callers = [Caller("CP-9", f"10.0.{n // 250}.{n % 250}") for n in range(500)]
        return sum(gate.judge(caller, stations=STATIONS).is_news for caller in callers)

    assert told() == MOST_NEWS
    time.now_s = 61.0  # the next minute is told of again
    assert told() == MOST_NEWS


def test_a_flood_of_sources_costs_bounded_memory():
    failures = Failures()
    for number in range(MOST_KEYS + 500):
        failures.note(f"source {number}", "", now_s=0.0)

    assert len(failures._times) == MOST_KEYS


# --- the vault --------------------------------------------------------------------------------


def test_both_passwords_count_until_the_new_one_is_used(gate, vault):
    old = vault.register("CP-1", profile=1)
    vault.want_rotation("CP-1")
    new = vault.begin_rotation("CP-1")

    def outcome(password: str) -> int:
        return status(gate, Caller("CP-1", "10.0.0.7", basic("CP-1", password)))

    assert [outcome(old), outcome(new), outcome(old)] == [200, 200, 401]


def test_another_process_sees_what_the_vault_was_told(vault):
    reader = Vault(vault.folder)
    assert reader.credentials() == {}

    password = vault.register("CP-1", profile=2)

    assert reader.credentials()["CP-1"].profile == 2
    assert reader.proves(password.encode(), reader.credentials()["CP-1"].password_mac)


@pytest.mark.parametrize("text", ["{", "[{}]", '[{"station_id": "CP-1"}]', "7", '{"a": 1}'])
def test_a_damaged_vault_lets_nobody_in_and_throws_nobody_out(gate, vault, text):
    password = vault.register("CP-1", profile=1)
    caller = Caller("CP-1", "127.0.0.1", basic("CP-1", password))
    vault.write("stations.json", text.encode())

    assert gate.judge(caller, stations=STATIONS).status is HTTPStatus.UNAUTHORIZED
    assert gate.is_still_welcome(caller)
    with pytest.raises(CredentialError, match="cannot be read"):
        vault.credentials()


def test_a_lost_key_makes_every_password_wrong_and_no_new_key(gate, vault):
    password = vault.register("CP-1", profile=1)
    vault.path("password.key").unlink()
    fresh = Gate(Vault(vault.folder), is_open=False, monotonic_s=Time())

    assert status(fresh, Caller("CP-1", "127.0.0.1", basic("CP-1", password))) == 401
    assert not vault.path("password.key").exists()


def test_there_is_no_profile_0_or_4_to_have_a_password_for(vault):
    for profile in (0, 4):
        with pytest.raises(CredentialError, match="no security profile"):
            vault.register("CP-1", profile=profile)


def test_passwords_are_never_shown(vault):
    password = vault.register("CP-1", profile=1)
    caller = Caller("CP-1", "10.0.0.7", basic("CP-1", password))
    command = ChangePassword("security-password", password)

    for shown in (repr(caller), str(caller), repr(command), json.dumps(str(vault.credentials()))):
        assert password not in shown
        assert basic("CP-1", password) not in shown


def test_a_vault_that_cannot_be_read_or_written_stops_nothing_else(vault):
    vault.register("CP-1", profile=1)
    vault.want_rotation("CP-1")
    desk = SecurityDesk(vault, wall_now=lambda: NOW)
    (vault.folder / "stations.json.new").mkdir()  # nothing can be written in one step any more
    refused = Replied("security-password", "rejected")

    assert desk.rotations(["CP-1"]).commands == []
    assert desk.handle("CP-1", refused, now=NOW).journal[0].kind == "password_changed"
    vault.path("stations.json").write_text("{")
    assert desk.rotations(["CP-1"]).commands == []


def test_damaged_records_of_certificates_throw_nobody_out_and_let_nobody_in(gate, vault, certified):
    vault.write("certificates.json", b"{")

    assert gate.is_still_welcome(with_subject(certified))
    assert status(gate, with_subject(certified)) == 401


@pytest.mark.parametrize(
    ("path", "station_id"),
    [("/ocpp/CP-1", "CP-1"), ("/CP-1/", "CP-1"), ("/a/b/CP%201?x=1", "CP 1"), ("/", "")],
)
def test_a_station_is_the_last_segment_of_its_url(path, station_id):
    assert station_id_of(path) == station_id
