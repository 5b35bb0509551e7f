"""Which columns of a table make it interval readings of a meter, and in which unit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from depotlib.ingest.source import Stamps
from depotlib.units import w_to_kw, wh_to_kwh

_START_NAMES: Final = frozenset(
    {"interval_start", "start", "start_time", "period_start", "from", "start_datetime"}
)
_END_NAMES: Final = frozenset(
    {"interval_end", "end", "end_time", "period_end", "to", "end_datetime"}
)
_STAMP_NAMES: Final = frozenset({"timestamp", "datetime", "date_time", "date", "time"})
_METER_NAMES: Final = ("meter_id", "meter")
_QUANTITY: Final = re.compile(
    r"^(?:(?:power|demand|load|site|import|mean|usage|energy|consumption|active)_?)*"
    r"(?P<unit>kwh|wh|kw|w)$"
)
_FOREIGN: Final = re.compile(
    r"session|transaction|vehicle|vin$|driver|connector|station|plug|duration|soc$|battery"
)
"""Words of session and vehicle logs, whose energy is not a meter's interval."""

_IS_ENERGY: Final = {"kwh": True, "wh": True, "kw": False, "w": False}
_TO_KILO: Final[dict[str, Callable[[float], float]]] = {
    "kwh": float,
    "wh": wh_to_kwh,
    "kw": float,
    "w": w_to_kw,
}


@dataclass(frozen=True, slots=True)
class MeterColumns:
    """The columns of interval readings.

    Parameters
    ----------
    stamp : str
        Name of the column with the times.
    stamps : {'start', 'end'} or None
        What its name says they stamp; None: it does not say.
    quantity : str
        Name of the column with the readings.
    unit : str
        ``kw``, ``w``, ``kwh`` or ``wh``.
    meter : str or None
        Name of the column that names the meter.
    """

    stamp: str
    stamps: Stamps | None
    quantity: str
    unit: str
    meter: str | None

    @property
    def is_energy(self) -> bool:
        """Return whether readings are energies per interval, not mean powers."""
        return _IS_ENERGY[self.unit]

    def in_kilo(self, value: float) -> float:
        """Return a reading in kW or kWh."""
        return _TO_KILO[self.unit](value)


def meter_columns(header: Sequence[str]) -> MeterColumns | None:
    """Return the columns of interval readings, or None where the header has no such."""
    names = {_plain(name): name for name in reversed(header)}
    if any(_FOREIGN.search(name) for name in names):
        return None
    quantities = [
        (match["unit"], names[name]) for name in names if (match := _QUANTITY.match(name))
    ]
    stamp = _stamp(names)
    if stamp is None or not quantities:
        return None
    # Power where both are given: an energy per interval says it less directly.
    unit, quantity = min(quantities, key=lambda found: _IS_ENERGY[found[0]])
    meter = next((names[name] for name in _METER_NAMES if name in names), None)
    return MeterColumns(
        stamp=names[stamp[0]], stamps=stamp[1], quantity=quantity, unit=unit, meter=meter
    )


def _stamp(names: dict[str, str]) -> tuple[str, Stamps | None] | None:
    families: tuple[tuple[frozenset[str], Stamps | None], ...] = (
        (_START_NAMES, "start"),
        (_END_NAMES, "end"),
        (_STAMP_NAMES, None),
    )
    for family, stamps in families:
        found = next((name for name in sorted(family) if name in names), None)
        if found is not None:
            return found, stamps
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
