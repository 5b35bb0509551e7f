"""Passwords, certificates and security events on the wire, named by certification case."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.cases import negative
from tests.conformance.secure_gateway import OPERATOR, secure_gateway

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def depot(tmp_path_factory):
    with secure_gateway(tmp_path_factory.mktemp("gateway")) as there:
        yield there


def journal(depot, kind, station_id):
    with open_mailbox(depot.home / "exchange.sqlite", create=False) as mailbox:
        entries = [record.entry for record in mailbox.journal(kinds=(kind,), limit=10_000)]
    return [one.payload for one in entries if one.station_id == station_id]


def request(common_name, *, operator=OPERATOR, key=None):
    """A signing request as a station makes it, and its key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    names = [(NameOID.ORGANIZATION_NAME, operator), (NameOID.COMMON_NAME, common_name)]
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    asked = x509.CertificateSigningRequestBuilder().subject_name(subject)
    return asked.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode(), key


def keep(depot, name, *, chain, key):
    """Put a certificate and its key where a station's TLS finds them."""
    depot.files[name] = (depot.home / "cards" / f"{name}.pem", depot.home / "cards" / f"{name}.key")
    depot.files[name][0].write_text(chain)
    depot.files[name][1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


# --- passwords ------------------------------------------------------------------------------


def new_password(cp, answer=None):
    """Wait until the gateway gives a new password, and return it."""

    def found():
        return [one["value"] for one in cp.asked("ChangeConfiguration") if one["key"] == KEY]

    cp.hear(found, answer=answer)
    return found()[0]


KEY = "AuthorizationKey"


def test_tc_073_a_station_is_given_a_new_password_and_the_old_one_ends_when_it_is_used(depot):
    old = depot.passwords["CP-4"]
    with depot.call("CP-4", source="127.6.0.1", password=old) as cp:
        cp.boot()
        depot.vault.want_rotation("CP-4")
        new = new_password(cp)
        cp.hear(lambda: journal(depot, "password_changed", "CP-4"))

    # 20 bytes as 40 hexadecimal digits: all that OCPP 1.6 takes.
    assert len(bytes.fromhex(new)) == 20
    assert depot.outcome("CP-4", source="127.6.0.1", password=new) == "in"
    assert depot.outcome("CP-4", source="127.6.0.2", password=old) == 401
    depot.secrets |= {new}


@negative
def test_tc_073_a_new_password_that_a_station_refuses_never_counts(depot):
    old = depot.passwords["CP-6"]
    with depot.call("CP-6", source="127.6.0.3", password=old) as cp:
        cp.boot()
        depot.vault.want_rotation("CP-6")
        refused = new_password(cp, lambda *_: {"status": "Rejected"})
        cp.hear(lambda: journal(depot, "password_changed", "CP-6"))

    assert [one["outcome"] for one in journal(depot, "password_changed", "CP-6")] == ["rejected"]
    assert depot.outcome("CP-6", source="127.6.0.3", password=refused) == 401
    assert depot.outcome("CP-6", source="127.6.0.4", password=old) == "in"
    depot.secrets |= {refused}


def test_a01_a_station_of_2_0_1_is_given_its_new_password_as_a_variable(depot):
    def accept(action, payload):
        if action != "SetVariables":
            return {"status": "Accepted"}
        (one,) = payload["setVariableData"]
        named = {"component": one["component"], "variable": one["variable"]}
        return {"setVariableResult": [{"attributeStatus": "Accepted", **named}]}

    def told():
        return [
            one["attributeValue"]
            for payload in cp.asked("SetVariables")
            for one in payload["setVariableData"]
            if one["variable"]["name"] == "BasicAuthPassword"
            and one["component"]["name"] == "SecurityCtrlr"
        ]

    options = {"password": depot.passwords["CP-7"], "subprotocols": ["ocpp2.0.1"]}
    with depot.call("CP-7", source="127.6.0.5", **options) as cp:
        depot.vault.want_rotation("CP-7")
        cp.hear(told, answer=accept)
        new = told()[0]
        cp.hear(lambda: journal(depot, "password_changed", "CP-7"), answer=accept)

    assert 16 <= len(new) <= 40  # what 2.0.1 takes
    assert depot.outcome("CP-7", source="127.6.0.5", password=new) == "in"
    depot.secrets |= {new}


# --- certificates ---------------------------------------------------------------------------


def test_tc_074_a_station_gets_the_certificate_it_asks_for_and_comes_in_by_it(depot):
    text, key = request("CP-3")
    with depot.call("CP-3", source="127.6.1.1", context=depot.context("CP-3")) as cp:
        assert cp.ask("SignCertificate", {"csr": text}) == {"status": "Accepted"}
        cp.hear(lambda: cp.asked("CertificateSigned"))
        chain = cp.asked("CertificateSigned")[0]["certificateChain"]
        cp.hear(lambda: journal(depot, "certificate_signed", "CP-3"))
        again, _ = request("CP-3")
        assert cp.ask("SignCertificate", {"csr": again}) == {"status": "Rejected"}  # just now

    keep(depot, "signed", chain=chain, key=key)
    assert depot.outcome("CP-3", source="127.6.1.2", context=depot.context("signed")) == "in"
    assert [one["outcome"] for one in journal(depot, "certificate_signed", "CP-3")] == ["accepted"]
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    assert leaf.not_valid_after_utc > datetime.now(UTC)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def weak_key():
    return rsa.generate_private_key(65_537, 1024)  # noqa: S505 - its weakness is what is tested


WRONG = {
    "another station's name": lambda: request("CP-3")[0],
    "another operator's": lambda: request("CP-5", operator="Somebody else")[0],
    "a weak key": lambda: request("CP-5", key=weak_key())[0],
    "a weak curve": lambda: request("CP-5", key=ec.generate_private_key(ec.SECP192R1()))[0],
    "no request at all": lambda: "-----BEGIN NOTHING-----",
    "a request cut short": lambda: request("CP-5")[0][:200],
}


@negative
@pytest.mark.parametrize("case", WRONG)
def test_tc_074_a_request_that_is_wrong_is_rejected_and_nothing_is_signed(depot, case):
    before = len(depot.vault.certificates())
    with depot.call("CP-5", source="127.6.1.3", password=depot.passwords["CP-5"]) as cp:
        assert cp.ask("SignCertificate", {"csr": WRONG[case]()}) == {"status": "Rejected"}
        assert cp.asked("CertificateSigned") == []

    assert len(depot.vault.certificates()) == before
    assert journal(depot, "certificate_refused", "CP-5")[-1]["reason"]


@negative
def test_tc_074_a_request_without_its_text_is_an_error(depot):
    with depot.call("CP-5", source="127.6.1.3", password=depot.passwords["CP-5"]) as cp:
        assert cp.refused("SignCertificate", {}) == "OccurenceConstraintViolation"


def test_a02_a_station_of_2_0_1_gets_its_certificate_too_but_none_for_its_vehicles(depot):
    options = {"password": depot.passwords["CP-2"], "subprotocols": ["ocpp2.0.1"]}
    text, _ = request("CP-2")
    with depot.call("CP-2", source="127.6.1.4", context=depot.context(), **options) as cp:
        contract = {"csr": text, "certificateType": "V2GCertificate"}
        assert cp.ask("SignCertificate", contract) == {"status": "Rejected"}
        own = {"csr": text, "certificateType": "ChargingStationCertificate"}
        assert cp.ask("SignCertificate", own) == {"status": "Accepted"}
        cp.hear(lambda: cp.asked("CertificateSigned"))

    (signed,) = cp.asked("CertificateSigned")
    assert signed["certificateType"] == "ChargingStationCertificate"
    assert signed["certificateChain"].count("BEGIN CERTIFICATE") == 2


# --- security events ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "event"),
    [("077", "InvalidChargePointCertificate"), ("078", "InvalidCentralSystemCertificate")],
)
def test_tc_077_078_a_security_event_is_answered_and_journalled(depot, case, event):
    told = {"type": event, "timestamp": "2026-11-20T20:00:00Z", "techInfo": f"TC_{case}"}
    with depot.call("CP-5", source="127.6.2.1", password=depot.passwords["CP-5"]) as cp:
        assert cp.ask("SecurityEventNotification", told) == {}

    noted = journal(depot, "security_event", "CP-5")[-1]
    assert (noted["event"], noted["detail"]) == (event, f"TC_{case}")
    assert noted["told_at"] == "2026-11-20T20:00:00+00:00"


@negative
def test_a_security_event_without_its_type_is_an_error(depot):
    with depot.call("CP-5", source="127.6.2.1", password=depot.passwords["CP-5"]) as cp:
        code = cp.refused("SecurityEventNotification", {"timestamp": "2026-11-20T20:00:00Z"})

    assert code == "OccurenceConstraintViolation"


# --- last -----------------------------------------------------------------------------------


def test_no_password_that_went_over_the_wire_is_written_anywhere(depot):
    kept = [path for path in depot.home.rglob("*") if path.is_file()]

    assert len(depot.secrets) > len(depot.passwords)  # the new ones are among them
    for path in kept:
        content = path.read_bytes()
        for secret in depot.secrets:
            assert secret.encode() not in content, path
            assert bytes.fromhex(secret) not in content, path
