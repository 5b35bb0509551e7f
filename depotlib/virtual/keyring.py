"""What virtual stations prove themselves with: security profiles 0 to 3, from one folder.

``passwords.json`` maps stations to passwords, ``ca.pem`` is the authority they trust, and
``STATION.pem`` with ``STATION.key`` is a station's own certificate. What is missing is not shown.
"""

import base64
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from depotlib.errors import InputError
from depotlib.virtual.wire import WireTap


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of a virtual depot.

    Parameters
    ----------
    folder : Path or None
        None: the stations have nothing to show.
    passwords : mapping of str to str
        By station.
    """

    folder: Path | None = None
    passwords: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def headers(self, station_id: str) -> dict[str, str]:
        """Return the header that carries a station's password, if it has one."""
        password = self.passwords.get(station_id)
        if password is None:
            return {}
        pair = base64.b64encode(f"{station_id}:{password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def context(self, station_id: str) -> ssl.SSLContext:
        """Return a station's side of TLS."""
        authority = None if self.folder is None else self.folder / "ca.pem"
        context = ssl.create_default_context(cafile=authority)
        own = None if self.folder is None else self.folder / f"{station_id}.pem"
        if own is not None and own.exists():
            context.load_cert_chain(own, own.with_suffix(".key"))
        return context


@dataclass(frozen=True, slots=True)
class CentralSystem:
    """Where virtual stations call, what they show there, and who listens in."""

    url: str
    keyring: Keyring = field(default_factory=Keyring)
    tap: WireTap | None = None

    def headers(self, station_id: str) -> dict[str, str]:
        """Return the header that carries a station's password, if it has one."""
        return self.keyring.headers(station_id)

    def context(self, station_id: str) -> ssl.SSLContext | None:
        """Return a station's side of TLS, or None where the line is plain."""
        return self.keyring.context(station_id) if self.url.startswith("wss:") else None


def open_keyring(folder: Path | None) -> Keyring:
    """Return the keys in a folder.

    Raises
    ------
    InputError
        If its passwords cannot be read.
    """
    path = None if folder is None else folder / "passwords.json"
    if path is None or not path.exists():
        return Keyring(folder)
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return Keyring(folder, {str(name): str(word) for name, word in held.items()})
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            f"the passwords cannot be read: {error}",
            where=str(path),
            hint='write {"STATION": "PASSWORD", …}',
        ) from error
