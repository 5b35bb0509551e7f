"""A yard of one station with two plugs that misbehaves as it is told."""

from datetime import UTC, datetime, timedelta

from depotlib.model.site_file import site_from_toml
from depotlib.virtual.charging_profiles import Period, StoredProfile
from depotlib.virtual.script import Misbehaviour, NightScript, ScriptedVehicle, Stay
from depotlib.virtual.yard import STEP, VirtualYard

START = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE = """
[depot]
depot_id = "one"
name = "One station"
time_zone = "UTC"
[grid]
service_kw = 100.0
operating_limit_kw = 100.0
[[station]]
station_id = "S"
current_type = "DC"
max_kw = 50.0
safe_limit_kw = 0.0
phases = 3
connectors = 2
"""
VAN = ScriptedVehicle(
    vehicle_id="van-1", id_tag="TAG-1", usable_kwh=80.0, max_kw=60.0, arrival_soc=0.2
)


def yard(*kinds, van=VAN, cabinet_kw=100.0, second=None, **facts):
    """A yard of one DC station with two plugs; van-1 stands on the first for an hour."""
    depot = site_from_toml(f"{SITE}cabinet_kw = {cabinet_kw}\n", where="site.toml").depot
    vans = [van] if second is None else [van, second]
    stays = tuple(
        Stay(vehicle_id=one.vehicle_id, connector_id=f"S/{number}", plug_in=START,
             unplug=START + HOUR)
        for number, one in enumerate(vans, start=1)
    )  # fmt: skip
    faults = tuple(Misbehaviour(station_id="S", kind=kind, **facts) for kind in kinds)
    script = NightScript(vehicle=tuple(vans), stay=stays, misbehaviour=faults)
    return VirtualYard(depot=depot, script=script)


def play(one, seconds, *, begin=0):
    return [one.step(START + (begin + index) * STEP) for index in range(seconds)][-1]


def limit(one, *points, connector=0):
    """Give the station a default limit [kW] that steps at offsets [s] from the start."""
    periods = tuple(Period(start_s=start_s, limit_kw=limit_kw) for start_s, limit_kw in points)
    one.stations["S"].profiles.install(
        StoredProfile(
            profile_id=1,
            connector=connector,
            stack_level=0,
            purpose="TxDefaultProfile",
            start=START,
            valid_from=None,
            valid_to=None,
            duration_s=None,
            periods=periods,
        )
    )
