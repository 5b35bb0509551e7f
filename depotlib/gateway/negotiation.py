"""What a 2.x station tells of negotiated charging: a vehicle's needs, its schedule, its profiles."""

from dataclasses import dataclass
from datetime import datetime

from depotlib.gateway.profiles import ChargingProfile, Period


@dataclass(frozen=True, slots=True)
class NeedsTold:
    """NotifyEVChargingNeeds: the vehicle negotiates and waits for a schedule (2.x)."""

    call_id: str
    connector: int


@dataclass(frozen=True, slots=True)
class ScheduleTold:
    """NotifyEVChargingSchedule: what the vehicle means to draw (2.x).

    Parameters
    ----------
    call_id : str
    connector : int
    periods : tuple of Period
        In `unit`, from `periods_from` on.
    unit : str
    periods_from : datetime
    """

    call_id: str
    connector: int
    periods: tuple[Period, ...]
    unit: str
    periods_from: datetime


@dataclass(frozen=True, slots=True)
class ProfilesTold:
    """ReportChargingProfiles: profiles that the station holds (2.x).

    Parameters
    ----------
    call_id : str
    request_id : int
        Of the question.
    connector : int
    profiles : tuple of ChargingProfile
        As the station tells them.
    is_last : bool
    """

    call_id: str
    request_id: int
    connector: int
    profiles: tuple[ChargingProfile, ...]
    is_last: bool


NegotiationTold = NeedsTold | ScheduleTold | ProfilesTold
