"""What a Geotab diagnostic measures, by its id or its display name, in the unit it comes in.

The API gives every diagnostic in one unit; the Excel export gives it in the unit its reader likes,
named in a cell of the row.

References
----------
.. [1] Geotab, "EV data diagnostics",
   https://support.geotab.com/en-GB/mygeotab/doc/ev-data-diagnostics
"""

from typing import Final, Literal

from depotlib.ingest.normalise.unit_words import in_canonical_unit
from depotlib.ingest.record import FieldReader
from depotlib.ingest.soc_column import SocColumn
from depotlib.model.unit import Dimension

Measure = Literal["charge", "odometer", "temperature", "battery power", "charging", "inlet voltage"]

BY_ID: Final[dict[str, Measure]] = {
    "DiagnosticStateOfChargeId": "charge",
    "DiagnosticOdometerId": "odometer",
    "DiagnosticOdometerAdjustmentId": "odometer",
    "DiagnosticOutsideTemperatureId": "temperature",
    "DiagnosticElectricVehicleBatteryPowerId": "battery power",
    "DiagnosticElectricVehicleChargingStateId": "charging",
    "DiagnosticElectricVehicleIsChargingId": "charging",
    "DiagnosticOnBoardChargerAcInputVoltageId": "inlet voltage",
}
BY_NAME: Final[dict[str, Measure]] = {
    "generic state of charge": "charge",
    "state of charge": "charge",
    "raw odometer": "odometer",
    "odometer": "odometer",
    "outside temperature": "temperature",
    "outside air temperature": "temperature",
    "electric vehicle battery power": "battery power",
    "electric vehicle charging state": "charging",
    "electric vehicle is charging": "charging",
    "on-board charger ac input voltage": "inlet voltage",
}
"""Display names, in small letters."""
API_UNITS: Final[dict[Measure, str]] = {
    "charge": "%",
    "odometer": "m",
    "temperature": "°c",
    "battery power": "w",
    "charging": "",
    "inlet voltage": "v",
}

_CHARGING_STATES: Final = frozenset({1.0, 2.0})
"""AC and DC; 0 is not charging, 3 (seen in one client) complete."""
_SCALED: Final[dict[Measure, tuple[str, Dimension]]] = {
    "odometer": ("odometer_km", "distance"),
    "temperature": ("temperature_c", "temperature"),
    "battery power": ("power_kw", "power"),
}


def measure_of(diagnostic: str) -> Measure | None:
    """Return what a diagnostic measures, by its API id or its display name; None: not used."""
    return BY_ID.get(diagnostic) or BY_NAME.get(diagnostic.lower())


def measured(
    reader: FieldReader, name: str, *, measure: Measure, unit: str, charge: SocColumn
) -> dict[str, float | bool]:
    """Return what a field says, by measurand; nothing, and a fault noted, where it says nothing.

    Parameters
    ----------
    reader : FieldReader
    name : str
        The field.
    measure : Measure
    unit : str
        As the row names it.
    charge : SocColumn
    """
    reader.needed_text(name)
    if measure == "charge":
        soc = charge.soc(reader, name)
        return {} if soc is None else {"soc": soc}
    value = reader.number(name)
    if value is None:
        return {}
    if measure == "charging":
        is_charging = value in _CHARGING_STATES
        return {"is_charging": True, "is_plugged": True} if is_charging else {"is_charging": False}
    if measure == "inlet voltage":
        return {"is_plugged": value > 0}
    measurand, dimension = _SCALED[measure]
    converted = in_canonical_unit(value, unit, dimension=dimension)
    if converted is None:
        reader.reject("unknown_unit", f"{measure} in {unit!r}")
        return {}
    # Geotab counts what leaves the battery as positive; here power into a vehicle is.
    is_outward = measure == "battery power"
    return checked_odometer(reader, {measurand: -converted if is_outward else converted})


def checked_odometer(
    reader: FieldReader, values: dict[str, float | bool]
) -> dict[str, float | bool]:
    """Return values; an odometer below 0 is a fault."""
    if values.get("odometer_km", 0.0) < 0:
        reader.reject("negative_odometer", f"the odometer is at {values['odometer_km']:g} km")
    return values
