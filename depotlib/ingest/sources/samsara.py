"""Samsara vehicle stats (history, feed or snapshot, JSON): readings, and sessions inferred of them.

A row is one reading ``{time, value}`` of one stat. Units are in the names: thousandths of a
percent, metres, thousandths of a degree, millionths of a watt-hour. `vehicle_id` is Samsara's own
``id``. Samsara has no charge events: sessions are inferred from the charging status and the
counter of charging energy. A voltage and a current of charging at one instant make a power; the
current of the battery has no documented sign and is not used.

References
----------
.. [1] Samsara, "API reference", vehicle stats, https://developers.samsara.com/reference
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, Partner, RegisterReading, facts_of, reading_of, source_rows
from depotlib.ingest.fleet_rows import Origin
from depotlib.ingest.inferred_sessions import with_inferred_sessions
from depotlib.ingest.json_records import UTC_READING, json_documents
from depotlib.ingest.json_text import (
    JsonObject,
    JsonValue,
    compact,
    objects_in,
    text_at,
)
from depotlib.ingest.reading_findings import reading_findings
from depotlib.ingest.record import RAW_CHARACTERS, FieldReader, Record
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, Conventions, ReadOptions, Recognition, SourceRows
from depotlib.units import (
    ac_power_kw,
    metres_to_km,
    microwh_to_kwh,
    milliamp_to_a,
    millicelsius_to_c,
    millipercent_to_soc,
    millivolt_to_v,
)

_SOC: Final = "evStateOfChargeMilliPercent"
_STATUS: Final = "evChargingStatus"
_COUNTER: Final = "evChargingEnergyMicroWh"
_VOLTAGE: Final = "evChargingVoltageMilliVolt"
_CURRENT: Final = "evChargingCurrentMilliAmp"
_SCALED: Final[dict[str, tuple[str, Callable[[float], float]]]] = {
    "obdOdometerMeters": ("odometer_km", metres_to_km),
    "gpsOdometerMeters": ("odometer_km", metres_to_km),
    "ambientAirTemperatureMilliC": ("temperature_c", millicelsius_to_c),
    "evBatteryStateOfHealthMilliPercent": ("soh_share", millipercent_to_soc),
}
_STATES: Final[dict[str, dict[str, float | bool]]] = {
    "1": {"is_charging": False},
    "2": {"is_charging": True, "is_plugged": True},
}
"""0 is unknown; 3 and 4 are allowed by the schema and named nowhere."""
_STATS: Final = frozenset({_SOC, _STATUS, _COUNTER, _VOLTAGE, _CURRENT, *_SCALED})
_OTHER_STATS: Final = frozenset(
    {
        "evConsumedEnergyMicroWh", "evRegeneratedEnergyMicroWh", "evDistanceDrivenMeters",
        "evBatteryVoltageMilliVolt", "evBatteryCurrentMilliAmp",
        "evAverageBatteryTemperatureMilliCelsius", "gpsDistanceMeters", "engineStates",
    }
)  # fmt: skip
"""Known by name, so that their export is recognised; nothing is done with them."""

_Pairs = dict[tuple[str | None, str | None], dict[str, FieldReader]]


class Samsara:
    """Reads vehicle stats of Samsara."""

    name = "samsara"
    title = "Samsara vehicle stats (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether stats that only Samsara names are in the sample."""
        stats = sample.keys & (_STATS | _OTHER_STATS)
        if not stats or not sample.keys >= {"data", "time", "value"}:
            return NOT_MINE
        return Recognition(1.0, f"it holds the stats {', '.join(sorted(stats))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the readings of an export; the zone is in every time, so no option counts."""
        del options
        readers = [
            FieldReader(record, UTC_READING)
            for record in _records(json_documents(content.text, file=content.file))
        ]
        charges = [reader for reader in readers if reader.text("stat") == _SOC]
        charge = soc_column(charges, "value", documented="milli_percent")
        say = partial(_say, charge=charge, pairs=_pairs(readers))
        facts = facts_of(readers, say, origin=Origin(self.name, content.file))
        inferred = with_inferred_sessions(facts)
        return source_rows(
            inferred.facts,
            conventions=Conventions("UTC", "offsets in the file", "year_month_day", _seen(readers)),
            findings=(*charge.findings(), *inferred.findings, *reading_findings(facts)),
        )


def _records(documents: list[JsonValue]) -> Iterator[Record]:
    """Yield a record for each reading of each stat of each vehicle."""
    row = 0
    for vehicle in (each for page in documents for each in objects_in(_vehicles(page))):
        for stat, readings in vehicle.items():
            for reading in objects_in(readings):
                if "time" in reading:
                    row += 1
                    yield _record(vehicle, reading, stat=stat, row=row)


def _vehicles(page: JsonValue) -> JsonValue:
    return page.get("data", page) if isinstance(page, dict) else page


def _record(vehicle: JsonObject, reading: JsonObject, *, stat: str, row: int) -> Record:
    fields: JsonObject = {
        "id": text_at(vehicle, "id"),
        "stat": stat,
        "time": reading["time"],
        "value": reading.get("value"),
    }
    return Record(row=row, fields=fields, raw=compact(fields)[:RAW_CHARACTERS])


def _pairs(readers: list[FieldReader]) -> _Pairs:
    """Return voltages and currents of charging by vehicle and time; the first of each stands."""
    pairs: _Pairs = {}
    for reader in readers:
        stat = reader.text("stat") or ""
        if stat in {_VOLTAGE, _CURRENT}:
            pairs.setdefault((reader.text("id"), reader.text("time")), {}).setdefault(stat, reader)
    return pairs


def _say(reader: FieldReader, *, charge: SocColumn, pairs: _Pairs) -> list[Fact]:
    vehicle_id, at = reader.needed_text("id"), reader.needed_instant("time")
    stat = reader.text("stat") or ""
    if stat not in _STATS:
        reader.reject("not_used", f"{stat} is not used")
        return []
    if stat in {_VOLTAGE, _CURRENT}:
        return _power(reader, pairs[reader.text("id"), reader.text("time")])
    if stat == _COUNTER:
        reader.needed_text("value")
        counter_microwh = reader.amount("value", reason="negative_energy")
        if at is None or counter_microwh is None:
            return []
        energy_kwh = microwh_to_kwh(counter_microwh)
        return [RegisterReading(vehicle_id, at, energy_kwh=energy_kwh, row=reader.record.row)]
    return reading_of(reader, vehicle_id, at=at, values=_values(reader, stat, charge=charge))


def _power(reader: FieldReader, pair: dict[str, FieldReader]) -> list[Fact]:
    """Return the power of a current, with the voltage as its partner."""
    current, voltage = pair.get(_CURRENT), pair.get(_VOLTAGE)
    if current is None or voltage is None:
        reader.reject("not_used", "a voltage and a current make a power at one instant only")
        return []
    current_ma, voltage_mv = current.number("value"), voltage.number("value")
    at = reader.instant("time")
    if current_ma is None or voltage_mv is None or at is None:
        reader.reject("bad_number", "the voltage or the current beside it is no number")
        return []
    if reader is voltage:
        return [Partner(reader.record.row, of_row=current.record.row)]
    power_kw = ac_power_kw(milliamp_to_a(current_ma), millivolt_to_v(voltage_mv), phases=1)
    return reading_of(reader, reader.text("id") or "", at=at, values={"power_kw": power_kw})


def _values(reader: FieldReader, stat: str, *, charge: SocColumn) -> dict[str, float | bool]:
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
    if measurand == "soh_share" and value < 0:
        reader.reject("negative_health", f"{stat} is {value:g}")
    return {measurand: converted(value)}


def _seen(readers: list[FieldReader]) -> tuple[str, ...]:
    return tuple(sorted({reader.text("stat") or "" for reader in readers}))
