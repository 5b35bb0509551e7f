"""Charging sessions inferred from a vehicle's readings, where a vendor has no charge events.

A session is a span in which the vehicle says that it is charging; where it never says, one in which
its state of charge rises. Plug times are unknown, so charging times stand for both. A span counts
only if the file shows the vehicle *not* charging before it: so every export that holds the
beginning gives the same session the same key (source, vehicle, instant), and one that begins in
the middle of it gives none that would be counted twice.

Energy comes from a counter, as the sum of its steps: a counter that falls has restarted at 0. It is
counted by the vehicle, behind the losses, so it is energy into the battery.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from depotlib.ingest.facts import Fact, Facts, Partner, RegisterReading
from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import Origin
from depotlib.ingest.readings import VehicleReading
from depotlib.ingest.session_rows import SessionRow
from depotlib.model.import_report import Finding

LEAST_RISE_SOC: Final = 0.02
"""A smaller rise is rounding or a hill: no charging is concluded from it."""
STALE_KWH: Final = 3.0
"""An electric van takes a tenth of it for one percent: more cannot leave its charge as it is."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """Facts with the sessions that follow from them, and what is worth knowing."""

    facts: Facts
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Point:
    at: datetime
    row: int
    soc: float | None
    is_charging: bool | None
    power_kw: float | None
    odometer_km: float | None


@dataclass(frozen=True, slots=True)
class _Span:
    start: _Point
    end: datetime | None


@dataclass(slots=True)
class _History:
    points: list[_Point] = field(default_factory=list[_Point])
    counters: list[RegisterReading] = field(default_factory=list[RegisterReading])


def with_inferred_sessions(facts: Facts) -> Inferred:
    """Return facts and the sessions that follow from readings and counters of energy."""
    sessions: list[SessionRow] = []
    partners: dict[int, Partner] = {}
    unseen = 0
    for vehicle_id, history in sorted(_histories(facts).items()):
        spans, unseen_starts = _spans(history.points)
        unseen += unseen_starts
        for span in spans:
            used = _counters_of(history.counters, span)
            for counter in used:
                partners.setdefault(counter.row, Partner(counter.row, of_row=span.start.row))
            sessions.append(_session(span, history, used=used, who=(vehicle_id, facts.origin)))
    conclusions: list[Fact] = [*sessions, *partners.values()]
    return Inferred(
        facts=facts.with_conclusions(conclusions), findings=tuple(_findings(sessions, unseen))
    )


def _findings(sessions: Sequence[SessionRow], unseen: int) -> list[Finding]:
    stale = sum(
        row.start_soc is not None
        and row.start_soc == row.end_soc
        and (row.energy_battery_kwh or 0.0) >= STALE_KWH
        for row in sessions
    )
    return counted(
        [
            ("inferred_session", len(sessions),
             "sessions inferred from readings, since this vendor has no charge events; their "
             "plug-in and plug-out are unknown and charging times stand for them"),
            ("charging_before_file", unseen,
             "times a vehicle was charging already when its readings begin, of which no session "
             "is made: an export that holds the beginning gives it"),
            ("stale_soc", stale,
             "sessions that moved energy and left the state of charge as it was"),
        ]
    )  # fmt: skip


def _histories(facts: Facts) -> dict[str, _History]:
    histories: dict[str, _History] = defaultdict(_History)
    for reading in facts.of(VehicleReading):
        histories[reading.vehicle_id].points.append(_point(reading))
    for counter in facts.of(RegisterReading):
        histories[counter.vehicle_id].counters.append(counter)
    for history in histories.values():
        history.points = _with_odometers(history.points)
        history.counters.sort(key=lambda counter: (counter.at, counter.row))
    return histories


def _with_odometers(points: Sequence[_Point]) -> list[_Point]:
    """Return points in order of time, each with the odometer as it was known by then."""
    read_km: dict[datetime, float] = {}
    for point in points:
        if point.odometer_km is not None:
            read_km[point.at] = point.odometer_km
    known_km: float | None = None
    placed: list[_Point] = []
    for point in sorted(points, key=lambda point: (point.at, point.row)):
        if point.at in read_km:
            known_km = read_km[point.at]
        placed.append(replace(point, odometer_km=known_km))
    return placed


def _point(reading: VehicleReading) -> _Point:
    values = reading.values
    is_charging = values.get("is_charging")
    return _Point(
        at=reading.at,
        row=reading.row,
        soc=values.get("soc"),
        is_charging=None if is_charging is None else bool(is_charging),
        power_kw=values.get("power_kw"),
        odometer_km=values.get("odometer_km"),
    )


def _spans(points: Sequence[_Point]) -> tuple[list[_Span], int]:
    """Return the spans of charging, and how many began before the readings do."""
    states = [point for point in points if point.is_charging is not None]
    if states:
        return list(_spans_by_state(states)), int(bool(states[0].is_charging))
    rises = list(_rises(points))
    seen = [rise for rise in rises if rise.start is not _first_charge(points)]
    return seen, len(rises) - len(seen)


def _spans_by_state(states: Sequence[_Point]) -> Iterator[_Span]:
    begun: _Point | None = None
    for before, now in pairwise(states):
        if now.is_charging and not before.is_charging and now.at > before.at:
            begun = now
        elif begun is not None and before.is_charging and not now.is_charging:
            yield _Span(begun, now.at)
            begun = None
    if begun is not None:
        yield _Span(begun, None)


def _first_charge(points: Sequence[_Point]) -> _Point | None:
    return next((point for point in points if point.soc is not None), None)


def _rises(points: Sequence[_Point]) -> Iterator[_Span]:
    """Yield spans in which the charge only rises and the odometer, where read, stands still."""
    charges = [point for point in points if point.soc is not None]
    first = last = None
    for before, now in pairwise(charges):
        if _soc(now) > _soc(before) and not _has_moved(before, now):
            first, last = first or before, now
        elif first is not None and (_soc(now) < _soc(before) or _has_moved(before, now)):
            yield from _long_enough(first, last)
            first = last = None
    if first is not None:
        yield from _long_enough(first, last)


def _long_enough(first: _Point, last: _Point | None) -> Iterator[_Span]:
    if last is not None and _soc(last) - _soc(first) >= LEAST_RISE_SOC:
        yield _Span(first, last.at)


def _soc(point: _Point) -> float:
    return point.soc or 0.0


def _has_moved(before: _Point, now: _Point) -> bool:
    known = before.odometer_km is not None and now.odometer_km is not None
    return known and before.odometer_km != now.odometer_km


def _counters_of(counters: Sequence[RegisterReading], span: _Span) -> list[RegisterReading]:
    """Return the counter's readings within a span, and the last before it to count from."""
    first = bisect_left(counters, span.start.at, key=_at)
    within = counters[first : _end_of(counters, span)]
    return [*counters[max(0, first - 1) : first], *within] if within else []


def _at(told: RegisterReading | _Point) -> datetime:
    return told.at


def _end_of(told: Sequence[RegisterReading] | Sequence[_Point], span: _Span) -> int:
    """Return where what belongs to a span ends in a list in order of time."""
    return len(told) if span.end is None else bisect_right(told, span.end, key=_at)


def _counted_kwh(counters: Sequence[RegisterReading]) -> float | None:
    """Return the sum of a counter's steps; after a restart it counts from 0."""
    if len(counters) <= 1:
        return None
    return sum(
        now.energy_kwh - before.energy_kwh if now.energy_kwh >= before.energy_kwh
        else now.energy_kwh
        for before, now in pairwise(counters)
    )  # fmt: skip


def _session(
    span: _Span, history: _History, *, used: Sequence[RegisterReading], who: tuple[str, Origin]
) -> SessionRow:
    vehicle_id, origin = who
    start, points = span.start.at, history.points
    after_start = bisect_right(points, start, key=_at)
    within = points[bisect_left(points, start, key=_at) : _end_of(points, span)]
    return SessionRow(
        session_key=f"{origin.source}/{vehicle_id}/{start:%Y-%m-%dT%H:%M:%SZ}",
        source=origin.source,
        vehicle_id=vehicle_id,
        plug_start=start,
        plug_end=span.end,
        charge_start=start,
        charge_end=span.end,
        energy_battery_kwh=_counted_kwh(used),
        peak_kw=max((point.power_kw for point in within if point.power_kw is not None
                     and point.power_kw >= 0), default=None),
        start_soc=_last_soc(points[at] for at in reversed(range(after_start))),
        end_soc=_last_soc(reversed(points[after_start : _end_of(points, span)])),
        is_estimated=True,
        src_file=origin.file,
        src_row=span.start.row,
    )  # fmt: skip


def _last_soc(backwards: Iterable[_Point]) -> float | None:
    return next((point.soc for point in backwards if point.soc is not None), None)
