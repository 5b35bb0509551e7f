"""``depot virtual``: runs virtual charging stations against a central system."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TextIO

import typer

from depotlib.cli.lifetime import end_with_parent
from depotlib.errors import InputError
from depotlib.model.depot import (
    ChargingStation,
    Connector,
    Depot,
    Evse,
    GridConnection,
)
from depotlib.model.site_file import site_from_toml
from depotlib.settings import read_settings
from depotlib.virtual.depot import SPEECHES, VirtualDepot, run_virtual_depot
from depotlib.virtual.keyring import open_keyring
from depotlib.virtual.recorder import MeterRecorder
from depotlib.virtual.script import NightScript, night_from_toml
from depotlib.virtual.wire import WireTap
from depotlib.virtual.yard import VirtualYard

AC_POINT_KW = 7.2
SAFE_LIMIT_KW = 1.5


def command(
    *,
    url: Annotated[str, typer.Option(help="central system, as ws://HOST:PORT/ocpp")],
    site: Annotated[Path | None, typer.Option(help="the site file")] = None,
    stations: Annotated[int, typer.Option(help="without a site: so many AC points")] = 0,
    script: Annotated[Path | None, typer.Option(help="who plugs in when, misbehaviours")] = None,
    meters: Annotated[
        Path | None, typer.Option(help="write the meters here, not to stdout")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="folder of passwords.json, ca.pem, STATION.pem and .key")
    ] = None,
    ocpp: Annotated[str, typer.Option(help="versions, by turns: 1.6,2.0.1,2.1")] = "1.6",
    meter: Annotated[
        str | None, typer.Option(help="the site's meter answers over HTTP at HOST:PORT")
    ] = None,
    wire: Annotated[Path | None, typer.Option(help="write every frame here as JSON lines")] = None,
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
) -> None:
    """Run virtual charging stations; their own meters at 1 s are written as JSON lines."""
    if watch_stdin:
        end_with_parent()
    depot = _depot(site, stations)
    night = (
        night_from_toml(_text(script), where=str(script)) if script is not None else NightScript()
    )
    with ExitStack() as stack:
        stream = sys.stdout if meters is None else stack.enter_context(_appended(meters))
        clock = read_settings().depot_clock()
        run_virtual_depot(
            VirtualDepot(
                yard=VirtualYard(depot=depot, script=night),
                url=url,
                clock=clock,
                recorder=MeterRecorder(stream),
                script_path=script,
                keyring=open_keyring(keys),
                versions=_versions(ocpp),
                meter_address=_meter_address(meter),
                tap=None if wire is None else WireTap(stack.enter_context(_appended(wire)), clock),
            )
        )


def _appended(path: Path) -> TextIO:
    return path.open("a", encoding="utf-8")


def _depot(site: Path | None, stations: int) -> Depot:
    if site is not None:
        return site_from_toml(_text(site), where=str(site)).depot
    if stations <= 0:
        raise InputError(
            "no stations to run", where="depot virtual", hint="give --site FILE or --stations N"
        )
    return _made_depot(stations)


def _meter_address(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal()):
        raise InputError(f"{text!r} is no HOST:PORT", where="--meter", hint="127.0.0.1:8090")
    return host, int(port)


def _versions(text: str) -> tuple[str, ...]:
    versions = tuple(one.strip() for one in text.split(","))
    unknown = [one for one in versions if one not in SPEECHES]
    if unknown:
        raise InputError(
            f"no virtual station speaks OCPP {unknown[0]!r}",
            where="--ocpp",
            hint=f"give some of {', '.join(SPEECHES)}",
        )
    return versions


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read {path}: {error}", where=str(path), hint="check the path"
        ) from error


def _made_depot(stations: int) -> Depot:
    return Depot(
        depot_id="virtual",
        name="Virtual depot",
        time_zone="UTC",
        currency="USD",
        grid=GridConnection(
            service_kw=stations * AC_POINT_KW, operating_limit_kw=stations * AC_POINT_KW
        ),
        circuits=(),
        stations=tuple(_made_station(f"VS-{number:03d}") for number in range(1, stations + 1)),
    )


def _made_station(station_id: str) -> ChargingStation:
    connector = Connector(connector_id=f"{station_id}/1", number=1, max_kw=AC_POINT_KW)
    return ChargingStation(
        station_id=station_id,
        circuit_id=None,
        pool="ac",
        current_type="AC",
        max_kw=AC_POINT_KW,
        safe_limit_kw=SAFE_LIMIT_KW,
        evses=(Evse(evse_id=1, connectors=(connector,)),),
        voltage_v=240.0,
    )
