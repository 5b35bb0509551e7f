"""A small night, a small bill and a small load for tests of charts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.bill import Bill, BillLine
from depotlib.model.calendar import BillingPeriod
from depotlib.model.depot import ChargingStation, Connector, Depot, Evse, GridConnection
from depotlib.model.dwell import Dwell
from depotlib.model.plan import (
    AuditReport,
    ConnectorWindow,
    Occupancy,
    Plan,
    PlanHeader,
    YardMove,
)
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
START: Final = datetime(2026, 11, 2, 17, tzinfo=UTC)
"""18:00 in Amsterdam."""
QUARTER: Final = timedelta(minutes=15)
GRID: Final = TimeGrid(start=START, interval_s=900, count=8)


def station(station_id: str, *, pool: str, max_kw: float) -> ChargingStation:
    plug = Connector(connector_id=f"{station_id}/1", number=1, max_kw=max_kw)
    return ChargingStation(
        station_id=station_id,
        circuit_id=None,
        pool=pool,
        current_type="AC",
        max_kw=max_kw,
        safe_limit_kw=0.0,
        evses=(Evse(evse_id=1, connectors=(plug,)),),
    )


DEPOT: Final = Depot(
    depot_id="small",
    name="Small depot",
    time_zone=AMSTERDAM.key,
    currency="EUR",
    grid=GridConnection(service_kw=60.0, operating_limit_kw=50.0),
    circuits=(),
    stations=(station("AC-1", pool="ac", max_kw=10.0), station("DC-1", pool="dc", max_kw=40.0)),
)
DWELLS: Final = tuple(
    Dwell(
        vehicle_id=vehicle_id,
        arrival=START,
        departure=GRID.end,
        energy_must_kwh=5.0,
        energy_target_kwh=10.0,
        pool=pool,
    )
    for vehicle_id, pool in (("van-1", "ac"), ("van-2", "dc"))
)
PRICES: Final = PriceTerms(
    currency="EUR",
    # One hour at 0.20, one at 0.40.
    energy=(EnergyTerm("energy", (0.2,) * 4 + (0.4,) * 4),),
    peaks=(
        PeakTerm("peak all night", tuple(range(8)), 10.0),
        PeakTerm("peak of the evening", (0, 1, 2, 3), 5.0),
    ),
)


def plan(policy: str = "optimal", *, occupancy: Occupancy = "assigned") -> Plan:
    """Return van-1 at 10 kW for an hour, then van-2 at 20 kW for an hour: 10 and 20 kWh."""
    is_assigned = occupancy == "assigned"
    rows = [
        (vehicle_id, plug if is_assigned else None, START + index * QUARTER, power_kw)
        for vehicle_id, plug, first, power_kw in (
            ("van-1", "AC-1/1", 0, 10.0),
            ("van-2", "DC-1/1", 4, 20.0),
        )
        for index in range(first, first + 4)
    ]
    windows = (
        ConnectorWindow("van-1", "AC-1/1", START, START + 4 * QUARTER),
        ConnectorWindow("van-2", "DC-1/1", START, GRID.end),
    )
    return Plan(
        header=header(policy, occupancy=occupancy),
        grid=GRID,
        setpoints=pl.DataFrame(
            rows,
            schema={
                "vehicle_id": pl.String,
                "connector_id": pl.String,
                "interval_start": pl.Datetime("us", "UTC"),
                "power_kw": pl.Float64,
            },
            orient="row",
        ),
        windows=windows if is_assigned else (),
        moves=(YardMove("van-1", "AC-1/1", None, START + 4 * QUARTER),) if is_assigned else (),
        shortfalls=(),
        bindings=(),
        audit=AuditReport(violations=(), checks=("site_limit",)),
    )


def header(policy: str, *, occupancy: Occupancy) -> PlanHeader:
    return PlanHeader(
        plan_id=f"plan of {policy}",
        problem_digest="",
        made_at=START,
        policy=policy,
        path="flow",
        occupancy=occupancy,
        status="optimal",
        currency="EUR",
        bill_amount=300.0,
        energy_amount=60.0,
        demand_amount=200.0,
        bound_amount=290.0,
        gap_share=10 / 290,
        peak_kw=20.0,
        billed_peak_kw=20.0,
        unmet_kwh=0.0,
        vehicles=2,
        ready=2,
        swaps=0,
        build_s=0.0,
        solve_s=0.0,
        pushable=True,
        pushable_reason="",
    )


def load(start: datetime, powers_kw: list[float | None]) -> pl.DataFrame:
    """Return quarter-hours from an instant on."""
    return pl.DataFrame(
        {
            "interval_start": [start + index * QUARTER for index in range(len(powers_kw))],
            "power_kw": powers_kw,
        },
        schema={"interval_start": pl.Datetime("us", "UTC"), "power_kw": pl.Float64},
    )


def steps(powers_kw: list[float]) -> pl.DataFrame:
    return load(START, list(powers_kw)).rename({"interval_start": "at"})


def bill(start: datetime, end: datetime, *, set_by: datetime) -> Bill:
    """Return 10 kWh x 0.20, 30 kW x 10 set by an interval, and 5 of fixed charges."""
    return Bill(
        period=BillingPeriod(start=start, end=end),
        currency="EUR",
        lines=(
            BillLine("Energy", Decimal(10), "kWh", Decimal("0.2"), Decimal("2.00")),
            BillLine("Demand", Decimal(30), "kW", Decimal(10), Decimal("300.00"), set_by, "demand"),
            BillLine("Fixed", Decimal(1), "month", Decimal(5), Decimal("5.00"), None, "fixed"),
        ),
    )
