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


def _shake_hands(plain: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = plain.accept()
    with connection:
        try:
            context.wrap_socket(connection, server_side=True)
        except OSError:
            return
