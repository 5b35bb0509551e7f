"""Counts the quirks of the real session files, with csv and datetime only and nothing of depotlib.

    python tests/known_answers/ingest/real_files/count_quirks.py ../shared/data

A record is refused for the first of: ``blank`` (no field filled; a spreadsheet's ``#N/A`` is not
filled), ``missing_field`` (no start), ``negative_energy``, ``ends_before_start``. Everything else
is counted over the records that are left.
"""

import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

NOTHING = {"", "NA", "#N/A"}
LONDON, DENVER = ZoneInfo("Europe/London"), ZoneInfo("America/Denver")
OSLO, ZURICH = ZoneInfo("Europe/Oslo"), ZoneInfo("Europe/Zurich")
OFFSETS = {"MST": timedelta(hours=-7), "MDT": timedelta(hours=-6)}


@dataclass
class Session:
    line: int
    key: str
    place: str
    start: datetime | None
    end: datetime | None
    kwh: float | None
    duration_s: float | None = None
    quirks: set[str] = field(default_factory=set)
    who: str | None = ""
    stamped_end: datetime | None = None


@dataclass
class Counted:
    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    @property
    def told(self) -> dict[str, object]:
        return {"rows": self.rows, "refused": dict(self.refused), "found": dict(self.found)}


def filled(text: str) -> str:
    return "" if text.strip() in NOTHING else text.strip()


def number(text: str, scale: float = 1.0) -> float | None:
    text = filled(text).replace(",", ".")
    return float(text) * scale if text else None


def seconds(text: str) -> float | None:
    if not filled(text):
        return None
    hours, minutes, rest = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(rest)


def local(naive: datetime | None, zone: ZoneInfo, quirks: set[str]) -> datetime | None:
    """Return the instant of a wall clock; the first of two, and past a gap by the gap."""
    if naive is None:
        return None
    first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() > second.utcoffset():
        quirks.add("clock_repeat")
    elif first.utcoffset() < second.utcoffset():
        quirks.add("clock_gap")
    return first.astimezone(UTC)


def at(text: str, form: str) -> datetime | None:
    if not filled(text):
        return None
    return datetime.strptime(filled(text), form)  # noqa: DTZ007 - a wall clock, before its zone


def turned(day: datetime | None, quirks: set[str]) -> datetime | None:
    """Return a date whose day and month changed places, where it could be."""
    if day is None or day.day > 12:
        return day
    if day.day != day.month:
        quirks.add("swapped_date")
    return day.replace(day=day.month, month=day.day)


def public(row: dict[str, str], line: int, form: str, is_swapped: bool) -> Session:
    """Read Dundee, Perth and the public points of Leeds: dates and times in columns of their own."""
    quirks: set[str] = set()

    def moment(side: str) -> datetime | None:
        day = at(row[f"{side} Date"], form)
        day = turned(day, quirks) if is_swapped else day
        clock = filled(row[f"{side} Time"])
        if day is None or not clock:
            return None
        hour, minute = clock.split(":")[:2]
        return local(day + timedelta(hours=int(hour), minutes=int(minute)), LONDON, quirks)

    start, end, kwh = moment("Start"), moment("End"), number(row["Total kWh"])
    # Without a number of its own a session is the same only if it says the same.
    key = row.get("Charging event") or f"{row['CP ID']} {row['Connector']} {start} {end} {kwh}"
    place, who = f"{row['CP ID']}|{row['Connector']}", filled(row.get("User ID", ""))
    who = "" if who == "unknown" else who
    return Session(line, key, place, start, end, kwh, quirks=quirks, who=who)


def boulder(row: dict[str, str], line: int) -> Session:
    form = "%Y/%m/%d %H:%M:%S+00"  # the offset is not one: the clock is Denver's
    quirks = {"ignored_offset"}
    zones = row["Start_Time_Zone"], row["End_Time_Zone"]
    start, stamped = (
        datetime.strptime(row[name], form).replace(tzinfo=timezone(OFFSETS[zone])).astimezone(UTC)
        for name, zone in zip(("Start_Date___Time", "End_Date___Time"), zones, strict=True)
    )
    if zones[0] != zones[1]:
        quirks.add("zones_differ")
    if stamped.year < 2000:
        quirks.add("epoch_date")
    duration_s, kwh = seconds(row["Total_Duration__hh_mm_ss_"]), number(row["Energy__kWh_"])
    assert duration_s is not None
    if start == stamped and duration_s:
        quirks.add("zero_length_at_minute_resolution")
    if abs((stamped - start).total_seconds() - duration_s) > 60:
        quirks.add("end_disagrees_with_duration")
    end = start + timedelta(seconds=duration_s)
    return Session(line, row["ObjectId"], row["Station_Name"], start, end, kwh, duration_s, quirks)


def norway(row: dict[str, str], line: int) -> Session:
    quirks: set[str] = set()
    form = "%d.%m.%Y %H:%M"
    start = local(at(row["Start_plugin"], form), OSLO, quirks)
    end = local(at(row["End_plugout"], form), OSLO, quirks)
    hours = number(row["Duration_hours"])
    duration_s = None if hours is None else hours * 3600
    kwh, key = number(row["El_kWh"]), row["session_ID"]
    return Session(line, key, "", start, end, kwh, duration_s, quirks, row["User_ID"])


def epfl(row: dict[str, str], line: int) -> Session:
    quirks: set[str] = set()
    form = "%Y-%m-%d %H:%M:%S"
    start = local(at(row["Arrival"], form), ZURICH, quirks)
    end = local(at(row["Departure"], form), ZURICH, quirks)
    kwh = number(row["Energy (Wh)"], 0.001)
    return Session(line, row["Session"], row["CCS"], start, end, kwh, quirks=quirks)


def barnet(row: dict[str, str], line: int) -> Session:
    quirks: set[str] = set()
    form = "%d/%m/%Y %H:%M"
    start, end = (
        local(at(row[f"{side} Date and Time"], form), LONDON, quirks)
        for side in ("Plug in", "Unplug")
    )
    kwh, place = number(row["Total kWh"]), row["Chargepoint ID"]
    return Session(line, row["Charging event"], place, start, end, kwh, quirks=quirks)


def belib(row: dict[str, str], line: int) -> Session:
    form = "%a %b %d %Y %H:%M:%S GMT%z"

    def moment(name: str) -> datetime | None:
        when = at(row[name].split(" (")[0], form)
        return None if when is None else when.astimezone(UTC)

    start, end = moment("Date de début"), moment("Date de fin")
    place = f"{row['Borne']}|{row['Prise de courant']}"
    kwh = number(row["L'énergie (Wh)"], 0.001)
    who, duration_s = row["UUID Badge"], number(row["Durée (sec)"])
    key = f"{place} {who} {start} {end} {kwh}"
    return Session(line, key, place, start, end, kwh, duration_s, who=who)


def sap(row: dict[str, str], line: int) -> Session:
    quirks: set[str] = set()
    socs = (row["Charge batterie demarrage (%)"], row["Charge batterie fin (%)"])
    if "0" in socs:
        quirks.add("unknown_value")
    start, end = (
        datetime.fromisoformat(row[name]).astimezone(UTC) if row[name] else None
        for name in ("Date demarrage", "Date fin")
    )
    place = f"{row['ID borne']}|{row['ID connecteur borne']}"
    kwh = number(row["Consommation totale (Wh)"], 0.001)
    duration_s = number(row["Duree totale (s)"])
    return Session(line, row["ID transaction"], place, start, end, kwh, duration_s, quirks)


def leeds_depot(row: dict[str, str], line: int) -> Session:
    quirks = set() if filled(row["Account"]) else {"missing_account"}
    form = "%d/%m/%Y %H:%M"
    start, stamped = (local(at(row[name], form), LONDON, quirks) for name in ("Start", "End"))
    duration_s = seconds(row["Duration"])
    if start == stamped and duration_s:
        quirks.add("zero_length_at_minute_resolution")
    assert start is not None
    assert duration_s is not None
    kwh = number(row["Total_Energy (kWh)"])
    end = start + timedelta(seconds=duration_s)
    one = Session(line, row["TransactionID"], row["Site"], start, end, kwh, duration_s, quirks)
    one.who, one.stamped_end = None, stamped  # all vans share an account
    return one


def dates(form: str, *, is_swapped: bool = False) -> Callable[[dict[str, str], int], Session]:
    return lambda row, line: public(row, line, form, is_swapped)


ISO = "%Y-%m-%dT00:00:00"
FILES: dict[str, tuple[str, Callable[[dict[str, str], int], Session]]] = {
    "leeds_fleet_depot_knowsthorpe_2020.csv": (",", leeds_depot),
    "sap_labs_company_cars_2019.csv": (";", sap),
    "dundee_2018-06_09.csv": (",", dates("%d/%m/%Y")),
    "dundee_2018-02_swapped_dates.csv": (",", dates(ISO, is_swapped=True)),
    "perth_kinross_2017-09_2018-08.csv": (",", dates(ISO, is_swapped=True)),
    "boulder_2018_2019.csv": (",", boulder),
    "norway_apartments_5_garages.csv": (";", norway),
    "epfl_dc172kW_sessions_2022-04_09.csv": (",", epfl),
    "barnet_2021Q2_blank_rows.csv": (",", barnet),
    "belib_paris_2017-04.csv": (";", belib),
    "leeds_public_2016_EVCP_use_Q3_and_Q4.csv": (",", dates("%m/%d/%Y")),
    "leeds_public_2018_EVCP_use_Q3_and_Q4.csv": (",", dates("%d/%m/%Y")),
    "leeds_public_2020_EVCP_use_Q4.csv": (",", dates("%d/%m/%Y")),
}
OWN_OFFSETS = {
    "sap_labs_company_cars_2019.csv", "boulder_2018_2019.csv", "belib_paris_2017-04.csv",
}  # fmt: skip
"""Files that say for each time how far it is from UTC, in the text or in a column beside it."""


def records(path: Path, delimiter: str) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        lines = csv.reader(opened, delimiter=delimiter)
        head = [name.strip() for name in next(lines)]
        for line in lines:
            yield lines.line_num, dict(zip(head, line, strict=False))


def count_file(path: Path) -> Counted:
    delimiter, reader = FILES[path.name]
    counted = Counted()
    kept: dict[str, Session] = {}
    for line, row in records(path, delimiter):
        counted.rows += 1
        session = reader(row, line) if any(map(filled, row.values())) else None
        counted.found["assumed_time_zone"] += session is not None and path.name not in OWN_OFFSETS
        reason = refusal(session)
        if session is None or reason:
            counted.refused[reason] += 1
            continue
        if session.key in kept:
            counted.found["repeated"] += 1
        kept[session.key] = session
    for session in kept.values():
        counted.found.update(session.quirks)
        counted.found.update(traits(session))
    counted.found["overlap"] = overlapping(kept.values(), lambda one: one.place)
    counted.found["card_twice_at_once"] = overlapping(kept.values(), lambda one: one.who or "")
    counted.found = +counted.found
    return counted


def refusal(session: Session | None) -> str:
    if session is None:
        return "blank"
    if session.start is None:
        return "missing_field"
    if session.kwh is not None and session.kwh < 0:
        return "negative_energy"
    if session.end is not None and session.end < session.start:
        return "ends_before_start"
    return ""


def traits(session: Session) -> Iterator[str]:
    if session.who == "":
        yield "missing_identity"
    if session.kwh == 0:
        yield "zero_energy"
    if session.kwh is not None and session.kwh > 1000:
        yield "implausible_energy"
    if session.start is None or session.end is None:
        yield "open"
    else:
        yield from traits_of_length(session, (session.end - session.start).total_seconds())


def traits_of_length(session: Session, length_s: float) -> Iterator[str]:
    if length_s == 0:
        yield "zero_length"
    if length_s > 24 * 3600:
        yield "longer_than_24_h"
    if length_s and session.kwh and session.kwh * 3600 / length_s > 1000:
        yield "implausible_power"
    if session.duration_s is not None and abs(session.duration_s - length_s) > 60:
        yield "end_disagrees_with_duration"


def overlapping(sessions: Iterable[Session], name: Callable[[Session], str]) -> int:
    places: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in sessions:
        if name(one) and one.start and one.end:
            places[name(one)].append((one.start, one.stamped_end or one.end))
    pairs = 0
    for stays in places.values():
        stays.sort()
        for index, (_, end) in enumerate(stays):
            pairs += sum(begin < end for begin, _ in stays[index + 1 :])
    return pairs


def swaps_before_unswapping(path: Path) -> dict[str, int]:
    """Return what the swapped dates do to a file that is believed: lengths below 0, above a week."""
    found: Counter[str] = Counter()
    for line, row in records(path, ","):
        one = public(row, line, ISO, is_swapped=False)
        if one.start and one.end:
            found["ends_before_start"] += one.end < one.start
            found["longer_than_a_week"] += one.end - one.start > timedelta(days=7)
    return dict(found)


def main() -> None:
    folder = Path(sys.argv[1]) / "sessions"
    counts = {name: count_file(folder / name).told for name in FILES}
    json.dump(counts, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
