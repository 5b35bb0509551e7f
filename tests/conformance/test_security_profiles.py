"""Who may connect: security profiles 0 to 3 of OCPP, by real sockets and real TLS.

Every case calls from an address of its own, so that the failures of one do not bar the next.
"""

import socket
import ssl
import threading
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from websockets.exceptions import ConnectionClosed

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.authentication_cases import MATRIX
from tests.conformance.secure_gateway import secure_gateway

pytestmark = pytest.mark.conformance

WAIT_S = 60.0


@pytest.fixture(scope="module")
def depot(tmp_path_factory):
    with secure_gateway(tmp_path_factory.mktemp("gateway")) as there:
        yield there


def journal(depot, *kinds):
    with open_mailbox(depot.home / "exchange.sqlite", create=False) as mailbox:
        return [record.entry for record in mailbox.journal(kinds=kinds, limit=10_000)]


# --- the matrix: profiles x what is shown ---------------------------------------------------


@pytest.fixture(scope="module")
def replaced(depot):
    """Passwords that counted once: both stations were given new ones since."""
    old = {name: depot.passwords[name] for name in ("CP-1", "CP-2")}
    for name, profile in (("CP-1", 1), ("CP-2", 2)):
        depot.passwords[name] = depot.vault.register(name, profile=profile)
    depot.secrets |= set(depot.passwords.values())
    return old


@pytest.mark.parametrize("case", MATRIX)
def test_tc_085_086_087_a_station_comes_in_by_its_own_proof_alone(depot, replaced, case):
    station_id, shown, expected = MATRIX[case]
    options = {"source": f"127.1.0.{list(MATRIX).index(case) + 1}"}
    if "password" in shown:
        words = depot.passwords | {"replaced": replaced.get(station_id, "")}
        options["password"] = words.get(shown["password"], shown["password"])
    if "tls" in shown:
        options["context"] = depot.context(shown["tls"])

    assert depot.outcome(station_id, user=shown.get("user", ""), **options) == expected


def test_the_password_is_taken_as_text_and_as_the_bytes_it_stands_for(depot, replaced):
    text = depot.passwords["CP-1"]

    for number, password in enumerate((text, text.upper(), bytes.fromhex(text))):
        assert depot.outcome("CP-1", source=f"127.2.0.{number + 1}", password=password) == "in"


def test_a_second_header_proves_nothing(depot, replaced):
    headers = {"Authorization": "Basic bm9ib2R5Om5vdGhpbmc="}  # nobody:nothing

    with ExitStack() as stack, pytest.raises(Exception, match="401"):
        stack.enter_context(
            depot.call("CP-1", source="127.2.0.9", headers=[*headers.items(), *headers.items()])
        )


@pytest.mark.parametrize(
    "header", ["Bearer x", "Basic", "Basic !!!", "Basic Q1AtMQ==", "", "basic"]
)
def test_a_header_that_is_no_basic_one_is_refused(depot, header):
    source = f"127.2.1.{len(header) + 1}"

    assert depot.outcome("CP-4", source=source, headers={"Authorization": header}) == 401


def test_tc_083_a_profile_that_was_raised_does_not_fall_again(depot):
    password = depot.passwords["CP-5"]
    assert depot.outcome("CP-5", source="127.2.2.1", password=password) == "in"

    raised = depot.outcome("CP-5", source="127.2.2.1", password=password, context=depot.context())

    assert raised == "in"
    assert depot.vault.credentials()["CP-5"].profile == 2
    assert depot.outcome("CP-5", source="127.2.2.1", password=password) == 401


def test_tc_086_the_server_has_an_ecdsa_and_an_rsa_certificate_in_one_door(depot):
    address = urlsplit(depot.secure)
    kinds = []
    for cipher in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"):
        context = depot.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(cipher)
        with (
            socket.create_connection((address.hostname, address.port)) as raw,
            context.wrap_socket(raw, server_hostname="127.0.0.1") as secured,
        ):
            key = x509.load_der_x509_certificate(secured.getpeercert(binary_form=True)).public_key()
            kinds.append(type(key))

    assert issubclass(kinds[0], ec.EllipticCurvePublicKey)
    assert issubclass(kinds[1], rsa.RSAPublicKey)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_tc_086_tls_below_1_2_is_refused(depot):
    context = depot.context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")

    outcome = depot.outcome("CP-2", source="127.2.3.1", context=context, password="x")

    assert outcome == "tls"


def test_tc_088_the_newest_common_version_is_spoken_and_no_common_one_is_refused(depot):
    password = depot.passwords["CP-4"]
    for offered in (["ocpp1.6"], ["ocpp1.5", "ocpp1.6"]):
        with depot.call("CP-4", source="127.2.4.1", password=password, subprotocols=offered) as cp:
            assert cp.socket.subprotocol == "ocpp1.6"

    options = {"source": "127.2.4.1", "password": password}
    assert depot.outcome("CP-4", subprotocols=["ocpp1.5"], **options) == 400


# --- floods and intruders -------------------------------------------------------------------


def test_five_failures_a_minute_bar_a_source_for_that_identity_alone(depot):
    wrong = {"source": "127.3.0.1", "password": "wrong"}
    right = depot.passwords["CP-6"]

    outcomes = [depot.outcome("CP-6", **wrong) for _ in range(7)]

    assert outcomes == [401] * 5 + [429] * 2
    assert depot.outcome("CP-6", source="127.3.0.1", password=right) == 429
    # A depot stands behind one address: its other stations, and this one elsewhere, come in.
    other = depot.passwords["CP-4"]
    assert depot.outcome("CP-4", source="127.3.0.1", password=other) == "in"
    assert depot.outcome("CP-6", source="127.3.0.2", password=right) == "in"


def test_guessing_names_is_barred_as_one_attack(depot):
    outcomes = [
        depot.outcome(f"GUESS-{number}", source="127.3.0.3", password="x") for number in range(6)
    ]

    assert outcomes == [404] * 5 + [429]
    password = depot.passwords["CP-4"]
    assert depot.outcome("CP-4", source="127.3.0.3", password=password) == "in"


def test_refused_callers_stand_in_the_journal_once_and_when_they_are_barred(depot):
    for _ in range(8):
        depot.outcome("CP-7", source="127.3.0.4", password="wrong")

    entries = [one for one in journal(depot, "access_refused") if one.station_id == "CP-7"]

    assert [one.payload["reason"] for one in entries] == [
        "its password is wrong",
        "its password is wrong; 5 times: barred for a minute",
    ]
    assert {one.payload["source"] for one in entries} == {"127.3.0.4"}


def test_a_browser_is_refused_whatever_it_knows(depot):
    password = depot.passwords["CP-4"]

    for origin in ("https://evil.example", "null", depot.plain.replace("ws", "http")):
        outcome = depot.outcome("CP-4", source="127.3.0.5", password=password, origin=origin)
        assert outcome == 403


def test_a_station_that_is_not_proven_does_not_push_out_the_one_that_is(depot):
    password = depot.passwords["CP-4"]
    with depot.call("CP-4", source="127.3.1.1", password=password) as there:
        there.boot()

        assert depot.outcome("CP-4", source="127.3.1.2", password="wrong") == 401
        assert there.ask("Heartbeat", {})["currentTime"]

        with depot.call("CP-4", source="127.3.1.3", password=password) as newest:
            newest.boot()
            with pytest.raises(ConnectionClosed) as closed:
                there.hear(lambda: False)
            assert closed.value.rcvd.code == 1008
            assert newest.ask("Heartbeat", {})["currentTime"]


def test_no_station_can_stop_or_meter_anothers_transaction(depot):
    start = {
        "connectorId": 1, "idTag": "TAG-1", "meterStart": 0, "timestamp": "2026-11-20T20:00:00Z",
    }  # fmt: skip
    with ExitStack() as stack:
        cp = stack.enter_context(
            depot.call("CP-4", source="127.3.2.1", password=depot.passwords["CP-4"])
        )
        thief = stack.enter_context(
            depot.call("CP-6", source="127.3.2.2", password=depot.passwords["CP-6"])
        )
        number = cp.ask("StartTransaction", start)["transactionId"]
        stop = {"transactionId": number, "meterStop": 66, "timestamp": "2026-11-20T20:05:00Z"}
        assert thief.ask("StopTransaction", stop) == {}
        mine = {"transactionId": number, "meterStop": 900, "timestamp": "2026-11-20T20:20:00Z"}
        assert cp.ask("StopTransaction", mine) == {}

    ended = [
        (one.station_id, one.payload["energy_kwh"])
        for one in journal(depot, "session_ended")
        if one.payload["transaction_id"] == number
    ]
    assert ended == [("CP-4", 0.9)]


# --- what only wants to hurt ----------------------------------------------------------------


def raw(url, source):
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), WAIT_S, (source, 0))


def test_half_open_and_slow_callers_are_let_go_of_and_hold_nobody_up(depot):
    password = depot.passwords["CP-4"]
    with ExitStack() as stack:
        mute = stack.enter_context(raw(depot.plain, "127.4.0.1"))
        mute_tls = stack.enter_context(raw(depot.secure, "127.4.0.2"))
        slow = stack.enter_context(raw(depot.plain, "127.4.0.3"))
        slow.sendall(b"GET /ocpp/CP-4 HTTP/1.1\r\nHost: x\r\n")
        stop = threading.Event()

        def drip():
            while not stop.wait(0.2):  # a header line now and then, and never the last one
                try:
                    slow.sendall(b"X-Slow: 1\r\n")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()

        assert depot.outcome("CP-4", source="127.4.0.4", password=password) == "in"
        for patient in (mute, mute_tls, slow):
            assert is_closed(patient)
        stop.set()
        dripping.join()
    assert depot.outcome("CP-4", source="127.4.0.4", password=password) == "in"


def is_closed(there: socket.socket) -> bool:
    """Whether the other side ends the connection within our patience."""
    there.settimeout(WAIT_S)
    try:
        while there.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_one_source_cannot_take_all_the_connections(depot):
    with ExitStack() as stack:
        callers = [stack.enter_context(raw(depot.plain, "127.4.1.1")) for _ in range(80)]
        late = callers[64:]  # 64 connections a source, or two for each of its stations

        assert all(is_closed(one) for one in late)
        password = depot.passwords["CP-4"]
        assert depot.outcome("CP-4", source="127.4.1.2", password=password) == "in"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /ocpp/CP-4 HTTP/1.1\r\nX: " + b"a" * 100_000,
        b"GET /" + b"a" * 100_000,
        b"\x16\x03\x01",
    ],
    ids=["endless header", "endless line", "TLS at the plain door"],
)
def test_a_handshake_too_long_or_of_another_kind_ends_the_call(depot, head):
    with raw(depot.plain, "127.4.2.1") as caller:
        try:
            caller.sendall(head + b"\r\n\r\n")
        except OSError:
            return  # it was let go of while still talking

        assert is_closed(caller)


def test_an_oversized_frame_ends_its_own_connection_and_no_other(depot):
    with ExitStack() as stack:
        other = stack.enter_context(
            depot.call("CP-6", source="127.4.3.2", password=depot.passwords["CP-6"])
        )
        cp = stack.enter_context(
            depot.call("CP-4", source="127.4.3.1", password=depot.passwords["CP-4"])
        )
        cp.socket.send('[2,"1","Heartbeat",{"x":"' + "a" * 1_100_000 + '"}]')
        with pytest.raises(ConnectionClosed) as closed:
            cp.hear(lambda: False)

        assert closed.value.rcvd.code == 1009
        assert other.ask("Heartbeat", {})["currentTime"]


def test_a_compressed_bomb_ends_its_connection_before_it_is_inflated(depot):
    password = depot.passwords["CP-4"]
    before = peak_kib(depot.pid)
    options = {"subprotocols": ["ocpp2.0.1"], "compression": "deflate", "max_size": None}
    with depot.call("CP-4", source="127.4.4.1", password=password, **options) as cp:
        assert cp.socket.protocol.extensions, "2.x may compress"
        cp.socket.send("0" * 60_000_000)  # some 60 kB on the wire
        with pytest.raises(ConnectionClosed) as closed:
            cp.hear(lambda: False)

    assert closed.value.rcvd.code == 1009
    assert peak_kib(depot.pid) - before < 32_768  # half of what it stood for
    assert depot.outcome("CP-4", source="127.4.4.1", password=password) == "in"


def test_1_6_is_spoken_without_compression_even_if_offered(depot):
    password = depot.passwords["CP-4"]

    with depot.call("CP-4", source="127.4.5.1", password=password, compression="deflate") as cp:
        assert cp.socket.protocol.extensions == []


def peak_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


# --- last: what is revoked, and what must be written nowhere --------------------------------


def test_a_revoked_certificate_ends_its_connection_and_opens_no_other(depot):
    with depot.call("CP-3", source="127.5.0.1", context=depot.context("CP-3")) as cp:
        cp.boot()

        depot.vault.revoke("CP-3")

        with pytest.raises(ConnectionClosed):
            cp.hear(lambda: False)
    assert depot.outcome("CP-3", source="127.5.0.2", context=depot.context("CP-3")) == 401


def test_no_secret_is_in_the_log_the_journal_or_any_file(depot):
    kept = [path for path in depot.home.rglob("*") if path.is_file()]

    assert depot.log in kept
    assert depot.home / "exchange.sqlite" in kept
    for path in kept:
        content = path.read_bytes()
        for secret in depot.secrets:
            assert secret.encode() not in content, path
            assert bytes.fromhex(secret) not in content, path
