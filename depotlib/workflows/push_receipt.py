"""The receipt of a push: who, when, which plan, and what became of it on every connector.

With it comes what the push cost in time: from a limit sent to a meter that shows it, and what the
power that flowed above the new limits meanwhile adds to the mean that is billed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import TypeAdapter

from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.preview import release_digest
from depotlib.model.brief import Brief
from depotlib.model.live import (
    JournalKind,
    JournalRecord,
    PushResult,
    PushState,
    RequestKind,
    RequestState,
    RequestStatus,
    Scalar,
)
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from depotlib.settings import Settings
from depotlib.units import energy_kwh, mean_power_kw

BILLED_WINDOW_S: Final = 900
"""Where the brief has no prices, and so no grid of them."""
LOOK_BACK_RECORDS: Final = 5_000
"""So many before a push begins: the last samples of every meter are among them."""
LOOK_AHEAD_RECORDS: Final = 20_000
MOST_PUSHES: Final = 10_000
FRESH: Final = timedelta(minutes=3)
"""A meter that said nothing for so long had no vehicle: what comes later is no effect of a push."""
PUSH_KINDS: Final[tuple[JournalKind, ...]] = (
    "push_started",
    "push_finished",
    "push_refused",
    "push_abandoned",
)


@dataclass(frozen=True, slots=True)
class TimeToEffect:
    """What it took until a connector's meter showed its new limit.

    Parameters
    ----------
    effect_s : float
        From sent to seen in the meter; at most one interval of the meter too long.
    excess_kw : float
        Drawn above the new limit when it was sent; 0: the limit rose, or was kept already.
    added_kw : float
        The most that this adds to the mean of a billed window.
    """

    effect_s: float
    excess_kw: float
    added_kw: float


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One connector of a receipt.

    Parameters
    ----------
    station_id, connector_id : str
    vehicles : tuple of str
    limits : tuple of LimitStep
        As asked for by the release, by time; outside them the safe limit holds.
    state : PushState
    note : str
    latency_s : float or None
        From sent to answered.
    sent_at, accepted_at, read_back_at, metered_at : datetime or None
        Three different proofs; None: not had.
    effect : TimeToEffect or None
        None: not seen in the meter yet, or no vehicle was there when the limit was sent.
    """

    station_id: str
    connector_id: str
    vehicles: tuple[str, ...]
    limits: tuple[LimitStep, ...]
    state: PushState
    note: str
    latency_s: float | None
    sent_at: datetime | None
    accepted_at: datetime | None
    read_back_at: datetime | None
    metered_at: datetime | None
    effect: TimeToEffect | None


@dataclass(frozen=True, slots=True)
class PushReceipt:
    """Who asked for a push, what for, and what became of it.

    Parameters
    ----------
    request_id : str
    kind : {'push', 'rollback'}
    asked_by : str
        As they named themselves.
    token_of, role : str
        Whose token it was and what it permits, as the gateway saw; empty: not looked at yet.
    asked_at : datetime
    state : RequestState
    note : str
    changed_at : datetime
    plan_id : str
        Digest of problem, policy and setpoints.
    release_id, release_digest : str
    preview_digest : str
        Of what the operator saw and confirmed.
    valid_from, valid_to : datetime
    lines : tuple of ReceiptLine
    not_live : tuple of str
        Connectors of the plan that take no live profiles: theirs is the exported schedule.
    added_kw : float
        What all connectors together add to the mean of a billed window, at the most.
    added_amount : float or None
        What that costs where it makes a new peak, at the highest price of a kW; None: no tariff.
    currency : str
    journal_seq : int
    journal_hash : str
        Newest record of the journal when the receipt was written: what it rests on.
    """

    request_id: str
    kind: RequestKind
    asked_by: str
    token_of: str
    role: str
    asked_at: datetime
    state: RequestState
    note: str
    changed_at: datetime
    plan_id: str
    release_id: str
    release_digest: str
    preview_digest: str
    valid_from: datetime
    valid_to: datetime
    lines: tuple[ReceiptLine, ...]
    not_live: tuple[str, ...]
    added_kw: float
    added_amount: float | None
    currency: str
    journal_seq: int
    journal_hash: str


RECEIPT: Final = TypeAdapter(PushReceipt)


def push_receipt(settings: Settings, request_id: str) -> PushReceipt | None:
    """Return the receipt of a push as it stands, or None if nobody ever asked for it.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        status = mailbox.request(request_id)
        release = mailbox.release(status.request.release_id) if status is not None else None
        if status is None or release is None:
            return None
        brief = mailbox.brief(release.brief_version)
        return _receipt(mailbox, status, release=release, brief=brief[1] if brief else None)


def receipt_text(receipt: PushReceipt) -> str:
    """Return a receipt as JSON, to be kept."""
    return RECEIPT.dump_json(receipt, indent=1).decode() + "\n"


def time_to_effect(
    result: PushResult, *, limit_kw: float, drawn_kw: float, window_s: float
) -> TimeToEffect | None:
    """Return what it took until a meter showed a limit, or None where it has not yet.

    Parameters
    ----------
    result : PushResult
    limit_kw : float
        The new limit when it was sent.
    drawn_kw : float
        Measured last before it was sent.
    window_s : float
        Length of the window whose mean is billed.
    """
    if result.sent_at is None or result.metered_at is None:
        return None
    effect_s = max(0.0, (result.metered_at - result.sent_at).total_seconds())
    excess_kw = max(0.0, drawn_kw - limit_kw)
    added_kw = mean_power_kw(energy_kwh(excess_kw, min(effect_s, window_s)), window_s)
    return TimeToEffect(effect_s=effect_s, excess_kw=excess_kw, added_kw=added_kw)


# --- inside ---------------------------------------------------------------------------------


def _receipt(
    mailbox: Mailbox, status: RequestStatus, *, release: Release, brief: Brief | None
) -> PushReceipt:
    request, head = status.request, mailbox.journal_head()
    noted = _noted(mailbox, request.request_id)
    results = mailbox.push_results(request.request_id)
    drawn_kw = _drawn_before(mailbox, results, began_seq=noted[0].seq if noted else head.seq)
    window_s = brief.grid.interval_s if brief and brief.grid else BILLED_WINDOW_S
    lines = tuple(
        _line(result, release, drawn_kw=drawn_kw.get(result.connector_id), window_s=window_s)
        for result in results
    )
    added_kw = sum(line.effect.added_kw for line in lines if line.effect is not None)
    price_per_kw = _highest_price_per_kw(brief)
    facts = noted[-1].entry.payload if noted else dict[str, Scalar]()
    return PushReceipt(
        request_id=request.request_id,
        kind=request.kind,
        asked_by=request.asked_by,
        token_of=_text(facts.get("token_of")),
        role=_text(facts.get("role")),
        asked_at=request.asked_at,
        state=status.state,
        note=status.note,
        changed_at=status.changed_at,
        plan_id=release.plan_id,
        release_id=release.release_id,
        release_digest=release_digest(release),
        preview_digest=request.digest,
        valid_from=release.valid_from,
        valid_to=release.valid_to,
        lines=lines,
        not_live=_not_live(release, brief),
        added_kw=added_kw,
        added_amount=None if price_per_kw is None else added_kw * price_per_kw,
        currency=brief.prices.currency if brief and brief.prices else "",
        journal_seq=head.seq,
        journal_hash=head.hash,
    )


def _noted(mailbox: Mailbox, request_id: str) -> list[JournalRecord]:
    """Return what the journal says of a push, oldest first."""
    return [
        record
        for record in mailbox.journal(limit=MOST_PUSHES, kinds=PUSH_KINDS)
        if record.entry.payload.get("request_id") == request_id
    ]


def _drawn_before(
    mailbox: Mailbox, results: Sequence[PushResult], *, began_seq: int
) -> dict[str, float]:
    """Return what each connector with a vehicle drew when its limit was sent [kW].

    That is the last sample before, if it is fresh.
    """
    sent_at = {one.connector_id: one.sent_at for one in results if one.sent_at is not None}
    if not sent_at:
        return {}
    drawn: dict[str, tuple[datetime, float]] = {}
    records = mailbox.journal(
        max(0, began_seq - LOOK_BACK_RECORDS), LOOK_AHEAD_RECORDS, kinds=("meter",)
    )
    for entry in (record.entry for record in records):
        name, power_kw = entry.connector_id or "", entry.payload.get("power_kw")
        if name not in sent_at or not isinstance(power_kw, int | float):
            continue
        is_fresh = sent_at[name] - FRESH <= entry.at <= sent_at[name]
        if is_fresh and (name not in drawn or entry.at >= drawn[name][0]):
            drawn[name] = (entry.at, float(power_kw))
    return {name: power_kw for name, (_, power_kw) in drawn.items()}


def _line(
    result: PushResult, release: Release, *, drawn_kw: float | None, window_s: float
) -> ReceiptLine:
    schedules = [one for one in release.schedules if one.connector_id == result.connector_id]
    return ReceiptLine(
        station_id=result.station_id,
        connector_id=result.connector_id,
        vehicles=tuple(one.vehicle_id for one in schedules),
        limits=tuple(step for one in schedules for step in one.steps),
        state=result.state,
        note=result.note,
        latency_s=result.latency_s,
        sent_at=result.sent_at,
        accepted_at=result.accepted_at,
        read_back_at=result.read_back_at,
        metered_at=result.metered_at,
        effect=None
        if drawn_kw is None
        else time_to_effect(
            result,
            limit_kw=_limit_at(schedules, result.sent_at, otherwise_kw=drawn_kw),
            drawn_kw=drawn_kw,
            window_s=window_s,
        ),
    )


def _limit_at(
    schedules: Iterable[ConnectorSchedule], at: datetime | None, *, otherwise_kw: float
) -> float:
    """Return the limit that a release asks for at an instant [kW]."""
    for schedule in schedules:
        limit_kw = schedule.limit_at(at) if at is not None else None
        if limit_kw is not None:
            return limit_kw
    return otherwise_kw


def _not_live(release: Release, brief: Brief | None) -> tuple[str, ...]:
    if brief is None:
        return ()
    wanted = {one.connector_id for one in release.schedules}
    return tuple(
        connector.connector_id
        for station in brief.depot.stations
        if not station.takes_live_profiles
        for connector in station.connectors()
        if connector.connector_id in wanted
    )


def _highest_price_per_kw(brief: Brief | None) -> float | None:
    if brief is None or brief.prices is None:
        return None
    return max((term.price_per_kw for term in brief.prices.peaks), default=0.0)


def _text(value: Scalar) -> str:
    return "" if value is None else str(value)
