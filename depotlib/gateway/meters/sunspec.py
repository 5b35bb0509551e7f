"""SunSpec meters: where their models lie, and what the registers of one mean. Pure.

Models 201 to 204 hold integers with scale factors, 211 to 214 floats (SunSpec Alliance, "SunSpec
Information Model Reference"): current, voltage, frequency, power, ..., energy exported, imported.
"""

import math
import struct
from collections.abc import Sequence
from typing import Final

from depotlib.errors import SiteMeterError
from depotlib.gateway.meters.reading import Found
from depotlib.model.site_meter import PointOf

BASES: Final = (40_000, 50_000, 0)
"""Where a map may begin, in the order in which it is looked for."""
MARK: Final = (0x5375, 0x6E53)
"""``SunS``."""
INTEGER_MODELS: Final = frozenset(range(201, 205))
FLOAT_MODELS: Final = frozenset(range(211, 215))
LAST_MODEL: Final = 0xFFFF
HEADER: Final = 2
"""Registers of a model's number and length, which its length does not count."""
READ_LENGTH: Final = 76
"""Registers of a model up to the energy drawn; all that is read of it."""
_POWERS: Final[tuple[PointOf, ...]] = ("power", "phase_1", "phase_2", "phase_3")
_NONE_16: Final = 0x8000
_INTEGER_POWER, _INTEGER_POWER_SCALE = 18, 22
_INTEGER_IMPORT, _INTEGER_ENERGY_SCALE = 46, 54
_FLOAT_POWER, _FLOAT_IMPORT = 28, 68
_MOST_SCALE: Final = 10


def is_meter(model: int) -> bool:
    """Return whether a model is that of a meter."""
    return model in INTEGER_MODELS or model in FLOAT_MODELS


def values_of_model(model: int, registers: Sequence[int]) -> dict[PointOf, Found]:
    """Return powers [W] and the energy drawn [Wh] of a meter's model; what it lacks is missing.

    Parameters
    ----------
    model : int
        201 to 204 or 211 to 214.
    registers : sequence of int
        From the model's number on, `READ_LENGTH` of them.

    Raises
    ------
    SiteMeterError
        If there are too few registers, or the model is none of a meter.
    """
    if len(registers) < READ_LENGTH or registers[0] != model or not is_meter(model):
        raise SiteMeterError(
            f"the site meter's model {model} is not as SunSpec says", where="site_meter"
        )
    return _integers(registers) if model in INTEGER_MODELS else _floats(registers)


def _integers(registers: Sequence[int]) -> dict[PointOf, Found]:
    found: dict[PointOf, Found] = {}
    scale = _scale_of(registers[_INTEGER_POWER_SCALE])
    for place, name in enumerate(_POWERS):
        word = registers[_INTEGER_POWER + place]
        if word != _NONE_16:
            found[name] = _signed(word) * scale
    high, low = registers[_INTEGER_IMPORT : _INTEGER_IMPORT + 2]
    energy = (high << 16) | low
    if energy:
        found["energy"] = energy * _scale_of(registers[_INTEGER_ENERGY_SCALE])
    return found


def _floats(registers: Sequence[int]) -> dict[PointOf, Found]:
    found: dict[PointOf, Found] = {}
    for place, name in enumerate(_POWERS):
        number = _float(registers, _FLOAT_POWER + 2 * place)
        if not math.isnan(number):
            found[name] = number
    energy = _float(registers, _FLOAT_IMPORT)
    if not math.isnan(energy):
        found["energy"] = energy
    return found


def _scale_of(word: int) -> float:
    exponent = 0 if word == _NONE_16 else _signed(word)
    if abs(exponent) > _MOST_SCALE:
        raise SiteMeterError(f"the site meter has a scale factor of {exponent}", where="site_meter")
    return 10.0**exponent


def _signed(word: int) -> int:
    return int(struct.unpack(">h", struct.pack(">H", word))[0])


def _float(registers: Sequence[int], offset: int) -> float:
    return float(struct.unpack(">f", struct.pack(">HH", *registers[offset : offset + 2]))[0])
