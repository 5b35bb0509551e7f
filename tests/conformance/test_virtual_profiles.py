"""Virtual stations prove who they are to a real gateway, each by its own security profile."""

import json
import subprocess
import sys
import time

import pytest

from depotlib.errors import InputError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.virtual.keyring import open_keyring
from tests.conformance.secure_gateway import secure_gateway
from tests.places import ROOT

pytestmark = pytest.mark.conformance

WAIT_S = 60.0
POLL_S = 0.2


@pytest.mark.parametrize("door", ["plain", "secure"])
def test_virtual_stations_come_in_by_password_and_by_certificate(tmp_path, door):
    with secure_gateway(tmp_path) as depot:
        keys = tmp_path / "cards"
        (keys / "ca.pem").write_bytes(depot.vault.path("ca.pem").read_bytes())
        (keys / "passwords.json").write_text(json.dumps(depot.passwords))
        stations = subprocess.Popen(
            [sys.executable, "-m", "depotlib", "virtual", "--url", getattr(depot, door),
             "--site", str(tmp_path / "site.toml"), "--keys", str(keys), "--watch-stdin"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        expected = {
            # Profile 2 and 3 have to be encrypted; CP-0 has no password and is never let in.
            "plain": {"CP-1", "CP-4", "CP-5", "CP-6", "CP-7"},
            "secure": {"CP-1", "CP-2", "CP-3", "CP-4", "CP-5", "CP-6", "CP-7"},
        }[door]
        try:
            assert booted(tmp_path, expected) == expected
        finally:
            assert stations.stdin is not None
            stations.stdin.close()
            stations.wait(timeout=WAIT_S)


def booted(home, expected):
    """The stations that have booted, once those expected have, or at the end of our patience."""
    deadline = time.monotonic() + WAIT_S
    there = set()
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        while not expected <= there and time.monotonic() < deadline:
            there = {record.entry.station_id for record in mailbox.journal(kinds=("boot",))}
            time.sleep(POLL_S)
    return there


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_passwords_that_cannot_be_read_are_refused(tmp_path, text):
    (tmp_path / "passwords.json").write_text(text)

    with pytest.raises(InputError, match="passwords cannot be read"):
        open_keyring(tmp_path)
