"""Small true things to put into a warehouse, and a look at all that it holds."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import polars as pl

from depotlib.model.depot import (
    ChargingStation,
    Circuit,
    Connector,
    Depot,
    Evse,
    GridConnection,
    StaffHours,
)
from depotlib.model.frames import MeterFrame, SessionFrame, SetpointFrame, TelematicsFrame
from depotlib.model.plan import (
    AuditReport,
    Binding,
    ConnectorWindow,
    Plan,
    PlanHeader,
    Shortfall,
    Violation,
    YardMove,
)
from depotlib.model.timegrid import TimeGrid
from depotlib.store.connection import reading
from depotlib.store.imports import ImportBatch, write_import

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def after(**span: float) -> datetime:
    return MIDNIGHT + timedelta(**span)


def session(key: str = "s1", *, row: int = 1, **values: object) -> dict[str, object]:
    known: dict[str, object] = {
        "session_key": key,
        "source": "log",
        "site": "Leeds",
        "station_id": "cp1",
        "plug_start": MIDNIGHT,
        "plug_end": after(hours=8),
        "energy_wall_kwh": 21.0,
        "is_estimated": False,
        "src_file": "log.csv",
        "src_row": row,
    }
    return known | values


def reading_of(vehicle_id: str, *, minute: float, row: int, **values: object) -> dict[str, object]:
    known: dict[str, object] = {
        "vehicle_id": vehicle_id,
        "at": after(minutes=minute),
        "source": "telematics",
        "src_file": "t.json",
        "src_row": row,
    }
    return known | values


def meter_row(*, minute: float, power_kw: float, row: int, interval_s: int = 60):
    return {
        "meter_id": "main",
        "interval_start": after(minutes=minute),
        "interval_s": interval_s,
        "power_kw": power_kw,
        "src_file": "m.csv",
        "src_row": row,
    }


def sessions_frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SessionFrame.create_empty().schema)


def telematics_frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=TelematicsFrame.create_empty().schema)


def meter_frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=MeterFrame.create_empty().schema)


def batch(digest: str, *, rows_in: int, **parts: object) -> ImportBatch:
    return ImportBatch(file=f"{digest}.csv", source="log", digest=digest, rows_in=rows_in, **parts)


def import_sessions(path: Path, *rows: dict[str, object], digest: str = "sessions"):
    given = batch(digest, rows_in=len(rows), sessions=sessions_frame(*rows))
    return write_import(path, given, imported_at=NOON)


def import_telematics(path: Path, *rows: dict[str, object], digest: str = "telematics"):
    given = batch(digest, rows_in=len(rows), telematics=telematics_frame(*rows))
    return write_import(path, given, imported_at=NOON)


def import_meter(path: Path, *rows: dict[str, object], digest: str = "meter"):
    given = batch(digest, rows_in=len(rows), meter=meter_frame(*rows))
    return write_import(path, given, imported_at=NOON)


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table of a warehouse."""
    with reading(path) as connection:
        names = [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
        return {
            name: sorted(connection.sql(f"FROM {name}").pl().rows(), key=repr) for name in names
        }


def a_depot(depot_id: str = "leeds") -> Depot:
    station = ChargingStation(
        station_id="cp1",
        circuit_id="panel-A",
        pool="ac",
        current_type="AC",
        max_kw=7.4,
        safe_limit_kw=1.4,
        evses=(Evse(1, (Connector("cp1/1", 1, max_kw=7.4, min_kw=1.4),)),),
    )
    return Depot(
        depot_id=depot_id,
        name="Fleet depot",
        time_zone="Europe/London",
        currency="GBP",
        grid=GridConnection(service_kw=350, operating_limit_kw=300, margin_kw=5),
        circuits=(Circuit("panel-A", None, 120.0),),
        stations=(station,),
        staff_hours=StaffHours(start=time(22), end=time(6)),
    )


def a_plan(plan_id: str = "p1", *, made_at: datetime = NOON) -> Plan:
    header = PlanHeader(
        plan_id=plan_id,
        problem_digest="d1",
        made_at=made_at,
        policy="optimal",
        path="flow",
        occupancy="assigned",
        status="shortfall",
        currency="USD",
        bill_amount=1234.5,
        energy_amount=234.5,
        demand_amount=1000.0,
        bound_amount=1234.0,
        gap_share=0.0004,
        peak_kw=300.0,
        billed_peak_kw=300.0,
        unmet_kwh=2.5,
        vehicles=2,
        ready=1,
        swaps=1,
        build_s=0.01,
        solve_s=0.02,
        pushable=True,
        pushable_reason="",
    )
    return Plan(
        header=header,
        grid=TimeGrid(start=MIDNIGHT, interval_s=900, count=4),
        setpoints=pl.DataFrame(
            [("van-2", None, after(minutes=15), 3.3), ("van-1", "cp1/1", MIDNIGHT, 7.4)],
            schema=SetpointFrame.create_empty().schema,
            orient="row",
        ),
        windows=(ConnectorWindow("van-1", "cp1/1", MIDNIGHT, after(hours=1)),),
        moves=(YardMove("van-1", "cp1/1", None, after(hours=1)),),
        shortfalls=(Shortfall("van-2", 2.5, 0.0, "the panel is full"),),
        bindings=(
            Binding("site_limit[3]", after(minutes=45), 1.2, "10 kW more save 12"),
            Binding("energy[van-2]", None, 0.0, "the stay is too short"),
        ),
        audit=AuditReport(
            violations=(Violation("site_limit", "interval 3", "301 kW"),), checks=("site_limit",)
        ),
    )
