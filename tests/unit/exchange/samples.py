"""A small depot in all its records, for the tests of the live rooms."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from depotlib.model.alert import Alert, Telling
from depotlib.model.brief import Brief
from depotlib.model.depot import (
    ChargingStation,
    Circuit,
    Connector,
    Depot,
    Evse,
    GridConnection,
    StaffHours,
)
from depotlib.model.diversion import Diversion
from depotlib.model.duty import Duty
from depotlib.model.dwell import Dwell
from depotlib.model.feed import FeedState
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.grid_limit import GridLimit, GridLimitImpact, VehicleImpact
from depotlib.model.identity import BayAssignment, IdentityMap, IdentityToken
from depotlib.model.job import Job
from depotlib.model.live import (
    ConnectorState,
    DialectFound,
    Distrust,
    JournalEntry,
    Lease,
    PushRequest,
    PushResult,
    StationState,
)
from depotlib.model.news import DepartureChange, Heartbeat, NodeReserve, VehicleReading
from depotlib.model.order import Order, OrderKind
from depotlib.model.price_terms import BlockTerm, EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from depotlib.model.site_meter import SiteMeterState
from depotlib.model.timegrid import TimeGrid

EVENING = datetime(2026, 11, 2, 18, tzinfo=UTC)
MORNING = EVENING + timedelta(hours=12)
TOKEN = "the operator's own secret"


def station(station_id: str, *, max_kw: float = 11.0) -> ChargingStation:
    plug = Connector(connector_id=f"{station_id}/1", number=1, max_kw=max_kw, min_kw=1.4)
    return ChargingStation(
        station_id=station_id,
        circuit_id="panel",
        pool="ac",
        current_type="AC",
        max_kw=max_kw,
        safe_limit_kw=1.4,
        evses=(Evse(evse_id=1, connectors=(plug,)),),
    )


def depot() -> Depot:
    return Depot(
        depot_id="north",
        name="North yard",
        time_zone="Europe/London",
        currency="GBP",
        grid=GridConnection(service_kw=60.0, operating_limit_kw=50.0, base_load_max_kw=10.0),
        circuits=(Circuit(circuit_id="panel", parent_id=None, limit_kw=40.0),),
        stations=(station("AC-01"), station("AC-02")),
        staff_hours=StaffHours(start=time(5, 30), end=time(22)),
    )


def dwell(vehicle_id: str = "van-1", *, target_kwh: float = 30.0) -> Dwell:
    """Return a stay whose vehicle takes what the connector gives: its maximum is infinite."""
    return Dwell(
        vehicle_id=vehicle_id,
        arrival=EVENING,
        departure=MORNING,
        energy_must_kwh=target_kwh / 2,
        energy_target_kwh=target_kwh,
        pool="ac",
    )


def fleet() -> Fleet:
    kind = VehicleClass(
        class_id="van",
        usable_kwh=68.0,
        consumption_kwh_per_km=0.3,
        wall_efficiency_share=0.9,
        ac_max_kw=11.0,
        dc_max_kw=80.0,
    )
    vans = tuple(Vehicle(vehicle_id=f"van-{n}", class_id="van", pool="ac") for n in (1, 2))
    return Fleet(classes=(kind,), vehicles=vans)


def prices(count: int) -> PriceTerms:
    return PriceTerms(
        currency="GBP",
        energy=(EnergyTerm(name="energy", price_per_kwh=(0.1,) * count),),
        peaks=(
            PeakTerm(
                name="demand",
                intervals=tuple(range(count)),
                price_per_kw=15.0,
                sunk_kw=12.0,
            ),
        ),
        blocks=(
            BlockTerm(name="block", intervals=(0, 1), edges_kwh=(10.0,), prices_per_kwh=(0.1, 0.2)),
        ),
        fixed_amount=3.5,
    )


def brief() -> Brief:
    grid = TimeGrid(start=EVENING, interval_s=900, count=48)
    return Brief(
        depot=depot(),
        identities=IdentityMap(
            tokens=(IdentityToken(token="TAG-1", kind="tag", vehicle_id="van-1"),)
        ),
        bays=(
            BayAssignment(connector_id="AC-01/1", vehicle_id="van-1", start=EVENING, end=MORNING),
        ),
        fleet=fleet(),
        duties=(
            Duty(
                duty_id="d1",
                vehicle_id="van-1",
                departure=MORNING,
                return_at=MORNING + timedelta(hours=9),
                distance_km=82.5,
            ),
        ),
        dwells=(dwell("van-1"), dwell("van-2")),
        grid=grid,
        prices=prices(48),
        base_load_kw=(5.0,) * 48,
        made_at=EVENING,
    )


def schedule(
    connector_id: str = "AC-01/1", vehicle_id: str = "van-1", *, start: datetime = EVENING
) -> ConnectorSchedule:
    return ConnectorSchedule(
        connector_id=connector_id,
        vehicle_id=vehicle_id,
        steps=(
            LimitStep(start=start, limit_kw=7.4),
            LimitStep(start=start + timedelta(hours=4), limit_kw=0.0),
        ),
        valid_to=MORNING,
        departure=MORNING,
        energy_target_kwh=29.6,
    )


def release(release_id: str = "r1") -> Release:
    return Release(
        release_id=release_id,
        plan_id="p1",
        origin="push",
        brief_version=1,
        made_at=EVENING,
        valid_from=EVENING,
        valid_to=MORNING,
        schedules=(schedule(),),
        pushable=True,
    )


def request(request_id: str = "q1", *, release_id: str = "r1") -> PushRequest:
    return PushRequest(
        request_id=request_id,
        kind="push",
        release_id=release_id,
        digest="d",
        asked_by="ann",
        asked_at=EVENING,
        token=TOKEN,
    )


def order(order_id: str = "o1", *, kind: OrderKind = "hold") -> Order:
    return Order(
        order_id=order_id,
        kind=kind,
        station_id="AC-01",
        connector_id="AC-01/1",
        start=EVENING,
        until=EVENING + timedelta(hours=1),
        reason="the yard is being swept",
        asked_by="ann",
        asked_at=EVENING,
        digest="d",
        token=TOKEN,
        vehicle_id="van-1",
    )


def connector_state(connector_id: str = "AC-01/1", *, vehicle_id: str | None = "van-1"):
    return ConnectorState(
        connector_id=connector_id,
        status="Charging",
        session_id=f"{connector_id}@18:00",
        vehicle_id=vehicle_id,
        identity_source="tag",
        power_kw=7.2,
        energy_kwh=3.6,
        soc=None,
        limit_kw=7.4,
        reserved_kw=7.4,
        session_started_at=EVENING,
        measured_at=EVENING + timedelta(minutes=30),
    )


def station_state(station_id: str = "AC-01") -> StationState:
    return StationState(
        station_id=station_id,
        is_connected=True,
        station_class="A",
        is_fallback_armed=True,
        last_seen=EVENING,
        vendor="Acme",
        model="One",
        connectors=(connector_state(f"{station_id}/1"),),
    )


def distrust() -> Distrust:
    return Distrust("AC-01", "AC-01/1", EVENING, 20.0, 5.0, "stop", EVENING + timedelta(seconds=14))


def diversion() -> Diversion:
    others = (schedule("AC-01/1", "van-1"), schedule("AC-02/1", "van-3"))
    return Diversion("r1", "AC-01/1", schedule("AC-02/1", "van-2"), others)


def lease(seq: int = 1, *, state: str = "recorded") -> Lease:
    return Lease(
        station_id="AC-01",
        connector_id="AC-01/1",
        seq=seq,
        epoch=1,
        steps=(LimitStep(start=EVENING, limit_kw=7.4),),
        valid_to=MORNING,
        state=state,
        release_id="r1",
    )


def push_result(connector_id: str = "AC-01/1") -> PushResult:
    return PushResult(
        request_id="q1",
        station_id=connector_id.partition("/")[0],
        connector_id=connector_id,
        state="accepted",
        note="",
        latency_s=0.21,
        changed_at=EVENING,
    )


def entry(number: int = 0, *, kind="meter") -> JournalEntry:
    return JournalEntry(
        at=EVENING + timedelta(seconds=number),
        kind=kind,
        station_id="AC-01",
        connector_id="AC-01/1",
        payload={"energy_kwh": 0.1 * number, "number": number, "is_last": False, "soc": None},
    )


def node() -> NodeReserve:
    return NodeReserve(
        node_id="site",
        limit_kw=60.0,
        margin_kw=0.0,
        base_load_kw=10.0,
        reserved_kw=8.8,
        power_kw=7.2,
        at=EVENING,
    )


def site_meter() -> SiteMeterState:
    return SiteMeterState(
        kind="modbus",
        address="meter.local:502",
        is_fresh=True,
        power_kw=42.5,
        base_kw=12.0,
        measured_at=EVENING,
        target_kw=60.0,
        allowed_kw=63.2,
        window_kw=51.0,
        window_ends_at=EVENING + timedelta(minutes=15),
        at=EVENING,
    )


def job(job_id: str = "j1") -> Job:
    return Job(
        job_id=job_id,
        kind="plan",
        made_at=EVENING,
        changed_at=EVENING,
        arguments={"night": "2026-11-02", "gap_share": 0.01},
    )


def reading(minutes: int = 0) -> VehicleReading:
    return VehicleReading(
        vehicle_id="van-1",
        at=EVENING + timedelta(minutes=minutes),
        soc=0.4,
        odometer_km=10_250.5,
        source="geotab",
    )


def change(**facts) -> DepartureChange:
    return replace(DepartureChange(vehicle_id="van-1", changed_at=EVENING), **facts)


def beat() -> Heartbeat:
    return Heartbeat(process="gateway", at=EVENING)


def alert() -> Alert:
    return Alert(
        alert_id="van_at_risk:van-1:20261102T180000",
        rule="van_at_risk",
        subject="van-1",
        sentence="van-1 lacks 3 kWh",
        raised_at=EVENING,
        acknowledged_at=MORNING,
        acknowledged_by="ann",
        level=1,
        tellings=(Telling("desk", "mail", EVENING, 2, None, "nobody answers"),),
    )


def grid_limit(limit_id: str = "g1", *, limit_kw: float = 36.0) -> GridLimit:
    """Return 60 % of the sample's service of 60 kW, for two hours from 20:00."""
    return GridLimit(
        limit_id=limit_id,
        node_id="site",
        start=EVENING + timedelta(hours=2),
        end=EVENING + timedelta(hours=4),
        limit_kw=limit_kw,
        source="utility",
        reference="DSO-7",
        given_by="key grid",
        given_at=EVENING,
        service_share=limit_kw / 60.0,
    )


def grid_limit_impact() -> GridLimitImpact:
    vehicle = VehicleImpact("van-1", missing_kwh=3.5, missing_before_kwh=0.0, is_short=False)
    return GridLimitImpact(("g1",), EVENING, "dispatch-1", (vehicle,))


def dialect() -> DialectFound:
    return DialectFound(
        station_id="AC-01",
        vendor="Demo",
        model="Wall",
        firmware="1.2",
        found_at=EVENING,
        changes={"most_levels": 1, "unit": "A"},
        reported={"ChargeProfileMaxStackLevel": "1"},
    )


def feed() -> FeedState:
    return FeedState(
        feed="geotab",
        at=EVENING,
        marks={"StatusData": "00042"},
        failing_since=EVENING,
        failures=2,
        note="no answer",
        unknown_ids=("b7",),
        refused=1,
    )
