"""A signed POST goes where it may, over a wire that is trusted, and says no more than it must."""

import socket
import ssl
import threading
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from depotlib.errors import DeliveryError
from depotlib.webhooks.post import Reach, status_of_post
from tests.receiver import Receiver, receiving
from tests.unit.exchange.samples import EVENING

LOOPBACK = "127.0.0.0/8"
WAIT_S = 60.0


@pytest.fixture
def tms() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_a_name_that_stands_for_a_private_address_is_not_reached(tms):
    # "localhost." ends in the root's dot: no address written out, and looked up all the same.
    for name in ("localhost.", socket.gethostname()):
        with pytest.raises(DeliveryError, match=r"no public address|not reached"):
            status_of_post(
                f"https://{name}:{tms.port}/x",
                b"{}",
                secret="s",
                message_id="1",
                at=EVENING,
                reach=Reach(networks=(), timeout_s=0.5),
            )

    assert tms.came == []


def test_a_server_without_a_certificate_that_is_trusted_is_told_nothing():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with socket.create_server(("127.0.0.1", 0)) as plain:
        server = threading.Thread(target=_shake_hands, args=(plain, context), daemon=True)
        server.start()

        with pytest.raises(DeliveryError, match="not reached") as caught:
            status_of_post(
                f"https://127.0.0.1:{plain.getsockname()[1]}/key-4711",
                b"{}",
                secret="s",
                message_id="1",
                at=EVENING,
                reach=Reach(networks=(ip_network(LOOPBACK),), timeout_s=5.0),
            )
        server.join(WAIT_S)

    assert "4711" not in str(caught.value)


def test_an_ipv6_address_without_a_port_is_called_at_the_usual_one(monkeypatch):
    here, there = socket.socketpair()
    called = []

    def connected(place: tuple[str, int], timeout: float) -> socket.socket:
        called.append(place)
        here.settimeout(timeout)
        return here

    monkeypatch.setattr(socket, "create_connection", connected)
    with there:
        there.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        status = status_of_post(
            "http://[2001:db8::abc]/x", b"{}", secret="s", message_id="1", at=EVENING
        )

        came = there.recv(65_536)
    assert status == 204
    assert called == [("2001:db8::abc", 80)]
    # RFC 9110, 7.2 with RFC 3986, 3.2.2: an IPv6 address stands in brackets.
    assert b"\r\nHost: [2001:db8::abc]\r\n" in came


def _shake_hands(plain: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = plain.accept()
    with connection:
        try:
            context.wrap_socket(connection, server_side=True)
        except OSError:
            return
