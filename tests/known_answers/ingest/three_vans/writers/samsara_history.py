"""Samsara vehicle stats of a while (`formats.md` §2.1): lists of readings a stat, scaled integers.

The counter of charging energy restarts at 0 before the second night, as it does when a device is
changed. Power is told as voltage and current.
"""

import json
from types import SimpleNamespace

SOURCE = "samsara"
FILE = "stats_history.json"
ALIASES = {"sessions": {"plug_start": "charge_start", "plug_end": "charge_end"}}
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.0001,
        "odometer_km": 0.001,
        "power_kw": 0.01,
        "is_charging": None,
        "temperature_c": 0.001,
    },
    "sessions": {
        "vehicle_id": None,
        "plug_start": 1,
        "plug_end": 1,
        "charge_start": 1,
        "charge_end": 1,
        "energy_battery_kwh": 0.01,
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    },
}
VOLTS = 240


def stats(reading: SimpleNamespace) -> dict[str, int]:
    """Return the stats of one instant."""
    values = {
        "evStateOfChargeMilliPercent": round(reading.soc * 100_000),
        "evChargingStatus": 2 if reading.is_charging else 1,
        "obdOdometerMeters": round(reading.odometer_km * 1000),
        "ambientAirTemperatureMilliC": round(reading.temperature_c * 1000),
    }
    if reading.power_kw is not None:
        values["evChargingVoltageMilliVolt"] = VOLTS * 1000
        values["evChargingCurrentMilliAmp"] = round(reading.power_kw * 1_000_000 / VOLTS)
    return values


def counters(night: SimpleNamespace, van: str) -> list[dict[str, object]]:
    """Return the readings of the counter: the first night goes on from 1234.5 kWh, then it restarts."""
    first, second = [session for session in night.sessions if session.vehicle_id == van]
    readings = [
        (first.charge_start, 1234.5),
        (first.charge_end, 1234.5 + first.energy_battery_kwh),
        (second.charge_start, 0.0),
        (second.charge_end, second.energy_battery_kwh),
    ]
    return [{"time": f"{at:%Y-%m-%dT%H:%M:%SZ}", "value": round(kwh * 1e9)} for at, kwh in readings]


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as the reply of ``/fleet/vehicles/stats/history``."""
    vehicles = []
    for vehicle in night.vehicles:
        told: dict[str, list] = {"evChargingEnergyMicroWh": counters(night, vehicle.vehicle_id)}
        for reading in night.readings:
            if reading.vehicle_id == vehicle.vehicle_id:
                for stat, value in stats(reading).items():
                    time = f"{reading.at:%Y-%m-%dT%H:%M:%SZ}"
                    told.setdefault(stat, []).append({"time": time, "value": value})
        vehicles.append({"id": vehicle.vehicle_id, "name": vehicle.name, **told})
    page = {"endCursor": "", "hasNextPage": False}
    return json.dumps({"data": vehicles, "pagination": page}).encode()
