import socket
from dataclasses import replace

import pytest

from depotlib.cli.gateway import command
from depotlib.clock import real_clock
from depotlib.errors import GatewayLockedError, ListenAddressError, SiteFileError
from depotlib.exchange.locks import gateway_lock
from depotlib.gateway.daemon import GatewayOptions, run_gateway
from tests.gateway_cases import small_site


@pytest.fixture
def options(tmp_path):
    return GatewayOptions(
        mailbox_path=tmp_path / "exchange.sqlite",
        token_path=tmp_path / "operator.token",
        token="",
        host="127.0.0.1",
        port=0,
        clock=real_clock(),
        site=small_site(),
        announce=lambda _url: None,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "depot.example"])
def test_without_security_profile_only_this_machine_is_served(options, host):
    with pytest.raises(ListenAddressError, match="anybody could be any station"):
        run_gateway(replace(options, host=host))


def test_a_port_that_is_taken_is_named(options):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ListenAddressError, match=str(port)):
            run_gateway(replace(options, port=port))


def test_a_second_gateway_of_one_depot_is_refused(options):
    with gateway_lock(options.mailbox_path), pytest.raises(GatewayLockedError):
        run_gateway(options)


@pytest.mark.parametrize("listen", ["9220", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:x"])
def test_an_address_that_cannot_be_read_is_refused(tmp_path, listen):
    with pytest.raises(ListenAddressError, match="HOST:PORT"):
        command(home=tmp_path, listen=listen)


def test_a_site_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SiteFileError, match="cannot read the site file"):
        command(home=tmp_path, site=tmp_path / "none.toml", listen="127.0.0.1:0")
