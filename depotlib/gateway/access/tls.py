"""TLS as the gateway serves it: one context, two server certificates, client certificates welcome."""

import ssl
from asyncio.sslproto import SSLProtocol
from typing import Final

from depotlib.errors import CredentialError
from depotlib.gateway.access.certificates import AUTHORITY_FILE, SERVER_KINDS
from depotlib.gateway.access.gate import Subject
from depotlib.gateway.access.vault import Vault

RECORD_BYTES: Final = 16 * 1024
"""The longest TLS record: a connection needs no larger buffer, whatever asyncio sets aside."""
_FIELDS: Final = {"organizationName", "commonName"}


def server_context(vault: Vault) -> ssl.SSLContext:
    """Return the context that stations connect under.

    A client certificate is asked for and may be missing (security profile 2); one that is shown
    has to be of the depot's own authority and in force, or the handshake fails.

    Raises
    ------
    CredentialError
        If the server has no certificates, or they cannot be used.
    """
    SSLProtocol.max_size = RECORD_BYTES
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.verify_mode = ssl.CERT_OPTIONAL
    try:
        context.load_verify_locations(vault.path(AUTHORITY_FILE))
        for kind in SERVER_KINDS:
            context.load_cert_chain(
                vault.path(f"server-{kind}.pem"), vault.path(f"server-{kind}.key")
            )
    except OSError as error:  # ssl.SSLError is one
        raise CredentialError(
            f"the server's certificates cannot be used: {error}",
            where=str(vault.folder),
            hint="make them: depot security create-ca OPERATOR, then depot security server HOST",
        ) from error
    return context


def subject_of(connection: ssl.SSLObject | None) -> Subject | None:
    """Return whom the certificate of a connection names, or None: it showed none.

    A field that stands more than once names nobody.
    """
    shown = connection.getpeercert() if connection is not None else None
    if not shown:
        return None
    fields: dict[str, list[str]] = {name: [] for name in _FIELDS}
    subject = shown.get("subject", ())
    assert isinstance(subject, tuple)
    for part in subject:
        for name, value in part:
            if name in fields:
                fields[name].append(value)
    found = {name: values[0] if len(values) == 1 else "" for name, values in fields.items()}
    return Subject(
        operator=found["organizationName"],
        common_name=found["commonName"],
        serial_number=str(shown.get("serialNumber", "")),
    )
