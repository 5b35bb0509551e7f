"""A plan's schedules as files, for systems that take no limits while vehicles charge.

One table for people and spreadsheets, or one file a station with the requests that a central system
would send it: its safe limit, which never expires, and above it the night of each connector. What a
push would send and what is exported come from the same code, so neither asks for more than the plan.
"""

import csv
import io
import json
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.errors import UnwritableFileError
from depotlib.gateway.calls import InstallProfile
from depotlib.gateway.profiles import (
    TENTH_TOLERANCE,
    TENTHS,
    ChargingProfile,
    fallback_profile,
    kw_of_tenths,
    lease_profile,
    limit_tenths,
)
from depotlib.gateway.quirks import Dialect, first_dialect
from depotlib.gateway.ranks import RANK_RAISE
from depotlib.gateway.versions.ocpp16 import OCPP16
from depotlib.gateway.versions.ocpp201 import OCPP201
from depotlib.model.calendar import zone
from depotlib.model.depot import ChargingStation
from depotlib.model.plan import Plan
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.planning.schedule import schedules_of_plan
from depotlib.reports.csv_rows import safe_text
from depotlib.settings import Settings
from depotlib.units import energy_kwh
from depotlib.workflows.plan_tonight import stored_plan
from depotlib.workflows.tonight import Tonight, gather_tonight

Form = Literal["csv", "ocpp16", "ocpp201"]

FORMS: Final[tuple[Form, ...]] = ("csv", "ocpp16", "ocpp201")
WRITERS: Final = {"ocpp16": OCPP16, "ocpp201": OCPP201}
TABLE_NAME: Final = "schedules.csv"
COLUMNS: Final = (
    *("station_id", "connector_id", "connector", "vehicle_id", "start_utc", "end_utc"),
    *("start_local", "limit_kw", "limit_a_per_phase", "phases"),
)
UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]|^\.+")
"""What a station's identity may hold and a file's name had better not."""


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """A file by its name, with its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ExportedSchedules:
    """The schedules of a plan as files.

    Parameters
    ----------
    plan_id : str
    form : {'csv', 'ocpp16', 'ocpp201'}
    files : tuple of ScheduleFile
    lost_kwh : float
        Permitted by the plan and not by the files: stations take tenths of an ampere or watt and a
        limited number of periods, and every rounding goes down.
    """

    plan_id: str
    form: Form
    files: tuple[ScheduleFile, ...]
    lost_kwh: float = 0.0


@dataclass(frozen=True, slots=True)
class _Span:
    """A limit on a connector from an instant to the next; no vehicle: its safe limit."""

    start: datetime
    end: datetime
    limit_kw: float
    vehicle_id: str


def export_schedules(
    settings: Settings, plan_id: str, *, form: Form, out: Path, now: datetime
) -> ExportedSchedules:
    """Return the schedules of a plan of the store, now in files of a folder.

    Parameters
    ----------
    settings : Settings
    plan_id : str
    form : {'csv', 'ocpp16', 'ocpp201'}
    out : Path
        Folder; made if it is not there. Files of the same names are replaced.
    now : datetime

    Raises
    ------
    RecordMissingError
        If there is no such plan.
    PlanNotPushableError
        If no station can follow it.
    UnwritableFileError
        If a file cannot be written.
    """
    tonight = gather_tonight(settings, now=now)
    exported = schedule_files(tonight, stored_plan(settings, plan_id), form=form)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file in exported.files:
            (out / file.name).write_text(file.text, encoding="utf-8", newline="")
    except OSError as error:
        raise UnwritableFileError(
            f"the schedules cannot be written: {error.strerror}",
            where=str(out),
            hint="name a folder that you may write to",
        ) from error
    return exported


def schedule_files(tonight: Tonight, plan: Plan, *, form: Form) -> ExportedSchedules:
    """Return the schedules of a plan as files, none of which asks for more than the plan.

    Parameters
    ----------
    tonight : Tonight
        The facts the plan rests on.
    plan : Plan
    form : {'csv', 'ocpp16', 'ocpp201'}

    Raises
    ------
    PlanNotPushableError
        If no station can follow the plan.
    """
    schedules = schedules_of_plan(
        plan, tonight.dwells, depot=tonight.depot, base_load_kw=np.asarray(tonight.base_load_kw)
    )
    wanted = {one.connector_id for one in schedules}
    stations = [
        station
        for station in tonight.depot.stations
        if any(connector.connector_id in wanted for connector in station.connectors())
    ]
    if form == "csv":
        table = _table(stations, schedules, plan=plan, time_zone=zone(tonight.depot.time_zone))
        return ExportedSchedules(plan.header.plan_id, form, (ScheduleFile(TABLE_NAME, table),))
    files: list[ScheduleFile] = []
    lost_kwh = 0.0
    for station in stations:
        profiles, lost = _profiles(station, schedules, plan=plan)
        lost_kwh += lost
        payloads = [_payload(one, form=form) for one in profiles]
        text = json.dumps(payloads, indent=1, allow_nan=False) + "\n"
        files.append(ScheduleFile(f"{UNSAFE.sub('_', station.station_id)}.{form}.json", text))
    return ExportedSchedules(plan.header.plan_id, form, tuple(files), lost_kwh)


def schedule_archive(exported: ExportedSchedules) -> bytes:
    """Return the files of an export as one ZIP archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in exported.files:
            archive.writestr(file.name, file.text)
    return held.getvalue()


# --- inside ---------------------------------------------------------------------------------


def _spans(
    connector_id: str, schedules: Sequence[ConnectorSchedule], *, safe_kw: float, plan: Plan
) -> list[_Span]:
    """Return a connector's whole night without a gap: its vehicles' limits, else its safe limit."""
    points: dict[datetime, tuple[float, str]] = {plan.grid.start: (safe_kw, "")}
    own = (one for one in schedules if one.connector_id == connector_id)
    for schedule in sorted(own, key=lambda one: one.steps[0].start):
        for step in schedule.steps:
            begins = max(step.start, plan.grid.start)
            points[begins] = (step.limit_kw, schedule.vehicle_id)
        points[schedule.valid_to] = (safe_kw, "")
    starts = sorted(start for start in points if start < plan.grid.end)
    ends = [*starts[1:], plan.grid.end]
    return [_Span(start, end, *points[start]) for start, end in zip(starts, ends, strict=True)]


def _profiles(
    station: ChargingStation, schedules: Sequence[ConnectorSchedule], *, plan: Plan
) -> tuple[list[ChargingProfile], float]:
    """Return what a station must hold for the night, and the energy that it loses by rounding."""
    dialect, safe_kw = first_dialect(station), _safe_kw(station)
    profiles = [fallback_profile(safe_kw, dialect, now=plan.grid.start)]
    lost_kwh = 0.0
    for connector in station.connectors():
        spans = _spans(connector.connector_id, schedules, safe_kw=safe_kw, plan=plan)
        profile = lease_profile(
            [LimitStep(span.start, span.limit_kw) for span in spans],
            dialect,
            connector=connector.number,
            transaction_id=None,
            valid_to=plan.grid.end,
            now=plan.grid.start,
        )
        profiles.append(profile)
        asked_kwh = sum(_span_kwh(span) for span in spans)
        lost_kwh += max(0.0, asked_kwh - _profile_kwh(profile, dialect, plan=plan))
    return profiles, lost_kwh


def _payload(profile: ChargingProfile, *, form: Form) -> dict[str, object]:
    """Return a profile as the request that a central system would send, held to its schema."""
    return WRITERS[form].write_call(InstallProfile("export", profile, rank=RANK_RAISE))[1]


def _profile_kwh(profile: ChargingProfile, dialect: Dialect, *, plan: Plan) -> float:
    """Return the energy that a profile permits within the plan."""
    begins_s = (plan.grid.start - profile.start).total_seconds()
    ends_s = (plan.grid.end - profile.start).total_seconds()
    starts_s = [max(begins_s, float(period.start_s)) for period in profile.periods]
    return sum(
        energy_kwh(kw_of_tenths(period.limit_tenths, dialect), max(0.0, until_s - from_s))
        for period, from_s, until_s in zip(
            profile.periods, starts_s, [*starts_s[1:], ends_s], strict=True
        )
    )


def _span_kwh(span: _Span) -> float:
    return energy_kwh(span.limit_kw, (span.end - span.start).total_seconds())


def _table(
    stations: Sequence[ChargingStation],
    schedules: Sequence[ConnectorSchedule],
    *,
    plan: Plan,
    time_zone: ZoneInfo,
) -> str:
    held = io.StringIO(newline="")
    table = csv.writer(held, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for station in stations:
        dialect = first_dialect(station)
        for connector in station.connectors():
            for span in _spans(
                connector.connector_id, schedules, safe_kw=_safe_kw(station), plan=plan
            ):
                cells = (
                    *(station.station_id, connector.connector_id, str(connector.number)),
                    *(span.vehicle_id, f"{span.start:%Y-%m-%dT%H:%M:%SZ}"),
                    f"{span.end:%Y-%m-%dT%H:%M:%SZ}",
                    span.start.astimezone(time_zone).isoformat(timespec="minutes"),
                    *(_kilowatts(span.limit_kw), _amperes(span.limit_kw, dialect)),
                    str(station.phases),
                )
                table.writerow([safe_text(one) for one in cells])
    return held.getvalue()


def _amperes(limit_kw: float, dialect: Dialect) -> str:
    """Return a limit in amperes per phase, rounded down; empty on DC, where it has no meaning."""
    if dialect.current_type == "DC":
        return ""
    return _tenths(limit_tenths(limit_kw, dialect))


def _kilowatts(limit_kw: float) -> str:
    """Return a limit in kilowatts, rounded down."""
    return _tenths(math.floor(limit_kw * TENTHS + TENTH_TOLERANCE))


def _tenths(tenths: int) -> str:
    return f"{tenths // TENTHS}.{tenths % TENTHS}"


def _safe_kw(station: ChargingStation) -> float:
    return station.safe_limit_kw / sum(1 for _ in station.connectors())
