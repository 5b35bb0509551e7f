"""The evidence for each cause, in a sentence for whoever reads it in the morning."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from depotlib.model.reconciliation import Cause
from depotlib.reconciliation.evidence import Evidence
from depotlib.reconciliation.scene import Scene
from depotlib.units import minutes_to_s


def why(evidence: Evidence, cause: Cause, *, time_zone: ZoneInfo) -> str:
    """Return what shows a cause, with local times."""
    scene, span = evidence.scene, evidence.seen.get(cause)
    if span is not None:
        place = span.connector_id or span.station_id
        until = f"{_clock(span.start, time_zone)} to {_clock(span.end, time_zone)}"
        return f"{place}: {span.what}, {until}"
    match cause:
        case "late_plug_in":
            return _late(scene, time_zone)
        case "early_plug_out":
            return _early(scene, time_zone)
        case "wrong_bay":
            there = ", ".join(dict.fromkeys(one.connector_id for one in scene.visits))
            return f"on {there}, planned on {', '.join(scene.planned.connectors())}"
        case "unknown_identity":
            return _unknown(scene, time_zone)
        case _:
            return _OTHERS.get(cause, "")


_OTHERS: dict[Cause, str] = {
    "limit": "its limit was below the plan: the room was needed elsewhere, or taken away",
    "taper": "its battery took less as it filled",
    "vehicle_limit": "the vehicle took less than it was offered",
    "station_fault": "the station stopped or broke the session",
    "communication": "the station could not be reached",
    "override": "an operator's order",
    "plan": "the plan itself gave less than the target",
}


def _late(scene: Scene, time_zone: ZoneInfo) -> str:
    if not scene.visits:
        return "it was not plugged in, or nobody knows where"
    first, planned = scene.visits[0].start, scene.planned.arrival
    if first <= planned:
        return f"away from its plug in between, {len(scene.visits)} sessions"
    return f"plugged in at {_clock(first, time_zone)}, {_lasting(first - planned)} late"


def _early(scene: Scene, time_zone: ZoneInfo) -> str:
    last = scene.visits[-1].end
    if last is None:
        return "unplugged early"
    lasting = _lasting(scene.planned.departure - last)
    return f"unplugged at {_clock(last, time_zone)}, {lasting} early"


def _unknown(scene: Scene, time_zone: ZoneInfo) -> str:
    vehicle_id = scene.planned.vehicle_id
    known = [one.known_from(vehicle_id) for one in scene.visits]
    found = [at for at in known if at is not None]
    if not found:
        return "nobody could say whose session it was"
    return f"known as {vehicle_id} only at {_clock(found[-1], time_zone)}"


def _clock(instant: datetime, time_zone: ZoneInfo) -> str:
    return f"{instant.astimezone(time_zone):%H:%M}"


def _lasting(span: timedelta) -> str:
    minutes = round(span.total_seconds() / minutes_to_s(1.0))
    return f"{minutes} min"
