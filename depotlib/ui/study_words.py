"""The parameters of a study in a planner's words, and values as people type them."""

import tomllib
from typing import Final, cast

from depotlib.errors import StudyError
from depotlib.model.live import Scalar

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
    return AXES.get(name, name.replace("_", " "))


def value_words(value: Scalar) -> str:
    """Return a value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else POLICIES.get(str(value), str(value))


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
