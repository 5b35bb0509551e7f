"""A depot of many vans on few stations, in a store: its yard is searched for longer than a moment."""

import random
from datetime import datetime, timedelta

from depotlib.model.brief import NeedPolicy
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.site_file import site_from_toml
from depotlib.settings import Settings
from depotlib.store.catalogue import (
    choose_depot,
    choose_tariff,
    save_depot,
    save_duties,
    save_fleet,
    save_identities,
    save_policy,
    save_tariff_record,
)
from depotlib.tariffs.urdb import tariff_from_urdb
from depotlib.workflows.load_demo import DEMO_TARIFF

EVENING = datetime.fromisoformat("2026-11-02T16:00:00-05:00")
CLOCK = EVENING.isoformat()
VAN = VehicleClass("van", 68.0, 0.3, 0.9, ac_max_kw=11.0, dc_max_kw=0.0)
QUARTER = timedelta(minutes=15)


def site_of(stations: int) -> str:
    """Return the site: 11 kW a station, of which 9 kW may be drawn at once."""
    grid = f"""
[depot]
depot_id = "large"
name = "Large depot"
time_zone = "America/New_York"

[grid]
service_kw = {10.0 * stations}
operating_limit_kw = {9.0 * stations}
margin_kw = 2.0
"""
    return grid + "".join(
        f"""
[[station]]
station_id = "CP-{number:03d}"
max_kw = 11.0
min_kw = 1.5
safe_limit_kw = 1.0
voltage_v = 240.0
"""
        for number in range(1, stations + 1)
    )


def duties_of(vans: int, *, seed: int) -> tuple[Duty, ...]:
    """Return the day that is over and the day that comes, of every van: no two nights alike."""
    draw = random.Random(seed)
    duties: list[Duty] = []
    for number in range(1, vans + 1):
        van = f"van-{number:03d}"
        home_at = EVENING + draw.randrange(4, 20) * QUARTER
        leaves_at = EVENING + timedelta(hours=12) + draw.randrange(4, 12) * QUARTER
        left_at = home_at - timedelta(hours=11)
        duties.append(Duty(f"{van}-today", van, left_at, home_at, draw.uniform(50.0, 120.0)))
        duties.append(
            Duty(
                f"{van}-next",
                van,
                leaves_at,
                leaves_at + timedelta(hours=8),
                draw.uniform(60.0, 110.0),
            )
        )
    return tuple(duties)


def furnish(settings: Settings, *, vans: int, stations: int, seed: int = 1) -> None:
    """Put depot, fleet, duties and tariff into the store."""
    path, brief = settings.warehouse_path, site_from_toml(site_of(stations), where="site")
    text = DEMO_TARIFF.read_text()
    tariff_id = tariff_from_urdb(text, where=DEMO_TARIFF.name).tariff_id
    fleet = Fleet((VAN,), tuple(Vehicle(f"van-{n:03d}", "van") for n in range(1, vans + 1)))
    save_depot(path, brief.depot, saved_at=EVENING)
    save_identities(path, brief.identities, depot_id="large", saved_at=EVENING)
    save_fleet(path, fleet, depot_id="large", saved_at=EVENING)
    save_duties(path, duties_of(vans, seed=seed), depot_id="large", saved_at=EVENING)
    save_policy(path, NeedPolicy(learns=False), depot_id="large", saved_at=EVENING)
    save_tariff_record(path, text, tariff_id=tariff_id, saved_at=EVENING)
    choose_tariff(path, "large", tariff_id=tariff_id)
    choose_depot(path, "large")
