"""A meter over Modbus TCP: a map of registers, or SunSpec, which tells its own."""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from depotlib.errors import SiteMeterError
from depotlib.gateway.meters import sunspec
from depotlib.gateway.meters.client import host_and_port
from depotlib.gateway.meters.reading import Found
from depotlib.model.site_meter import MeterPoint, PointOf, RegisterType, SiteMeterSource

PORT: Final = 502
TIMEOUT_S: Final = 3.0
MOST_MODELS: Final = 64
_FORMATS: Final[dict[RegisterType, str]] = {
    "int16": ">h",
    "uint16": ">H",
    "int32": ">i",
    "uint32": ">I",
    "int64": ">q",
    "uint64": ">Q",
    "float32": ">f",
    "float64": ">d",
}


class ModbusMeter:
    """Reads holding or input registers; never writes.

    Parameters
    ----------
    source : SiteMeterSource
    """

    is_pushed = False

    def __init__(self, source: SiteMeterSource) -> None:
        self._source = source
        self._client: AsyncModbusTcpClient | None = None
        self._model: tuple[int, int] | None = None

    async def open(self) -> None:
        """Connect, and find the meter's model where it is a SunSpec map."""
        host, port = host_and_port(self._source.address, port=PORT)
        # Reconnecting is the keeper's: two who try would talk over each other.
        self._client = AsyncModbusTcpClient(
            host, port=port, timeout=TIMEOUT_S, retries=0, reconnect_delay=0
        )
        if not await self._client.connect():
            raise SiteMeterError("the site meter does not answer", where=self._source.address)
        if self._source.is_sunspec:
            self._model = await self._find_model()

    async def read(self) -> Mapping[PointOf, Found]:
        """Return the numbers of the map."""
        if self._model is not None:
            model, address = self._model
            registers = await self._registers(address, count=sunspec.READ_LENGTH)
            return sunspec.values_of_model(model, registers)
        return {point.of: await self._value(point) for point in self._source.points}

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _value(self, point: MeterPoint) -> float:
        count = struct.calcsize(_FORMATS[point.register_type]) // 2
        if not point.at.isdecimal():
            raise SiteMeterError(
                f"{point.at!r} is no register", where="site_meter.point", hint="count from 0"
            )
        words = await self._registers(int(point.at), count=count, table=point.table)
        return number_of(words, point)

    async def _registers(
        self, address: int, *, count: int, table: str = "holding"
    ) -> Sequence[int]:
        if self._client is None:
            raise SiteMeterError("the site meter is not connected", where=self._source.address)
        is_holding = table == "holding"
        read = (
            self._client.read_holding_registers if is_holding else self._client.read_input_registers
        )
        try:
            answer = await read(address, count=count, device_id=self._source.device)
        except ModbusException as error:
            raise SiteMeterError(
                f"the site meter does not answer: {error}", where=self._source.address
            ) from error
        if answer.isError() or len(answer.registers) != count:
            raise SiteMeterError(
                f"the site meter has no {table} registers {address} to {address + count - 1}",
                where=self._source.address,
                hint="check registers (counted from 0), table and device of the site file",
            )
        return answer.registers

    async def _find_model(self) -> tuple[int, int]:
        for base in sunspec.BASES:
            try:
                mark = await self._registers(base, count=2)
            except SiteMeterError:
                continue  # nothing there: a meter refuses registers that it does not have
            if tuple(mark) == sunspec.MARK:
                return await self._walk(base + len(sunspec.MARK))
        raise SiteMeterError(
            "the site meter has no SunSpec map",
            where=self._source.address,
            hint="switch SunSpec on in the meter, or give its registers as points",
        )

    async def _walk(self, address: int) -> tuple[int, int]:
        for _ in range(MOST_MODELS):
            model, length = await self._registers(address, count=sunspec.HEADER)
            if sunspec.is_meter(model):
                return model, address
            if model == sunspec.LAST_MODEL:
                break
            address += sunspec.HEADER + length
        raise SiteMeterError(
            "the SunSpec map has no meter in it (models 201-204, 211-214)",
            where=self._source.address,
        )


def number_of(words: Sequence[int], point: MeterPoint) -> float:
    """Return the number that some registers hold."""
    ordered = list(reversed(words)) if point.is_low_word_first else list(words)
    packed = struct.pack(f">{len(ordered)}H", *ordered)
    return float(struct.unpack(_FORMATS[point.register_type], packed)[0])
