"""Enode vehicles (JSON): the state of each when it was last seen.

A row is one vehicle, as listed or as an event carries it. The charge is a whole percent, powers are
in kW, distances in km. A vehicle that is not reachable shows what it last said, at the time it said
so: an old reading, not a new one and not zero. `vehicle_id` is Enode's. There are no charge events:
sessions are inferred where one file holds many states. Chargers are not vehicles.

References
----------
.. [1] Enode, "Vehicles", https://developers.enode.com
"""

from functools import partial
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, facts_of, reading_of, source_rows
from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import Origin, VehicleRow
from depotlib.ingest.inferred_sessions import with_inferred_sessions
from depotlib.ingest.json_records import json_documents, json_readers, listed, utc_conventions
from depotlib.ingest.json_text import JsonValue
from depotlib.ingest.normalise.vin import vin_of
from depotlib.ingest.reading_findings import reading_findings
from depotlib.ingest.record import FieldReader
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows

_NEEDED: Final = frozenset({"chargeState", "isReachable", "lastSeen"})
_STATE: Final = "chargeState."
_LIMIT: Final = f"{_STATE}chargeLimit"
_LEVEL: Final = f"{_STATE}batteryLevel"


class Enode:
    """Reads vehicles of Enode."""

    name = "enode"
    title = "Enode vehicles (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of a vehicle's state are in the sample."""
        if not sample.keys >= _NEEDED:
            return NOT_MINE
        return Recognition(1.0, "it has the fields of Enode's vehicles")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return readings, inferred sessions and vehicles; all times name their zone."""
        del options
        documents = json_documents(content.text, file=content.file)
        readers = json_readers(
            _vehicle_in(item) for page in documents for item in listed(page, "data")
        )
        charge = soc_column(readers, _LEVEL, _LIMIT, documented="percent")
        origin = Origin(self.name, content.file)
        facts = facts_of(readers, partial(_say, charge=charge), origin=origin)
        inferred = with_inferred_sessions(facts)
        stale = sum(facts.readers[row].text("isReachable") == "False"
                    for row in facts.readers)  # fmt: skip
        text = "states of vehicles out of reach, kept at the time they were last seen"
        return source_rows(
            inferred.facts,
            conventions=utc_conventions(readers),
            findings=(
                *counted([("stale_reading", stale, text)]),
                *charge.findings(),
                *inferred.findings,
                *reading_findings(facts),
            ),
        )


def _vehicle_in(item: JsonValue) -> JsonValue:
    """Return the vehicle that an event is about, or the item itself."""
    inner = item.get("vehicle") if isinstance(item, dict) else None
    return inner if isinstance(inner, dict) else item


def _say(reader: FieldReader, *, charge: SocColumn) -> list[Fact]:
    fields = reader.record.fields
    if _LEVEL not in fields and "odometer.distance" not in fields:
        reader.reject("not_used", "it is no vehicle")
        return []
    vehicle_id = reader.needed_text("id")
    seen = f"{_STATE}lastUpdated" if reader.text(f"{_STATE}lastUpdated") else "lastSeen"
    at = reader.needed_instant(seen)
    found = {
        "soc": charge.soc(reader, _LEVEL),
        "charge_limit_soc": charge.soc(reader, _LIMIT),
        "odometer_km": reader.amount("odometer.distance", reason="negative_odometer"),
        "power_kw": reader.number(f"{_STATE}chargeRate"),
        "is_charging": reader.claim(f"{_STATE}isCharging"),
        "is_plugged": reader.claim(f"{_STATE}isPluggedIn"),
    }
    values = {name: value for name, value in found.items() if value is not None}
    if not values:
        reader.reject("says_nothing", "no field of its state is filled")
    return [_vehicle(reader, vehicle_id), *reading_of(reader, vehicle_id, at=at, values=values)]


def _vehicle(reader: FieldReader, vehicle_id: str) -> VehicleRow:
    brand, model = reader.text("information.brand"), reader.text("information.model")
    return VehicleRow(
        vehicle_id=vehicle_id,
        name=reader.text("information.displayName"),
        vin=vin_of(reader.text("information.vin")),
        model=model or brand,
        src_row=reader.record.row,
    )
