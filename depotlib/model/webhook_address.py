"""Which addresses the depot may be made to call: what a stranger names must not lead inside.

Whoever may register a webhook could otherwise have this machine knock at every door of the depot's
own network, from inside its walls (server-side request forgery).
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import urlsplit

from depotlib.errors import ModelError

Network = IPv4Network | IPv6Network
LOCAL_NAME: Final = "localhost"
_LOOPBACK: Final = ip_address("127.0.0.1")
_TUNNELS: Final = tuple(
    ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)
"""They carry an IPv4 address inside, private ones too: NAT64, Teredo, 6to4."""


def may_reach(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    """Return whether a message may go to an address: a public one, or one in a named network.

    Parameters
    ----------
    address : IPv4Address or IPv6Address
    networks : sequence of Network
        Private ones that the operator has opened.
    """
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    seen = plain or address
    if any(seen in network for network in networks):
        return True
    is_tunnel = any(seen in network for network in _TUNNELS)
    return seen.is_global and not seen.is_multicast and not is_tunnel


def require_reachable(address: str, networks: Sequence[Network]) -> None:
    """Refuse an address that is plainly inside, before its name is ever looked up.

    What a name stands for is looked at when a message is sent, since it may change at any time.

    Parameters
    ----------
    address : str
    networks : sequence of Network
        Private ones that the operator has opened. Only there http will do in place of https.

    Raises
    ------
    ModelError
        If it is a private address outside of them, or not encrypted.
    """
    parts = urlsplit(address)
    named = _literal(parts.hostname or "")
    if named is not None and not may_reach(named, networks):
        raise ModelError(
            f"webhooks are not sent to {parts.hostname}: that is not a public address",
            where="address",
            hint="name its network in DEPOT_WEBHOOK_NETWORKS if it is meant",
        )
    is_opened = named is not None and any(named in network for network in networks)
    if parts.scheme != "https" and not is_opened:
        raise ModelError(
            "a webhook is an https address",
            where="address",
            hint="http will do for an address (no name) in DEPOT_WEBHOOK_NETWORKS only",
        )


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is written as, or None: it is a name."""
    if host == LOCAL_NAME:
        return _LOOPBACK
    try:
        return ip_address(host)
    except ValueError:
        return None
