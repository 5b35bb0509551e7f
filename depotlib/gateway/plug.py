"""A connector as its station last described it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Plug:
    """A connector, and what its meter last showed.

    Parameters
    ----------
    number : int
        As the station counts.
    connector_id, status : str
    over_limit : int
        Samples in a row above its limit.
    over_since : datetime or None
        The first of them.
    power_kw : float
    measured_at : datetime or None
    """

    number: int
    connector_id: str
    status: str = "Available"
    over_limit: int = 0
    over_since: datetime | None = None
    power_kw: float = 0.0
    measured_at: datetime | None = None
