"""The virtual depot's main meter: charging and base load, its faults, and its answers over HTTP."""

import asyncio
import http.client
import json
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.cli.main import run_command
from depotlib.virtual.script import (
    BaseLoad,
    MeterFault,
    NightScript,
    night_from_toml,
    night_to_toml,
)
from depotlib.virtual.site_meter import VirtualSiteMeter, serve_meter
from tests.chaos.depot_processes import free_port

T0 = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


SCRIPT = NightScript(
    base_load=(BaseLoad(start=at(0), power_kw=5.0), BaseLoad(start=at(10), power_kw=65.0)),
    meter_fault=(
        MeterFault(kind="frozen", start=at(20), end=at(30)),
        MeterFault(kind="silent", start=at(40), end=at(50)),
    ),
)


def test_a_script_with_base_load_and_faults_is_read_as_it_was_written():
    assert night_from_toml(night_to_toml(SCRIPT), where="night.toml") == SCRIPT


@pytest.mark.parametrize(("second", "base_kw"), [(-1, 0.0), (0, 5.0), (9, 5.0), (10, 65.0)])
def test_the_base_load_holds_until_its_next_step(second, base_kw):
    assert SCRIPT.base_load_kw(at(second)) == base_kw


def test_the_meter_shows_charging_and_base_load_and_counts_their_energy():
    meter = VirtualSiteMeter()
    for second in range(10):
        meter.measure(at(second), 31.0, script=SCRIPT)

    # 36 kW for 10 s are 0.1 kWh.
    assert meter.line() == {"at": at(9).isoformat(), "power_kw": 36.0, "energy_kwh": 0.1}


def test_a_frozen_meter_repeats_itself_and_a_silent_one_shows_nothing():
    meter = VirtualSiteMeter()
    shown = {}
    for second in range(60):
        meter.measure(at(second), float(second), script=SCRIPT)
        shown[second] = meter.line()

    assert shown[20] == shown[29] == shown[19]
    assert shown[30]["power_kw"] == 95.0
    assert shown[40] is None
    assert shown[50]["at"] == at(50).isoformat()


def test_the_meter_answers_over_http():
    meter, port = VirtualSiteMeter(), free_port()
    meter.measure(at(0), 10.0, script=SCRIPT)

    def get() -> object:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60.0)
        try:
            connection.request("GET", "/")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    async def run() -> object:
        serving = asyncio.create_task(serve_meter(meter, host="127.0.0.1", port=port))
        try:
            while True:
                try:
                    return await asyncio.to_thread(get)
                except ConnectionRefusedError:
                    continue  # it listens in a moment
        finally:
            serving.cancel()

    assert asyncio.run(run()) == meter.line()


@pytest.mark.parametrize("address", ["8090", "127.0.0.1:", ":8090", "127.0.0.1:http"])
def test_the_command_refuses_a_meter_address_without_host_or_port(capsys, address):
    url = "ws://127.0.0.1:1/ocpp"

    code = run_command(["virtual", "--url", url, "--stations", "1", "--meter", address, "--json"])

    assert code == 2
    assert json.loads(capsys.readouterr().out)["error"]["where"] == "--meter"
