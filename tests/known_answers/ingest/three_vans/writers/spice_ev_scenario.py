"""SpiceEV's scenario: vehicles with their types, departures and arrivals, the site's fixed load."""

import json
from types import SimpleNamespace

SOURCE = "spice_ev"
FILE = "scenario.json"
CARRIES = {
    "duties": {"vehicle_id": None, "departure": 0, "return_at": 0, "must_soc": 0.0001},
    "vehicles": {"vehicle_id": None, "battery_kwh": 0.01},
    "meter": {"meter_id": None, "interval_start": 0, "interval_s": None, "power_kw": 0.001},
}
# A scenario has signals and connectors, too; what is told here are facts of the depot only.


def write(night: SimpleNamespace) -> bytes:
    """Return the depot as a scenario."""
    events = []
    by_vehicle: dict[str, list[SimpleNamespace]] = {}
    for duty in night.duties:
        by_vehicle.setdefault(duty.vehicle_id, []).append(duty)
    for vehicle_id, duties in by_vehicle.items():
        asked = [duty.must_soc for duty in duties[1:]] + [0.5]
        for duty, next_soc in zip(duties, asked, strict=True):
            left, back = duty.departure.isoformat(), duty.return_at.isoformat()
            events.append(_event(vehicle_id, left, "departure",
                                 {"estimated_time_of_arrival": back}))  # fmt: skip
            events.append(_event(vehicle_id, back, "arrival", {"desired_soc": next_soc}))
    first = night.meter[0]
    load = {
        "start_time": first.interval_start.isoformat(), "step_duration_s": first.interval_s,
        "grid_connector_id": "GC1", "values": [row.power_kw for row in night.meter],
    }  # fmt: skip
    components = {
        "vehicles": {
            van.vehicle_id: {
                "vehicle_type": "transit", "desired_soc": by_vehicle[van.vehicle_id][0].must_soc,
            }
            for van in night.vehicles
        },
        "vehicle_types": {"transit": {"capacity": night.vehicles[0].battery_kwh}},
    }  # fmt: skip
    scenario = {
        "scenario": {"interval": 15, "n_intervals": 96},
        "components": {**components, "grid_connectors": {}},
        "events": {"fixed_load": {first.meter_id: load}, "vehicle_events": events},
    }
    return json.dumps(scenario).encode()


def _event(vehicle_id: str, at: str, kind: str, update: dict[str, object]) -> dict[str, object]:
    return {
        "signal_time": at, "start_time": at, "vehicle_id": vehicle_id, "event_type": kind,
        "update": update,
    }  # fmt: skip
