"""The depot and the plan that the vans of `faulty_night` stand in, in the product's own types."""

from collections.abc import Sequence
from datetime import timedelta

from depotlib.model.depot import ChargingStation, Connector, Depot, Evse, GridConnection
from depotlib.model.fleet import VehicleClass
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.reconciliation.planned import PlannedStay
from tests.unit.reconciliation.faulty_night import FaultyVan
from tests.unit.reconciliation.faulty_world import LEAST_KW, SAFE_KW, World, at

KIND = VehicleClass(
    class_id="van",
    usable_kwh=68.0,
    consumption_kwh_per_km=0.3,
    wall_efficiency_share=0.9,
    ac_max_kw=11.0,
    dc_max_kw=80.0,
)
QUARTER = timedelta(minutes=15)


def station(plug_id: str, *, max_kw: float, is_dc: bool) -> ChargingStation:
    plug = Connector(connector_id=plug_id, number=1, max_kw=max_kw, min_kw=LEAST_KW)
    return ChargingStation(
        station_id=plug_id.split("/", maxsplit=1)[0],
        circuit_id=None,
        pool="dc" if is_dc else "ac",
        current_type="DC" if is_dc else "AC",
        max_kw=max_kw,
        safe_limit_kw=SAFE_KW,
        evses=(Evse(evse_id=1, connectors=(plug,)),),
    )


def depot(vans: Sequence[FaultyVan]) -> Depot:
    stations = {
        world.bay: station(
            world.bay, max_kw=world.bay_kw, is_dc=world.is_dc and world.bay == van.planned.bay
        )
        for van in vans
        for world in (van.planned, van.actual)
    }
    return Depot(
        depot_id="north",
        name="North yard",
        time_zone="Europe/London",
        currency="GBP",
        grid=GridConnection(service_kw=900.0, operating_limit_kw=900.0),
        circuits=(),
        stations=tuple(stations.values()),
    )


def planned_stay(van: FaultyVan) -> PlannedStay:
    """The plan that was pushed: that of the actual world, since a poor plan is a fault of its own."""
    world: World = van.actual
    departs = at(world.departs)
    steps = tuple(
        LimitStep(start=at(0) + index * QUARTER, limit_kw=power_kw * world.plan_scale)
        for index, power_kw in enumerate(world.plan_line)
    )
    schedule = ConnectorSchedule(
        connector_id=van.planned.bay,
        vehicle_id=world.van,
        steps=steps,
        valid_to=departs,
        departure=departs,
        energy_target_kwh=world.target_kwh,
    )
    return PlannedStay(
        vehicle_id=world.van,
        arrival=at(world.arrives),
        departure=departs,
        must_kwh=world.target_kwh / 2,
        target_kwh=world.target_kwh,
        schedules=(schedule,),
        kind=KIND,
    )
