"""Meter values of OCPP 2.x as samples: numbers with a power of ten, places on the way to the car."""

from datetime import datetime
from typing import Final

from depotlib.gateway.messages import MeterSample
from depotlib.gateway.versions.fields import (
    Fields,
    fields_of,
    number_or_none,
    objects,
    word_or_empty,
)
from depotlib.gateway.versions.meter16 import samples_of as samples_of_16

OUTLET: Final = frozenset({"", "Outlet"})
"""Where the vehicle is fed; a meter elsewhere counts only where there is none here."""
LARGEST_POWER: Final = 12


def samples_of(meter_values: object, *, now: datetime) -> tuple[MeterSample, ...]:
    """Return the samples of a ``meterValue`` list that say anything, by time.

    Parameters
    ----------
    meter_values : object
        As received.
    now : datetime
        Stands in for a time stamp that cannot be read.
    """
    plain = [
        {"timestamp": value.get("timestamp"), "sampledValue": _plain(value.get("sampledValue"))}
        for value in objects(meter_values)
    ]
    return samples_of_16(plain, now=now)


def _plain(sampled: object) -> list[dict[str, object]]:
    """Return sampled values as 1.6 writes them, the outlet's first."""
    values = sorted(
        objects(sampled), key=lambda fields: word_or_empty(fields, "location") not in OUTLET
    )
    return [
        {
            "value": scaled,
            "measurand": word_or_empty(fields, "measurand"),
            "phase": word_or_empty(fields, "phase"),
            "unit": word_or_empty(fields_of(fields.get("unitOfMeasure")), "unit"),
        }
        for fields in values
        if (scaled := _scaled(fields)) is not None
    ]


def _scaled(fields: Fields) -> float | None:
    value = number_or_none(fields.get("value"))
    power = number_or_none(fields_of(fields.get("unitOfMeasure")).get("multiplier")) or 0.0
    if value is None or abs(power) > LARGEST_POWER:
        return None
    return value * 10.0 ** int(power)
