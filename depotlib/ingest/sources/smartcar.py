"""Smartcar (JSON): signals of version 3, endpoints of version 2, charge records.

A row is one signal, one endpoint's answer or one charge record. Signals name their unit and state
charges in percent; the endpoints of version 2 state them as fractions of 1, and distances in miles
where their header says imperial: the two are judged apart. A limit set in the vehicle caps every
plan and is kept with the readings. A charge record is a session with the energy added to the
battery; its times are those of charging. `vehicle_id` is Smartcar's.

References
----------
.. [1] Smartcar, "Signals, charge", https://smartcar.com/docs/api-reference/signals/charge
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, facts_of, plug_findings, reading_of, source_rows
from depotlib.ingest.fleet_rows import Origin
from depotlib.ingest.json_records import json_documents, json_readers, utc_conventions
from depotlib.ingest.normalise.unit_words import in_canonical_unit
from depotlib.ingest.reading_findings import reading_findings
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.smartcar_records import smartcar_records
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.unit import Dimension

_CHARGES: Final = {
    "tractionbattery-stateofcharge": "soc",
    "charge-chargelimits": "charge_limit_soc",
}
_CLAIMS: Final = {
    "charge-ischarging": "is_charging",
    "charge-ischargingcableconnected": "is_plugged",
}
_QUANTITIES: Final[dict[str, tuple[str, Dimension]]] = {
    "odometer-traveleddistance": ("odometer_km", "distance"),
    "charge-wattage": ("power_kw", "power"),
    "climate-externaltemperature": ("temperature_c", "temperature"),
}
_SIGNALS: Final = frozenset({*_CHARGES, *_CLAIMS, *_QUANTITIES})
_FRACTIONS: Final = ("percentRemaining", "limit")
_STATES: Final = {"CHARGING": True, "NOT_CHARGING": False, "FULLY_CHARGED": False}


class Smartcar:
    """Reads what Smartcar tells of vehicles and their charges."""

    name = "smartcar"
    title = "Smartcar signals, endpoints and charge records (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether its signals, its headers or its charge records are in the sample."""
        if sample.kind != "json":
            return NOT_MINE
        signals = [name for name in _SIGNALS if f'"{name}"' in sample.text]
        if signals or {"sc-data-age", "path", "body"} <= sample.keys:
            return Recognition(1.0, "it holds signals or endpoints of Smartcar")
        if {"energyAdded", "startStateOfCharge", "isPublicCharger"} <= sample.keys:
            return Recognition(1.0, "it holds charge records of Smartcar")
        return NOT_MINE

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return readings and sessions; all times name their zone."""
        del options
        documents = json_documents(content.text, file=content.file)
        readers = json_readers(each for page in documents for each in smartcar_records(page))
        signals = [reader for reader in readers if reader.text("code") in _CHARGES]
        origin = Origin(self.name, content.file)
        percents = soc_column(
            [*_charge_records(readers), *signals],
            "value", "startStateOfCharge", "endStateOfCharge",
            documented="percent",
        )  # fmt: skip
        fractions = soc_column(_endpoints(readers), *_FRACTIONS, documented="fraction")
        say = partial(_say, percents=percents, fractions=fractions, origin=origin)
        facts = facts_of(readers, say, origin=origin)
        return source_rows(
            facts,
            conventions=utc_conventions(readers),
            findings=(
                *percents.findings(),
                *fractions.findings(),
                *plug_findings(facts),
                *reading_findings(facts),
            ),
        )


def _charge_records(readers: Sequence[FieldReader]) -> list[FieldReader]:
    """Return the charge records among some records."""
    return [reader for reader in readers if "energyAdded" in reader.record.fields]


def _endpoints(readers: Sequence[FieldReader]) -> list[FieldReader]:
    return [reader for reader in readers if "path" in reader.record.fields]


def _say(
    reader: FieldReader, *, percents: SocColumn, fractions: SocColumn, origin: Origin
) -> list[Fact]:
    if "energyAdded" in reader.record.fields:
        return _session(reader, charge=percents, origin=origin)
    if "path" in reader.record.fields:
        values = _answered(reader, charge=fractions)
    else:
        values = _signalled(reader, charge=percents)
    vehicle_id, at = reader.needed_text("vehicleId"), reader.needed_instant("at")
    return reading_of(reader, vehicle_id, at=at, values=values)


def _session(reader: FieldReader, *, charge: SocColumn, origin: Origin) -> list[Fact]:
    vehicle_id, charge_id = reader.needed_text("vehicleId"), reader.needed_text("id")
    start, end = reader.needed_instant("startTime"), reader.instant("endTime")
    energy_kwh = reader.amount("energyAdded", reason="negative_energy")
    start_soc = charge.soc(reader, "startStateOfCharge")
    end_soc = charge.soc(reader, "endStateOfCharge")
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return []
    return [
        SessionRow(
            session_key=f"{origin.source}/{vehicle_id}/{charge_id}",
            source=origin.source,
            vehicle_id=vehicle_id,
            plug_start=start,
            plug_end=end,
            charge_start=start,
            charge_end=end,
            energy_battery_kwh=energy_kwh,
            start_soc=start_soc,
            end_soc=end_soc,
            src_file=origin.file,
            src_row=reader.record.row,
        )
    ]


def _signalled(reader: FieldReader, *, charge: SocColumn) -> dict[str, float | bool]:
    """Return what a signal of version 3 says."""
    code = reader.text("code") or ""
    if code not in _SIGNALS:
        reader.reject("not_used", f"{code or 'what it holds'} is not used")
        return {}
    reader.needed_text("value")
    if code in _CHARGES:
        soc = charge.soc(reader, "value")
        return {} if soc is None else {_CHARGES[code]: soc}
    if code in _CLAIMS:
        claim = reader.claim("value")
        return {} if claim is None else {_CLAIMS[code]: claim}
    measurand, dimension = _QUANTITIES[code]
    return _quantity(reader, "value", measurand=measurand, dimension=dimension)


def _quantity(
    reader: FieldReader, name: str, *, measurand: str, dimension: Dimension
) -> dict[str, float | bool]:
    value, unit = reader.number(name), reader.text("unit") or ""
    converted = None if value is None else in_canonical_unit(value, unit, dimension=dimension)
    if converted is None:
        reader.reject("unknown_unit", f"{measurand.split('_', maxsplit=1)[0]} in {unit!r}")
        return {}
    return _checked(reader, {measurand: converted})


def _checked(reader: FieldReader, values: dict[str, float | bool]) -> dict[str, float | bool]:
    if values.get("odometer_km", 0.0) < 0:
        reader.reject("negative_odometer", f"the odometer is at {values['odometer_km']:g} km")
    return values


def _answered(reader: FieldReader, *, charge: SocColumn) -> dict[str, float | bool]:
    """Return what an endpoint of version 2 says: all of its fields that are used."""
    distance = reader.number("distance")
    unit = "mi" if reader.text("unitSystem") == "imperial" else "km"
    found = {
        "soc": charge.soc(reader, "percentRemaining"),
        "charge_limit_soc": charge.soc(reader, "limit"),
        "is_plugged": reader.claim("isPluggedIn"),
        "is_charging": _STATES.get(reader.text("state") or ""),
        "odometer_km": None
        if distance is None
        else in_canonical_unit(distance, unit, dimension="distance"),
    }
    values = {name: value for name, value in found.items() if value is not None}
    if not values:
        reader.reject("not_used", f"{reader.text('path')} says nothing that is used")
    return _checked(reader, values)
