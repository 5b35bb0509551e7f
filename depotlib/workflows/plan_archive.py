"""A plan as one Parquet file: its setpoints as rows, all the rest as metadata."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import TypeAdapter, ValidationError

from depotlib.errors import PlanFileError
from depotlib.model.dwell import Dwell
from depotlib.model.frames import SetpointFrame
from depotlib.model.plan import (
    AssetSchedule,
    AuditReport,
    Binding,
    ConnectorWindow,
    Plan,
    PlanHeader,
    Shortfall,
    YardMove,
)
from depotlib.model.timegrid import TimeGrid

METADATA_KEY: Final = "depotlib.plan"


@dataclass(frozen=True, slots=True)
class Stay:
    """When a vehicle of a kept plan is at the depot."""

    vehicle_id: str
    arrival: datetime
    departure: datetime


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan read back, with the stays that it was made for."""

    plan: Plan
    stays: tuple[Stay, ...]


@dataclass(frozen=True, slots=True)
class PlanMetadata:
    """All of a plan but its setpoints."""

    header: PlanHeader
    grid: TimeGrid
    windows: tuple[ConnectorWindow, ...]
    moves: tuple[YardMove, ...]
    shortfalls: tuple[Shortfall, ...]
    bindings: tuple[Binding, ...]
    audit: AuditReport
    stays: tuple[Stay, ...]
    assets: tuple[AssetSchedule, ...] = ()


_METADATA: Final = TypeAdapter(PlanMetadata)


def write_plan(path: Path, plan: Plan, *, dwells: Sequence[Dwell]) -> None:
    """Keep a plan as a file: whole or not at all.

    Raises
    ------
    PlanFileError
        If the file cannot be written.
    """
    metadata = PlanMetadata(
        header=plan.header,
        grid=plan.grid,
        windows=plan.windows,
        moves=plan.moves,
        shortfalls=plan.shortfalls,
        bindings=plan.bindings,
        audit=plan.audit,
        stays=tuple(Stay(d.vehicle_id, d.arrival, d.departure) for d in dwells),
        assets=plan.assets,
    )
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        plan.setpoints.write_parquet(
            beside, metadata={METADATA_KEY: _METADATA.dump_json(metadata).decode()}
        )
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise PlanFileError(
            f"the plan cannot be written: {error.strerror or error}",
            where=str(path),
            hint="name a file in a folder that exists and may be written to",
        ) from error


def read_plan(path: Path) -> KeptPlan:
    """Return a plan that `write_plan` kept.

    Raises
    ------
    PlanFileError
        If there is no such file or it holds no plan.
    """
    try:
        text = pl.read_parquet_metadata(path).get(METADATA_KEY, "")
        metadata = _METADATA.validate_json(text)
        setpoints = SetpointFrame.validate(pl.read_parquet(path), cast=True)
    except (OSError, ValidationError, pl.exceptions.PolarsError) as error:
        raise PlanFileError(
            "this is no plan", where=str(path), hint="give a file that depot plan --out has written"
        ) from error
    return KeptPlan(
        plan=Plan(
            header=metadata.header,
            grid=metadata.grid,
            setpoints=setpoints,
            windows=metadata.windows,
            moves=metadata.moves,
            shortfalls=metadata.shortfalls,
            bindings=metadata.bindings,
            audit=metadata.audit,
            assets=metadata.assets,
        ),
        stays=metadata.stays,
    )
