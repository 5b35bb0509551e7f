"""Reading what 2.x stations tell of themselves: events of their parts, and reports."""

from datetime import datetime
from typing import Final

from depotlib.gateway.guard import Frame
from depotlib.gateway.messages import Event, NoticeGiven, VehicleTold
from depotlib.gateway.reports import Fault, FaultTold, ReportTold
from depotlib.gateway.versions.fields import (
    Fields,
    fields_of,
    instant_or_none,
    number_or_none,
    objects,
    whole,
    word_or_empty,
)
from depotlib.gateway.versions.rules import require_fields

SCHEMA: Final = "2.0.1"
"""2.1 has the same fields."""
VEHICLES: Final = frozenset({"ConnectedEV", "VehicleIdSensor"})
VEHICLE_VARIABLES: Final = frozenset({"VehicleId", "VehicleIdValue", "Value"})
PROBLEM: Final = "Problem"
ALERTING: Final = "Alerting"
"""A monitored value is beyond its bound; others are told because they changed, or it is time."""
NO: Final = frozenset({"false", "0"})
MOST_DETAIL: Final = 500
ACTUAL: Final = "Actual"


def read_event(frame: Frame, now: datetime) -> Event:
    """Return a vehicle that names itself, which is evidence, or else the faults that are told.

    What is told because it changed, or because it was time, is only noted.
    """
    events = objects(frame.payload.get("eventData"))
    for event in events:
        vehicle = _vehicle(event, call_id=frame.unique_id)
        if vehicle is not None:
            return vehicle
    faults = tuple(fault for event in events if (fault := _fault(event, now=now)) is not None)
    return (
        FaultTold(frame.unique_id, faults)
        if faults
        else NoticeGiven(frame.unique_id, "NotifyEvent")
    )


def read_report(frame: Frame, _now: datetime) -> Event:
    """Return a part of a report; what it says of a variable beside its value is passed over.

    Raises
    ------
    FrameError
        As `rules.require_fields`.
    """
    require_fields(frame, SCHEMA)
    told = [_variable(one) for one in objects(frame.payload.get("reportData"))]
    return ReportTold(
        call_id=frame.unique_id,
        request_id=whole(frame.payload, "requestId", call_id=frame.unique_id),
        part=whole(frame.payload, "seqNo", call_id=frame.unique_id),
        values=tuple(told),
        is_last=frame.payload.get("tbc") is not True,
    )


def _vehicle(event: Fields, *, call_id: str) -> VehicleTold | None:
    component = fields_of(event.get("component"))
    variable = word_or_empty(fields_of(event.get("variable")), "name")
    value = word_or_empty(event, "actualValue")
    evse = number_or_none(fields_of(component.get("evse")).get("id"))
    is_vehicle = word_or_empty(component, "name") in VEHICLES and variable in VEHICLE_VARIABLES
    return (
        VehicleTold(call_id, int(evse), value)
        if is_vehicle and value and evse is not None
        else None
    )


def _fault(event: Fields, *, now: datetime) -> Fault | None:
    component = fields_of(event.get("component"))
    variable = word_or_empty(fields_of(event.get("variable")), "name")
    code, value = word_or_empty(event, "techCode"), word_or_empty(event, "actualValue")
    is_cleared = event.get("cleared") is True
    is_alert = word_or_empty(event, "trigger") == ALERTING
    if not (variable == PROBLEM or code or is_cleared or is_alert):
        return None
    evse = number_or_none(fields_of(component.get("evse")).get("id"))
    return Fault(
        at=instant_or_none(event.get("timestamp")) or now,
        connector=int(evse or 0),
        component=word_or_empty(component, "name"),
        variable=variable,
        value=value[:MOST_DETAIL],
        code=code,
        detail=word_or_empty(event, "techInfo")[:MOST_DETAIL],
        is_over=is_cleared or (variable == PROBLEM and value.lower() in NO),
    )


def _variable(told: Fields) -> tuple[str, str]:
    """Return a variable's name, with its component and place, and its actual value."""
    component, variable = fields_of(told.get("component")), fields_of(told.get("variable"))
    evse = number_or_none(fields_of(component.get("evse")).get("id"))
    where = "" if evse is None else f"[{int(evse)}]"
    values = [
        word_or_empty(one, "value")
        for one in objects(told.get("variableAttribute"))
        if word_or_empty(one, "type") in {"", ACTUAL}  # actual unless said
    ]
    name = f"{word_or_empty(component, 'name')}{where}.{word_or_empty(variable, 'name')}"
    return name, values[0] if values else ""
