"""Geotab `StatusData` objects, one a diagnostic, in the API's units (`formats.md` §1.3)."""

import json
from types import SimpleNamespace

SOURCE = "geotab"
FILE = "status_data.json"
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.0001,
        "odometer_km": 0.001,
        "power_kw": 0.01,
        "is_charging": None,
        "is_plugged": None,
        "temperature_c": 0.01,
    }
}


def diagnostics(reading: SimpleNamespace) -> dict[str, float]:
    """Return what a device would log at one instant: watts leave the battery, metres, percent."""
    values = {
        "DiagnosticStateOfChargeId": reading.soc * 100,
        "DiagnosticOdometerId": reading.odometer_km * 1000,
        "DiagnosticElectricVehicleChargingStateId": 1 if reading.is_charging else 0,
        "DiagnosticOnBoardChargerAcInputVoltageId": 240 if reading.is_plugged else 0,
        "DiagnosticOutsideTemperatureId": reading.temperature_c,
    }
    if reading.power_kw is not None:
        values["DiagnosticElectricVehicleBatteryPowerId"] = -reading.power_kw * 1000
    return values


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as the reply of a feed."""
    objects = [
        {
            "id": f"s{number}{name}",
            "device": {"id": reading.vehicle_id},
            "diagnostic": {"id": name},
            "dateTime": reading.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "data": value,
        }
        for number, reading in enumerate(night.readings)
        for name, value in diagnostics(reading).items()
    ]
    return json.dumps({"result": {"data": objects, "toVersion": "00000000000000ff"}}).encode()
