"""Reports that events ask for: what was drawn under their limits, interval by interval or minute.

The figures are those of the record by minute that the gateway writes while a limit holds.

References
----------
.. [1] OpenADR Alliance, "OpenADR 3.1.0 User Guide", 7.5 (report management).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from depotlib.feeds.openadr.event import Event, Interval, ReportWish
from depotlib.feeds.openadr.limits import reference_of
from depotlib.model.grid_limit import SITE_NODE, LimitMinute
from depotlib.model.openadr import OpenAdrSource
from depotlib.units import energy_kwh

GRACE: Final = timedelta(seconds=90)
"""The record of a minute is written after its end."""
MINUTE: Final = timedelta(minutes=1)
WHOLE_SHARE: Final = 0.99
"""A span that was watched for this share of it is known."""
POWER: Final = "DEMAND"
ENERGY: Final = "USAGE"
PEAK: Final = "PEAK"
BY_MINUTE: Final = frozenset({"SUB_INTERVALS", "OPEN_INTERVALS"})
DECIMALS: Final = 3


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that can be given now.

    Parameters
    ----------
    name : str
        Its own among all of this client.
    event : Event
    wish : ReportWish
    intervals : tuple of Interval
    """

    name: str
    event: Event
    wish: ReportWish
    intervals: tuple[Interval, ...]


def is_provided(wish: ReportWish) -> bool:
    """Return whether such a report is given: power or energy that was drawn, no forecast."""
    return wish.payload_kind in {POWER, ENERGY} and wish.is_historical


def due_reports(events: Iterable[Event], *, now: datetime) -> tuple[DueReport, ...]:
    """Return every report whose intervals are over, those that were given included."""
    found: list[DueReport] = []
    for event in events:
        for number, wish in enumerate(event.reports):
            if not is_provided(wish):
                continue
            for place, group in enumerate(_groups(event.intervals, wish)):
                if group and max(one.end for one in group) + GRACE <= now:
                    name = f"{event.event_id}.{number}.{place}"
                    found.append(DueReport(name, event, wish, group))
    return tuple(found)


def report_of(
    due: DueReport,
    source: OpenAdrSource,
    *,
    program_id: str,
    minutes: Mapping[str, Sequence[LimitMinute]],
) -> dict[str, object]:
    """Return a report as it is sent.

    Parameters
    ----------
    due : DueReport
    source : OpenAdrSource
    program_id : str
    minutes : mapping of str to sequence of LimitMinute
        The record of the limits by their reference.
    """
    units = "KW" if due.wish.payload_kind == POWER else "KWH"
    reading = PEAK if _is_peak(due.wish) else "MEAN"
    told: list[dict[str, object]] = []
    for one in due.intervals:
        reference = reference_of(due.event.event_id, one.interval_id)
        told += _told(one, due.wish, minutes=minutes.get(reference, ()))
    report: dict[str, object] = {
        "eventID": due.event.event_id,
        "clientName": source.ven_name,
        "reportName": due.name,
        "payloadDescriptors": [
            {
                "objectType": "REPORT_PAYLOAD_DESCRIPTOR",
                "payloadType": due.wish.payload_kind,
                "readingType": reading if due.wish.payload_kind == POWER else "SUMMED",
                "units": units,
            }
        ],
        "resources": [
            {
                "resourceName": "AGGREGATED_REPORT"
                if due.wish.is_aggregate
                else source.resource_name or source.ven_name,
                "intervals": told,
            }
        ],
    }
    # 3.1 knows the programme by the event.
    return {"programID": program_id, **report} if source.version == "3.0" else report


def _groups(intervals: Sequence[Interval], wish: ReportWish) -> list[tuple[Interval, ...]]:
    """Return the intervals of each report: all at the end, or every so many."""
    first = max(0, wish.first)
    chosen = intervals[first : first + wish.count] if wish.count > 0 else intervals[first:]
    size = wish.every if wish.every > 0 else max(1, len(chosen))
    return [tuple(chosen[at : at + size]) for at in range(0, len(chosen), size)]


def _told(
    interval: Interval, wish: ReportWish, *, minutes: Sequence[LimitMinute]
) -> list[dict[str, object]]:
    mine = sorted(
        (one for one in minutes if interval.start <= one.start < interval.end),
        key=lambda one: one.start,
    )
    if wish.intervals not in BY_MINUTE:
        return [
            _entry(interval.interval_id, interval.start, end=interval.end, minutes=mine, wish=wish)
        ]
    return [
        _entry(interval.interval_id, one.start, end=one.start + MINUTE, minutes=[one], wish=wish)
        for one in mine
    ]


def _entry(
    interval_id: str,
    start: datetime,
    *,
    end: datetime,
    minutes: Sequence[LimitMinute],
    wish: ReportWish,
) -> dict[str, object]:
    payloads: list[dict[str, object]] = [
        {"type": wish.payload_kind, "values": [round(_value(minutes, wish), DECIMALS)]},
        {"type": "DATA_QUALITY", "values": [_quality(minutes, end - start)]},
    ]
    period = {"start": _stamp(start), "duration": f"PT{round((end - start).total_seconds())}S"}
    return {"id": int(interval_id), "intervalPeriod": period, "payloads": payloads}


def _value(minutes: Sequence[LimitMinute], wish: ReportWish) -> float:
    used_kwh = sum(energy_kwh(one.mean_kw, one.watched_s) for one in minutes)
    if wish.payload_kind == ENERGY:
        return used_kwh
    if _is_peak(wish):
        return max((one.most_kw for one in minutes), default=0.0)
    watched_s = sum(one.watched_s for one in minutes)
    return sum(one.mean_kw * one.watched_s for one in minutes) / watched_s if watched_s else 0.0


def _quality(minutes: Sequence[LimitMinute], span: timedelta) -> str:
    watched_s = sum(one.watched_s for one in minutes)
    if not watched_s:
        return "MISSING"
    is_metered = all(one.measured_by == "site_meter" for one in minutes if one.node_id == SITE_NODE)
    is_whole = watched_s >= WHOLE_SHARE * span.total_seconds()
    return "OK" if is_metered and is_whole else "ESTIMATED"


def _is_peak(wish: ReportWish) -> bool:
    return wish.payload_kind == POWER and wish.reading_kind == PEAK


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
