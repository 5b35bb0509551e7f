"""High Mobility streams (JSON): properties of vehicles, each with its own time.

A row is one value ``{data, timestamp}`` of one property in one message. Charges and limits are
fractions of 1, quantities name their unit. `vehicle_id` is the VIN. The battery's current is negative
while it charges, so with its voltage at the same instant it makes a power of the other sign; where
the stream has a charging rate, that is taken. There are no charge events: sessions are inferred.

References
----------
.. [1] High Mobility, "Streaming schema v2, charging",
   https://docs.high-mobility.com/api-references/data/streaming-schema-v2/charging
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, Partner, facts_of, reading_of, source_rows
from depotlib.ingest.fleet_rows import Origin
from depotlib.ingest.inferred_sessions import with_inferred_sessions
from depotlib.ingest.json_records import json_documents, json_readers, utc_conventions
from depotlib.ingest.json_text import JsonObject, JsonValue, objects_in
from depotlib.ingest.normalise.unit_words import in_canonical_unit
from depotlib.ingest.reading_findings import reading_findings, with_power_into_vehicle
from depotlib.ingest.record import FieldReader
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.unit import Dimension
from depotlib.units import ac_power_kw

_SHARES: Final = {
    "battery_level": "soc", "charge_limit": "charge_limit_soc", "state_of_health": "soh_share",
}  # fmt: skip
_QUANTITIES: Final[dict[str, tuple[str, Dimension]]] = {
    "odometer": ("odometer_km", "distance"),
    "outside_temperature": ("temperature_c", "temperature"),
    "charging_rate": ("power_kw", "power"),
}
_WORDS: Final[dict[str, dict[str, dict[str, float | bool]]]] = {
    "status": {
        "charging": {"is_charging": True, "is_plugged": True},
        "slow_charging": {"is_charging": True, "is_plugged": True},
        "fast_charging": {"is_charging": True, "is_plugged": True},
        "not_charging": {"is_charging": False},
        "charging_complete": {"is_charging": False},
        "charging_paused": {"is_charging": False},
        "charging_error": {"is_charging": False},
        "cable_unplugged": {"is_charging": False, "is_plugged": False},
    },
    "plugged_in": {
        "plugged_in": {"is_plugged": True},
        "disconnected": {"is_plugged": False},
    },
}
_CURRENT, _VOLTAGE, _RATE = "battery_current", "battery_voltage", "charging_rate"
_PROPERTIES: Final = frozenset({*_SHARES, *_QUANTITIES, *_WORDS, _CURRENT, _VOLTAGE})

_Pairs = Mapping[tuple[str | None, str | None], Mapping[str, FieldReader]]


class HighMobility:
    """Reads streams of High Mobility."""

    name = "high_mobility"
    title = "High Mobility vehicle data (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether a vehicle's properties with times of their own are in the sample."""
        found = sample.keys & _PROPERTIES
        if not found or not sample.keys >= {"vin", "data", "timestamp"}:
            return NOT_MINE
        return Recognition(1.0, f"it holds the properties {', '.join(sorted(found))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return readings and inferred sessions; all times name their zone."""
        del options
        readers = json_readers(_values_in(json_documents(content.text, file=content.file)))
        columns = {name: soc_column(_of(readers, name), "data", documented="fraction")
                   for name in _SHARES}  # fmt: skip
        say = partial(_say, columns=columns, power=_power_of(readers))
        facts = facts_of(readers, say, origin=Origin(self.name, content.file))
        signed = with_power_into_vehicle(facts)
        inferred = with_inferred_sessions(signed.facts)
        return source_rows(
            inferred.facts,
            conventions=utc_conventions(readers),
            findings=(
                *(finding for column in columns.values() for finding in column.findings()),
                *signed.findings,
                *inferred.findings,
                *reading_findings(signed.facts),
            ),
        )


def _values_in(documents: Iterable[JsonValue]) -> Iterator[JsonObject]:
    """Yield a record for each value of each property of each message."""
    for message in (each for document in documents for each in objects_in(document)):
        for capability in _objects(message.get("data")):
            for name, values in capability.items():
                for value in objects_in(values):
                    yield {"vin": message.get("vin"), "property": name,
                           "timestamp": value.get("timestamp"), **_value(value.get("data"))}  # fmt: skip


def _objects(data: JsonValue) -> list[JsonObject]:
    """Return the capabilities in the data of a message, such as ``charging``."""
    inner = data.values() if isinstance(data, dict) else ()
    return [capability for capability in inner if isinstance(capability, dict)]


def _value(data: JsonValue) -> JsonObject:
    if isinstance(data, dict):
        return {"data": data.get("value"), "unit": data.get("unit")}
    return {"data": data}


def _of(readers: Iterable[FieldReader], name: str) -> list[FieldReader]:
    return [reader for reader in readers if reader.text("property") == name]


def _say(reader: FieldReader, *, columns: Mapping[str, SocColumn], power: "_Power") -> list[Fact]:
    vin, at = reader.needed_text("vin"), reader.needed_instant("timestamp")
    name = reader.text("property") or ""
    if name not in _PROPERTIES:
        reader.reject("not_used", f"{name} is not used")
        return []
    reader.needed_text("data")
    if name in {_CURRENT, _VOLTAGE}:
        partner = power.partner(reader)
        if partner is not None:
            return [partner]
        values = power.values(reader)
    else:
        values = _measured(reader, name, columns=columns)
    return reading_of(reader, vin, at=at, values=values)


def _measured(
    reader: FieldReader, name: str, *, columns: Mapping[str, SocColumn]
) -> dict[str, float | bool]:
    if name in _WORDS:
        word = (reader.text("data") or "").lower()
        if word not in _WORDS[name]:
            reader.reject("unknown_state", f"{name} is {word}")
        return _WORDS[name].get(word, {})
    if name in _SHARES:
        share = columns[name].soc(reader, "data")
        return {} if share is None else {_SHARES[name]: share}
    measurand, dimension = _QUANTITIES[name]
    value, unit = reader.number("data"), reader.text("unit") or ""
    converted = None if value is None else in_canonical_unit(value, unit, dimension=dimension)
    if converted is None:
        reader.reject("unknown_unit", f"{name} in {unit!r}")
        return {}
    if measurand == "odometer_km" and converted < 0:
        reader.reject("negative_odometer", f"{name} is {converted:g} km")
    return {measurand: converted}


@dataclass(frozen=True, slots=True)
class _Power:
    """Currents and voltages of batteries by vehicle and time; nothing where a rate is told."""

    pairs: _Pairs
    has_rate: bool

    def partner(self, reader: FieldReader) -> Partner | None:
        """Return a voltage as the partner of the current that it makes a power with."""
        pair = self._pair(reader)
        if pair.get(_VOLTAGE) is not reader or _CURRENT not in pair or self.has_rate:
            return None
        return Partner(reader.record.row, of_row=pair[_CURRENT].record.row)

    def values(self, reader: FieldReader) -> dict[str, float | bool]:
        """Return the power of a current; none, and a fault noted, where there is no pair."""
        pair = self._pair(reader)
        if self.has_rate or not {_CURRENT, _VOLTAGE} <= pair.keys():
            reader.reject("not_used", "a current and a voltage of one instant make a power where "
                          "no charging rate is told")  # fmt: skip
            return {}
        current_a, voltage_v = (pair[name].number("data") for name in (_CURRENT, _VOLTAGE))
        if current_a is None or voltage_v is None:
            reader.reject("bad_number", "the current or the voltage beside it is no number")
            return {}
        return {"power_kw": -ac_power_kw(current_a, voltage_v, phases=1)}

    def _pair(self, reader: FieldReader) -> Mapping[str, FieldReader]:
        return self.pairs.get((reader.text("vin"), reader.text("timestamp")), {})


def _power_of(readers: Sequence[FieldReader]) -> _Power:
    pairs: dict[tuple[str | None, str | None], dict[str, FieldReader]] = {}
    for reader in readers:
        name = reader.text("property") or ""
        if name in {_CURRENT, _VOLTAGE} and reader.number("data") is not None:
            key = (reader.text("vin"), reader.text("timestamp"))
            pairs.setdefault(key, {}).setdefault(name, reader)
    return _Power(pairs, has_rate=bool(_of(readers, _RATE)))
