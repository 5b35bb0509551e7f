"""Certificates: the depot's own authority, its server's two, its stations', and their requests.

The authority's organisation is the operator's name; a station's certificate carries that name and
the station's serial, and both are checked whenever it is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from depotlib.errors import CredentialError
from depotlib.gateway.access.vault import IssuedCertificate, Vault

AUTHORITY_FILE: Final = "ca.pem"
AUTHORITY_KEY_FILE: Final = "ca.key"
SERVER_KINDS: Final = ("ecdsa", "rsa")
AUTHORITY_DAYS: Final = 3650
LEAF_DAYS: Final = 397
RSA_BITS: Final = 3072
LEAST_RSA_BITS: Final = 2048
LEAST_EC_BITS: Final = 256
MOST_REQUEST_CHARACTERS: Final = 5500
"""What OCPP lets a certificate signing request be long."""
SKEW: Final = timedelta(hours=1)
"""A station whose clock is behind still takes a new certificate."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class Authority:
    """The depot's certificate authority, opened to sign."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def operator(self) -> str:
        """Return the operator's name."""
        return _one(self.certificate.subject, NameOID.ORGANIZATION_NAME)


def create_authority(vault: Vault, *, operator: str, now: datetime) -> None:
    """Make the depot's authority, once.

    Raises
    ------
    CredentialError
        If there is one already: everything it has signed would be worthless.
    """
    if vault.path(AUTHORITY_FILE).exists():
        raise CredentialError(
            "this depot has an authority already",
            where=str(vault.path(AUTHORITY_FILE)),
            hint="move its files away if you really want to begin anew",
        )
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(operator, f"{operator} depot authority")
    certificate = (
        _builder(name, key.public_key(), issuer=name, now=now, days=AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    vault.write(AUTHORITY_KEY_FILE, _key_text(key))
    vault.write(AUTHORITY_FILE, _text(certificate))


def open_authority(vault: Vault) -> Authority | None:
    """Return the authority, or None where it or its key is not on this machine.

    Raises
    ------
    CredentialError
        If its files are damaged.
    """
    try:
        certificate = x509.load_pem_x509_certificate(vault.path(AUTHORITY_FILE).read_bytes())
        key = serialization.load_pem_private_key(
            vault.path(AUTHORITY_KEY_FILE).read_bytes(), password=None
        )
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise CredentialError(
            f"the authority cannot be opened: {error}",
            where=str(vault.path(AUTHORITY_FILE)),
            hint="put back its files",
        ) from error
    assert isinstance(key, PrivateKey), "made by create_authority"
    return Authority(certificate, key)


def operator_name(vault: Vault) -> str:
    """Return whom the depot's authority names as operator, or an empty text: there is none."""
    try:
        text = vault.path(AUTHORITY_FILE).read_bytes()
        subject = x509.load_pem_x509_certificate(text).subject
    except (OSError, ValueError):
        return ""
    return _one(subject, NameOID.ORGANIZATION_NAME)


def require_authority(vault: Vault) -> Authority:
    """Return the authority.

    Raises
    ------
    CredentialError
        If there is none.
    """
    authority = open_authority(vault)
    if authority is None:
        raise CredentialError(
            "there is no authority that could sign",
            where=str(vault.path(AUTHORITY_FILE)),
            hint="make one: depot security create-ca NAME",
        )
    return authority


def create_server(vault: Vault, hosts: Sequence[str], *, now: datetime) -> None:
    """Make the server's certificates, an ECDSA and an RSA one, for names or addresses.

    Raises
    ------
    CredentialError
        If there is no authority.
    """
    authority = require_authority(vault)
    keys: dict[str, PrivateKey] = {
        "ecdsa": ec.generate_private_key(ec.SECP256R1()),
        "rsa": rsa.generate_private_key(public_exponent=65_537, key_size=RSA_BITS),
    }
    names = x509.SubjectAlternativeName([_host(host) for host in hosts])
    for kind, key in keys.items():
        certificate = _leaf(
            authority,
            key.public_key(),
            name=hosts[0],
            purpose=ExtendedKeyUsageOID.SERVER_AUTH,
            names=names,
            now=now,
        )
        vault.write(f"server-{kind}.key", _key_text(key))
        vault.write(f"server-{kind}.pem", _text(certificate, authority.certificate))
        vault.note_certificate(_record(certificate, kind="server"))


def create_station_certificate(vault: Vault, serial: str, *, now: datetime) -> tuple[bytes, bytes]:
    """Return a station's new certificate chain and key, as PEM; the key is not kept.

    Raises
    ------
    CredentialError
        If there is no authority.
    """
    authority = require_authority(vault)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _leaf(
        authority,
        key.public_key(),
        name=serial,
        purpose=ExtendedKeyUsageOID.CLIENT_AUTH,
        names=None,
        now=now,
    )
    vault.note_certificate(_record(certificate, kind="station"))
    return _text(certificate, authority.certificate), _key_text(key)


def sign_request(vault: Vault, text: str, *, serial: str, now: datetime) -> str:
    """Return the certificate chain that a station's signing request asks for, as PEM.

    Only its key is taken over: name, purpose and lifetime are ours to say.

    Raises
    ------
    CredentialError
        If there is no authority, the request is not whole, its key is too weak, or it asks for
        another name than the station's own.
    """
    authority = require_authority(vault)
    request = _read_request(text, serial=serial)
    key = _strong_key(request, serial=serial)
    asked = _one(request.subject, NameOID.COMMON_NAME)
    organisation = _one(request.subject, NameOID.ORGANIZATION_NAME)
    if asked != serial or organisation != authority.operator:
        raise CredentialError(
            f"the request is for {asked!r} of {organisation!r}",
            where=serial,
            hint=f"it has to be for {serial!r} of {authority.operator!r}",
        )
    certificate = _leaf(
        authority, key, name=serial, purpose=ExtendedKeyUsageOID.CLIENT_AUTH, names=None, now=now
    )
    vault.note_certificate(_record(certificate, kind="station"))
    return _text(certificate, authority.certificate).decode()


# --- inside -----------------------------------------------------------------------------------


def _read_request(text: str, *, serial: str) -> x509.CertificateSigningRequest:
    hint = "the station has to ask with a PKCS #10 request in PEM"
    if len(text) > MOST_REQUEST_CHARACTERS:
        raise CredentialError("the request is too long", where=serial, hint=hint)
    try:
        request = x509.load_pem_x509_csr(text.encode())
        if not request.is_signature_valid:
            raise CredentialError("the request is not signed by its key", where=serial, hint=hint)
    except (ValueError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise CredentialError(
            f"the request cannot be read: {error}"[:200], where=serial, hint=hint
        ) from error
    return request


def _strong_key(request: x509.CertificateSigningRequest, *, serial: str) -> PublicKey:
    key = request.public_key()
    is_strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= LEAST_EC_BITS
    )
    if not is_strong or not isinstance(key, PublicKey):
        raise CredentialError(
            "the request's key is too weak",
            where=serial,
            hint=f"RSA needs {LEAST_RSA_BITS} bits, elliptic curves {LEAST_EC_BITS}",
        )
    return key


def _leaf(
    authority: Authority,
    key: PublicKey,
    *,
    name: str,
    purpose: x509.ObjectIdentifier,
    names: x509.SubjectAlternativeName | None,
    now: datetime,
) -> x509.Certificate:
    subject, issuer = _name(authority.operator, name), authority.certificate.subject
    builder = (
        _builder(subject, key, issuer=issuer, now=now, days=LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def _builder(
    subject: x509.Name, key: PublicKey, *, issuer: x509.Name, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=not is_authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(operator: str, common_name: str) -> x509.Name:
    try:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, operator),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )
    except ValueError as error:
        raise CredentialError(
            f"a certificate cannot carry this name: {error}",
            where=common_name or operator,
            hint="names have 1 to 64 characters",
        ) from error


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _one(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    """Return the one value of a kind in a name; none, or more than one, is nobody."""
    values = [str(one.value) for one in name.get_attributes_for_oid(oid)]
    return values[0] if len(values) == 1 else ""


def _record(certificate: x509.Certificate, *, kind: str) -> IssuedCertificate:
    return IssuedCertificate(
        serial_number=f"{certificate.serial_number:x}",
        subject=_one(certificate.subject, NameOID.COMMON_NAME),
        kind=kind,
        not_after=certificate.not_valid_after_utc.astimezone(UTC).isoformat(),
    )


def _text(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def _key_text(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
