"""Stations that accept a limit and give all they have, refuse it, or forget it in a restart."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.processes import DrillDepot, drill_depot
from depotlib.drills.yard import YardPlan, flat, plug_all_in, push_and_wait, soon
from depotlib.model.live import JournalKind, PushResult
from depotlib.virtual.script import Misbehaviour, Misconduct

SPEED_FACTOR: Final = 30.0
YARD: Final = YardPlan(count=9, service_kw=50.0, operating_kw=48.0)
IGNORING: Final = ("AC-01", "AC-02")
REJECTING: Final = ("AC-03", "AC-04")
FORGETTING: Final = ("AC-05",)
OBEYING: Final = ("AC-06", "AC-07", "AC-08", "AC-09")
PAUSED: Final = dict.fromkeys((*IGNORING, *FORGETTING), 0.0)
FIRST_KW: Final = {**PAUSED, **dict.fromkeys((*REJECTING, *OBEYING), 5.0)}
REFUSED_KW: Final = {**FIRST_KW, **dict.fromkeys(REJECTING, 4.0)}
GREEDY_KW: Final = {**FIRST_KW, **dict.fromkeys(OBEYING, 7.2)}
"""28.8 kW for those that obey and 10 kW that two do not let go of leave 10.2 kW of 49: less than
the 14.4 kW of the two that ignore their pause. Whoever does not see these two breaks the limit."""
MOST_SAMPLES: Final = 2
MISSED_SAMPLES: Final = 5
"""Whoever was not caught by then will not be: nobody waits for it."""
DRAWS_KW: Final = 0.5
WATCHED_S: Final = 75.0
ARMED_WITHIN_S: Final = 5.0


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return how soon each was caught, what was told of the others, and the site's power."""
    with drill_depot(stage, YARD.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        night = plug_all_in(depot, YARD)
        push_and_wait(depot, flat(FIRST_KW))

        restarted_at = soon(depot)
        wrong = (*_all("forgets", FORGETTING, start=restarted_at), *_all("rejects", REJECTING))
        depot.play(night.model_copy(update={"misbehaviour": wrong}))
        depot.wait_for(lambda: _is_armed_again(depot, restarted_at), "a safe limit armed again")
        refused = push_and_wait(depot, flat(REFUSED_KW))

        wrong = (*wrong, *_all("ignores", IGNORING))
        depot.play(night.model_copy(update={"misbehaviour": wrong}))
        begun = depot.clock.now()
        # By what the gateway has heard, not by how long that took: messages may come late.
        depot.wait_for(
            lambda: _stopped(depot) >= len(IGNORING) or _is_missed(depot, since=begun),
            "the end of disobedience, or enough samples of it",
        )
        # Whoever did not answer in time was asked again meanwhile, and has told its refusal since.
        with depot.mailbox() as mailbox:
            results = mailbox.push_results(refused[0].request_id)
        push_and_wait(depot, flat(GREEDY_KW))
        depot.live_until(depot.clock.now() + timedelta(seconds=WATCHED_S))
        return _figures(depot, results, restarted_at=restarted_at)


def _figures(
    depot: DrillDepot, results: Sequence[PushResult], *, restarted_at: datetime
) -> tuple[Figure, ...]:
    samples = [_samples_until_caught(depot, name) for name in IGNORING]
    refused = [one for one in results if one.station_id in REJECTING and one.state == "rejected"]
    boot, armed = (_first(depot, kind, since=restarted_at) for kind in ("boot", "fallback_armed"))
    arming_s = None if boot is None or armed is None else (armed - boot).total_seconds()
    return (
        at_most(
            "meter samples until a station that ignores its limit is caught",
            None if None in samples else max(one or 0 for one in samples),
            bound=MOST_SAMPLES,
            unit="samples",
        ),
        at_least(
            "stations whose refusal the push tells",
            len(refused),
            bound=len(REJECTING),
            unit="stations",
        ),
        at_least(
            "stations that restarted without profiles and were armed again",
            0 if arming_s is None else 1,
            bound=len(FORGETTING),
            unit="stations",
        ),
        at_most(
            "from the restart to the safe limit in place",
            arming_s,
            bound=ARMED_WITHIN_S,
            unit="s",
            is_speed=True,
        ),
        YARD.held(depot.meters()),
        told("stations stopped by the ladder", _stopped(depot), unit="stations"),
    )


def _all(
    kind: Misconduct, names: Sequence[str], *, start: datetime | None = None
) -> tuple[Misbehaviour, ...]:
    return tuple(Misbehaviour(station_id=name, kind=kind, start=start) for name in names)


def _is_armed_again(depot: DrillDepot, since: datetime) -> bool:
    boot = _first(depot, "boot", since=since)
    return boot is not None and _first(depot, "fallback_armed", since=boot) is not None


def _first(depot: DrillDepot, kind: JournalKind, *, since: datetime) -> datetime | None:
    """Return when a station that restarts was first told of since an instant."""
    return min(
        (
            one.entry.at
            for one in depot.journal(kind)
            if one.entry.station_id in FORGETTING and one.entry.at >= since
        ),
        default=None,
    )


def _stopped(depot: DrillDepot) -> int:
    """Return how many of those that ignore their limit draw nothing any more."""
    contained = {
        one.entry.station_id
        for one in depot.journal("disobedience_step")
        if one.entry.payload["rung"] == "stop"
    }
    return len(contained & set(IGNORING))


def _is_missed(depot: DrillDepot, *, since: datetime) -> bool:
    """Return whether one that ignores its limit told it again and again, and was not caught."""
    caught = {one.entry.station_id for one in depot.journal("disobedience")}
    told_by = Counter(
        one.entry.station_id
        for one in depot.journal("meter")
        if one.entry.at >= since and float(one.entry.payload["power_kw"] or 0.0) > DRAWS_KW
    )
    return any(told_by[name] >= MISSED_SAMPLES for name in IGNORING if name not in caught)


def _samples_until_caught(depot: DrillDepot, station_id: str) -> int | None:
    """Return how many samples above its pause the gateway took to catch a station."""
    caught_seq = min(
        (one.seq for one in depot.journal("disobedience") if one.entry.station_id == station_id),
        default=None,
    )
    if caught_seq is None:
        return None
    answered = max(
        (
            one
            for one in depot.journal("limit_answered", "fallback_armed")
            if one.entry.station_id == station_id and one.seq < caught_seq
        ),
        key=lambda one: one.seq,
    )
    # What was metered before the answer says nothing of it, however late it was heard; and a
    # station may tell one instant twice.
    return len(
        {
            one.entry.at
            for one in depot.journal("meter")
            if one.entry.station_id == station_id
            and one.entry.at > answered.entry.at
            and one.seq < caught_seq
            and float(one.entry.payload["power_kw"] or 0.0) > DRAWS_KW
        }
    )


DRILL: Final = Drill(
    name="disobedience",
    title="Stations ignore a limit that they accepted, refuse it, or forget it in a restart",
    passes_when="whoever ignores is caught within two meter samples, a refusal is told as one, "
    "who forgot is armed again, and the site keeps its limit",
    defence="every meter sample is held against what was permitted",
    minutes=1,
    play=play,
)
