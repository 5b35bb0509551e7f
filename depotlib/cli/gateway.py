"""``depot gateway``: runs the OCPP central system of a depot."""

from pathlib import Path
from typing import Annotated, Final

import typer

from depotlib.cli.lifetime import end_with_parent
from depotlib.cli.printing import print_json, print_message
from depotlib.errors import ListenAddressError, SiteFileError
from depotlib.gateway.access.doorway import Address
from depotlib.gateway.daemon import GatewayOptions, run_gateway
from depotlib.model.brief import Brief
from depotlib.model.site_file import site_from_toml
from depotlib.settings import read_settings

PORT_COUNT: Final = 65_536


def command(
    *,
    site: Annotated[Path | None, typer.Option(help="the site file; seeds the mailbox")] = None,
    listen: Annotated[str, typer.Option(help="HOST:PORT; port 0 takes any free one")] = "",
    tls_listen: Annotated[
        str, typer.Option(help="HOST:PORT of a second, encrypted door (security profiles 2, 3)")
    ] = "",
    allow_open: Annotated[
        bool, typer.Option(help="serve stations without any proof beyond this machine")
    ] = False,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
    json: Annotated[
        bool, typer.Option(help="accepted everywhere; says the address as JSON")
    ] = False,
) -> None:
    """Serve charging stations over OCPP and keep them within every limit."""
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    host, port = _address(listen or f"127.0.0.1:{settings.gateway_port}")

    def announce(url: str) -> None:
        print_message(f"depot gateway: {url}/STATION")
        if json:
            print_json({"url": url})

    options = GatewayOptions(
        mailbox_path=settings.mailbox_path,
        token_path=settings.operator_token_path,
        token=settings.operator_token,
        host=host,
        port=port,
        clock=settings.depot_clock(),
        site=None if site is None else _site(site),
        announce=announce,
        tls=Address(*_address(tls_listen), is_encrypted=True) if tls_listen else None,
        is_open=allow_open,
    )
    if watch_stdin:
        end_with_parent()
    run_gateway(options)


def _site(path: Path) -> Brief:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SiteFileError(
            f"cannot read the site file: {error}",
            where=str(path),
            hint="give a TOML file as docs/site-file.md describes it",
        ) from error
    return site_from_toml(text, where=str(path))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isdigit() and int(port) < PORT_COUNT):
        raise ListenAddressError(
            f"cannot read the address {text!r}",
            where="--listen",
            hint="write HOST:PORT, for instance 127.0.0.1:9220",
        )
    return host.strip("[]"), int(port)
