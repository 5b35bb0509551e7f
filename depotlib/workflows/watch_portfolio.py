"""Several depots at one look: each from its own folder, which is only read."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from depotlib.errors import DepotError, MailboxMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.bill import Bill
from depotlib.model.calendar import calendar_month, zone
from depotlib.model.depot import Depot
from depotlib.model.live import JournalRecord
from depotlib.model.plan import PlanHeader
from depotlib.settings import Settings
from depotlib.store.load import ChargingAssumption, load_profile
from depotlib.tariffs.bill import bill_period
from depotlib.workflows.review_demand import stored_tariff
from depotlib.workflows.review_store import StoreReview, review_store
from depotlib.workflows.tonight import INTERVAL_S
from depotlib.workflows.trace_night import NightTrace, trace_night
from depotlib.workflows.watch_night import NightNow, is_stale, watch_night

ReadySource = Literal["live", "plan", "nothing"]
A_NIGHT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DepotLine:
    """One depot of several.

    Parameters
    ----------
    home : Path
    name : str
        Of the depot; of its folder, where there is none in it.
    ready, vehicles : int
        Vans that have what they must have, of all of tonight.
    ready_by : {'live', 'plan', 'nothing'}
        Whether that is metered, or as the newest plan of these hours says.
    peak_kw : float or None
        Highest quarter of an hour that was metered tonight; None: nothing was.
    limit_kw : float or None
        What setpoints obey.
    bill_amount : float or None
        What this month's sessions cost so far; None: there are none, or no tariff.
    currency : str
    silent, stations : int
        Stations that are not heard of, of all that ever were.
    last_at : datetime or None
        Of the newest record in the journal.
    last_kind : str
    trouble : str
        Why something of it cannot be read; empty: all could.
    """

    home: Path
    name: str
    ready: int = 0
    vehicles: int = 0
    ready_by: ReadySource = "nothing"
    peak_kw: float | None = None
    limit_kw: float | None = None
    bill_amount: float | None = None
    currency: str = ""
    silent: int = 0
    stations: int = 0
    last_at: datetime | None = None
    last_kind: str = ""
    trouble: str = ""


def watch_portfolio(settings: Settings, *, now: datetime) -> tuple[DepotLine, ...]:
    """Return every depot that the settings name; one that cannot be read says why."""
    return tuple(watch_depot(settings.at(home), now=now) for home in settings.depot_homes())


def watch_depot(settings: Settings, *, now: datetime) -> DepotLine:
    """Return one depot at one look; what cannot be read is its trouble, and the rest is told."""
    line = DepotLine(home=settings.home, name=settings.home.name)
    for read in (_of_store, _of_night):
        try:
            line = read(line, settings=settings, now=now)
        except DepotError as error:
            line = replace(line, trouble=f"{line.trouble} {error.what}".strip())
    return line


def _of_store(line: DepotLine, *, settings: Settings, now: datetime) -> DepotLine:
    review = review_store(settings)
    if review is None or review.depot is None:
        return replace(line, trouble="there is no depot in this folder yet")
    line = replace(
        line,
        name=review.depot.name,
        limit_kw=review.depot.grid.operating_limit_kw,
        currency=review.depot.currency,
    )
    plan = _plan_of_tonight(review, now=now)
    if plan is not None:
        line = replace(line, ready=plan.ready, vehicles=plan.vehicles, ready_by="plan")
    bill = _bill_so_far(settings, review.depot, tariff_id=review.tariff_id, now=now)
    if bill is None:
        return line
    return replace(line, bill_amount=float(bill.total), currency=bill.currency)


def _of_night(line: DepotLine, *, settings: Settings, now: datetime) -> DepotLine:
    night = watch_night(settings, now=now)
    if night is None:
        return line
    last = _last_record(settings)
    line = replace(
        line,
        stations=len(night.stations),
        silent=sum(is_stale(state, now=now) for state in night.stations),
        last_at=last.entry.at if last is not None else None,
        last_kind=last.entry.kind.replace("_", " ") if last is not None else "",
    )
    if not night.vehicles:
        return line
    return replace(
        line,
        ready=sum(one.state == "ready" for one in night.vehicles),
        vehicles=len(night.vehicles),
        ready_by="live",
        peak_kw=_peak_kw(settings, night),
    )


def _plan_of_tonight(review: StoreReview, *, now: datetime) -> PlanHeader | None:
    newest = review.plans[0] if review.plans else None
    return newest if newest is not None and now - newest.made_at < A_NIGHT else None


def _bill_so_far(
    settings: Settings, depot: Depot, *, tariff_id: str | None, now: datetime
) -> Bill | None:
    """Return what the sessions of this calendar month cost so far, standing charges among it."""
    if tariff_id is None:
        return None
    time_zone = zone(depot.time_zone)
    month = calendar_month(now, time_zone)
    most_kw = max((one.max_kw for one in depot.connectors()), default=depot.grid.service_kw)
    load = load_profile(
        settings.warehouse_path,
        assumption=ChargingAssumption(max_kw=most_kw),
        start=month.start,
        end=max(now, month.start + timedelta(seconds=INTERVAL_S)),
    )
    if not load["power_kw"].sum() > 0:
        return None
    return bill_period(
        stored_tariff(settings, tariff_id),
        load,
        period=month,
        interval_s=INTERVAL_S,
        time_zone=time_zone,
    )


def _peak_kw(settings: Settings, night: NightNow) -> float | None:
    trace = trace_night(settings, before=NightTrace(since=night.begins_at))
    return trace.peak_kw if trace.at is not None else None


def _last_record(settings: Settings) -> JournalRecord | None:
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            head = mailbox.journal_head().seq
            records = mailbox.journal(head - 1, 1) if head else []
    except MailboxMissingError:
        return None
    return records[0] if records else None
