"""Units as vendors spell them beside a value, and the value in the canonical unit."""

from typing import Final

from depotlib.model.unit import NUMERIC_UNITS, Dimension, Unit

_WORDS: Final[dict[str, Unit]] = {
    "m": "m", "meter": "m", "metre": "m",
    "km": "km", "kilometer": "km", "kilometre": "km",
    "mi": "mi", "mile": "mi",
    "c": "°C", "°c": "°C", "celsius": "°C", "degrees celsius": "°C", "degree celsius": "°C",
    "f": "°F", "°f": "°F", "fahrenheit": "°F", "degrees fahrenheit": "°F",
    "w": "W", "watt": "W",
    "kw": "kW", "kilowatt": "kW",
    "wh": "Wh", "watthour": "Wh", "watt-hour": "Wh",
    "kwh": "kWh", "kilowatthour": "kWh", "kilowatt-hour": "kWh", "kilowatt_hour": "kWh",
}  # fmt: skip
"""In small letters, one of a thing: ``miles`` is ``mile``."""


def in_canonical_unit(value: float, word: str, *, dimension: Dimension) -> float | None:
    """Return a value in the canonical unit of a dimension; None where the word is no unit of it.

    Parameters
    ----------
    value : float
    word : str
        As the vendor writes it: ``mi``, ``Kilometers``, ``°F`` …
    dimension : Dimension
    """
    bare = word.strip().lower()
    unit = _WORDS.get(bare) or _WORDS.get(bare.removesuffix("s"))
    numeric = NUMERIC_UNITS.get(unit) if unit else None
    if numeric is None or numeric.dimension != dimension:
        return None
    return numeric.to_canonical(value)
