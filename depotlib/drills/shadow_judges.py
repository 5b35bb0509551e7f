"""How each drill is judged in shadow mode: by the journal and the state of the connected stations."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Figure, at_least, at_most, told
from depotlib.drills.frames import p95
from depotlib.drills.shadow import Shadow, ShadowNight, by_session, number_in, waits_s
from depotlib.model.live import JournalEntry, Lease
from depotlib.model.release import ConnectorSchedule
from depotlib.units import energy_kwh

SENT_S, ACKNOWLEDGED_S = 1.0, 3.0
LIMIT_WITHIN_S: Final = 60.0
"""A limit that comes later is not of the plug-in."""
LISTED_S: Final = 5.0
STALE_S: Final = 60.0
ANSWER_WITHIN: Final = timedelta(seconds=60)
"""Two calls' timeouts: what is younger may still be answered."""
ABOVE_SHARE, ABOVE_KW = 0.05, 0.2
"""Of a limit, and beside it: what counts as disobedience."""
LEAST_SHARE: Final = 0.85
SAMPLE: Final = timedelta(minutes=5)
DRAWS_KW: Final = 0.1
ACCEPTED: Final = "accepted"


def judge_plug_ins(night: ShadowNight) -> tuple[Figure, ...]:
    """Return how soon those who plugged in were told a limit, and who was not armed."""
    begun = night.of("session_started")
    sent_s = waits_s(begun, night.of("limit_sent"), within_s=LIMIT_WITHIN_S)
    taken = [one for one in night.of("limit_answered") if one.payload.get("answer") == ACCEPTED]
    taken_s = waits_s(begun, taken, within_s=LIMIT_WITHIN_S)
    if not sent_s:
        return ()
    bare = [one for one in night.stations if one.is_connected and not one.is_fallback_armed]
    return (
        at_most("stations connected without their safe limit", len(bare), bound=0, unit="stations"),
        at_most("plug-in to limit sent, p95", p95(sent_s), bound=SENT_S, unit="s", is_speed=True),
        at_most(
            "plug-in to limit acknowledged, p95",
            p95(taken_s),
            bound=ACKNOWLEDGED_S,
            unit="s",
            is_speed=True,
        ),
        told("plug-ins that were told a limit at once", len(sent_s), unit="plug-ins"),
    )


def judge_identities(night: ShadowNight) -> tuple[Figure, ...]:
    """Return whether everybody in doubt was listed, and how soon."""
    listed = by_session(night.of("identity_exception"))
    begun = by_session(night.of("session_started"))
    nobodys = [name for name, (first, *_) in begun.items() if not first.payload.get("vehicle_id")]
    doubtful = {*nobodys, *(name for name in listed if name in begun)}
    if not doubtful:
        return ()
    spans_s = [
        (min(one.at for one in listed[name]) - begun[name][0].at).total_seconds()
        for name in doubtful
        if name in listed
    ]
    return (
        at_most(
            "doubtful sessions that are not listed",
            len(doubtful) - len(spans_s),
            bound=0,
            unit="sessions",
        ),
        at_most(
            "from the plug-in to the list",
            max(spans_s, default=None),
            bound=LISTED_S,
            unit="s",
            is_speed=True,
        ),
        told("sessions in doubt", len(doubtful), unit="sessions"),
    )


def judge_offline(night: ShadowNight) -> tuple[Figure, ...]:
    """Return how soon stations that went silent in a session were told as such."""
    lost = [one for one in night.of("station_disconnected") if _charges_at(night, one)]
    silent_s = [(one.at - _heard_before(night, one)).total_seconds() for one in lost]
    if not lost:
        return ()
    return (
        at_most(
            "from the last thing it said to being told as not connected",
            max(silent_s),
            bound=STALE_S,
            unit="s",
            is_speed=True,
        ),
        _told_twice(night),
        told("times that a station went silent in a session", len(lost), unit="times"),
    )


def judge_answers(night: ShadowNight) -> tuple[Figure, ...]:
    """Return which limits no connected station ever answered, and how long answers took."""
    answers = [one for one in night.of("limit_answered") if not _is_unknown(one)]
    answered = {(one.connector_id, one.payload.get("seq")) for one in answers}
    connected = {one.station_id for one in night.stations if one.is_connected}
    newest: dict[str | None, JournalEntry] = {}
    for one in night.of("limit_sent"):
        newest[one.connector_id] = one
    lost = [
        one
        for one in newest.values()
        if one.station_id in connected
        and one.at + ANSWER_WITHIN < night.end
        and (one.connector_id, one.payload.get("seq")) not in answered
    ]
    taken_s = [number_in(one, "latency_s") for one in answers]
    if not taken_s:
        return ()
    return (
        at_most("limits lost: sent last and never answered", len(lost), bound=0, unit="limits"),
        told("answer to a limit, p95", p95(taken_s), unit="s"),
        told("slowest answer to a limit", max(taken_s), unit="s"),
        told("limits answered", len(taken_s), unit="limits"),
    )


def judge_obedience(night: ShadowNight) -> tuple[Figure, ...]:
    """Return who draws more than permitted and was not caught, and the most that all drew."""
    samples = night.of("meter", "session_ended")
    if not samples:
        return ()
    caught = {one.connector_id for one in night.distrusts}
    above = [
        plug.connector_id
        for state in night.stations
        for plug in state.connectors
        if plug.above_kw > ABOVE_KW + ABOVE_SHARE * plug.limit_kw
        and plug.connector_id not in caught
    ]
    grid = night.brief.depot.grid
    return (
        at_most(
            "connectors above their limit now that were not caught",
            len(above),
            bound=0,
            unit="connectors",
        ),
        at_most(
            "highest power of all stations, by their own meters",
            _highest_kw(samples),
            bound=grid.service_kw - grid.margin_kw,
            unit="kW",
        ),
        told("times that one was caught", len(night.of("disobedience")), unit="times"),
    )


def judge_restarts(night: ShadowNight) -> tuple[Figure, ...]:
    """Return whether sessions outlived a restart of the gateway."""
    restarts = [one.at for one in night.of("gateway_started") if one.at > night.start]
    running = [
        (name, first)
        for name, (first, *rest) in by_session(night.of("session_started", "session_ended")).items()
        if first.kind == "session_started" and any(_runs_at(first, rest, at=at) for at in restarts)
    ]
    if not running:
        return ()
    after = max(restarts)
    heard = {one.connector_id for one in night.of("meter", "session_ended") if one.at >= after}
    lost = [name for name, first in running if first.connector_id not in heard]
    return (
        at_most(
            "sessions that nothing was heard of after a restart",
            len(lost),
            bound=0,
            unit="sessions",
        ),
        _told_twice(night),
        told("starts of the gateway", len(restarts), unit="starts"),
    )


def judge_leases(night: ShadowNight) -> tuple[Figure, ...]:
    """Return what would be delivered of the plan if every connection were lost now."""
    release = night.release
    running = {
        plug.connector_id
        for state in night.stations
        for plug in state.connectors
        if plug.session_id is not None
    }
    planned = [one for one in (release.schedules if release else ()) if one.connector_id in running]
    wanted_kwh = sum(_plan_kwh(one, since=night.end) for one in planned)
    if not wanted_kwh:
        return ()
    leases = {one.connector_id: one for one in night.leases if one.state == ACCEPTED}
    held_kwh = sum(
        _plan_kwh(one, since=night.end, lease=leases[one.connector_id])
        for one in planned
        if one.connector_id in leases
    )
    return (
        at_least(
            "energy that the leases permit without a connection from now on, of the plan's",
            held_kwh / wanted_kwh,
            bound=LEAST_SHARE,
            unit="of 1",
        ),
        told("energy that the plan still has for who is plugged in", wanted_kwh, unit="kWh"),
        told("vans plugged in that the plan knows", len(planned), unit="vans"),
    )


def judge_grid_limits(night: ShadowNight) -> tuple[Figure, ...]:
    """Return how limits from outside were kept, minute by minute, the first of each aside."""
    minutes = night.of("grid_limit_minute")
    first: dict[object, JournalEntry] = {}
    for one in minutes:
        first.setdefault(one.payload.get("limit_id"), one)
    judged = [one for one in minutes if one is not first[one.payload.get("limit_id")]]
    if not judged:
        return ()
    left_kw = [number_in(one, "limit_kw") - number_in(one, "mean_kw") for one in judged]
    kept = sum(one >= 0.0 for one in left_kw)
    return (
        at_least("minutes within their limit", kept / len(judged), bound=1.0, unit="of 1"),
        told("minutes in the record", len(judged), unit="minutes"),
        told("least left below a limit", min(left_kw), unit="kW"),
    )


def judge_sleepers(night: ShadowNight) -> tuple[Figure, ...]:
    """Return which vehicles that were found asleep drew nothing any more."""
    asleep = {one.connector_id: one for one in night.of("vehicle_asleep")}
    if not asleep:
        return ()
    woken = {
        one.connector_id
        for one in night.of("meter")
        if one.connector_id in asleep
        and one.at > asleep[one.connector_id].at
        and number_in(one, "power_kw") > DRAWS_KW
    }
    return (
        at_most(
            "vehicles found asleep that drew nothing any more",
            len(asleep) - len(woken),
            bound=0,
            unit="vehicles",
        ),
        told("vehicles found asleep", len(asleep), unit="vehicles"),
    )


def _told_twice(night: ShadowNight) -> Figure:
    counts = Counter(one.payload.get("session_id") for one in night.of("session_started"))
    twice = sum(count > 1 for count in counts.values())
    return at_most("sessions told twice", twice, bound=0, unit="sessions")


def _charges_at(night: ShadowNight, lost: JournalEntry) -> bool:
    """Return whether a session ran at a station when it went silent."""
    return any(
        first.kind == "session_started"
        and first.station_id == lost.station_id
        and _runs_at(first, rest, at=lost.at)
        for first, *rest in by_session(night.of("session_started", "session_ended")).values()
    )


def _runs_at(first: JournalEntry, rest: list[JournalEntry], *, at: datetime) -> bool:
    return first.at <= at and not any(one.kind == "session_ended" and one.at <= at for one in rest)


def _heard_before(night: ShadowNight, lost: JournalEntry) -> datetime:
    """Return when a station's last word before its loss was said."""
    return max(
        one.at
        for one in night.of("meter", "session_started")
        if one.station_id == lost.station_id and one.at <= lost.at
    )


def _is_unknown(answer: JournalEntry) -> bool:
    return str(answer.payload.get("answer") or "").startswith("unknown")


def _highest_kw(samples: list[JournalEntry]) -> float:
    """Return the most that all connectors drew together, each as its meter last said."""
    now_kw: dict[str | None, float] = {}
    highest_kw = 0.0
    for one in sorted(samples, key=lambda one: one.at):
        now_kw[one.connector_id] = number_in(one, "power_kw") if one.kind == "meter" else 0.0
        highest_kw = max(highest_kw, sum(now_kw.values()))
    return highest_kw


def _plan_kwh(planned: ConnectorSchedule, *, since: datetime, lease: Lease | None = None) -> float:
    """Return what a schedule still gives, or what a lease permits of it [kWh]."""
    held = None if lease is None else _as_schedule(planned, lease)
    total_kwh, at = 0.0, since
    while at < planned.valid_to:
        power_kw = planned.limit_at(at) or 0.0
        if held is not None:
            power_kw = min(power_kw, held.limit_at(at) or 0.0)
        total_kwh += energy_kwh(power_kw, min(SAMPLE, planned.valid_to - at).total_seconds())
        at += SAMPLE
    return total_kwh


def _as_schedule(planned: ConnectorSchedule, lease: Lease) -> ConnectorSchedule:
    return ConnectorSchedule(
        connector_id=planned.connector_id,
        vehicle_id=planned.vehicle_id,
        steps=lease.steps,
        valid_to=lease.valid_to,
        departure=planned.departure,
        energy_target_kwh=planned.energy_target_kwh,
    )


SHADOWS: Final[Mapping[str, Shadow]] = {
    "simultaneous": Shadow(judge_plug_ins, "nobody plugged in and was told a limit"),
    "identities": Shadow(judge_identities, "nobody who plugged in was in doubt"),
    "offline": Shadow(judge_offline, "no station went silent in a session"),
    "priority": Shadow(None, "a van would have to be made urgent while the whole budget is in use"),
    "slow-firmware": Shadow(judge_answers, "no station answered a limit"),
    "disobedience": Shadow(judge_obedience, "no meter of a session was heard"),
    "blackout": Shadow(
        None, "what a van's charge really is nobody knows while telematics is silent"
    ),
    "killed": Shadow(judge_restarts, "the gateway was not started again in a session"),
    "base-load-jump": Shadow(None, "the building's load cannot be made to jump"),
    "connection-lost": Shadow(judge_leases, "nobody is plugged in whom the plan gives energy"),
    "grid-limit": Shadow(judge_grid_limits, "no limit from outside was watched"),
    "sleepers": Shadow(judge_sleepers, "no vehicle was found asleep"),
}
"""One for each drill."""
