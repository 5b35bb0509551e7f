"""What a station tells of its safe limit, read back after each boot, against what it should be.

Evidence that is shown and journalled: stations without a vehicle often tell their hardware's
maximum, or nothing. What others left in it is cleared elsewhere (`foreign`).
"""

from dataclasses import replace
from datetime import datetime

from depotlib.gateway import proof
from depotlib.gateway.arming import REFERENCE_VERIFY_ARM
from depotlib.gateway.effects import Effects
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.messages import Replied
from depotlib.gateway.profiles import kw_of_tenths
from depotlib.gateway.station import Station
from depotlib.model.live import JournalEntry, SafeLimitTold, Scalar


def safe_limit_read_back(
    station: Station, event: Replied, *, ledger: Ledger, now: datetime
) -> Effects:
    """Return what follows from a composite schedule that was asked for after arming.

    Where a lease is in force the station tells that, and no more than it is as good.

    Parameters
    ----------
    station : Station
    event : Replied
        Of any reference; nothing follows from others.
    ledger : Ledger
    now : datetime
    """
    kind, _, connector_id = event.reference.partition(" ")
    plugs = [one for one in station.plugs.values() if one.connector_id == connector_id]
    if kind != REFERENCE_VERIFY_ARM or not plugs:
        return Effects()
    safe_kw = ledger.outlets[connector_id].safe_kw
    facts: dict[str, Scalar] = {
        "what": "safe limit",
        "answer": event.note,
        "is_told": bool(event.periods),
        "safe_limit_kw": safe_kw,
    }
    told: SafeLimitTold = "nothing"
    if event.periods:
        dialect = replace(station.arming.dialect, unit="W" if event.unit == "W" else "A")
        limits = [(one.start_s, kw_of_tenths(one.limit_tenths, dialect)) for one in event.periods]
        lease = proof.held(ledger, connector_id, now=now)
        begin = event.periods_from or now
        is_as_sent = (
            all(limit_kw <= safe_kw + proof.TOLD_TOLERANCE_KW for _, limit_kw in limits)
            if lease is None
            else proof.holds_no_more(limits, lease, begin=begin, safe_kw=safe_kw)
        )
        told = "as sent" if is_as_sent else "higher"
        facts |= {"limit_kw": limits[0][1], "is_as_sent": is_as_sent}
    plugs[0].safe_limit_told = told
    station_id = station.station.station_id
    entry = JournalEntry(now, "read_back", station_id, connector_id, facts)
    return Effects(journal=[entry], stations={station_id})
