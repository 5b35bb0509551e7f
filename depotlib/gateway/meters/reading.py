"""What a meter's numbers mean: units, sign, and what no site can draw. Pure."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, cast

from depotlib.errors import SiteMeterError
from depotlib.model.site_meter import MeterPoint, MeterReading, PointOf, PointUnit, SiteMeterSource
from depotlib.units import (
    megawatthours_to_kwh,
    megawatts_to_kw,
    ms_to_s,
    w_to_kw,
    wh_to_kwh,
)

Found = float | str
"""A number, or a text that should hold one."""
PHASES: Final[tuple[PointOf, ...]] = ("phase_1", "phase_2", "phase_3")
MOST_PARTS: Final = 16


SUNSPEC_POINTS: Final = (
    MeterPoint("power", "W", "W"),
    MeterPoint("phase_1", "WphA", "W"),
    MeterPoint("phase_2", "WphB", "W"),
    MeterPoint("phase_3", "WphC", "W"),
    MeterPoint("energy", "TotWhImp", "Wh"),
)


def points_of(source: SiteMeterSource) -> tuple[MeterPoint, ...]:
    """Return where a meter's numbers are and in which units; SunSpec says so itself."""
    return SUNSPEC_POINTS if source.is_sunspec else source.points


def reading_of(
    found: Mapping[PointOf, Found], source: SiteMeterSource, *, most_kw: float, at: datetime
) -> MeterReading:
    """Return the reading that a meter's numbers are.

    Parameters
    ----------
    found : mapping of point to number or text
        As the meter gave them.
    source : SiteMeterSource
        With unit, scale and sign.
    most_kw : float
        More than the site can draw or give.
    at : datetime
        When they came.

    Raises
    ------
    SiteMeterError
        If a number is missing, is none, or cannot be of this site.
    """
    points = {point.of: point for point in points_of(source)}
    sign = 1.0 if source.positive == "import" else -1.0
    powers_kw = {
        name: sign * _number(found[name], points[name])
        for name in ("power", *PHASES)
        if name in points and name in found
    }
    if "power" not in powers_kw:
        raise SiteMeterError("the site meter tells no power", where=source.address)
    for name, power_kw in powers_kw.items():
        if not abs(power_kw) <= most_kw:
            raise SiteMeterError(
                f"the site meter says {name} = {power_kw:g} kW; at most {most_kw:g} kW can be",
                where=source.address,
                hint="check unit and scale of the point, or give most_kw",
            )
    energy_kwh = _number(found["energy"], points["energy"]) if "energy" in found else None
    return MeterReading(
        power_kw=powers_kw["power"],
        at=at,
        measured_at=_instant(found["time"], points["time"]) if "time" in found else None,
        phase_kw=tuple(powers_kw[name] for name in PHASES if name in powers_kw),
        energy_kwh=energy_kwh,
    )


def values_of_json(text: str, source: SiteMeterSource) -> dict[PointOf, Found]:
    """Return the numbers that a JSON text holds at the meter's paths.

    Raises
    ------
    SiteMeterError
        If it is not JSON, or a path leads nowhere.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SiteMeterError("the site meter sent no JSON", where=source.address) from error
    return {point.of: _at_path(document, point, where=source.address) for point in source.points}


def _at_path(document: object, point: MeterPoint, *, where: str) -> Found:
    here = document
    for part in point.at.split(".")[:MOST_PARTS]:
        inside = _inside(here)
        if part not in inside:
            raise SiteMeterError(
                f"the site meter's message has no {point.at!r}",
                where=where,
                hint="check the path of the point: names and places joined by dots",
            )
        here = inside[part]
    if isinstance(here, bool) or not isinstance(here, int | float | str):
        raise SiteMeterError(f"at {point.at!r} the site meter has no number", where=where)
    return here


def _inside(document: object) -> dict[str, object]:
    """Return what a part of a document holds, by name or place."""
    if isinstance(document, dict):
        return {str(name): part for name, part in cast("dict[object, object]", document).items()}
    if isinstance(document, list):
        return {str(n): part for n, part in enumerate(cast("list[object]", document))}
    return {}


def _number(found: Found, point: MeterPoint) -> float:
    """Return a power [kW] or an energy [kWh]."""
    try:
        number = float(found) * point.scale_factor
    except (ValueError, OverflowError) as error:
        raise SiteMeterError(
            f"{found!r} is no number", where=f"site_meter.point {point.of}"
        ) from error
    if not math.isfinite(number):
        raise SiteMeterError(
            f"the site meter says {point.of} = {found}", where=f"site_meter.point {point.of}"
        )
    return _in_kilo(number, point.unit)


def _in_kilo(number: float, unit: PointUnit) -> float:
    match unit:
        case "W":
            return w_to_kw(number)
        case "MW":
            return megawatts_to_kw(number)
        case "Wh":
            return wh_to_kwh(number)
        case "MWh":
            return megawatthours_to_kwh(number)
        case _:
            return number


def _instant(found: Found, point: MeterPoint) -> datetime:
    try:
        if point.unit == "iso":
            instant = datetime.fromisoformat(str(found))
            # A meter that tells no offset means UTC: a wrong guess shifts all alike.
            return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
        since_s = ms_to_s(float(found)) if point.unit == "ms" else float(found)
        return datetime.fromtimestamp(since_s * point.scale_factor, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SiteMeterError(f"{found!r} is no time", where="site_meter.point time") from error
