"""rFMS 4.0 vehicle statuses: metres, watts, percent; vehicles go by their VIN (`formats.md` §4).

Two spellings of the same words, as two makers write them.
"""

import json
from types import SimpleNamespace

SOURCE = "rfms"
FILE = "statuses.json"
IDENTITY = "vin"
ALIASES = {"sessions": {"plug_start": "charge_start", "plug_end": "charge_end"}}
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
    },
    "sessions": {
        "vehicle_id": None,
        "charge_start": 1,
        "charge_end": 1,
        "plug_start": 1,
        "plug_end": 1,
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    },
}
WORDS = (
    {True: "CHARGING_AC", False: "NOT_CHARGING", "plugged": "CONNECTED", "free": "DISCONNECTED"},
    {True: "Charging", False: "NotCharging", "plugged": "connected", "free": "disconnected"},
)


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as one reply."""
    statuses = []
    for number, reading in enumerate(night.readings):
        words = WORDS[number % 2]
        snapshot = {
            "hybridBatteryPackRemainingCharge": reading.soc * 100,
            "batteryPackChargingStatus": words[reading.is_charging],
            "batteryPackChargingConnectionStatus": words[
                "plugged" if reading.is_plugged else "free"
            ],
            "ambientAirTemperature": reading.temperature_c,
            "wheelBasedSpeed": 0.0,
        }
        if reading.power_kw is not None:
            snapshot["batteryPackChargingPower"] = reading.power_kw * 1000
        statuses.append(
            {
                "vin": night.vin_of[reading.vehicle_id],
                "createdDateTime": f"{reading.at:%Y-%m-%dT%H:%M:%S.000Z}",
                "receivedDateTime": f"{reading.at:%Y-%m-%dT%H:%M:%S.900Z}",
                "hrTotalVehicleDistance": round(reading.odometer_km * 1000),
                "snapshotData": snapshot,
            }
        )
    reply = {"vehicleStatusResponse": {"vehicleStatuses": statuses}, "moreDataAvailable": False}
    return json.dumps(reply).encode()
