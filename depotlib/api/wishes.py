"""What the door is asked with: one type a wish."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MAX_NAME = 200
"""Longest id or name that the door takes [characters]."""
MAX_SEQ = 2**53 - 1
"""Largest number that every reader of JSON holds exactly."""


class Wish(BaseModel):
    """What a program asks for; a field that we do not know is an error, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StepWish(Wish):
    """From an instant on, until the next step: at most this power."""

    start: AwareDatetime
    limit_kw: float = Field(ge=0.0, allow_inf_nan=False)


class ScheduleWish(Wish):
    """Setpoints of one vehicle on one connector."""

    connector_id: str = Field(min_length=1, max_length=MAX_NAME)
    vehicle_id: str = Field(min_length=1, max_length=MAX_NAME)
    steps: tuple[StepWish, ...] = Field(min_length=1)
    valid_to: AwareDatetime
    departure: AwareDatetime | None = None
    energy_target_kwh: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)


class ReleaseWish(Wish):
    """A release to push.

    Parameters
    ----------
    schedules : tuple of ScheduleWish
    release_id, request_id : str or None
        Without them they follow from the content, so that a repeated call is the same request.
    plan_id, digest, asked_by : str
        The plan it comes from; the digest of the preview that was seen (without one, of what is
        in force when it is asked); who asks.
    """

    schedules: tuple[ScheduleWish, ...] = Field(min_length=1)
    release_id: str | None = Field(default=None, min_length=1, max_length=MAX_NAME)
    request_id: str | None = Field(default=None, min_length=1, max_length=MAX_NAME)
    plan_id: str = Field(default="", max_length=MAX_NAME)
    digest: str = Field(default="", max_length=MAX_NAME)
    asked_by: str = Field(default="api", max_length=MAX_NAME)


class DepartureWish(Wish):
    """A change of one vehicle's stay; what is left out stays as it was.

    Parameters
    ----------
    vehicle_id : str
    departure : datetime or None
    energy_kwh : float or None
        For the whole stay, at the wall.
    distance_km : float or None
        Of the whole duty after it, in the place of an energy.
    priority : int or None
    source : str
    """

    vehicle_id: str = Field(min_length=1, max_length=MAX_NAME)
    departure: AwareDatetime | None = None
    energy_kwh: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    distance_km: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    priority: int | None = Field(default=None, ge=-1000, le=1000)
    source: str = Field(default="api", max_length=MAX_NAME)


class PlaceWish(Wish):
    """Where something is, in degrees (WGS 84)."""

    latitude_degrees: float = Field(ge=-90.0, le=90.0, allow_inf_nan=False)
    longitude_degrees: float = Field(ge=-180.0, le=180.0, allow_inf_nan=False)


class ReadingWish(Wish):
    """What telematics says of a vehicle; `stopped_at`: when its last trip ended."""

    vehicle_id: str = Field(min_length=1, max_length=MAX_NAME)
    at: AwareDatetime
    soc: float | None = Field(default=None, ge=0.0, le=1.0, allow_inf_nan=False)
    odometer_km: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    is_at_depot: bool | None = None
    is_plugged: bool | None = None
    position: PlaceWish | None = None
    stopped_at: AwareDatetime | None = None
    source: str = Field(default="api", max_length=MAX_NAME)
