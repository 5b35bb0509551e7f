"""The live loop: follow the journal, re-plan what changed, publish, and go on whatever fails.

When dispatch dies or fails, the gateway goes on with the last release: nothing here is needed for
safety.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from depotlib.clock import Clock
from depotlib.dispatch.burst import FOLLOWED, Burst, Calm
from depotlib.dispatch.changes import drop_over
from depotlib.dispatch.charges import Charges
from depotlib.dispatch.finder import Finder
from depotlib.dispatch.joining import Joins
from depotlib.dispatch.lineups import with_what_stands
from depotlib.dispatch.metered import metered_kwh
from depotlib.dispatch.night import LiveNight, read_night
from depotlib.dispatch.outside import impact_of
from depotlib.dispatch.overdue import is_kept_for_nobody
from depotlib.dispatch.presence import Presence
from depotlib.dispatch.replan import Replan, is_behind, is_same, replan
from depotlib.dispatch.stranded import unserving
from depotlib.dispatch.tally import SiteMeter, Tally, told_kw
from depotlib.dispatch.turns import seen_at_home
from depotlib.dispatch.unheard import unheard
from depotlib.errors import DepotError, ExchangeError
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.grid_limit import GridLimit
from depotlib.model.live import JournalEntry, JournalKind, JournalRecord, Scalar
from depotlib.model.timegrid import TimeGrid

PROCESS: Final = "dispatch"
GATEWAY: Final = "gateway"
"""Its sign of life is written with the stations that it shows."""
POLL_S: Final = 0.05
"""How often the mailbox is looked at, on the machine's clock [s]."""
WATCH: Final = timedelta(seconds=15)
"""How often site power and readiness are looked at without any event."""
DRIFT_PAUSE: Final = timedelta(minutes=15)
"""Somebody behind plan is a reason to re-plan this often at most."""
BEAT: Final = timedelta(seconds=5)
PAGE: Final = 1000
TURNING: Final[tuple[JournalKind, ...]] = (
    "session_started",
    "vehicle_asleep",
    "disobedience",
    "session_ended",
    "identity_resolved",
    "operator_action",
    "grid_limit",
    "brief_published",
)
READ: Final[tuple[JournalKind, ...]] = (*TURNING, "stay_joined")
NOT_WATCHED: Final[Mapping[int, float]] = {}
YARD: Final = "the yard"
"""Where somebody waits that is plugged in nowhere."""
Where = tuple[dict[str, str], frozenset[str], frozenset[str]]
Result = Literal["planned", "unchanged", "superseded", "failed"]


class Dispatcher:
    """Dispatch without its process: `step` does what is due at an instant.

    Parameters
    ----------
    mailbox : Mailbox
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._tally = Tally()
        self._meter = SiteMeter()
        self._charges: Charges | None = None
        self._finder = Finder()
        self._joins = Joins()
        self._presence = Presence()
        self._calm = Calm()
        self._restored: TimeGrid | None = None
        self._planned_where: Where | None = None
        self._after_seq = 0
        self._is_to_join = False
        self._version: int | None = None
        self._burst: Burst | None = None
        self._watched_at: datetime | None = None
        self._planned_at: datetime | None = None
        self._beaten_at: datetime | None = None
        self._weighed = tuple[GridLimit, ...]()

    def step(self, now: datetime) -> Result | None:
        """Return what came of a re-plan, or None where none was due.

        Raises
        ------
        ExchangeError
            If the mailbox cannot be used now; the next step tries again.
        """
        self._beat(now)
        self._follow(now)
        self._calm.look(now)
        if self._watched_at is None or now - self._watched_at >= WATCH:
            self._watched_at = now
            self._watch(now)
        if self._burst is None or not self._burst.is_over(now):
            return None
        burst = self._burst
        result = self._answer(burst, now)
        self._burst = None
        self._calm.look_away()
        return result

    def _beat(self, now: datetime) -> None:
        if self._beaten_at is None or now - self._beaten_at >= BEAT:
            self._mailbox.beat(PROCESS, now)
            self._beaten_at = now

    def _follow(self, now: datetime) -> None:
        version = self._mailbox.data_version()
        if version == self._version:
            return
        is_first_look, head = self._version is None, self._mailbox.journal_head()
        while page := self._mailbox.journal(self._after_seq, PAGE, kinds=READ):
            self._after_seq = page[-1].seq
            self._tally.take(page)
            self._joins.take(page)
            if turning := [one for one in page if one.entry.kind in TURNING]:
                self._is_to_join = True
                if not is_first_look:
                    self._presence.take(turning, now=now)
                    self._gather(turning, now)
        # What lies before the head was looked through: it is not looked through once more.
        self._after_seq = max(self._after_seq, head.seq)
        if self._is_to_join:
            self._join(now)
            self._is_to_join = False  # only now: where the mailbox was busy the next step joins
        self._version = version
        if is_first_look:
            # What happened while nobody watched is one burst, whatever it was.
            self._burst = Burst("dispatch_started", first_at=now, last_at=now, count=1)

    def _join(self, now: datetime) -> None:
        """Tell at once who has come for which stay; the plan may take its time."""
        published = self._mailbox.brief()
        if published is None:
            return
        changes = self._mailbox.departures()
        if told := self._joins.look(published[1], changes=changes, now=now):
            self._mailbox.append(told)

    def _gather(self, records: list[JournalRecord], now: datetime) -> None:
        if self._burst is None:
            kinds = {record.entry.kind for record in records}
            is_after_calm = self._calm.is_long(now) and not kinds & FOLLOWED
            self._burst = Burst(
                records[0].entry.kind,
                first_at=now,
                last_at=now,
                count=0,
                is_after_calm=is_after_calm,
            )
        self._calm.end(now)
        self._burst.last_at = now
        self._burst.count += len(records)

    def _watch(self, now: datetime) -> None:
        night = self._night(now)
        if night is None:
            return
        if night.brief.grid is not None:
            self._restore(night.brief.grid, now)
            power_kw = told_kw(night.stations, now=now)
            self._meter.look(now, power_kw=power_kw, grid=night.brief.grid)
        if found := self._finder.look(night, self._mailbox.readings()):
            self._mailbox.append(found)
            self._finder.told(found)
        # The gateway follows whoever says whose a session is a moment later than that is journalled.
        before, where = self._planned_where, _where(night)
        if self._burst is None and before is not None and where != before:
            reason = "stations_unheard" if where[:2] == before[:2] else "vehicles_moved"
            self._burst = Burst(reason, first_at=now, last_at=now, count=1)
        is_rested = self._planned_at is None or now - self._planned_at >= DRIFT_PAUSE
        if self._burst is None and is_rested and is_behind(night):
            self._burst = Burst("behind_plan", first_at=now, last_at=now, count=1)
        if self._burst is None and is_rested and is_kept_for_nobody(night):
            self._burst = Burst("vehicle_overdue", first_at=now, last_at=now, count=1)

    def _restore(self, grid: TimeGrid, now: datetime) -> None:
        """Find what was drawn while nobody watched, once for each grid: peaks so far are sunk."""
        if grid != self._restored:
            self._meter.restore(metered_kwh(self._mailbox, grid), now=now, grid=grid)
            self._restored = grid

    def _night(self, now: datetime) -> LiveNight | None:
        published = self._mailbox.brief()
        if published is not None:  # no push needed: the last stay ends with the push itself
            drop_over(self._mailbox, published[1], now=now)
        grid = published[1].grid if published is not None else None
        night = read_night(
            self._mailbox,
            self._tally,
            now=now,
            site_kw=self._meter.means_kw(grid) if grid is not None else NOT_WATCHED,
        )
        return None if night is None else self._as_believed(self._as_told(night))

    def _as_told(self, night: LiveNight) -> LiveNight:
        """Return a night with sessions of which the stations' states do not tell yet."""
        shown = [one.at for one in self._mailbox.beats() if one.process == GATEWAY]
        stations = self._presence.laid_over(night.stations, shown_at=max(shown, default=None))
        return replace(night, stations=stations)

    def _as_believed(self, night: LiveNight) -> LiveNight:
        """Return a night with who is in the yard, beliefs of charges, and turns that were changed.

        The beliefs are kept for others to see.
        """
        if self._charges is None:
            self._charges = Charges(self._mailbox.charges.all())
        self._charges.look(night, self._mailbox.readings())
        if moved := self._charges.to_write():
            with self._mailbox.transaction():
                for belief in moved:
                    self._mailbox.charges.put(belief.vehicle_id, belief)
            self._charges.written(moved)
        at_home = seen_at_home(night.brief, self._mailbox.readings(), now=night.now)
        believed = replace(night, charges=self._charges.beliefs, at_home=at_home)
        return with_what_stands(believed, self._mailbox.diversions.all())

    def _answer(self, burst: Burst, now: datetime) -> Result | None:
        night = self._night(now)
        if night is None:
            return None
        self._planned_at = now
        self._planned_where = _where(night)
        night = self._with_waiting(night)
        try:
            plan = replan(night)
        except DepotError as error:
            facts = {"reason": burst.reason, "what": error.what, "where": error.where}
            self._mailbox.append([JournalEntry(at=now, kind="dispatch_failed", payload=facts)])
            return "failed"
        if plan is None or is_same(plan.release, night.current, now=now):
            self._weigh(plan, night, is_new=False)
            return "unchanged"
        result = publish(self._mailbox, plan, night=night, burst=burst)
        if result == "planned":
            self._weigh(plan, night, is_new=True)
        return result

    def _with_waiting(self, night: LiveNight) -> LiveNight:
        """Return a night with the charge of those that wait in the yard for their turn."""
        if self._charges is None:
            return night
        return replace(night, awaited=self._charges.awaited(night, self._mailbox.readings()))

    def _weigh(self, plan: Replan | None, night: LiveNight, *, is_new: bool) -> None:
        """Write what the limits from outside cost, once for each set of them.

        After the release is in force: nobody waits for it.
        """
        if plan is None or not night.grid_limits or night.grid_limits == self._weighed:
            return
        try:
            without = replan(replace(night, grid_limits=()))
        except DepotError:
            self._weighed = night.grid_limits
            return  # what they cost stays unknown; what is in force obeys them all the same
        release_id = plan.release.release_id if is_new else ""
        shortfalls = without.shortfalls if without is not None else ()
        self._mailbox.grid_limits.put_impact(
            impact_of(night, release_id=release_id, with_it=plan.shortfalls, without=shortfalls)
        )
        # Only now: where the mailbox was busy they are weighed again.
        self._weighed = night.grid_limits


def _where(night: LiveNight) -> Where:
    """Return where everybody known is plugged in, and where nobody is charged or no limit heard."""
    places = {guest.vehicle_id: guest.connector_id for guest in night.guests().values()}
    return places, unserving(night), unheard(night)


def publish(mailbox: Mailbox, plan: Replan, *, night: LiveNight, burst: Burst) -> Result:
    """Return ``planned`` once a release is in force.

    Returns
    -------
    Result
        ``superseded`` where somebody put another release in force since the night was read: a
        push is never overwritten by what dispatch knew before it.
    """
    facts: dict[str, Scalar] = {
        "release_id": plan.release.release_id,
        "parent_release_id": plan.release.parent_release_id,
        "reason": burst.reason,
        "events": burst.count,
        "vehicles": plan.vehicles,
        "unmet_kwh": round(plan.unmet_kwh, 3),
        "short": ", ".join(plan.short),
        "solve_s": round(plan.solve_s, 4),
        "moves": "; ".join(
            f"{one.vehicle_id} from {one.from_connector_id or YARD} to {one.to_connector_id} at "
            f"{one.at.isoformat(timespec='minutes')}"
            for one in plan.moves
        ),
    }
    with mailbox.transaction():
        if mailbox.current_release_id() != night.current.release_id:
            return "superseded"
        mailbox.add_release(plan.release)
        mailbox.set_current_release(plan.release.release_id, at=night.now)
        mailbox.diversions.replace_all((one.vehicle_id, one) for one in plan.diversions)
        mailbox.append([JournalEntry(at=night.now, kind="dispatch_planned", payload=facts)])
    return "planned"


def run_dispatch(
    mailbox: Mailbox, clock: Clock, *, stop: threading.Event, tell: Callable[[str], None]
) -> None:
    """Re-plan whenever something changes, until told to stop.

    Parameters
    ----------
    mailbox : Mailbox
    clock : Clock
        Of the whole depot.
    stop : threading.Event
        Set: end after the present step.
    tell : callable
        Takes a sentence for a person.
    """
    dispatcher = Dispatcher(mailbox)
    told = ""
    while not stop.is_set():
        try:
            result = dispatcher.step(clock.now())
            if result is not None:
                tell(f"dispatch: the rest of the night is {result}")
            told = ""
        except ExchangeError as error:
            if str(error) != told:
                tell(f"dispatch: {error}")
            told = str(error)
        stop.wait(POLL_S)
