"""Samsara vehicle stats (history, feed or snapshot, JSON): readings, no sessions.

A row is one reading ``{time, value}`` of one stat. Units are in the names: thousandths of a
percent, metres, thousandths of a degree. `vehicle_id` is Samsara's own ``id``. Samsara has no
charge events; whoever wants sessions infers them from the readings.

References
----------
.. [1] Samsara, "API reference", vehicle stats, https://developers.samsara.com/reference
"""

from collections.abc import Callable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.json_text import (
    JsonObject,
    JsonValue,
    compact,
    objects_in,
    parse_json,
    text_at,
)
from depotlib.ingest.readings import VehicleReading, collected_readings, joined_readings
from depotlib.ingest.record import RAW_CHARACTERS, FieldReader, Reading, Record
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, Conventions, ReadOptions, Recognition, SourceRows
from depotlib.units import metres_to_km, millicelsius_to_c

_SOC: Final = "evStateOfChargeMilliPercent"
_STATUS: Final = "evChargingStatus"
_SCALED: Final[dict[str, tuple[str, Callable[[float], float]]]] = {
    "obdOdometerMeters": ("odometer_km", metres_to_km),
    "gpsOdometerMeters": ("odometer_km", metres_to_km),
    "ambientAirTemperatureMilliC": ("temperature_c", millicelsius_to_c),
}
_STATES: Final[dict[str, dict[str, float | bool]]] = {
    "1": {"is_charging": False},
    "2": {"is_charging": True, "is_plugged": True},
}
"""0 is unknown; 3 and 4 are allowed by the schema and named nowhere."""
_STATS: Final = frozenset({_SOC, _STATUS, *_SCALED})
_READING: Final = Reading(time_zone=ZoneInfo("UTC"))


class Samsara:
    """Reads vehicle stats of Samsara."""

    name = "samsara"
    title = "Samsara vehicle stats (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether stats that only Samsara names are in the sample."""
        stats = sample.keys & _STATS
        if not stats or not sample.keys >= {"data", "time", "value"}:
            return NOT_MINE
        return Recognition(1.0, f"it holds the stats {', '.join(sorted(stats))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the readings of an export; the zone is in every time, so no option counts."""
        del options
        readers = [
            FieldReader(record, _READING)
            for record in _records(parse_json(content.text, file=content.file))
        ]
        charge = soc_column(
            [reader for reader in readers if reader.text("stat") == _SOC],
            "value",
            documented="milli_percent",
        )
        readings, rejections = collected_readings(
            (reader, _vehicle_reading(reader, charge)) for reader in readers
        )
        joined = joined_readings(readings, source=self.name, file=content.file)
        return SourceRows(
            rows_in=len(readers),
            conventions=Conventions("UTC", "offsets in the file", "year_month_day", _seen(readers)),
            telematics=joined.telematics,
            merged_rows=joined.merged_rows,
            duplicates=joined.duplicates,
            rejections=tuple(rejections),
            findings=(*charge.findings(), *joined.findings),
        )


def _records(value: JsonValue) -> Iterator[Record]:
    """Yield a record for each reading of each stat of each vehicle."""
    vehicles = value.get("data") if isinstance(value, dict) else value
    row = 0
    for vehicle in objects_in(vehicles):
        for stat, readings in vehicle.items():
            for reading in objects_in(readings):
                if "time" in reading:
                    row += 1
                    yield _record(vehicle, reading, stat=stat, row=row)


def _record(vehicle: JsonObject, reading: JsonObject, *, stat: str, row: int) -> Record:
    fields: JsonObject = {
        "id": text_at(vehicle, "id"),
        "stat": stat,
        "time": reading["time"],
        "value": reading.get("value"),
    }
    return Record(row=row, fields=fields, raw=compact(fields)[:RAW_CHARACTERS])


def _vehicle_reading(reader: FieldReader, charge: SocColumn) -> VehicleReading | None:
    vehicle_id, at = reader.needed_text("id"), reader.instant("time")
    values = _values(reader, charge)
    if at is None:
        reader.reject("missing_field", "time is empty")
    if at is None or reader.rejection is not None:
        return None
    return VehicleReading(vehicle_id=vehicle_id, at=at, values=values, row=reader.record.row)


def _values(reader: FieldReader, charge: SocColumn) -> dict[str, float | bool]:
    stat = reader.text("stat") or ""
    if stat not in _STATS:
        reader.reject("not_used", f"{stat} is not used")
        return {}
    text = reader.needed_text("value")
    if stat == _STATUS:
        if text not in _STATES:
            reader.reject("unknown_state", f"{_STATUS} is {text}")
        return _STATES.get(text, {})
    value = charge.soc(reader, "value") if stat == _SOC else reader.number("value")
    if value is None:
        return {}
    if stat == _SOC:
        return {"soc": value}
    measurand, converted = _SCALED[stat]
    if measurand == "odometer_km" and value < 0:
        reader.reject("negative_odometer", f"{stat} is {value:g}")
    return {measurand: converted(value)}


def _seen(readers: list[FieldReader]) -> tuple[str, ...]:
    return tuple(sorted({reader.text("stat") or "" for reader in readers}))
