"""rFMS 4.0 and 5 (trucks and buses, JSON): vehicle statuses and vehicles.

A row is one vehicle status or one vehicle. `vehicle_id` is the VIN. Distances are in metres, powers
in watts. The charge is ``hybridBatteryPackRemainingCharge``, which full electric vehicles fill, too;
where a vehicle with a battery pack never does, some makers put it into ``fuelLevel1``. Words come in
either case, with or without underscores. There are no charge events: sessions are inferred.

References
----------
.. [1] Fleet Management Systems Interface, "remote FMS (rFMS)", https://www.fms-standard.com
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, facts_of, reading_of, source_rows
from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import Origin, VehicleRow
from depotlib.ingest.inferred_sessions import with_inferred_sessions
from depotlib.ingest.json_records import json_documents, json_readers, listed, utc_conventions
from depotlib.ingest.normalise.vin import vin_of
from depotlib.ingest.reading_findings import reading_findings
from depotlib.ingest.record import FieldReader
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.units import metres_to_km, w_to_kw

_LISTS: Final = ("vehicleStatusResponse", "vehicleStatuses", "vehicleResponse", "vehicles")
_SNAPSHOT: Final = "snapshotData."
_SOC: Final = f"{_SNAPSHOT}hybridBatteryPackRemainingCharge"
_FUEL: Final = f"{_SNAPSHOT}fuelLevel1"
_PACK: Final = f"{_SNAPSHOT}batteryPack"
_CHARGING: Final = {
    "CHARGING": True, "CHARGINGAC": True, "CHARGINGDC": True, "NOTCHARGING": False,
}  # fmt: skip
_CONNECTED: Final = {"CONNECTED": True, "DISCONNECTED": False}


class Rfms:
    """Reads vehicle statuses of remote FMS."""

    name = "rfms"
    title = "rFMS vehicle statuses and vehicles (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether a vehicle status, or a list of vehicles, of the standard is in it."""
        keys = sample.keys
        if {"vin", "createdDateTime", "snapshotData"} <= keys or {"vehicleStatuses"} <= keys:
            return Recognition(1.0, "it has the fields of vehicle statuses")
        if {"vehicleResponse", "vin", "customerVehicleName"} <= keys:
            return Recognition(1.0, "it has the fields of a list of vehicles")
        return NOT_MINE

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return readings, inferred sessions and vehicles; all times are UTC by the standard."""
        del options
        documents = json_documents(content.text, file=content.file)
        readers = json_readers(item for page in documents for item in listed(page, *_LISTS))
        fuelled = _charge_is_fuel(readers)
        charge = soc_column(readers, _SOC, documented="percent")
        fuel = soc_column([reader for reader in readers if reader.text("vin") in fuelled],
                          _FUEL, documented="percent")  # fmt: skip
        say = partial(_say, charge=charge, fuel=fuel, fuelled=fuelled)
        facts = facts_of(readers, say, origin=Origin(self.name, content.file))
        inferred = with_inferred_sessions(facts)
        text = "states of charge taken from fuelLevel1, since the battery's field is never filled"
        return source_rows(
            inferred.facts,
            conventions=utc_conventions(readers),
            findings=(
                *charge.findings(),
                *fuel.findings(),
                *counted([("soc_from_fuel_level", fuel.count, text)]),
                *inferred.findings,
                *reading_findings(facts),
            ),
        )


def _charge_is_fuel(readers: Sequence[FieldReader]) -> frozenset[str]:
    """Return the vehicles with a battery pack whose charge stands in the fuel level only."""
    packs = {reader.text("vin") for reader in readers
             if any(name.startswith(_PACK) for name in reader.record.fields)}  # fmt: skip
    told = {reader.text("vin") for reader in readers if reader.text(_SOC)}
    return frozenset(vin for vin in packs - told if vin)


def _say(
    reader: FieldReader, *, charge: SocColumn, fuel: SocColumn, fuelled: frozenset[str]
) -> list[Fact]:
    vin = reader.needed_text("vin")
    if "customerVehicleName" in reader.record.fields:
        return [_vehicle(reader, vin)]
    at = reader.needed_instant("createdDateTime")
    odometer_m = reader.amount("hrTotalVehicleDistance", reason="negative_odometer")
    power_w = reader.number(f"{_PACK}ChargingPower")
    found = {
        "soc": fuel.soc(reader, _FUEL) if vin in fuelled else charge.soc(reader, _SOC),
        "odometer_km": None if odometer_m is None else metres_to_km(odometer_m),
        "power_kw": None if power_w is None else w_to_kw(power_w),
        "is_charging": _CHARGING.get(_word(reader, f"{_PACK}ChargingStatus")),
        "is_plugged": _CONNECTED.get(_word(reader, f"{_PACK}ChargingConnectionStatus")),
        "temperature_c": reader.number(f"{_SNAPSHOT}ambientAirTemperature"),
    }
    values = {name: value for name, value in found.items() if value is not None}
    return reading_of(reader, vin, at=at, values=values)


def _word(reader: FieldReader, name: str) -> str:
    """Return a word of the standard in capitals without what makers put between its parts."""
    return "".join(filter(str.isalpha, reader.text(name) or "")).upper()


def _vehicle(reader: FieldReader, vin: str) -> VehicleRow:
    return VehicleRow(
        vehicle_id=vin,
        name=reader.text("customerVehicleName"),
        vin=vin_of(vin),
        model=reader.text("model"),
        src_row=reader.record.row,
    )
