"""What OCPP 1.6 and 2.x say alike: the time, a heartbeat, a refusal, the periods of a schedule."""

from datetime import UTC, datetime

from depotlib.errors import FrameError
from depotlib.gateway.guard import Frame, Payload
from depotlib.gateway.messages import AnswerBoot, Event, HeartbeatAsked, StatusReported
from depotlib.gateway.profiles import TENTHS, ChargingProfile, Period
from depotlib.gateway.versions.fields import (
    Fields,
    instant_or_none,
    number_or_none,
    objects,
    whole,
    word,
    word_or_empty,
)


def time_text(instant: datetime) -> str:
    """Return an instant as every station reads it: UTC, whole seconds, ``Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_heartbeat(frame: Frame, _now: datetime) -> Event:
    """Return that a station wants to know the time."""
    return HeartbeatAsked(frame.unique_id)


def read_status(frame: Frame, *, place: str, status: str) -> Event:
    """Return a status.

    Parameters
    ----------
    frame : Frame
    place, status : str
        Names of the fields with the connector and with its status.
    """
    fields = frame.payload
    return StatusReported(
        call_id=frame.unique_id,
        connector=whole(fields, place, call_id=frame.unique_id),
        status=word(fields, status, call_id=frame.unique_id),
        error_code=word_or_empty(fields, "errorCode"),
        at=instant_or_none(fields.get("timestamp")),
    )


def refusal(frame: Frame, ours: frozenset[str]) -> FrameError:
    """Return the error for a call that no reader takes.

    Parameters
    ----------
    frame : Frame
    ours : frozenset of str
        Actions that only a central system makes.
    """
    if frame.action in ours:
        what, code = f"{frame.action} is not for a station to ask", "NotSupported"
    else:
        what, code = f"unknown action {frame.action[:40]!r}", "NotImplemented"
    return FrameError(what, code=code, call_id=frame.unique_id)


def periods_of(schedule: Fields) -> tuple[Period, ...]:
    """Return the periods of a schedule; a limit below 0 has been seen, and says nothing."""
    return tuple(
        Period(int(number_or_none(period.get("startPeriod")) or 0), int(limit * TENTHS))
        for period in objects(schedule.get("chargingSchedulePeriod"))
        if (limit := number_or_none(period.get("limit"))) is not None and limit >= 0.0
    )


def boot_answer(answer: AnswerBoot) -> Payload:
    """Return the payload that accepts a boot, or keeps it pending."""
    return {
        "status": "Pending" if answer.is_pending else "Accepted",
        "currentTime": time_text(answer.at),
        "interval": answer.interval_s,
    }


def schedule_payload(profile: ChargingProfile) -> Payload:
    """Return a profile's schedule: absolute, and ended by a duration too where it expires."""
    schedule: Payload = {
        "startSchedule": time_text(profile.start),
        "chargingRateUnit": profile.unit,
        "chargingSchedulePeriod": [
            {"startPeriod": one.start_s, "limit": one.limit, "numberPhases": profile.phases}
            for one in profile.periods
        ],
    }
    if profile.valid_to is not None:
        schedule["duration"] = int((profile.valid_to - profile.start).total_seconds())
    return schedule


def validity(profile: ChargingProfile) -> Payload:
    """Return from when to when a profile is valid."""
    valid: Payload = {"validFrom": time_text(profile.start)}
    if profile.valid_to is not None:
        valid["validTo"] = time_text(profile.valid_to)
    return valid
