"""The simulated site's depot, and plans that just fit it."""

import random
from datetime import datetime, timedelta

from depotlib.model.brief import Brief
from depotlib.model.depot import ChargingStation, Circuit, Connector, Depot, Evse, GridConnection
from depotlib.model.identity import IdentityMap, IdentityToken
from depotlib.model.release import ConnectorSchedule, LimitStep, Release

STATIONS = 10
MAX_KW, SAFE_KW = 22.08, 4.14  # 32 A and 6 A on three phases of 230 V
SERVICE_KW, BASE_MAX_KW, PANEL_KW = 130.0, 25.0, 66.0
LEASE_ROOM_KW = SERVICE_KW - BASE_MAX_KW
SLOTS, SLOT_MINUTES = 8, 10


def random_release(rng: random.Random, begin: datetime) -> Release:
    """Return setpoints of random height for everybody that fill service and panels to the brim."""
    heights: dict[str, list[float]] = {f"S{index}": [] for index in range(STATIONS)}
    for _ in range(SLOTS):
        # The safe limits of those who get less count all the same.
        spare = LEASE_ROOM_KW - SAFE_KW * STATIONS
        panels = [PANEL_KW - SAFE_KW * STATIONS / 2] * 2
        for index in rng.sample(range(STATIONS), STATIONS):
            panel = index // 5
            above = max(0.0, min(MAX_KW - SAFE_KW, spare, panels[panel]))
            above = above if rng.random() < 0.8 else 0.0
            spare, panels[panel] = spare - above, panels[panel] - above
            heights[f"S{index}"].append(0.0 if rng.random() < 0.03 else SAFE_KW + above)
    end = begin + timedelta(minutes=SLOT_MINUTES * SLOTS)
    schedules = tuple(
        ConnectorSchedule(
            connector_id=f"{name}/1",
            vehicle_id=f"van-{name}",
            steps=tuple(
                LimitStep(begin + timedelta(minutes=SLOT_MINUTES * at), height)
                for at, height in enumerate(limits_kw)
            ),
            valid_to=end,
            departure=end,
            energy_target_kwh=40.0,
        )
        for name, limits_kw in heights.items()
    )
    release_id = f"r-{begin.isoformat()}"
    return Release(release_id, "p", "push", 1, begin, begin, end, schedules, pushable=True)


def site_brief() -> Brief:
    """Two panels of AC stations below a service that they could exceed twice over."""
    stations = tuple(
        ChargingStation(
            station_id=f"S{index}",
            circuit_id=f"panel-{index // 5}",
            pool="ac",
            current_type="AC",
            max_kw=MAX_KW,
            safe_limit_kw=SAFE_KW,
            evses=(Evse(1, (Connector(f"S{index}/1", 1, MAX_KW, SAFE_KW),)),),
            phases=3,
            voltage_v=230.0,
        )
        for index in range(STATIONS)
    )
    depot = Depot(
        depot_id="sim",
        name="Simulated",
        time_zone="UTC",
        currency="EUR",
        grid=GridConnection(SERVICE_KW, SERVICE_KW, 0.0, BASE_MAX_KW),
        circuits=(Circuit("panel-0", None, PANEL_KW), Circuit("panel-1", None, PANEL_KW)),
        stations=stations,
    )
    tokens = tuple(
        IdentityToken(f"TAG-S{index}", "tag", f"van-S{index}") for index in range(STATIONS)
    )
    return Brief(depot=depot, identities=IdentityMap(tokens))
