"""The vault: what the depot keeps to know its stations again, in a folder only its owner reads.

A password is made by the machine, shown once and kept as an HMAC under the vault's key: with 160
bits of chance a slow hash would add nothing but minutes to a storm of reconnections. Files are
replaced in one step, so that a gateway reading while the command line writes sees one or the other.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from depotlib.errors import CredentialError

FOLDER_NAME: Final = "security"
OWNER_ONLY: Final = 0o600
OWNERS_FOLDER: Final = 0o700
PASSWORD_BYTES: Final = 20
"""OCPP 1.6 takes at most 20 bytes, told as 40 hexadecimal digits; 2.0.1 takes 16 to 40 letters."""
Parsed = TypeVar("Parsed")
KEY_FILE: Final = "password.key"
KEY_BYTES: Final = 32
LOWEST_PROFILE: Final = 1
HIGHEST_PROFILE: Final = 3


@dataclass(frozen=True, slots=True)
class Credential:
    """What a station must show.

    Parameters
    ----------
    station_id : str
    profile : int
        Security profile 1 to 3: the least that is taken from it. It only ever rises.
    password_mac, next_mac : str
        Keyed digests of its password, and of the one that is about to replace it.
    serial : str
        Common name of its certificates.
    is_rotation_wanted : bool
        The gateway gives it a new password as soon as it can.
    """

    station_id: str
    profile: int
    password_mac: str = ""
    next_mac: str = ""
    serial: str = ""
    is_rotation_wanted: bool = False


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate that this depot's authority has signed.

    Parameters
    ----------
    serial_number : str
        Hexadecimal.
    subject : str
        Common name: a station's serial, or the name of the server.
    kind : str
        ``station`` or ``server``.
    not_after : str
        ISO 8601, UTC.
    is_revoked : bool
    """

    serial_number: str
    subject: str
    kind: str
    not_after: str
    is_revoked: bool = False


class Vault:
    """The vault of one depot.

    Parameters
    ----------
    folder : Path
        Made on the first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = b""
        self._read: dict[str, tuple[object, dict[str, Any]]] = {}

    # --- stations -------------------------------------------------------------------------

    def credentials(self) -> dict[str, Credential]:
        """Return what every station must show, by station.

        Raises
        ------
        CredentialError
            If the file is damaged.
        """
        return self._parsed("stations.json", _credentials)

    def register(self, station_id: str, *, profile: int, serial: str = "") -> str:
        """Return the new password of a station; it is told this once.

        A station that has one gets another; its profile does not fall.

        Raises
        ------
        CredentialError
            If there is no such profile, it is lower than before, or the name cannot be one.
        """
        if not LOWEST_PROFILE <= profile <= HIGHEST_PROFILE:
            raise CredentialError(
                f"there is no security profile {profile} with credentials",
                where=station_id,
                hint="1 is a password, 2 a password over TLS, 3 a client certificate",
            )
        password = secrets.token_hex(PASSWORD_BYTES)

        def change(held: dict[str, Credential]) -> None:
            earlier = held.get(station_id)
            if earlier is not None and profile < earlier.profile:
                raise CredentialError(
                    f"{station_id!r} has security profile {earlier.profile}: it does not fall",
                    where=station_id,
                    hint="remove the station first if it really has to begin anew",
                )
            name = serial or (earlier.serial if earlier else "") or station_id
            held[station_id] = Credential(
                station_id, profile, password_mac=self._mac_of(password), serial=name
            )

        self._change(change)
        return password

    def raise_profile(self, station_id: str, profile: int) -> None:
        """Note that a station has shown more than it had to: from now on it has to."""

        def change(held: dict[str, Credential]) -> None:
            if held[station_id].profile < profile:
                held[station_id] = replace(held[station_id], profile=profile)

        self._change(change)

    def remove(self, station_id: str) -> None:
        """Forget a station: it can connect no more, unless the site takes anybody.

        Raises
        ------
        CredentialError
            If the vault does not know it.
        """

        def change(held: dict[str, Credential]) -> None:
            self._require(held, station_id)
            del held[station_id]

        self._change(change)

    def want_rotation(self, station_id: str) -> None:
        """Ask the gateway to give a station a new password as soon as it can.

        Raises
        ------
        CredentialError
            If the vault does not know it.
        """

        def change(held: dict[str, Credential]) -> None:
            self._require(held, station_id)
            held[station_id] = replace(held[station_id], is_rotation_wanted=True)

        self._change(change)

    def begin_rotation(self, station_id: str) -> str:
        """Return the password that a station is about to be told; the old one still counts."""
        password = secrets.token_hex(PASSWORD_BYTES)

        def change(held: dict[str, Credential]) -> None:
            held[station_id] = replace(
                held[station_id], next_mac=self._mac_of(password), is_rotation_wanted=False
            )

        self._change(change)
        return password

    def end_rotation(self, station_id: str) -> None:
        """Let the new password alone count: the station has used it."""

        def change(held: dict[str, Credential]) -> None:
            credential = held[station_id]
            if credential.next_mac:
                held[station_id] = replace(
                    credential, password_mac=credential.next_mac, next_mac=""
                )

        self._change(change)

    def drop_rotation(self, station_id: str) -> None:
        """Forget the password that a station would not take."""

        def change(held: dict[str, Credential]) -> None:
            held[station_id] = replace(held[station_id], next_mac="")

        self._change(change)

    def proves(self, password: bytes, mac: str) -> bool:
        """Return whether a password is the one of a keyed digest.

        Stations send it as the text they were told, or as the bytes which that text stands for.
        """
        texts = {password, password.hex().encode()}
        return bool(mac) and any(
            hmac.compare_digest(self._mac(text.lower()), mac) for text in texts
        )

    # --- certificates ---------------------------------------------------------------------

    def certificates(self) -> tuple[IssuedCertificate, ...]:
        """Return every certificate that was issued.

        Raises
        ------
        CredentialError
            If the file is damaged.
        """
        return tuple(self._parsed("certificates.json", _certificates).values())

    def note_certificate(self, issued: IssuedCertificate) -> None:
        """Keep the record of a certificate."""
        with self._locked():
            rows = [asdict(one) for one in (*self.certificates(), issued)]
            self.write("certificates.json", json.dumps(rows, indent=1).encode())

    def revoke(self, subject: str) -> tuple[IssuedCertificate, ...]:
        """Return the certificates of a subject that count no more.

        Raises
        ------
        CredentialError
            If it has none.
        """
        with self._locked():
            held = self.certificates()
            gone = [one for one in held if one.subject == subject and not one.is_revoked]
            if not gone:
                raise CredentialError(
                    f"{subject!r} has no certificate to revoke", where=subject, hint="see the list"
                )
            rows = [asdict(replace(one, is_revoked=True) if one in gone else one) for one in held]
            self.write("certificates.json", json.dumps(rows, indent=1).encode())
        return tuple(gone)

    def is_current(self, serial_number: str) -> bool:
        """Return whether a certificate is one that was issued here and not revoked."""
        held = self._parsed("certificates.json", _certificates)
        issued = held.get(serial_number.lstrip("0").lower())
        return issued is not None and not issued.is_revoked

    def stamp(self) -> tuple[object, ...]:
        """Return what changes whenever stations or certificates do."""
        return tuple(_stamp(self.folder / name) for name in ("stations.json", "certificates.json"))

    # --- files ----------------------------------------------------------------------------

    def path(self, name: str) -> Path:
        """Return where a file of the vault is."""
        return self.folder / name

    def write(self, name: str, content: bytes) -> Path:
        """Return where a file was written, in one step, readable by its owner only.

        Raises
        ------
        CredentialError
            If the system does not let us.
        """
        draft = self.folder / f"{name}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=OWNERS_FOLDER)
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            return draft.replace(self.folder / name)
        except OSError as error:
            raise self._unwritable(name, error) from error

    def _change(self, change: Callable[[dict[str, Credential]], None]) -> None:
        with self._locked():
            held = dict(self.credentials())
            change(held)
            rows = [asdict(held[name]) for name in sorted(held)]
            self.write("stations.json", json.dumps(rows, indent=1).encode())

    @contextmanager
    def _locked(self) -> Generator[None, None, None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=OWNERS_FOLDER)
            handle = os.open(self.folder / "lock", os.O_WRONLY | os.O_CREAT, OWNER_ONLY)
        except OSError as error:
            raise self._unwritable("lock", error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _parsed(self, name: str, parse: Callable[[Any], dict[str, Parsed]]) -> dict[str, Parsed]:
        """Return a file's records, read again only when it was replaced."""
        path = self.folder / name
        stamp = _stamp(path)
        held = self._read.get(name)
        if held is None or held[0] != stamp:
            try:
                held = (stamp, parse(json.loads(path.read_text()) if stamp else []))
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise self._damaged(name, error) from error
            self._read[name] = held
        return held[1]

    def _damaged(self, name: str, error: Exception) -> CredentialError:
        return CredentialError(
            f"{name} cannot be read: {error}",
            where=str(self.folder / name),
            hint="put back a copy; until then nobody it names can connect",
        )

    def _unwritable(self, name: str, error: OSError) -> CredentialError:
        return CredentialError(
            f"{name} cannot be written: {error.strerror}",
            where=str(self.folder),
            hint="make room, or the folder writable",
        )

    def _mac_of(self, password: str) -> str:
        if not self.path(KEY_FILE).exists():
            self.write(KEY_FILE, secrets.token_bytes(KEY_BYTES))
        return self._mac(password.encode())

    def _mac(self, password: bytes) -> str:
        if not self._key:
            try:
                self._key = self.path(KEY_FILE).read_bytes()
            except OSError as error:
                raise self._damaged(KEY_FILE, error) from error
        return hmac.new(self._key, password, hashlib.sha256).hexdigest()

    @staticmethod
    def _require(held: dict[str, Credential], station_id: str) -> None:
        if station_id not in held:
            raise CredentialError(
                f"the vault knows no station {station_id!r}",
                where=station_id,
                hint="depot security station NAME makes its credentials",
            )


def _credentials(rows: list[dict[str, Any]]) -> dict[str, Credential]:
    return {row["station_id"]: Credential(**row) for row in rows}


def _certificates(rows: list[dict[str, Any]]) -> dict[str, IssuedCertificate]:
    return {row["serial_number"]: IssuedCertificate(**row) for row in rows}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    except OSError:
        return 0, 0  # it is there and cannot be looked at: reading it will say so
    return facts.st_ino, facts.st_mtime_ns
