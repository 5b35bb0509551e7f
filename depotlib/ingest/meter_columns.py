"""Which columns of a table make it interval readings of a meter, and in which unit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from depotlib.ingest.source import Stamps
from depotlib.units import w_to_kw, wh_to_kwh

_START_NAMES: Final = frozenset(
    {"interval_start", "start", "start_time", "period_start", "from", "start_datetime",
     "interval_start_time", "time_from"}
)  # fmt: skip
_END_NAMES: Final = frozenset(
    {"interval_end", "end", "end_time", "period_end", "to", "end_datetime", "interval_end_time",
     "interval_ending", "hour_ending", "time_to"}
)  # fmt: skip
_STAMP_NAMES: Final = frozenset({"timestamp", "datetime", "date_time", "time", "time_of_day"})
_TIME_NAMES: Final = frozenset(
    {"start_time", "interval_start_time", "time_from", "from", "start", "end_time", "end", "to",
     "interval_end_time", "interval_ending", "hour_ending", "time_to", "time", "time_of_day"}
)  # fmt: skip
"""Names of columns that hold times of day where a date stands in another."""
_DATE_NAMES: Final = ("date", "day", "read_date", "reading_date", "usage_date", "interval_date")
METER_NAMES: Final = ("meter_id", "meter", "meter_number", "meter_no", "service_point", "mpan", "nmi",
                      "esiid")  # fmt: skip
UNIT_NAMES: Final = ("unit", "units", "uom", "unit_of_measure")
QUANTITY_WORDS: Final = frozenset(
    {"power", "demand", "load", "site", "mean", "average", "usage", "energy", "consumption",
     "active", "electricity", "electric", "interval", "net", "total", "in"}
)  # fmt: skip
_DELIVERED_WORDS: Final = frozenset({"import", "imported", "delivered", "consumed"})
_RECEIVED_WORDS: Final = frozenset(
    {"export", "exported", "received", "generation", "generated", "feed", "surplus"}
)
_FOREIGN: Final = re.compile(
    r"session|transaction|vehicle|vin$|driver|connector|station|plug|duration|soc$|battery"
)
"""Words of session and vehicle logs, whose energy is not a meter's interval."""

_LARGEST_KILO: Final = 1e9
"""A terawatt: what is above is a typing error, and no sum survives it."""
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
        ``kw``, ``w``, ``kwh`` or ``wh``; empty where `unit_column` tells it.
    meter : str or None
        Name of the column that names the meter.
    date : str or None
        Name of the column with dates, where the times may be times of day.
    received : str or None
        Name of the column with what flowed to the grid; the reading is then the difference.
    unit_column : str or None
        Name of the column that tells the unit.
    """

    stamp: str
    stamps: Stamps | None
    quantity: str
    unit: str
    meter: str | None
    date: str | None = None
    received: str | None = None
    unit_column: str | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the columns that hold readings."""
        return (self.quantity,) if self.received is None else (self.quantity, self.received)


@dataclass(frozen=True, slots=True)
class _Quantity:
    name: str
    unit: str
    is_received: bool


def is_unit(unit: str) -> bool:
    """Return whether a text is a unit of active energy or power that meters state."""
    return unit.lower() in _IS_ENERGY


def is_energy_unit(unit: str) -> bool:
    """Return whether readings in a unit are energies per interval, not mean powers."""
    return _IS_ENERGY[unit.lower()]


def in_kilo(value: float, *, unit: str) -> float:
    """Return a reading in kW or kWh."""
    return _TO_KILO[unit.lower()](value)


def is_plausible(kilo: float) -> bool:
    """Return whether a reading in kW or kWh is one that a meter can have."""
    return abs(kilo) <= _LARGEST_KILO


def meter_columns(header: Sequence[str]) -> MeterColumns | None:
    """Return the columns of interval readings, or None where the header has no such."""
    names = {plain(name): name for name in reversed(header)}
    if is_foreign(names):
        return None
    unit_column = next((names[name] for name in UNIT_NAMES if name in names), None)
    quantities = [found for name in names if (found := _quantity(name, has_unit=bool(unit_column)))]
    delivered = [quantity for quantity in quantities if not quantity.is_received]
    date = next((name for name in _DATE_NAMES if name in names), None)
    stamp = _stamp(names, date=date)
    if stamp is None or not delivered:
        return None
    # Power where both are given: an energy per interval says it less directly.
    chosen = min(delivered, key=lambda found: _IS_ENERGY.get(found.unit, True))
    received = [
        names[quantity.name]
        for quantity in quantities
        if quantity.is_received and quantity.unit == chosen.unit
    ]
    return MeterColumns(
        stamp=names[stamp[0]],
        stamps=stamp[1],
        quantity=names[chosen.name],
        unit=chosen.unit,
        meter=next((names[name] for name in METER_NAMES if name in names), None),
        date=names[date] if date and date != stamp[0] and stamp[0] in _TIME_NAMES else None,
        received=received[0] if received else None,
        unit_column=None if chosen.unit else unit_column,
    )


def is_foreign(names: Sequence[str] | dict[str, str]) -> bool:
    """Return whether plain names hold words of session and vehicle logs."""
    return any(_FOREIGN.search(name) for name in names)


def plain(name: str) -> str:
    """Return a column's name in lower case, with one underscore between words."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def date_column(header: Sequence[str]) -> str | None:
    """Return the name of the column with dates, if there is one."""
    names = {plain(name): name for name in reversed(header)}
    return next((names[name] for name in _DATE_NAMES if name in names), None)


def _quantity(name: str, *, has_unit: bool) -> _Quantity | None:
    words = name.split("_")
    units = [word for word in words if word in _IS_ENERGY]
    others = {word for word in words if word not in _IS_ENERGY}
    known = QUANTITY_WORDS | _DELIVERED_WORDS | _RECEIVED_WORDS
    if not others <= known or len(units) > 1:
        return None
    if not units and not (has_unit and (others - {"in"}) & known):
        return None
    unit = units[0] if units else ""
    return _Quantity(name, unit, is_received=bool(others & _RECEIVED_WORDS))


def _stamp(names: dict[str, str], *, date: str | None) -> tuple[str, Stamps | None] | None:
    families: tuple[tuple[frozenset[str], Stamps | None], ...] = (
        (_START_NAMES, "start"),
        (_END_NAMES, "end"),
        (_STAMP_NAMES, None),
    )
    for family, stamps in families:
        found = next((name for name in sorted(family) if name in names), None)
        if found is not None:
            return found, stamps
    return (date, None) if date else None
