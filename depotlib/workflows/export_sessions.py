"""Sessions as a file for others: the session table of the EV Charging Use Data Specification.

Four times of each session, neutral and published; grant programmes ask for it. What a depot does
not know (fees, payment) stays empty. Behind the specification's columns, which it allows, stand
station and connector, and, only when asked for, who it was.

References
----------
.. [1] Atlas Public Policy, "EV Charging Use Data Specification", https://evchargingspec.org/
"""

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import UnwritableFileError
from depotlib.ingest.sources.ev_charging_use import COLUMNS
from depotlib.model.calendar import zone
from depotlib.reports.csv_rows import safe_text
from depotlib.settings import Settings
from depotlib.store.sessions import sessions
from depotlib.units import MINUTES_PER_HOUR, SECONDS_PER_MINUTE

_PLACES: Final = ("station_id", "connector_id")
_IDENTITIES: Final = ("vehicle_id", "id_tag")
_DECIMALS: Final = 4
_OFFSET_LENGTH: Final = len("-04:00")


@dataclass(frozen=True, slots=True)
class ExportChoices:
    """Which sessions to export, and how.

    Parameters
    ----------
    site : str or None
        Only those of one site.
    start, end : datetime or None
        Only those that touch the half-open span.
    time_zone : str
        IANA name of the zone that times are written in, each with its offset.
    has_identities : bool
        Whether vehicles and cards are written; otherwise people are numbered (``user-1``).
    """

    site: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    time_zone: str = "UTC"
    has_identities: bool = False


@dataclass(frozen=True, slots=True)
class ExportedSessions:
    """What was written.

    Parameters
    ----------
    path : Path
    count : int
        Sessions in the file.
    left_out : int
        Sessions that still run: the specification wants an end.
    """

    path: Path
    count: int
    left_out: int


ALL: Final = ExportChoices()


def export_sessions(
    settings: Settings, out: Path, *, choices: ExportChoices = ALL
) -> ExportedSessions:
    """Return what was written of the sessions in the store.

    Parameters
    ----------
    settings : Settings
    out : Path
        CSV; a file there is replaced.
    choices : ExportChoices

    Raises
    ------
    StoreMissingError
        If there is no store yet.
    ModelError
        If there is no such time zone.
    UnwritableFileError
        If the file cannot be written.
    """
    found = sessions(
        settings.warehouse_path, site=choices.site, start=choices.start, end=choices.end
    )
    ended = found.filter(pl.col("plug_end").is_not_null())
    text = session_table(
        ended, time_zone=zone(choices.time_zone), has_identities=choices.has_identities
    )
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UnwritableFileError(
            f"the export cannot be written: {error.strerror}",
            where=str(out),
            hint="name a file in a folder that exists and that you may write to",
        ) from error
    return ExportedSessions(path=out, count=ended.height, left_out=found.height - ended.height)


def session_table(frame: pl.DataFrame, *, time_zone: ZoneInfo, has_identities: bool) -> str:
    """Return sessions as the text of a session table.

    Parameters
    ----------
    frame : polars.DataFrame
        `SessionFrame`, of sessions that ended.
    time_zone : ZoneInfo
    has_identities : bool
        See `ExportChoices`.
    """
    columns: list[str] = [*COLUMNS, *_PLACES, *(_IDENTITIES if has_identities else ())]
    tags = sorted(set(frame["id_tag"].drop_nulls()))
    users = {tag: f"user-{number}" for number, tag in enumerate(tags, 1)}
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, columns, extrasaction="ignore", restval="", lineterminator="\r\n")
    table.writeheader()
    for session in frame.iter_rows(named=True):
        row = _row(session, time_zone=time_zone) | {"user_id": users.get(session["id_tag"], "")}
        table.writerow({name: safe_text(value) for name, value in row.items()})
    return out.getvalue()


def _row(session: dict[str, Any], *, time_zone: ZoneInfo) -> dict[str, str]:
    """Return the fields of a session by the names of the specification."""
    times = {
        f"{name}_datetime": _stamp(session[name], time_zone)
        for name in ("plug_start", "plug_end", "charge_start", "charge_end")
    }
    numbers = {
        "energy_kwh": session["energy_wall_kwh"],
        **{name: session[name] for name in ("peak_kw", "start_soc", "end_soc")},
    }
    texts = {name: session[name] or "" for name in (*_PLACES, *_IDENTITIES)}
    return {
        "session_id": session["session_key"],
        "port_id": "-".join(filter(None, (texts["station_id"], texts["connector_id"])))
        or texts["vehicle_id"],
        "session_duration": _clock(session["plug_start"], session["plug_end"]),
        "charging_duration": _clock(session["charge_start"], session["charge_end"]),
        **times,
        **{name: _number(value) for name, value in numbers.items()},
        **texts,
    }


def _stamp(at: datetime | None, time_zone: ZoneInfo) -> str:
    """Return an instant as ``20261031 17:02:30 [-04:00]``."""
    if at is None:
        return ""
    there = at.astimezone(time_zone)
    return f"{there:%Y%m%d %H:%M:%S} [{there.isoformat()[-_OFFSET_LENGTH:]}]"


def _clock(start: datetime | None, end: datetime | None) -> str:
    """Return the time between two instants as hours, which may pass 24, minutes and seconds."""
    if start is None or end is None:
        return ""
    minutes, seconds = divmod((end - start) // timedelta(seconds=1), SECONDS_PER_MINUTE)
    hours, minutes = divmod(minutes, MINUTES_PER_HOUR)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def _number(value: float | None) -> str:
    return "" if value is None else str(round(value, _DECIMALS))
