"""The morning report as files: a page and its figures, written at once or each day at an hour."""

import html
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from depotlib.clock import Clock
from depotlib.errors import DepotError, InputError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.calendar import local_instant, zone
from depotlib.model.display import Display
from depotlib.model.reconciliation import CAUSES, Cause, NightReconciliation, VehicleReconciliation
from depotlib.reports.cell_text import BY_ISO
from depotlib.settings import Settings
from depotlib.units import wh_to_kwh
from depotlib.workflows.reconcile_night import reconcile_night
from depotlib.workflows.review_store import printed_in
from depotlib.workflows.yard_moves import write_yard_page

CAUSE_WORDS: Final[dict[Cause, str]] = {
    "late_plug_in": "plugged in late",
    "early_plug_out": "unplugged early",
    "wrong_bay": "wrong bay",
    "unknown_identity": "unknown identity",
    "limit": "limit",
    "taper": "taper",
    "vehicle_limit": "vehicle's own limit",
    "station_fault": "station fault",
    "communication": "communication",
    "override": "operator's order",
    "plan": "plan",
}
VAN_HEADINGS: Final = (
    "Van", "Ready", "Wanted kWh", "Planned kWh", "Delivered kWh", "Missing kWh", "Because of",
)  # fmt: skip
CAUSE_HEADINGS: Final = ("Cause", "Missing kWh", "Vans")
NUMBERS: Final = frozenset({*VAN_HEADINGS[2:6], *CAUSE_HEADINGS[1:]})
"""Columns that are set to the right."""
UNEXPLAINED: Final = "not explained"
REPORTS: Final = "reports"
POLL_S: Final = 5.0
"""How often the hour is looked at, on the machine's clock [s]."""
_STYLE: Final = """
  body { font-family: sans-serif; color: #000; background: #fff; margin: 1.5cm; }
  table { border-collapse: collapse; width: 100%; font-size: 11pt; margin-bottom: 1cm; }
  th, td { border: 1px solid #444; padding: 3pt 5pt; text-align: left; vertical-align: top; }
  .number { text-align: right; white-space: nowrap; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  @page { size: A4 landscape; margin: 1.5cm; }
"""


@dataclass(frozen=True, slots=True)
class CauseSum:
    """What one cause took in a night.

    Parameters
    ----------
    words : str
    missing_wh : int
        [Wh].
    vans : int
        How many it took something of.
    """

    words: str
    missing_wh: int
    vans: int


def why_missing(one: VehicleReconciliation) -> str:
    """Return in words what took the energy that a vehicle lacks."""
    parts = [
        f"{CAUSE_WORDS[share.cause]} {_kwh(share.missing_wh)} ({share.why})" for share in one.shares
    ]
    if one.unexplained_wh:
        parts.append(f"{UNEXPLAINED} {_kwh(one.unexplained_wh)}")
    return "; ".join(parts)


def van_cells(one: VehicleReconciliation) -> tuple[str, ...]:
    """Return one vehicle in words, in the order of `VAN_HEADINGS`."""
    return (
        one.vehicle_id,
        "yes" if one.is_ready else "no",
        _kwh(one.target_wh),
        _kwh(one.planned_wh),
        _kwh(one.delivered_wh),
        _kwh(one.missing_wh),
        why_missing(one),
    )


def cause_sums(night: NightReconciliation) -> list[CauseSum]:
    """Return each cause that took anything, the largest first, what is not explained last."""
    taken: list[tuple[int, Cause]] = [(night.taken_wh(cause), cause) for cause in CAUSES]
    sums = [
        CauseSum(CAUSE_WORDS[cause], wh, _count(night, cause))
        for wh, cause in sorted(taken, key=lambda one: -one[0])
        if wh
    ]
    if night.unexplained_wh:
        vans = sum(one.unexplained_wh > 0 for one in night.vehicles)
        sums.append(CauseSum(UNEXPLAINED, night.unexplained_wh, vans))
    return sums


def cause_cells(night: NightReconciliation) -> list[tuple[str, ...]]:
    """Return each cause that took anything in words, in the order of `CAUSE_HEADINGS`."""
    return [(one.words, _kwh(one.missing_wh), str(one.vans)) for one in cause_sums(night)]


def summary(night: NightReconciliation) -> str:
    """Return the night in one sentence."""
    ready = sum(one.is_ready for one in night.vehicles)
    text = (
        f"{ready} of {len(night.vehicles)} vans had what their duty needs; "
        f"{_kwh(night.missing_wh)} kWh of what was wanted are missing."
    )
    if night.nobodys_wh:
        text += f" {_kwh(night.nobodys_wh)} kWh went to sessions that nobody can be named for."
    return text


def morning_page(night: NightReconciliation, *, display: Display = BY_ISO) -> str:
    """Return the report as a page to print, with the days of a depot."""
    time_zone = zone(night.time_zone)
    title = f"Morning report, night of {display.dated(night.night)}"
    causes = cause_cells(night)
    vans = [van_cells(one) for one in night.vehicles]
    made_at = night.made_at.astimezone(time_zone)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n<p>{html.escape(night.depot_name)}. "
        f"{html.escape(summary(night))} Times are local ({html.escape(time_zone.key)}), as of "
        f"{display.dated(made_at)} {made_at:%H:%M}. Pushed: {html.escape(night.release_id or 'nothing')}.</p>\n"
        f"<h2>What took it</h2>\n{_table(CAUSE_HEADINGS, causes) or '<p>Nothing is missing.</p>'}\n"
        f"<h2>Vans</h2>\n{_table(VAN_HEADINGS, vans) or '<p>No stay has ended yet.</p>'}\n"
        "</body>\n</html>\n"
    )


def morning_json(night: NightReconciliation) -> str:
    """Return the report's figures: whole watt-hours, instants with their offset."""
    return json.dumps(asdict(night), default=lambda one: one.isoformat(), indent=1) + "\n"


def write_morning(path: Path, text: str) -> None:
    """Write a page or figures, whole or not at all."""
    write_yard_page(path, text)


def write_reports(settings: Settings, *, now: datetime) -> tuple[Path, Path]:
    """Return page and figures of the last night, written into the depot's folder of reports.

    Raises
    ------
    MailboxMissingError, InputError
        As `reconcile_night`.
    """
    night = reconcile_night(settings, now=now)
    folder = settings.home / REPORTS
    page, figures = (folder / f"morning-{night.night}.{ending}" for ending in ("html", "json"))
    write_morning(page, morning_page(night, display=printed_in(settings)))
    write_morning(figures, morning_json(night))
    return page, figures


def read_hour(text: str) -> time:
    """Return a local time of day.

    Raises
    ------
    InputError
        If the text is none.
    """
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no time of day", where="at", hint="write 08:30") from error


def watch_mornings(
    settings: Settings,
    clock: Clock,
    *,
    hour: time,
    stop: threading.Event,
    tell: Callable[[str], None],
) -> None:
    """Write the reports each day at an hour of the depot, until told to stop.

    A start after the hour writes those of the day at once, so that a restart loses none; what
    cannot be written now is told, and tried again at the next hour.
    """
    done_at = datetime.min.replace(tzinfo=clock.now().tzinfo)
    while not stop.is_set():
        now = clock.now()
        due_at = _last_hour(settings, hour, now=now)
        if due_at is not None and done_at < due_at:
            done_at = now
            try:
                page, _ = write_reports(settings, now=now)
                tell(f"written: {page}")
            except DepotError as error:
                tell(str(error))
        stop.wait(POLL_S)


def _last_hour(settings: Settings, hour: time, *, now: datetime) -> datetime | None:
    """Return when the hour last came; None while nobody has said where the depot is."""
    if not settings.mailbox_path.exists():
        return None
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        published = mailbox.brief()
    if published is None:
        return None
    time_zone = zone(published[1].depot.time_zone)
    today = now.astimezone(time_zone).date()
    due = [
        local_instant(day, hour, time_zone=time_zone) for day in (today, today - timedelta(days=1))
    ]
    return next(one for one in due if one <= now)


def _count(night: NightReconciliation, cause: Cause) -> int:
    return sum(share.cause == cause for one in night.vehicles for share in one.shares)


def _kwh(energy_wh: int) -> str:
    return f"{wh_to_kwh(energy_wh):.3f}"


def _table(headings: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    marks = [' class="number"' if name in NUMBERS else "" for name in headings]
    head = _row("th", headings, marks=marks)
    lines = "\n".join(_row("td", row, marks=marks) for row in rows)
    return f"<table>\n<thead>{head}</thead>\n<tbody>\n{lines}\n</tbody>\n</table>"


def _row(tag: str, texts: Sequence[str], *, marks: Sequence[str]) -> str:
    cells = (
        f"<{tag}{mark}>{html.escape(text)}</{tag}>" for text, mark in zip(texts, marks, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"
