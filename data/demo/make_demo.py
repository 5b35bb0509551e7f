"""Writes the demo depot: the reference night with vehicles, duties, telematics and identities.

    python data/demo/make_demo.py

The night, its vans, connectors and energies are those of `data/reference_night`; what is drawn
here, from one seed, is what that case leaves open: each van's charge and route, chosen so that
duty and telematics together ask for exactly the 43.0 kWh at the wall of the reference. Exports
are made up in the vendors' published shapes, as taken at 16:35 local, with the vans still out.
"""

import csv
import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

HERE: Final = Path(__file__).parent
REFERENCE: Final = HERE.parent / "reference_night"
ZONE: Final = ZoneInfo("America/New_York")
SEED: Final = 2026
USABLE_KWH: Final = 68.0
CONSUMPTION_KWH_PER_KM: Final = 0.30
EFFICIENCY_SHARE: Final = 0.90
TARGET_RESERVE_SHARE: Final = 0.10
PANEL_LIMIT_KW: Final = {
    "panel-A": 68.0,
    "panel-B": 68.0,
    "panel-C": 68.0,
    "panel-D": 68.0,
    "panel-DC": 200.0,
}
EXPORTED_AT: Final = datetime(2026, 11, 2, 16, 35, tzinfo=ZONE)


def main() -> None:
    """Write every file of the demo depot beside this script."""
    draw = random.Random(SEED)  # noqa: S311 - a seeded draw, not a secret
    dwells = _rows(REFERENCE / "dwells.csv")
    vans = [_van(index, dwell, draw=draw) for index, dwell in enumerate(dwells)]
    _write("site.toml", _site_toml(_rows(REFERENCE / "stations.csv"), vans))
    _write("fleet.json", json.dumps(_fleet(vans), indent=1))
    _write_duties(vans)
    geotab, samsara = vans[0::2], vans[1::2]
    _write("geotab_status_data.json", _lines(_geotab_status(geotab)))
    _write("geotab_charge_events.json", _lines(_geotab_charges(geotab, draw)))
    _write("samsara_stats_history.json", json.dumps(_samsara_stats(samsara), indent=1))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(name: str, text: str) -> None:
    (HERE / name).write_text(text + "\n", encoding="utf-8")


def _lines(records: list[dict[str, object]]) -> str:
    return "[\n" + ",\n".join(json.dumps(record) for record in records) + "\n]"


def _van(index: int, dwell: dict[str, str], *, draw: random.Random) -> dict[str, object]:
    arrival = datetime.fromisoformat(dwell["arrival_local"]).replace(tzinfo=ZONE)
    departure = datetime.fromisoformat(dwell["departure_local"]).replace(tzinfo=ZONE)
    # Whole percents throughout: the vendors log the state of charge on each change of one.
    arrival_percent = draw.randint(24, 40)
    left_percent = draw.randint(1, 6)
    used_percent = draw.randint(40, 56)
    pack_kwh = float(dwell["energy_wall_kwh"]) * EFFICIENCY_SHARE
    held_kwh = arrival_percent / 100 * USABLE_KWH
    route_kwh = pack_kwh - TARGET_RESERVE_SHARE * USABLE_KWH + held_kwh
    return {
        "id": dwell["vehicle_id"],
        "pool": dwell["pool"],
        "number": index + 1,
        "vin": f"1FTBW1YK{index % 10}NKA{10000 + index:05d}",
        "arrival": arrival,
        "departure": departure,
        "left_at": departure - timedelta(days=1),
        "arrival_percent": arrival_percent,
        "left_percent": left_percent,
        "used_percent": used_percent,
        "next_km": round(route_kwh / CONSUMPTION_KWH_PER_KM, 3),
        "odometer_m": draw.randint(8_000_000, 60_000_000),
    }


def _percent_km(percent: float) -> float:
    return percent / 100 * USABLE_KWH / CONSUMPTION_KWH_PER_KM


def _site_toml(stations: list[dict[str, str]], vans: list[dict[str, object]]) -> str:
    parts = [
        "# The demo depot: the reference night's connectors, service and limits. The panels' limits",
        "# and the safe limits are ours. Written by make_demo.py; fields: docs/site-file.md.",
        '[depot]\ndepot_id = "demo"\nname = "Demo depot"\ntime_zone = "America/New_York"\n'
        'currency = "USD"\nchangeover_s = 600\nstaff_from = 00:00:00\nstaff_to = 00:00:00',
        "[grid]\nservice_kw = 350.0\noperating_limit_kw = 300.0\nmargin_kw = 5.0\n"
        "base_load_max_kw = 0.0",
    ]
    parts += [
        f'[[circuit]]\ncircuit_id = "{circuit_id}"\nlimit_kw = {limit_kw}'
        for circuit_id, limit_kw in PANEL_LIMIT_KW.items()
    ]
    for station in stations:
        is_dc = station["pool"] == "dc"
        # Safe limit: 6 A per phase for AC (here the point's least, 1.5 kW), 0 for DC.
        safe_kw = 0.0 if is_dc else float(station["min_kw"])
        parts.append(
            f'[[station]]\nstation_id = "{station["station_id"]}"\n'
            f'circuit_id = "{station["circuit"]}"\npool = "{station["pool"]}"\n'
            f'current_type = "{"DC" if is_dc else "AC"}"\nmax_kw = {station["max_kw"]}\n'
            f"min_kw = {station['min_kw']}\nsafe_limit_kw = {safe_kw}\n"
            f"phases = {3 if is_dc else 1}\nvoltage_v = {277.0 if is_dc else 240.0}\n"
            f'bay = "{station["station_id"].replace("-", " ")}"'
        )
    parts += [
        f'[[identity]]\ntoken = "DEPOT{van["number"]:04d}"\nvehicle_id = "{van["id"]}"'
        for van in vans
    ]
    return "\n\n".join(parts)


def _fleet(vans: list[dict[str, object]]) -> dict[str, object]:
    vehicle_class = {
        "class_id": "van-68",
        "usable_kwh": USABLE_KWH,
        "consumption_kwh_per_km": CONSUMPTION_KWH_PER_KM,
        "wall_efficiency_share": EFFICIENCY_SHARE,
        "ac_max_kw": 11.3,
        "dc_max_kw": 115.0,
        "ac_phases": 1,
        "wakes_from_pause": True,
    }
    vehicles = [
        {
            "vehicle_id": van["id"],
            "class_id": "van-68",
            "pool": van["pool"],
            "vin": van["vin"],
            "telematics_ids": [_vendor_id(van)],
            "priority": 1 if van["pool"] == "dc" else 0,
        }
        for van in vans
    ]
    return {"classes": [vehicle_class], "vehicles": vehicles}


def _vendor_id(van: dict[str, object]) -> str:
    number = int(str(van["number"]))
    return f"b{number:X}" if number % 2 else f"2814749770{number:05d}"


def _write_duties(vans: list[dict[str, object]]) -> None:
    with (HERE / "duties.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["duty_id", "vehicle_id", "departure_local", "return_local", "distance_km"])
        for van in vans:
            arrival, departure, left_at = _times(van)
            today_km = round(_percent_km(float(str(van["used_percent"]))), 3)
            writer.writerow(
                [f"{van['id']}-today", van["id"], _local(left_at), _local(arrival), today_km]
            )
            tomorrow = [f"{van['id']}-next", van["id"], _local(departure)]
            writer.writerow([*tomorrow, _local(arrival + timedelta(days=1)), van["next_km"]])


def _times(van: dict[str, object]) -> tuple[datetime, datetime, datetime]:
    arrival, departure, left_at = van["arrival"], van["departure"], van["left_at"]
    assert isinstance(arrival, datetime)
    assert isinstance(departure, datetime)
    assert isinstance(left_at, datetime)
    return arrival, departure, left_at


def _local(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M")


def _utc(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def _readings(van: dict[str, object]) -> list[tuple[datetime, int, float]]:
    """Return when, percent and odometer metres: at the gate, at noon, at the export."""
    _, _, left_at = _times(van)
    arrival, left, used = (
        int(str(van[key])) for key in ("arrival_percent", "left_percent", "used_percent")
    )
    start_percent, now_percent = arrival + used, arrival + left
    noon_percent = (start_percent + now_percent) // 2
    odometer_m = float(str(van["odometer_m"]))
    read_at = EXPORTED_AT - timedelta(minutes=int(str(van["number"])) % 7 + 1)
    return [
        (left_at, start_percent, odometer_m),
        (
            EXPORTED_AT.replace(hour=12, minute=5),
            noon_percent,
            odometer_m + _metres(start_percent - noon_percent),
        ),
        (read_at, now_percent, odometer_m + _metres(used - left)),
    ]


def _metres(percent: int) -> float:
    return round(_percent_km(percent) * 1000, 1)


def _geotab_status(vans: list[dict[str, object]]) -> list[dict[str, object]]:
    records: list[dict[str, object]] = []
    for van in vans:
        for at, percent, odometer_m in _readings(van):
            for diagnostic, value in (
                ("DiagnosticStateOfChargeId", float(percent)),
                ("DiagnosticOdometerId", odometer_m),
            ):
                records.append(
                    {
                        "id": f"s{len(records):X}",
                        "device": {"id": _vendor_id(van)},
                        "diagnostic": {"id": diagnostic},
                        "dateTime": _utc(at),
                        "data": value,
                        "version": f"{len(records):016x}",
                    }
                )
    return records


def _geotab_charges(vans: list[dict[str, object]], draw: random.Random) -> list[dict[str, object]]:
    """Return last night's charges: they ended full enough for the duty of the day."""
    records: list[dict[str, object]] = []
    for van in vans:
        arrival, _, _ = _times(van)
        end_percent = int(str(van["arrival_percent"])) + int(str(van["used_percent"]))
        start_percent = max(5, end_percent - draw.randint(38, 56))
        pack_kwh = (end_percent - start_percent) / 100 * USABLE_KWH
        wall_kwh = round(pack_kwh / EFFICIENCY_SHARE, 2)
        power_kw = 48.0 if van["pool"] == "dc" else 6.9
        hours = wall_kwh / power_kw
        start = arrival - timedelta(days=1) + timedelta(minutes=6)
        seconds = round(hours * 3600)
        duration = f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}.0000000"
        records.append(
            {
                "id": f"c{int(str(van['number'])):X}",
                "device": {"id": _vendor_id(van)},
                "startTime": _utc(start),
                "duration": duration,
                "chargeType": "DC" if van["pool"] == "dc" else "AC",
                "chargeIsEstimated": False,
                "startStateOfCharge": float(start_percent),
                "endStateOfCharge": float(end_percent),
                "energyConsumedKwh": wall_kwh,
                "measuredBatteryEnergyInKwh": round(pack_kwh, 2),
                "peakPowerKw": power_kw,
                "tripStop": _utc(start - timedelta(minutes=6)),
                "location": {"x": -75.16, "y": 39.95},
                "version": f"{len(records):016x}",
            }
        )
    return records


def _samsara_stats(vans: list[dict[str, object]]) -> dict[str, object]:
    data: list[dict[str, object]] = []
    for van in vans:
        readings = _readings(van)
        data.append(
            {
                "id": _vendor_id(van),
                "name": f"VAN {int(str(van['number'])):02d}",
                "externalIds": {"samsara.vin": van["vin"]},
                "evStateOfChargeMilliPercent": [
                    {"time": _utc(at), "value": percent * 1000} for at, percent, _ in readings
                ],
                "evChargingStatus": [{"time": _utc(readings[-1][0]), "value": 1}],
                "obdOdometerMeters": [
                    {"time": _utc(at), "value": round(metres)} for at, _, metres in readings
                ],
            }
        )
    return {"data": data, "pagination": {"endCursor": "", "hasNextPage": False}}


if __name__ == "__main__":
    main()
