"""What the records of a file say: facts of every kind, made frames with a closed account."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, TypeVar

import polars as pl

from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import (
    AssignmentRow,
    DutyRow,
    Origin,
    TripRow,
    VehicleRow,
    fleet_frame,
    latest_rows,
)
from depotlib.ingest.meter_rows import MeterRow
from depotlib.ingest.readings import MERGED_SCHEMA, VehicleReading, joined_readings
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.session_rows import (
    SessionRow,
    latest_versions,
    session_findings,
    session_frame,
)
from depotlib.ingest.source import Conventions, SourceRows
from depotlib.model.frames import (
    AssignmentFrame,
    DutyFrame,
    MeterFrame,
    TripFrame,
    VehicleFrame,
)
from depotlib.model.import_report import Finding, Rejection


@dataclass(frozen=True, slots=True)
class RegisterReading:
    """A counter of energy that a vehicle was charged with; it may restart at 0.

    Parameters
    ----------
    vehicle_id : str
    at : datetime
    energy_kwh : float
        As counted [kWh].
    row : int
    """

    vehicle_id: str
    at: datetime
    energy_kwh: float
    row: int


@dataclass(frozen=True, slots=True)
class Partner:
    """A record whose value went into the fact of another record (`of_row`)."""

    row: int
    of_row: int


Fact: TypeAlias = (
    VehicleReading
    | SessionRow
    | TripRow
    | DutyRow
    | VehicleRow
    | AssignmentRow
    | MeterRow
    | RegisterReading
    | Partner
)
_Kind = TypeVar("_Kind", bound=Fact)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the records of one file say.

    Parameters
    ----------
    origin : Origin
    said : tuple of Fact
        In the order of the file; what was concluded from them comes last.
    readers : mapping of int to FieldReader
        Every record that was read, by its row.
    rejections : tuple of Rejection
    """

    origin: Origin
    said: tuple[Fact, ...]
    readers: Mapping[int, FieldReader]
    rejections: tuple[Rejection, ...]

    def of(self, kind: type[_Kind]) -> list[_Kind]:
        """Return the facts of one kind."""
        return [fact for fact in self.said if isinstance(fact, kind)]

    def with_conclusions(self, facts: Iterable[Fact]) -> "Facts":
        """Return these facts and others that follow from them."""
        return replace(self, said=(*self.said, *facts))


def facts_of(
    readers: Sequence[FieldReader],
    say: Callable[[FieldReader], Sequence[Fact]],
    *,
    origin: Origin,
) -> Facts:
    """Return what each record says; one with a fault, or that says nothing, is a rejection.

    Parameters
    ----------
    readers : sequence of FieldReader
    say : callable
        Gives the facts of one record, and notes its first fault in the reader.
    origin : Origin
    """
    said: list[Fact] = []
    rejections: list[Rejection] = []
    for reader in readers:
        facts = say(reader)
        if not facts:
            reader.reject("says_nothing", "no field of the record is used")
        if reader.rejection is None:
            said.extend(facts)
        else:
            rejections.append(reader.rejection)
    return Facts(
        origin=origin,
        said=tuple(said),
        readers={reader.record.row: reader for reader in readers},
        rejections=tuple(rejections),
    )


def reading_of(
    reader: FieldReader,
    vehicle_id: str,
    *,
    at: datetime | None,
    values: Mapping[str, float | bool],
) -> list[Fact]:
    """Return what a vehicle reported as a fact; nothing where a fault or no value was found."""
    if at is None or not values or reader.rejection is not None:
        return []
    return [VehicleReading(vehicle_id=vehicle_id, at=at, values=values, row=reader.record.row)]


def with_trip_odometers(facts: Facts) -> Facts:
    """Return facts and a reading of the odometer at the end of each trip, as last recalculated."""
    return facts.with_conclusions(
        VehicleReading(
            vehicle_id=trip.vehicle_id,
            at=trip.end,
            values={"odometer_km": trip.end_odometer_km},
            row=trip.src_row,
        )
        for trip in latest_rows(facts.of(TripRow))
        if trip.end is not None and trip.end_odometer_km is not None
    )


def plug_findings(facts: Facts) -> list[Finding]:
    """Return how many sessions take charging times for plug times, as the vendor knows no others."""
    sessions, _ = latest_versions(facts.of(SessionRow))
    text = "charges that name no plug-in and no plug-out: charging times stand for both"
    return counted([("no_plug_times", len(sessions), text)])


def source_rows(
    facts: Facts,
    *,
    conventions: Conventions,
    rows_in: int | None = None,
    rejections: Iterable[Rejection] = (),
    findings: Iterable[Finding] = (),
    duties_complete_at: datetime | None = None,
) -> SourceRows:
    """Return the frames of all facts: a record that adds nothing to any of them is a duplicate.

    Parameters
    ----------
    facts : Facts
    conventions : Conventions
    rows_in : int, optional
        Where a table held rows that were no records (`rejections`).
    rejections : iterable of Rejection
        Of such rows.
    findings : iterable of Finding
        Beside those that sessions and readings have by themselves.
    duties_complete_at : datetime, optional
        As `SourceRows` has it.
    """
    frames = _frames(facts)
    unused = _unused(facts, frames.kept)
    rejected = {rejection.row for rejection in (*facts.rejections, *unused)}
    return SourceRows(
        rows_in=len(facts.readers) if rows_in is None else rows_in,
        conventions=conventions,
        sessions=frames.by_name["sessions"],
        telematics=frames.by_name["telematics"],
        meter=frames.by_name["meter"],
        trips=frames.by_name["trips"],
        duties=frames.by_name["duties"],
        vehicles=frames.by_name["vehicles"],
        assignments=frames.by_name["assignments"],
        merged_rows=frames.merged_rows,
        duties_complete_at=duties_complete_at,
        duplicates=len(facts.readers.keys() - frames.kept - rejected),
        rejections=in_row_order(facts.rejections, rejections, unused),
        findings=(*findings, *frames.findings),
    )


@dataclass(frozen=True, slots=True)
class _Frames:
    by_name: Mapping[str, pl.DataFrame | None]
    merged_rows: pl.DataFrame
    findings: tuple[Finding, ...]

    @property
    def kept(self) -> set[int]:
        """Return the records that are in any frame, or went into a row of one."""
        frames = (*self.by_name.values(), self.merged_rows)
        return {row for frame in frames if frame is not None for row in frame["src_row"].to_list()}


def _frames(facts: Facts) -> _Frames:
    origin = facts.origin
    sessions, _ = latest_versions(facts.of(SessionRow))
    joined = joined_readings(facts.of(VehicleReading), source=origin.source, file=origin.file)
    fleet = {
        "trips": (latest_rows(facts.of(TripRow)), TripFrame),
        "duties": (latest_rows(facts.of(DutyRow)), DutyFrame),
        "vehicles": (latest_rows(facts.of(VehicleRow)), VehicleFrame),
        "assignments": (latest_rows(facts.of(AssignmentRow)), AssignmentFrame),
        "meter": (latest_rows(facts.of(MeterRow)), MeterFrame),
    }
    return _Frames(
        by_name={
            "sessions": session_frame(sessions) if sessions else None,
            "telematics": None if joined.telematics.is_empty() else joined.telematics,
            **{name: fleet_frame(rows, schema, origin=origin)
               for name, (rows, schema) in fleet.items()},
        },
        merged_rows=_merged(facts, joined.merged_rows),
        findings=(*session_findings(sessions), *joined.findings),
    )  # fmt: skip


def _merged(facts: Facts, joined: pl.DataFrame) -> pl.DataFrame:
    """Return which record went into the row of which other, partners included."""
    into = dict(joined.rows())
    partners = [
        (partner.row, into.get(partner.of_row, partner.of_row)) for partner in facts.of(Partner)
    ]
    return pl.DataFrame([*into.items(), *partners], schema=MERGED_SCHEMA, orient="row")


def _unused(facts: Facts, kept: set[int]) -> list[Rejection]:
    """Return counters that no session was found for: they go nowhere, and that is said."""
    return [
        Rejection(
            row=register.row,
            reason="not_used",
            detail="a counter of energy outside every charging session that begins in the file",
            raw=facts.readers[register.row].record.raw,
        )
        for register in facts.of(RegisterReading)
        if register.row not in kept
    ]
