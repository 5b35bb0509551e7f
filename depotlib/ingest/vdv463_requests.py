"""Charging requests of VDV 463 as duties: each list is complete, so what it lacks is withdrawn.

A request names when a vehicle must leave, with how much charge at least and at best. One that is
missing from the next list of the same system was withdrawn, unless its departure has passed by then:
such a duty is simply done.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from depotlib.ingest.facts import Fact
from depotlib.ingest.fleet_rows import DutyRow, latest_rows
from depotlib.ingest.record import FieldReader
from depotlib.ingest.soc_column import SocColumn
from depotlib.ingest.vdv463_messages import REQUESTS, Message

TARGETS = ("chargingRequestData.minTargetSoc", "chargingRequestData.maxTargetSoc")


def list_times(messages: Iterable[Message]) -> dict[str, list[datetime]]:
    """Return when each system sent a complete list, in order."""
    times: dict[str, list[datetime]] = {}
    for message in messages:
        if message.action == REQUESTS and message.at is not None:
            times.setdefault(message.presystem_id, []).append(message.at)
    return {presystem: sorted(each) for presystem, each in times.items()}


def duty_of(
    reader: FieldReader, *, targets: SocColumn, lists: Mapping[str, Sequence[datetime]]
) -> list[Fact]:
    """Return the duty that a request is for, as the version of its list.

    Parameters
    ----------
    reader : FieldReader
    targets : SocColumn
        All target charges of the file.
    lists : mapping of str to sequence of datetime
        From `list_times`.
    """
    duty_id, sent = reader.needed_text("chargingRequestId"), reader.needed_instant("timeStamp")
    vehicle_id = reader.needed_text("vehicleId")
    departure = reader.instant("chargingRequestData.requestedTimeForDeparture")
    if departure is None:
        reader.reject("no_departure", "the request does not say when the vehicle must leave")
    must_soc, target_soc = (targets.soc(reader, name) for name in TARGETS)
    if must_soc is not None and target_soc is not None and must_soc > target_soc:
        reader.reject("contradicting_targets", "minTargetSoc is above maxTargetSoc")
    priority = reader.number("priority")
    if departure is None or sent is None or reader.rejection is not None:
        return []
    return [
        DutyRow(
            duty_id=duty_id,
            vehicle_id=vehicle_id,
            departure=departure,
            must_soc=must_soc,
            target_soc=target_soc,
            priority=_priority(priority),
            version=bisect_left(lists[reader.text("presystemId") or ""], sent),
            src_row=reader.record.row,
        )
    ]


def withdrawn(
    duties: Sequence[DutyRow],
    *,
    readers: Mapping[int, FieldReader],
    lists: Mapping[str, Sequence[datetime]],
) -> list[DutyRow]:
    """Return duties that the list after their last one lacks, though they were still to come."""
    gone: list[DutyRow] = []
    for duty in latest_rows(duties):
        sent = lists[readers[duty.src_row].text("presystemId") or ""]
        after = sent[duty.version + 1 :]
        if after and after[0] < duty.departure:
            gone.append(replace(duty, is_withdrawn=True, version=len(sent)))
    return gone


def _priority(value: float | None) -> int | None:
    largest = 2**31 - 1
    return None if value is None or abs(value) > largest else int(value)
