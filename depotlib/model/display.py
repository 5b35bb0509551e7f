"""How a depot's people read figures: their units, their numbers, their dates. The store stays SI."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from depotlib.units import (
    KM_PER_MILE,
    c_to_fahrenheit,
    fahrenheit_to_c,
    feet_to_metres,
    km_to_miles,
    metres_to_feet,
    miles_to_km,
)

DistanceUnit = Literal["km", "mi"]
TemperatureUnit = Literal["C", "F"]
NumberForm = Literal["1,234.5", "1.234,5", "1 234,5"]
DateForm = Literal["day_first", "month_first", "iso"]
Language = Literal["en"]
NO_BREAK_SPACE: Final = "\u00a0"
SEPARATORS: Final[dict[NumberForm, str]] = {
    "1,234.5": ".,",
    "1.234,5": ",.",
    "1 234,5": f",{NO_BREAK_SPACE}",
}
"""The decimal sign, then what keeps thousands apart."""
ISO_DAY: Final = re.compile(r"(?<![\w'\"./-])\d{4}-\d{2}-\d{2}(?![\w'\"/-]|\.\w)")
"""A day in a sentence; not one that is part of a name, a file's or an instant."""


@dataclass(frozen=True, slots=True)
class Display:
    """What a depot's figures are shown in.

    Parameters
    ----------
    distance : {'km', 'mi'}
    temperature : {'C', 'F'}
    numbers : {'1,234.5', '1.234,5', '1 234,5'}
    dates : {'day_first', 'month_first', 'iso'}
    language : {'en'}
        Of labels.
    """

    distance: DistanceUnit = "km"
    temperature: TemperatureUnit = "C"
    numbers: NumberForm = "1,234.5"
    dates: DateForm = "day_first"
    language: Language = "en"

    @property
    def separators(self) -> str:
        """Return the decimal sign, then what keeps thousands apart."""
        return SEPARATORS[self.numbers]

    def formed(self, text: str) -> str:
        """Return a number that is written in the English way as this depot writes it."""
        decimal, thousands = self.separators
        return text.translate(str.maketrans({",": thousands, ".": decimal}))

    def dated(self, day: date, *, has_year: bool = True) -> str:
        """Return a date, with its month by name unless the form is ISO 8601."""
        if self.dates == "iso":
            return f"{day:%Y-%m-%d}"
        if self.dates == "month_first":
            return f"{day:%b} {day.day}" + (f", {day.year}" if has_year else "")
        return f"{day.day} {day:%b}" + (f" {day.year}" if has_year else "")

    def redated(self, sentence: str) -> str:
        """Return a sentence whose days, told by ISO 8601, are written as this depot writes them."""
        return ISO_DAY.sub(lambda found: self._redated(found[0]), sentence)

    def _redated(self, text: str) -> str:
        with suppress(ValueError):  # no day of any calendar stays as it is
            return self.dated(date.fromisoformat(text))
        return text


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit that people read in place of the store's, and the way there and back.

    Parameters
    ----------
    stored_unit, unit : str
        As they stand behind a figure or in a heading.
    shown, stored : callable
        What a stored figure is shown as, and back.
    """

    stored_unit: str
    unit: str
    shown: Callable[[float], float]
    stored: Callable[[float], float]


PER_MILE: Final = Measure(
    "kWh/km", "kWh/mi", lambda value: value * KM_PER_MILE, lambda value: value / KM_PER_MILE
)
MILES: Final = Measure("km", "mi", km_to_miles, miles_to_km)
FEET: Final = Measure("m", "ft", metres_to_feet, feet_to_metres)
FAHRENHEIT: Final = Measure("°C", "°F", c_to_fahrenheit, fahrenheit_to_c)


def measures(display: Display) -> tuple[Measure, ...]:
    """Return the units that are shown in place of the store's; those of a distance's parts first."""
    of_distance = (PER_MILE, MILES, FEET) if display.distance == "mi" else ()
    return of_distance + ((FAHRENHEIT,) if display.temperature == "F" else ())


def measure_of(field: str, display: Display) -> Measure | None:
    """Return what a field is shown in, by the unit at the end of its name; None: as it is stored."""
    for suffix, measure in (
        ("_kwh_per_km", PER_MILE),
        ("_km", MILES),
        ("_m", FEET),
        ("_c", FAHRENHEIT),
    ):
        if field.endswith(suffix):
            return measure if measure in measures(display) else None
    return None
