"""Duties as rows that people edit, in local time, and saved as a version once they are sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from depotlib.errors import DutyError
from depotlib.ingest.duty_file import duty_from_row
from depotlib.model.calendar import local_to_utc, zone
from depotlib.model.depot import Depot
from depotlib.model.duty import Duty
from depotlib.settings import Settings
from depotlib.store.catalogue import save_duties


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A duty as a row of a sheet.

    Parameters
    ----------
    duty_id, vehicle_id : str
    departure_local, return_local : str
        In the depot's time, ``2026-11-02 17:00``; with an offset where the hour comes twice.
    distance_km : float
    payload_share, must_soc, target_soc : float
        As of a `Duty`.
    """

    duty_id: str
    vehicle_id: str
    departure_local: str
    return_local: str
    distance_km: float
    payload_share: float = 0.0
    must_soc: float = 0.0
    target_soc: float = 0.0


def duty_rows(duties: Sequence[Duty], *, time_zone: ZoneInfo) -> list[DutyRow]:
    """Return duties as rows, by departure."""
    return [
        DutyRow(
            duty_id=one.duty_id,
            vehicle_id=one.vehicle_id,
            departure_local=_local_text(one.departure, time_zone),
            return_local=_local_text(one.return_at, time_zone),
            distance_km=one.distance_km,
            payload_share=one.payload_share,
            must_soc=one.must_soc,
            target_soc=one.target_soc,
        )
        for one in sorted(duties, key=lambda one: (one.departure, one.vehicle_id))
    ]


def edited_duties(rows: Sequence[Mapping[str, object]], depot: Depot) -> tuple[Duty, ...]:
    """Return the duties that edited rows describe, by departure.

    Raises
    ------
    DutyError
        If a row is no duty, or two have the same id: says which, counted from 1.
    """
    time_zone = zone(depot.time_zone)
    seen: dict[str, int] = {}
    duties: list[Duty] = []
    for number, row in enumerate(rows, start=1):
        where = f"the duties, row {number}"
        texts = {name: str(value) for name, value in row.items()}
        duty = duty_from_row(texts, where=where, time_zone=time_zone)
        if not duty.duty_id or not duty.vehicle_id:
            raise DutyError("a duty needs an id and a van", where=where)
        if duty.duty_id in seen:
            raise DutyError(
                f"the id {duty.duty_id!r} is that of row {seen[duty.duty_id]}, too",
                where=where,
                hint="give each duty an id of its own",
            )
        seen[duty.duty_id] = number
        duties.append(duty)
    return tuple(sorted(duties, key=lambda one: (one.departure, one.vehicle_id)))


def save_edited_duties(
    settings: Settings, duties: tuple[Duty, ...], *, depot_id: str, now: datetime
) -> None:
    """Save duties in place of all that a depot had, as its newest version."""
    save_duties(settings.warehouse_path, duties, depot_id=depot_id, saved_at=now)


def _local_text(instant: datetime, time_zone: ZoneInfo) -> str:
    local = instant.astimezone(time_zone)
    bare = local.replace(tzinfo=None, fold=0)
    is_clear = local_to_utc(bare, time_zone) == instant
    return (bare if is_clear else local).isoformat(sep=" ", timespec="minutes")
