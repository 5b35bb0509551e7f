"""What past days of a depot teach its needs: consumption, returns, states of charge."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from depotlib.model.calendar import zone
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet
from depotlib.needs.consumption import learned_consumption
from depotlib.needs.drives import (
    drives_from_telematics,
    drives_from_trips,
    known_drives,
    usual_temperature_c,
)
from depotlib.needs.known import Known
from depotlib.needs.returns import return_history
from depotlib.needs.soc_band import soc_history
from depotlib.settings import Settings
from depotlib.store.past_readings import past_readings
from depotlib.store.sessions import sessions
from depotlib.store.trips import trips

PAST: Final = timedelta(days=120)
WEATHER: Final = timedelta(days=1)


def known_at(
    settings: Settings,
    fleet: Fleet,
    *,
    duties: Sequence[Duty],
    time_zone: str,
    now: datetime,
    learns: bool,
) -> Known:
    """Return what the store teaches the needs of a fleet, from what happened up to now.

    Parameters
    ----------
    settings : Settings
    fleet : Fleet
    duties : sequence of Duty
        Past ones among them.
    time_zone : str
        Of the depot.
    now : datetime
        Nothing after it is looked at.
    learns : bool
        Whether past days count; else only the hour and the weather are known.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    path, since = settings.warehouse_path, now - PAST
    local = zone(time_zone)
    readings = past_readings(path, start=since if learns else now - WEATHER, end=now)
    temperature_c = usual_temperature_c(readings, since=now - WEATHER)
    if not learns:
        return Known(now=now, time_zone=local, temperature_c=temperature_c)
    made = trips(path, start=since, end=now)
    drives = known_drives(
        drives_from_trips(made, fleet=fleet, time_zone=time_zone),
        drives_from_telematics(readings, fleet=fleet, time_zone=time_zone),
    )
    plugged = sessions(path, start=since, end=now)
    arrivals = pl.concat(
        [
            plugged.select("vehicle_id", at="plug_start"),
            made.select("vehicle_id", at="end"),
        ]
    )
    past = [duty for duty in duties if duty.return_at < now]
    return Known(
        now=now,
        time_zone=local,
        temperature_c=temperature_c,
        consumption=learned_consumption(drives, fleet),
        soc_history=soc_history(readings, fleet),
        returns=return_history(past, arrivals, fleet=fleet, time_zone=time_zone),
    )
