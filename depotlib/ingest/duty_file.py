"""Duties from a CSV: ``duty_id, vehicle_id, departure_local, return_local, distance_km``.

It may also have ``payload_share``, ``must_soc`` and ``target_soc``.
"""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.errors import DutyError, ModelError
from depotlib.model.calendar import is_in_gap, local_to_utc
from depotlib.model.duty import Duty

COLUMNS: Final = ("duty_id", "vehicle_id", "departure_local", "return_local", "distance_km")

SHARES: Final = ("payload_share", "must_soc", "target_soc")
"""Columns that a file may have beside those it must."""


def duties_from_csv(text: str, *, where: str, time_zone: ZoneInfo) -> tuple[Duty, ...]:
    """Return the duties of a CSV text; times without offset are in the depot's zone.

    A duty is a decision, not a reading: one that cannot be driven stops the import as a whole,
    since a night planned without it would leave a vehicle behind.

    Parameters
    ----------
    text : str
        With a header line.
    where : str
        File name, for the error.
    time_zone : ZoneInfo

    Raises
    ------
    DutyError
        If a column is missing or a line holds what cannot be a duty: with file and line.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise DutyError(
            f"the column {missing[0]!r} is missing",
            where=f"{where}, line 1",
            hint=f"duties have the columns {', '.join(COLUMNS)}",
        )
    duties = tuple(
        duty_from_row(row, where=f"{where}, line {reader.line_num}", time_zone=time_zone)
        for row in reader
    )
    if not duties:
        raise DutyError("the file holds no duty", where=where, hint="add a line per duty")
    return duties


def duty_from_row(row: Mapping[str, str | None], *, where: str, time_zone: ZoneInfo) -> Duty:
    """Return the duty of one row, by the names of its columns; `SHARES` may be missing.

    Raises
    ------
    DutyError
        If it cannot be a duty.
    """
    try:
        return Duty(
            duty_id=row.get("duty_id") or "",
            vehicle_id=row.get("vehicle_id") or "",
            departure=_instant(row.get("departure_local"), time_zone),
            return_at=_instant(row.get("return_local"), time_zone),
            distance_km=float(row.get("distance_km") or "nan"),
            **{name: float(row.get(name) or 0.0) for name in SHARES},
        )
    except ModelError as error:
        raise DutyError(error.what, where=where, hint=error.hint) from error
    except ValueError as error:
        raise DutyError(
            f"cannot read {error}", where=where, hint="write times as 2026-11-02T17:00"
        ) from error


def _instant(text: str | None, time_zone: ZoneInfo) -> datetime:
    local = datetime.fromisoformat(text or "")
    if local.tzinfo is not None:
        return local
    if is_in_gap(local, time_zone):
        raise ModelError(
            f"{text} does not exist: the clocks go forward over it",
            hint="give a time before or after the gap",
        )
    return local_to_utc(local, time_zone)
