"""The parameters of a study in a planner's words, and values as people type them."""

import tomllib
from collections.abc import Sequence
from typing import Final, cast

from depotlib.errors import StudyError
from depotlib.model.live import Scalar
from depotlib.studies.declaration import Study
from depotlib.ui.wording import (
    counted,
    heading_of,
    listed,
    percent,
    phrase_of,
    short_number,
    shown_value,
)

AXES: Final[dict[str, str]] = {
    "vehicles": "Vans",
    "ac_stations": "AC stations",
    "dc_stations": "DC stations",
    "service_kw": "Service (kW)",
    "operating_limit_kw": "Operating limit (kW)",
    "tariff": "Tariff",
    "demand_price_per_kw": "Price of the peak (per kW)",
    "policy": "Who is in control",
    "any_station": "Any van at any station",
    "energy_factor": "Energy needed (times)",
    "late_share": "Vans that come late (share)",
    "energy_sigma_share": "Needs scatter by (share)",
    "outage_share": "Stations that fail a night (share)",
}
"""What the page offers to turn; a study's file may turn more."""
PHRASES: Final[dict[str, str]] = {
    "vehicles": "{} vans",
    "ac_stations": "{} AC stations",
    "dc_stations": "{} DC stations",
    "service_kw": "a service of {} kW",
    "operating_limit_kw": "an operating limit of {} kW",
    "demand_price_per_kw": "{} per kW of the peak",
    "storage_kwh": "a battery of {} kWh",
    "storage_kw": "a battery of {} kW",
    "solar_kw": "{} kW of solar",
    "energy_factor": "{} times the energy",
    "feeding_vehicles": "{} vans that feed back",
    "feeding_kw": "{} kW fed back by each van",
    "moves_per_hour": "{} moves an hour",
    "changeover_s": "{} s to change over",
    "temperature_mean_c": "{} °C outside",
    "seed": "draw {}",
    "days": "{} nights",
}
"""A value of a parameter as a part of a sentence."""
POLICIES: Final[dict[str, str]] = {
    "uncontrolled": "nobody: everything charges at once",
    "equal": "power shared equally",
    "fcfs": "first come, first served",
    "edf": "earliest departure first",
    "llf": "least laxity first",
    "price_greedy": "cheapest hours first",
    "blind": "a plan, carried out blindly",
    "replanned": "depotlib: planned again as the night goes",
    "hindsight": "a plan that knew everything (a bound)",
}


def axis_words(name: str) -> str:
    """Return what a parameter is called."""
    return heading_of(name, AXES[name]) if name in AXES else name.replace("_", " ")


def phrase(name: str, value: Scalar) -> str:
    """Return a value of a parameter as a part of a sentence, with its unit."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        if name.endswith("_share"):
            words = axis_words(name).removesuffix(" (share)")
            return f"{words}: {percent(value)}"
        if name in PHRASES:
            return phrase_of(name, value_words(shown_value(name, value)), phrase=PHRASES[name])
    return f"{axis_words(name)}: {value_words(value)}"


def all_of(name: str, values: Sequence[Scalar]) -> str:
    """Return the values of a parameter as one part of a sentence, its unit said once."""
    numbers = [one for one in values if isinstance(one, float | int)]
    if len(numbers) == len(values) and name in PHRASES:
        words = listed([value_words(shown_value(name, one)) for one in numbers])
        return phrase_of(name, words, phrase=PHRASES[name])
    if len(numbers) == len(values) and name.endswith("_share"):
        words = axis_words(name).removesuffix(" (share)")
        return f"{words}: {listed([percent(one) for one in numbers])}"
    return f"{axis_words(name)}: {listed([value_words(one) for one in values])}"


def study_question(study: Study) -> str:
    """Return what a study asks, in a planner's words and with units."""
    axes = "; ".join(all_of(axis.name, axis.values) for axis in study.axes)
    how = "Every combination of" if study.design == "grid" else "One after the other:"
    draws = counted(len(study.seeds), "draw")
    return f"{how} {axes}. Each is played on the same {draws} of chance."


def value_words(value: Scalar) -> str:
    """Return a value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return short_number(value)
    return POLICIES.get(str(value), str(value))


def values_of(name: str, text: str) -> tuple[Scalar, ...]:
    """Return the values of an axis as people type them: with commas between.

    Raises
    ------
    StudyError
        If there is none.
    """
    values = tuple(value_of(word) for part in text.split(",") if (word := part.strip()))
    if not values:
        raise StudyError(
            f"{axis_words(name)} has no value", where=name, hint="write values as 36, 40, 44"
        )
    return values


def value_of(word: str) -> Scalar:
    """Return one value as TOML reads it; what is no number is a text."""
    try:
        return cast("Scalar", tomllib.loads(f"value = {word}")["value"])
    except tomllib.TOMLDecodeError:
        return {"yes": True, "no": False}.get(word, word)
