"""How old is what telematics says of each vehicle."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.exchange.mailbox import Mailbox

STALE_AFTER: Final = timedelta(minutes=15)
"""Geotab logs each percent, Samsara each minute: a vehicle that charges is silent for less."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """What is known of one vehicle, and how old it is.

    Parameters
    ----------
    vehicle_id : str
    source : str
        Feed of the newest news; empty: there was never any.
    soc : float or None
    soc_age_s : float or None
        Age of the state of charge [s].
    age_s : float or None
        Age of the newest news [s].
    is_stale : bool
        Whether the state of charge is too old to be relied on, or missing.
    """

    vehicle_id: str
    source: str
    soc: float | None
    soc_age_s: float | None
    age_s: float | None
    is_stale: bool


def freshness(mailbox: Mailbox, *, now: datetime) -> tuple[Freshness, ...]:
    """Return how fresh the state of every vehicle of the site is, by vehicle."""
    published = mailbox.brief()
    fleet = published[1].fleet if published is not None else None
    names = {vehicle.vehicle_id for vehicle in fleet.vehicles} if fleet is not None else set[str]()
    readings = {reading.vehicle_id: reading for reading in mailbox.readings()}
    found: list[Freshness] = []
    for vehicle_id in sorted(names | set(readings)):
        reading = readings.get(vehicle_id)
        soc_age_s = None
        if reading is not None and reading.soc is not None:
            soc_age_s = _age_s(reading.soc_at or reading.at, now=now)
        limit_s = STALE_AFTER / timedelta(seconds=1)
        found.append(
            Freshness(
                vehicle_id=vehicle_id,
                source=reading.source if reading is not None else "",
                soc=reading.soc if reading is not None else None,
                soc_age_s=soc_age_s,
                age_s=_age_s(reading.at, now=now) if reading is not None else None,
                is_stale=soc_age_s is None or soc_age_s > limit_s,
            )
        )
    return tuple(found)


def _age_s(at: datetime, *, now: datetime) -> float:
    return max(0.0, (now - at) / timedelta(seconds=1))
