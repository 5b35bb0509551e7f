"""Where webhooks may lead: out into the world, and inside only where the operator has opened it."""

from ipaddress import ip_address, ip_network

import pytest

from depotlib.errors import ModelError
from depotlib.model.webhook import Webhook
from depotlib.model.webhook_address import may_reach, require_reachable
from tests.unit.exchange.samples import EVENING

# RFC 1918, 6598, 3927, 4193, 4291, 5737 and 6890: this host, private, shared, link-local (where
# clouds keep their credentials), documentation, multicast, reserved.
INSIDE = (
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    # The same in IPv6's clothes: mapped, NAT64 (RFC 6052), 6to4 (RFC 3056), Teredo (RFC 4380).
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:0:a00:1::",
)
OUTSIDE = ("1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1")
OPENED = (ip_network("10.1.0.0/16"), ip_network("fd00:1::/32"))


@pytest.mark.parametrize("text", INSIDE)
def test_nothing_inside_is_reached(text: str):
    assert not may_reach(ip_address(text), ())


@pytest.mark.parametrize("text", OUTSIDE)
def test_the_world_outside_is_reached(text: str):
    assert may_reach(ip_address(text), ())


@pytest.mark.parametrize(
    ("text", "is_reached"),
    [("10.1.2.3", True), ("10.2.0.1", False), ("fd00:1::5", True), ("fd00:2::5", False)],
)
def test_a_network_that_was_opened_is_reached_and_no_other(text: str, is_reached: bool):
    assert may_reach(ip_address(text), OPENED) == is_reached


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://[::ffff:10.2.2.3%25eth0]/x",
        "https://169.254.169.254/latest",
        "http://example.com/x",
        "http://1.1.1.1/x",
        "http://10.2.0.1/x",
    ],
)
def test_what_plainly_leads_inside_or_is_not_encrypted_is_refused(address: str):
    with pytest.raises(ModelError, match="webhook"):
        require_reachable(address, OPENED)


@pytest.mark.parametrize(
    "address", ["https://example.com/x", "https://10.1.2.3/x", "http://10.1.2.3:8080/x?key=1"]
)
def test_what_leads_out_or_into_an_opened_network_is_taken(address: str):
    require_reachable(address, OPENED)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.com/x",
        "example.com",
        "https://",
        "https://user:word@example.com/x",
        "https://example.com/x#part",
        "https://example.com:99999/x",
        "https://example.com:0/x",
        "https://exa mple.com/x",
        "https://example.com/\r\nHost: other",
        "https://[::1/x",
        "https://example.com/" + "x" * 2000,
    ],
)
def test_what_is_no_address_makes_no_webhook(address: str):
    with pytest.raises(ModelError, match="no address"):
        Webhook("w", address, ("session",), given_by="", given_at=EVENING)


@pytest.mark.parametrize("name", ["", "Big", "a b", "-a", "a" * 61, "a/b"])
def test_a_name_that_cannot_stand_in_a_path_makes_no_webhook(name: str):
    with pytest.raises(ModelError, match="cannot name"):
        Webhook(name, "https://example.com/x", ("session",), given_by="", given_at=EVENING)


def test_a_webhook_that_is_told_of_nothing_is_refused():
    with pytest.raises(ModelError, match="told of nothing"):
        Webhook("w", "https://example.com/x", (), given_by="", given_at=EVENING)


def test_a_webhook_shows_its_host_and_never_its_path():
    held = Webhook(
        "w", "https://example.com:8443/in/SECRET?k=1", ("plan",), given_by="", given_at=EVENING
    )

    assert held.host == "example.com:8443"
