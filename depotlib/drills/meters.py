"""The virtual stations' own meters at 1 s, and what they prove."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.units import energy_kwh, mean_power_kw

TAIL_BYTES: Final = 16_384
STEP_S: Final = 1.0
WINDOW_S: Final = 900.0
"""A billing window."""


@dataclass(frozen=True, slots=True)
class MeteredSecond:
    """What the stations' own meters say of one second.

    Parameters
    ----------
    at : datetime
        Its beginning.
    site_kw : float
        All stations together.
    plug_kw : mapping of str to float
        By connector; who draws nothing is missing.
    meter_kw : float or None
        The site's own meter, base load included; None: it is silent.
    """

    at: datetime
    site_kw: float
    plug_kw: Mapping[str, float]
    meter_kw: float | None


def read_meters(path: Path) -> list[MeteredSecond]:
    """Return every whole line of a file of meters; none where there is no file yet."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    return [_second(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def read_newest(path: Path) -> MeteredSecond | None:
    """Return the last whole line of a file of meters, or None before the first."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read()
    whole = re.findall(rb"^\{.*\}$", tail[: tail.rfind(b"\n") + 1], flags=re.MULTILINE)
    return _second(whole[-1].decode()) if whole else None


def _second(line: str) -> MeteredSecond:
    told = json.loads(line)
    meter = told.get("meter")
    return MeteredSecond(
        at=datetime.fromisoformat(told["at"]),
        site_kw=float(told["site_kw"]),
        plug_kw=told["power_kw"],
        meter_kw=float(meter["power_kw"]) if meter else None,
    )


def between(
    seconds: Iterable[MeteredSecond], start: datetime, *, end: datetime
) -> list[MeteredSecond]:
    """Return the seconds of a half-open span."""
    return [one for one in seconds if start <= one.at < end]


def highest_site_kw(seconds: Iterable[MeteredSecond]) -> float:
    """Return the most that all stations together drew [kW]; 0 where nothing was metered."""
    return max((one.site_kw for one in seconds), default=0.0)


def highest_plug_kw(
    seconds: Iterable[MeteredSecond], *, chosen: Callable[[str], bool] = lambda _: True
) -> float:
    """Return the most that any one of some connectors drew [kW]."""
    return max(
        (power_kw for one in seconds for name, power_kw in one.plug_kw.items() if chosen(name)),
        default=0.0,
    )


def delivered_kwh(seconds: Iterable[MeteredSecond]) -> dict[str, float]:
    """Return what each connector delivered at the wall [kWh]."""
    sums: dict[str, float] = {}
    for one in seconds:
        for name, power_kw in one.plug_kw.items():
            sums[name] = sums.get(name, 0.0) + energy_kwh(power_kw, STEP_S)
    return sums


def added_window_kw(excess_kw: Sequence[float]) -> float:
    """Return by how much powers above plan, second by second, raise a 15-minute mean [kW].

    The worst window of those that begin at one of the seconds: excess kW x seconds / 900.
    """
    above_kwh = [energy_kwh(max(0.0, one), STEP_S) for one in excess_kw]
    span = int(WINDOW_S)
    worst_kwh = window_kwh = sum(above_kwh[:span])
    for index in range(span, len(above_kwh)):
        window_kwh += above_kwh[index] - above_kwh[index - span]
        worst_kwh = max(worst_kwh, window_kwh)
    return mean_power_kw(worst_kwh, WINDOW_S)


def window_means_kw(
    seconds: Iterable[MeteredSecond], *, power_kw: Callable[[MeteredSecond], float]
) -> dict[datetime, float]:
    """Return the mean of each billing window that was metered whole, by its first second [kW]."""
    windows: dict[float, list[MeteredSecond]] = {}
    for one in seconds:
        windows.setdefault(one.at.timestamp() // WINDOW_S, []).append(one)
    return {
        whole[0].at: sum(power_kw(one) for one in whole) / len(whole)
        for whole in windows.values()
        if len(whole) == int(WINDOW_S)
    }


def lowest_plug_kw(seconds: Iterable[MeteredSecond], connector_id: str) -> float | None:
    """Return the least that a connector drew [kW], or None where nothing was metered."""
    return min((one.plug_kw.get(connector_id, 0.0) for one in seconds), default=None)
