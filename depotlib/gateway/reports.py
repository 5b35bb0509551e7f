"""What 2.x stations tell of themselves: faults of their parts, and how they are configured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.model.live import JournalEntry, Scalar

SECRET_KEYS: Final = frozenset({"authorizationkey", "basicauthpassword"})
"""Settings that the journal must never hold: `depot security rotate` changes them."""
MOST_TOLD: Final = 16_000
"""Characters of one part of a report that the journal keeps."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A part that is in trouble, or out of it again.

    Parameters
    ----------
    at : datetime
    connector : int
        EVSE id; 0: the whole station.
    component, variable, value : str
        In the station's words: ``ConnectorPlugRetentionLock``, ``Problem``, ``true``.
    code, detail : str
        The maker's own.
    is_over : bool
    """

    at: datetime
    connector: int
    component: str
    variable: str
    value: str
    code: str = ""
    detail: str = ""
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class FaultTold:
    """NotifyEvent with parts in trouble.

    Parameters
    ----------
    call_id : str
    faults : tuple of Fault
    action : str
    """

    call_id: str
    faults: tuple[Fault, ...]
    action: str = "NotifyEvent"


@dataclass(frozen=True, slots=True)
class ReportTold:
    """NotifyReport: a part of a report, in any order.

    Parameters
    ----------
    call_id : str
    request_id : int
        Of the question.
    part : int
        Its place in the report, from 0.
    values : tuple of (name, value)
        Each with its component, as an errand names it; empty where it has none to show.
    is_last : bool
    action : str
    """

    call_id: str
    request_id: int
    part: int
    values: tuple[tuple[str, str], ...]
    is_last: bool
    action: str = "NotifyReport"


def is_secret(key: str) -> bool:
    """Return whether a setting is one that nobody may see; 2.x names it with its component."""
    return key.rpartition(".")[2].lower() in SECRET_KEYS


def entries_of(
    told: FaultTold | ReportTold,
    station_id: str,
    *,
    places: Mapping[int, str],
    now: datetime,
) -> list[JournalEntry]:
    """Return the notes of what a station tells of itself.

    Parameters
    ----------
    told : FaultTold or ReportTold
    station_id : str
    places : mapping of int to str
        Its connectors, as it counts; what it tells of others is told of the whole station.
    now : datetime
    """
    if isinstance(told, ReportTold):
        return [JournalEntry(now, "report_told", station_id, None, _facts_of_report(told))]
    return [
        JournalEntry(
            one.at, "fault_told", station_id, places.get(one.connector), _facts_of_fault(one)
        )
        for one in told.faults
    ]


def _facts_of_fault(fault: Fault) -> dict[str, Scalar]:
    return {
        "component": fault.component,
        "variable": fault.variable,
        "value": fault.value,
        "code": fault.code,
        "detail": fault.detail,
        "is_over": fault.is_over,
    }


def _facts_of_report(report: ReportTold) -> dict[str, Scalar]:
    """Return a part of a report as facts; what is too long for the journal is counted."""
    lines = [
        f"{name} is not shown" if is_secret(name) else f"{name} = {value}"
        for name, value in report.values
    ]
    kept = _as_many(lines)
    return {
        "request_id": report.request_id,
        "part": report.part,
        "is_last": report.is_last,
        "variables": len(lines),
        "left_out": len(lines) - len(kept),
        "told": "; ".join(kept),
    }


def _as_many(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    length = 0
    for line in lines:
        length += len(line) + len("; ")
        if length > MOST_TOLD:
            break
        kept.append(line)
    return kept
