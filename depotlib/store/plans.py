"""Plans: kept whole, found by id."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import TypeAdapter

from depotlib.errors import RecordMissingError
from depotlib.model.frames import SetpointFrame
from depotlib.model.plan import (
    AuditReport,
    Binding,
    ConnectorWindow,
    Plan,
    PlanHeader,
    Shortfall,
    YardMove,
)
from depotlib.model.timegrid import TimeGrid
from depotlib.store.connection import reading, writing
from depotlib.store.query import frame

HEADER: Final = TypeAdapter(PlanHeader)
WINDOWS: Final = TypeAdapter(tuple[ConnectorWindow, ...])
MOVES: Final = TypeAdapter(tuple[YardMove, ...])
SHORTFALLS: Final = TypeAdapter(tuple[Shortfall, ...])
BINDINGS: Final = TypeAdapter(tuple[Binding, ...])
AUDIT: Final = TypeAdapter(AuditReport)
HEADER_COLUMNS: Final = tuple(field.name for field in fields(PlanHeader))


def save_plan(path: Path, plan: Plan) -> None:
    """Keep a plan. Its id is its digest, so the same plan again changes nothing."""
    row = asdict(plan.header) | {
        "grid_start": plan.grid.start,
        "grid_interval_s": plan.grid.interval_s,
        "grid_count": plan.grid.count,
        "windows_json": WINDOWS.dump_json(plan.windows).decode(),
        "moves_json": MOVES.dump_json(plan.moves).decode(),
        "shortfalls_json": SHORTFALLS.dump_json(plan.shortfalls).decode(),
        "bindings_json": BINDINGS.dump_json(plan.bindings).decode(),
        "audit_json": AUDIT.dump_json(plan.audit).decode(),
    }
    setpoints = SetpointFrame.validate(plan.setpoints, cast=True)
    with writing(path) as connection:
        known = connection.execute(
            "SELECT 1 FROM plan WHERE plan_id = ?", [plan.header.plan_id]
        ).fetchall()
        if known:
            return
        connection.register("incoming_plan", pl.DataFrame([row]))
        connection.execute("INSERT INTO plan BY NAME SELECT * FROM incoming_plan")
        connection.register("incoming", setpoints)
        connection.execute(
            "INSERT INTO plan_setpoint SELECT ?, vehicle_id, connector_id, interval_start, "
            "power_kw FROM incoming",
            [plan.header.plan_id],
        )


def load_plan(path: Path, plan_id: str) -> Plan:
    """Return a plan as it was saved.

    Raises
    ------
    RecordMissingError
        If the warehouse has no such plan.
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(connection, "SELECT * FROM plan WHERE plan_id = ?", plan_id)
        setpoints = frame(
            connection,
            "SELECT vehicle_id, connector_id, interval_start, power_kw FROM plan_setpoint "
            "WHERE plan_id = ? ORDER BY rowid",
            plan_id,
        )
    if found.is_empty():
        raise RecordMissingError(
            f"the warehouse has no plan {plan_id!r}",
            where=str(path),
            hint="list the plans to see their ids",
        )
    row = found.row(0, named=True)
    return Plan(
        header=_headers(found)[0],
        grid=TimeGrid(
            start=row["grid_start"], interval_s=row["grid_interval_s"], count=row["grid_count"]
        ),
        setpoints=setpoints,
        windows=WINDOWS.validate_json(row["windows_json"]),
        moves=MOVES.validate_json(row["moves_json"]),
        shortfalls=SHORTFALLS.validate_json(row["shortfalls_json"]),
        bindings=BINDINGS.validate_json(row["bindings_json"]),
        audit=AUDIT.validate_json(row["audit_json"]),
    )


def plan_headers(path: Path) -> list[PlanHeader]:
    """Return the header of every plan, the latest first.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(connection, "SELECT * FROM plan ORDER BY made_at DESC, plan_id")
    return _headers(found)


def _headers(found: pl.DataFrame) -> list[PlanHeader]:
    return [HEADER.validate_python(row) for row in found.select(HEADER_COLUMNS).to_dicts()]
