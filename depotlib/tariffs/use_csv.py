"""Who drew what, and who belongs to which party, as text: two small tables."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import AllocationError, LoadError
from depotlib.model.frames import UseFrame
from depotlib.tariffs.load_csv import Stamps, load_from_csv

ID_COLUMNS: Final = ("vehicle_id", "station_id")


@dataclass(frozen=True, slots=True)
class PartyTable:
    """Which route, cost centre or other party each vehicle or station belongs to.

    Parameters
    ----------
    party_by_id : mapping of str to str
    distance_by_party_km : mapping of str to float
        Sum over the party's ids, where the table has distances [km].
    """

    party_by_id: Mapping[str, str]
    distance_by_party_km: Mapping[str, float]


def uses_from_csv(
    document: bytes,
    *,
    where: str,
    interval_s: int,
    time_zone: ZoneInfo,
    stamps: Stamps = "start",
) -> pl.DataFrame:
    """Return who drew what, a `UseFrame`.

    Parameters
    ----------
    document : bytes
        UTF-8, with a header: interval_start, vehicle_id and/or station_id, and one of power_kw
        [kW], energy_kwh [kWh].
    where : str
        What to call the document in an error.
    interval_s : int
        Length of every interval [s].
    time_zone : ZoneInfo
        Of local times.
    stamps : {'start', 'end'}
        Whether a time names its interval's start or its end.

    Raises
    ------
    LoadError
        If the document is not such a table, or a power is negative.
    """
    table = _table(document, where)
    ids = [name for name in ID_COLUMNS if name in table.columns]
    if not ids or table.is_empty():
        raise LoadError(
            "the uses name neither vehicles nor stations",
            where=where,
            hint="give interval_start, vehicle_id or station_id, and power_kw",
        )
    parts: list[pl.DataFrame] = []
    for key, rows in table.group_by(ids, maintain_order=True):
        named = dict(zip(ids, (_text(part) for part in key), strict=True))
        load = load_from_csv(
            rows.drop(ids).write_csv().encode(),
            where=f"{where}, {' at '.join(name for name in named.values() if name) or 'base load'}",
            time_zone=time_zone,
            interval_s=interval_s,
            stamps=stamps,
        ).load
        parts.append(
            load.with_columns(
                pl.lit(named.get(name), dtype=pl.String).alias(name) for name in ID_COLUMNS
            )
        )
    uses = pl.concat(parts).drop_nulls("power_kw").select(*UseFrame.create_empty().columns)
    if (uses["power_kw"] < 0).any():
        raise LoadError("a use is negative", where=where, hint="uses are import, 0 or more")
    return UseFrame.validate(uses, cast=True)


def parties_from_csv(text: str, *, where: str) -> PartyTable:
    """Return the parties of a table: id, party and, where known, distance_km.

    Raises
    ------
    AllocationError
        If a column is missing, an id stands twice or a distance is none.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in ("id", "party") if name not in (reader.fieldnames or ())]
    if missing:
        raise AllocationError(
            f"the column {missing[0]!r} is missing",
            where=f"{where}, line 1",
            hint="give id, party and, where known, distance_km",
        )
    party_by_id: dict[str, str] = {}
    distances_km: dict[str, float] = {}
    for row in reader:
        place = f"{where}, line {reader.line_num}"
        name, party = (row["id"] or "").strip(), (row["party"] or "").strip()
        if not name or not party or name in party_by_id:
            raise AllocationError(
                f"the id {name!r} stands twice, or has no party",
                where=place,
                hint="give every vehicle or station one party",
            )
        party_by_id[name] = party
        if (row.get("distance_km") or "").strip():
            km = _distance_km(row["distance_km"] or "", place)
            distances_km[party] = distances_km.get(party, 0.0) + km
    return PartyTable(party_by_id=party_by_id, distance_by_party_km=distances_km)


def _table(document: bytes, where: str) -> pl.DataFrame:
    try:
        table = pl.read_csv(io.StringIO(document.decode("utf-8-sig")), infer_schema=False)
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise LoadError(
            f"this is not a table of uses: {error}",
            where=where,
            hint="give a CSV in UTF-8 with interval_start, vehicle_id and power_kw",
        ) from error
    return table.rename({name: name.strip().lower() for name in table.columns})


def _text(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None


def _distance_km(text: str, where: str) -> float:
    try:
        distance_km = float(text)
    except ValueError:
        distance_km = -1.0
    if not 0 <= distance_km < float("inf"):
        raise AllocationError(
            f"{text!r} is no distance", where=where, hint="give kilometres, 0 or more"
        )
    return distance_km
