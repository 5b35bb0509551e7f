"""A session that runs now, as the live side sees it (finished ones are frames)."""

from dataclasses import dataclass
from datetime import datetime

from depotlib.model.identity import Resolution


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A vehicle plugged in and metered at this moment.

    Parameters
    ----------
    session_id : str
        Stable: station, connector and start.
    station_id, connector_id : str
    started_at : datetime
    id_tag : str
        As the station sent it.
    who : Resolution
    energy_kwh : float
        Delivered at the wall since the start.
    power_kw : float
        Last measured.
    soc : float or None
        0-1, if the station knows it.
    measured_at : datetime or None
    """

    session_id: str
    station_id: str
    connector_id: str
    started_at: datetime
    id_tag: str
    who: Resolution
    energy_kwh: float = 0.0
    power_kw: float = 0.0
    soc: float | None = None
    measured_at: datetime | None = None
