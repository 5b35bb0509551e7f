"""Why a vehicle stood without a session after one: the station's words, an order, or its driver."""

from typing import Final

from depotlib.model.reconciliation import Cause
from depotlib.reconciliation.planned import MINUTE
from depotlib.reconciliation.told import ToldNight, ToldSession, ToldSpan

STOPPED_BY: Final[dict[str, Cause]] = {
    "PowerLoss": "station_fault",
    "Reboot": "station_fault",
    "HardReset": "station_fault",
    "SoftReset": "station_fault",
    "EmergencyStop": "station_fault",
    "GroundFault": "station_fault",
    "OvercurrentFault": "station_fault",
    "DeAuthorized": "unknown_identity",
}
"""Reasons of a session's end that are not the vehicle's driver (OCPP 1.6, 2.0.1)."""
STAYS: Final = "hold"
"""An order to pause asks nobody to unplug, unlike one that takes the place out of use."""


def reason_of_end(
    ended: ToldSession, *, night: ToldNight, is_back: bool
) -> tuple[Cause, ToldSpan | None]:
    """Return the cause of a session's end, and the span that shows it, if one does.

    Parameters
    ----------
    ended : ToldSession
    night : ToldNight
    is_back : bool
        Whether the vehicle has a later session.
    """
    at = ended.end
    if at is None:
        return "communication", None  # it has no end, and nothing more was heard of it
    if ended.reason in STOPPED_BY:
        return STOPPED_BY[ended.reason], None
    for span in night.spans:
        is_told = span.kind == "ordered" and not span.what.startswith(STAYS)
        is_here = span.concerns(ended.connector_id, ended.station_id)
        if is_told and is_here and span.start - MINUTE <= at <= span.end:
            return "override", span
    if any(
        name == ended.station_id and abs(at - told_at) <= MINUTE
        for told_at, name in night.relief_stops
    ):
        return "limit", None
    return ("late_plug_in" if is_back else "early_plug_out"), None
