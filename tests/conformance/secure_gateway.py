"""A gateway with two doors, the credentials of its stations, and callers of every kind."""

import base64
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from websockets.exceptions import InvalidStatus

from depotlib.gateway.access.certificates import (
    create_authority,
    create_server,
    create_station_certificate,
)
from depotlib.gateway.access.vault import Vault
from tests.conformance.calling import UNHEARD, called
from tests.conformance.gateway_process import RawStation
from tests.places import ROOT

OPERATOR = "Musterhof Verkehr"
STATIONS = ("CP-0", "CP-1", "CP-2", "CP-3", "CP-4", "CP-5", "CP-6", "CP-7")
SITE = """
[depot]
depot_id = "d"
name = "Depot"
time_zone = "UTC"

[grid]
service_kw = 100.0
operating_limit_kw = 90.0

[gateway]
security_profile = 1

[[identity]]
token = "TAG-1"
vehicle_id = "van-1"
""" + "".join(
    f'\n[[station]]\nstation_id = "{name}"\nmax_kw = 7.36\nmin_kw = 1.38\nsafe_limit_kw = 1.38\n'
    for name in STATIONS
)
WAIT_S = 60.0


@dataclass
class SecureGateway:
    """Where it listens, and what its stations can show.

    `files` holds by name the certificate and key files of stations: ``CP-3``, and the wrong ones.
    """

    home: Path
    vault: Vault
    passwords: dict[str, str]
    files: dict[str, tuple[Path, Path]]
    log: Path
    plain: str = ""
    secure: str = ""
    pid: int = 0
    secrets: set[str] = field(default_factory=set)

    def context(self, certificate: str = "") -> ssl.SSLContext:
        """A station's TLS: it trusts the depot's authority, and may show a certificate."""
        context = ssl.create_default_context(cafile=self.vault.path("ca.pem"))
        if certificate:
            context.load_cert_chain(*self.files[certificate])
        return context

    @contextmanager
    def call(
        self,
        station_id: str,
        *,
        source: str,
        password: str | bytes | None = None,
        user: str = "",
        context: ssl.SSLContext | None = None,
        **options: Any,
    ) -> Iterator[RawStation]:
        """A connection from an address of its own; encrypted where a context is given."""
        headers = dict(options.pop("headers", {}))
        if password is not None:
            text = password.encode() if isinstance(password, str) else password
            pair = f"{user or station_id}:".encode() + text
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        options.setdefault("subprotocols", ["ocpp1.6"])
        url = self.secure if context else self.plain
        with called(
            f"{url}/{station_id}", additional_headers=headers, ssl=context,
            source_address=(source, 0), **options,
        ) as socket:  # fmt: skip
            yield RawStation(socket)

    def outcome(self, station_id: str, **options: Any) -> int | str:
        """What becomes of a caller: ``in``, an HTTP status, or ``tls``: not even a handshake."""
        try:
            with self.call(station_id, **options) as cp:
                return "in" if cp.boot()["status"] == "Accepted" else "mute"
        except InvalidStatus as refused:
            return refused.response.status_code
        except UNHEARD:
            return "tls"


@contextmanager
def secure_gateway(home: Path, *, site: str = SITE) -> Iterator[SecureGateway]:
    """Run a gateway with a plain and an encrypted door; its log is kept."""
    there = furnished(home)
    (home / "site.toml").write_text(site)
    with there.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "depotlib", "gateway", "--site", str(home / "site.toml"),
             "--home", str(home), "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0",
             "--json", "--watch-stdin"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        there.pid = process.pid
        try:
            there.plain = json.loads(process.stdout.readline())["url"]
            there.secure = json.loads(process.stdout.readline())["url"]
            yield there
        finally:
            process.stdin.close()
            process.stdout.close()
            assert process.wait(timeout=WAIT_S) == 0


def furnished(home: Path) -> SecureGateway:
    """The vault of a depot: an authority, a server, and stations of each profile."""
    now = datetime.now(UTC)
    vault = Vault(home / "security")
    create_authority(vault, operator=OPERATOR, now=now)
    create_server(vault, ["127.0.0.1", "localhost"], now=now)
    profiles = {name: int(name[-1]) if name in STATIONS[1:4] else 1 for name in STATIONS[1:]}
    passwords = {name: vault.register(name, profile=which) for name, which in profiles.items()}
    there = SecureGateway(home, vault, passwords, {}, home / "gateway.log")
    there.secrets |= set(passwords.values())
    rogue, stranger = Vault(home / "rogue"), Vault(home / "stranger")
    create_authority(rogue, operator=OPERATOR, now=now)
    create_authority(stranger, operator="Somebody else", now=now)
    keep = home / "cards"
    keep.mkdir()
    cards = {
        "CP-3": (vault, "CP-3", now),
        "CP-2": (vault, "CP-2", now),
        "expired": (vault, "CP-3", now - timedelta(days=800)),
        "rogue": (rogue, "CP-3", now),
        "stranger": (stranger, "CP-3", now),
    }
    for name, (whose, serial, made) in cards.items():
        chain, key = create_station_certificate(whose, serial, now=made)
        there.files[name] = (keep / f"{name}.pem", keep / f"{name}.key")
        there.files[name][0].write_bytes(chain)
        there.files[name][1].write_bytes(key)
    return there
