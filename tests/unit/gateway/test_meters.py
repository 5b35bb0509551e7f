"""The clients of site meters, against servers on this machine; and what numbers mean."""

import asyncio
import struct
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from depotlib.errors import ModelError, SiteMeterError
from depotlib.gateway.meters.client import host_and_port
from depotlib.gateway.meters.file import FileMeter, values_of_lines
from depotlib.gateway.meters.http import HttpMeter
from depotlib.gateway.meters.modbus import ModbusMeter, number_of
from depotlib.gateway.meters.reading import reading_of, values_of_json
from depotlib.gateway.meters.sunspec import values_of_model
from depotlib.model.site_meter import MeterPoint, SiteMeterSource
from tests.unit.gateway.meter_servers import HOST, answer_of, modbus_meter, web_meter

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
POWER = MeterPoint("power", "grid.power", "W")
TIME = MeterPoint("time", "at", "iso")
FILE = SiteMeterSource("file", "m.csv", points=(MeterPoint("power", "kw", "kW"), TIME))
HTTP = SiteMeterSource("http", f"http://{HOST}:1/", points=(POWER,))
MODBUS = SiteMeterSource("modbus", f"{HOST}:1", points=(MeterPoint("power", "10", "W"),))


def once(client) -> dict:
    async def run():
        await client.open()
        try:
            return await client.read()
        finally:
            await client.close()

    return asyncio.run(run())


# --- what numbers mean -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "scale_factor", "found", "power_kw"),
    [("W", 1.0, 42_500, 42.5), ("kW", 1.0, "42.5", 42.5), ("MW", 1.0, 0.0425, 42.5),
     ("W", 10.0, 4250, 42.5), ("kW", -1.0, 42.5, -42.5)],
)  # fmt: skip
def test_unit_and_scale_are_those_of_the_site_file(unit, scale_factor, found, power_kw):
    source = replace(FILE, points=(MeterPoint("power", "x", unit, scale_factor),))

    reading = reading_of({"power": found}, source, most_kw=400.0, at=NOW)

    assert reading.power_kw == pytest.approx(power_kw)


def test_a_meter_that_counts_what_is_fed_in_as_positive_is_turned_round():
    source = replace(FILE, positive="export")

    assert reading_of({"power": 5.0}, source, most_kw=400.0, at=NOW).power_kw == -5.0


@pytest.mark.parametrize("found", ["nan", float("nan"), float("inf"), 400.1, -1e9, "much", ""])
def test_what_is_no_power_of_this_site_is_refused(found):
    with pytest.raises(SiteMeterError):
        reading_of({"power": found}, FILE, most_kw=400.0, at=NOW)


@pytest.mark.parametrize(
    ("unit", "found"),
    [("iso", "2026-11-20T20:00:00+00:00"), ("iso", "2026-11-20T20:00:00"), ("s", 1795204800),
     ("ms", "1795204800000")],
)  # fmt: skip
def test_a_meters_own_time_is_read_in_its_unit(unit, found):
    source = replace(FILE, points=(FILE.points[0], MeterPoint("time", "at", unit)))

    reading = reading_of({"power": 1.0, "time": found}, source, most_kw=400.0, at=NOW)

    assert reading.measured_at == NOW


def test_a_reading_without_power_or_with_a_time_that_is_none_is_refused():
    with pytest.raises(SiteMeterError, match="tells no power"):
        reading_of({}, FILE, most_kw=400.0, at=NOW)
    with pytest.raises(SiteMeterError, match="is no time"):
        reading_of({"power": 1.0, "time": "soon"}, FILE, most_kw=400.0, at=NOW)


@pytest.mark.parametrize("text", ["", "[1]", '{"grid": 5}', '{"grid": {"power": true}}', "{"])
def test_a_message_without_the_number_is_refused(text):
    with pytest.raises(SiteMeterError):
        values_of_json(text, HTTP)


def test_a_path_leads_through_names_and_places():
    source = replace(HTTP, points=(MeterPoint("power", "meters.1.p", "W"),))

    assert values_of_json('{"meters": [{}, {"p": 7}]}', source) == {"power": 7}


@pytest.mark.parametrize(
    "change",
    [{"points": ()}, {"address": " "}, {"period_s": 20.0}, {"stale_s": 31.0}, {"topic": "t"},
     {"is_sunspec": True}, {"base_rise_kw_per_s": -1.0}, {"window_s": 1.0},
     {"points": (POWER, POWER)}],
)  # fmt: skip
def test_a_meter_that_cannot_be_is_refused(change):
    with pytest.raises(ModelError):
        replace(FILE, **change)


@pytest.mark.parametrize(
    ("unit", "scale_factor"), [("kWh", 1.0), ("kW", 0.0), ("kW", float("nan"))]
)
def test_a_point_with_a_wrong_unit_or_no_scale_is_refused(unit, scale_factor):
    with pytest.raises(ModelError):
        MeterPoint("power", "x", unit, scale_factor)


def test_an_address_without_port_has_the_protocols_own():
    assert host_and_port("meter.local", port=502) == ("meter.local", 502)
    with pytest.raises(SiteMeterError):
        host_and_port("meter:none", port=502)


# --- a file ------------------------------------------------------------------------------


def test_the_last_whole_line_of_a_file_counts(tmp_path):
    path = tmp_path / "meter.csv"
    path.write_text("at,kw\n2026-11-20T20:00:00Z,41\n2026-11-20T20:00:02Z,42.5\n2026-11-20T20:0")

    found = once(FileMeter(replace(FILE, address=str(path))))

    assert found == {"power": "42.5", "time": "2026-11-20T20:00:02Z"}


def test_a_file_of_json_lines_and_one_that_is_replaced_are_read_too():
    lines = '{"kw": 1, "at": "a"}\n{"kw": 2, "at": "b"}\n{"kw'
    assert values_of_lines(lines, lines, source=FILE) == {"power": 2, "time": "b"}
    assert values_of_lines("", '{"kw": 3, "at": "c"}', source=FILE) == {"power": 3, "time": "c"}


@pytest.mark.parametrize("text", ["", "at,kw\n", "at,kw\n1\n", "at,other\n1,2\n"])
def test_a_file_without_a_whole_reading_is_refused(text):
    with pytest.raises(SiteMeterError):
        values_of_lines(text, text, source=FILE)


# --- HTTP --------------------------------------------------------------------------------


def test_a_meter_on_the_web_is_read():
    async def run():
        async with web_meter([answer_of({"grid": {"power": 42_500}})]) as port:
            client = HttpMeter(replace(HTTP, address=f"http://{HOST}:{port}/status?x=1"))
            await client.open()
            return await client.read()

    assert asyncio.run(run()) == {"power": 42_500}


@pytest.mark.parametrize(
    "answer",
    [answer_of({}, status="500 Broken"), answer_of({}, status="302 Elsewhere"), b"nonsense\r\n\r\n",
     answer_of({"grid": "x" * 70_000})],
)  # fmt: skip
def test_a_web_meter_that_answers_wrongly_is_refused(answer):
    async def run():
        async with web_meter([answer]) as port:
            return await HttpMeter(replace(HTTP, address=f"http://{HOST}:{port}/")).read()

    with pytest.raises(SiteMeterError):
        asyncio.run(run())


@pytest.mark.parametrize("address", ["ftp://meter/", "meter", "http://user:secret@meter/"])
def test_an_address_that_is_none_of_a_web_meter_is_refused(address):
    with pytest.raises(SiteMeterError, match="address"):
        once(HttpMeter(replace(HTTP, address=address)))


# --- Modbus ------------------------------------------------------------------------------


def words(form: str, number: float) -> list[int]:
    packed = struct.pack(form, number)
    return list(struct.unpack(f">{len(packed) // 2}H", packed))


@pytest.mark.parametrize(
    ("register_type", "form", "number"),
    [("int16", ">h", -7), ("uint16", ">H", 65_000), ("int32", ">i", -70_000),
     ("uint32", ">I", 4_000_000_000), ("int64", ">q", -(2**40)), ("uint64", ">Q", 2**50),
     ("float32", ">f", 1.5), ("float64", ">d", -2.25)],
)  # fmt: skip
def test_registers_hold_the_number_that_their_type_says(register_type, form, number):
    point = MeterPoint("power", "0", "W", register_type=register_type)
    swapped = replace(point, is_low_word_first=True)

    assert number_of(words(form, number), point) == number
    assert number_of(words(form, number)[::-1], swapped) == number


def test_a_plain_map_of_registers_is_read():
    points = (
        MeterPoint("power", "10", "W", register_type="int32"),
        MeterPoint("energy", "20", "kWh", register_type="float32"),
    )

    async def run():
        blocks = {10: words(">i", 42_500), 20: words(">f", 1234.5)}
        async with modbus_meter(blocks, device=7) as port:
            client = ModbusMeter(replace(MODBUS, address=f"{HOST}:{port}", device=7, points=points))
            await client.open()
            try:
                return await client.read()
            finally:
                await client.close()

    assert asyncio.run(run()) == {"power": 42_500.0, "energy": 1234.5}


def integer_model() -> list[int]:
    """SunSpec model 203: -4250 x 10 W, 20 000, 12 500, phase C not there; 98 765 x 100 Wh."""
    model = [203, 105] + [0] * 105
    model[18:23] = [-4250 & 0xFFFF, 2000, 1250, 0x8000, 1]
    model[46:48], model[54] = words(">I", 98_765), 2
    return model


def float_model() -> list[int]:
    """SunSpec model 213: 42 500 W in all and on three phases, nothing of the energy."""
    model = [213, 124] + [0] * 124
    for place, power_w in enumerate([42_500.0, 20_000.0, 12_500.0, 10_000.0]):
        model[28 + 2 * place : 30 + 2 * place] = words(">f", power_w)
    model[68:70] = words(">f", float("nan"))
    return model


def test_sunspec_integers_carry_their_scale_and_leave_out_what_is_not_there():
    found = values_of_model(203, integer_model()[:76])

    assert found == {
        "power": -42_500.0, "phase_1": 20_000.0, "phase_2": 12_500.0, "energy": 9_876_500.0,
    }  # fmt: skip


@pytest.mark.parametrize("base", [0, 40_000])
def test_a_sunspec_meter_is_found_behind_other_models_and_read(base):
    common = [1, 66] + [0] * 66
    source = SiteMeterSource("modbus", "x:1", is_sunspec=True)

    async def run():
        blocks = {base: [0x5375, 0x6E53, *common, *float_model(), 0xFFFF, 0]}
        async with modbus_meter(blocks) as port:
            client = ModbusMeter(replace(source, address=f"{HOST}:{port}"))
            await client.open()
            try:
                return await client.read()
            finally:
                await client.close()

    reading = reading_of(asyncio.run(run()), source, most_kw=400.0, at=NOW)

    assert (reading.power_kw, reading.phase_kw) == (42.5, (20.0, 12.5, 10.0))
    assert reading.energy_kwh is None


@pytest.mark.parametrize("blocks", [{10: [1]}, {0: [0x5375, 0x6E53, 0xFFFF, 0]}])
def test_a_device_without_the_registers_or_without_a_meter_is_refused(blocks):
    async def run(source: SiteMeterSource):
        async with modbus_meter(blocks) as port:
            client = ModbusMeter(replace(source, address=f"{HOST}:{port}"))
            try:
                await client.open()
                return await client.read()
            finally:
                await client.close()

    for source in (MODBUS, SiteMeterSource("modbus", "x:1", is_sunspec=True)):
        with pytest.raises(SiteMeterError):
            asyncio.run(run(source))


def test_a_sunspec_model_that_is_cut_short_or_another_is_refused():
    with pytest.raises(SiteMeterError):
        values_of_model(203, integer_model()[:40])
    with pytest.raises(SiteMeterError):
        values_of_model(101, [101, *integer_model()[1:76]])
