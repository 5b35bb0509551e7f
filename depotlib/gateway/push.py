"""Pushes: an operator's request checked, put into force, and followed to every connector.

What decides is checked here, whoever asked and whatever the page showed: the operator's token, the
digest of the preview, a release that may be pushed, and safe limits that the site can bear. A
request and the release it puts into force are written in one transaction, so that a gateway that
dies in the middle finds, at its next start, a push to go on with, or to give up by name.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from depotlib.errors import OperatorTokenError, SafeLimitError
from depotlib.exchange.mailbox import Mailbox
from depotlib.exchange.operator import Holder, holder_of_request, read_holders
from depotlib.exchange.preview import NO_LIVE, preview_digest
from depotlib.gateway.control import SiteControl
from depotlib.gateway.effects import LeaseNews
from depotlib.gateway.safety import require_safe_limits, site_of
from depotlib.model.live import (
    JournalEntry,
    JournalKind,
    PushRequest,
    PushResult,
    PushState,
    RequestState,
    RequestStatus,
    Scalar,
)
from depotlib.model.release import Release

PATIENCE_S: Final = 180.0
"""After this a push is over; what is still queued is served when its station comes."""
GATHERING_S: Final = 30.0
"""So long a push waits for stations that are away: after a restart all of them are."""
PROOF: Final[dict[PushState, int]] = {
    "queued": 0, "sent": 1, "unknown": 2, "rejected": 2, "accepted": 3, "read_back": 4, "metered": 5
}  # fmt: skip
"""How much each state proves: a later one never takes back a stronger proof."""
NEWER: Final = "; a newer request takes its place"
OFFLINE: Final = "the station is offline: queued until it comes"


class PushDesk:
    """Takes requests out of the mailbox and writes their results into it.

    Parameters
    ----------
    mailbox : Mailbox
    generation : int
    token_path : Path
        File of the operator's token.
    token : str
        The token itself where the environment gives it; goes before the file.
    """

    def __init__(
        self, mailbox: Mailbox, *, generation: int, token_path: Path, token: str = ""
    ) -> None:
        self._mailbox = mailbox
        self._generation = generation
        self._token_path = token_path
        self._token = token
        self._running: PushRequest | None = None
        self._tracked: PushRequest | None = None
        self._release_ids: set[str] = set()
        self._results: dict[str, PushResult] = {}
        self._started_at: datetime | None = None

    def next_release(self, control: SiteControl, *, now: datetime) -> list[str] | None:
        """Return the connectors of a push that has just been put into force, or None.

        The release itself is then the current one of the mailbox.
        """
        if self._running is not None:
            return None
        status = self._mailbox.next_request()
        if status is None:
            return None
        release = self._mailbox.release(status.request.release_id)
        if status.state == "running":
            return self._resume(status, release, control=control, now=now)
        refusal = self._refusal(status.request, release, control=control, now=now)
        if refusal or release is None:
            self._end(status.request, "refused", kind="push_refused", note=refusal, now=now)
            return None
        return self._start(status.request, release, control=control, now=now)

    def adopt(self, release: Release | None) -> None:
        """Note which release is in force, so that its leases count for the push it follows."""
        if release is None or self._tracked is None:
            return
        if self._tracked.release_id in {release.release_id, release.parent_release_id}:
            self._release_ids.add(release.release_id)
        else:
            self._tracked = None

    def take(self, news: Iterable[LeaseNews], *, now: datetime) -> None:
        """Write what has become of leases that belong to the push."""
        if self._tracked is None:
            return
        with self._mailbox.transaction():
            for one in news:
                lease = one.lease
                if lease.release_id in self._release_ids and lease.connector_id in self._results:
                    self._put(lease.connector_id, one, now=now)

    def finish(self, control: SiteControl, *, now: datetime) -> None:
        """End the running push once every station that is there has answered, or a newer one waits."""
        request = self._running
        if request is None or self._started_at is None:
            return
        waiting = [
            result
            for result in self._results.values()
            if result.state in {"queued", "sent"}
            and control.ledger.trust[result.station_id].is_connected
        ]
        is_queued = any(result.state == "queued" for result in self._results.values())
        wait_s = PATIENCE_S if waiting else GATHERING_S if is_queued else 0.0
        is_early = now < self._started_at + timedelta(seconds=wait_s)
        if is_early and not self._is_newer_asked():
            return
        counts = Counter(result.state for result in self._results.values())
        note = ", ".join(
            f"{count} {state.replace('_', ' ')}" for state, count in sorted(counts.items())
        )
        note += NEWER if is_early else ""
        self._end(request, "finished", kind="push_finished", note=note, now=now)
        self._running = None

    # --- inside ---------------------------------------------------------------------------

    def _is_newer_asked(self) -> bool:
        """Return whether a request waits behind the running one: what is newest must not wait."""
        return any(status.state == "queued" for status in self._mailbox.requests(1))

    def _refusal(
        self,
        request: PushRequest,
        release: Release | None,
        *,
        control: SiteControl,
        now: datetime,
    ) -> str:
        """Return why a request is refused, or an empty text."""
        holder = self._holder(request)
        if holder is None:
            return "the operator's token is missing or wrong"
        if holder.role != "operator":
            return f"{holder.name!r} is a {holder.role}: only an operator commits a push"
        if release is None:
            return f"there is no release {request.release_id!r}"
        if not release.pushable:
            return (
                f"the plan cannot be pushed: {release.pushable_reason or 'occupancy was relaxed'}"
            )
        in_force = self._mailbox.current_release()
        if request.digest != preview_digest(release, in_force=in_force):
            return "the preview is out of date: another push came in between; preview again"
        return _refusal_of_site(release, control=control, now=now)

    def _holder(self, request: PushRequest) -> Holder | None:
        """Return who holds the token that a request came with."""
        try:
            holders = read_holders(self._token_path, token=self._token)
        except OperatorTokenError:
            return None  # a damaged file opens nothing
        return holder_of_request(request, holders)

    def _note(
        self, request: PushRequest, kind: JournalKind, *, now: datetime, note: str
    ) -> JournalEntry:
        """Return a journal entry: who says they asked, and whose token it was."""
        holder = self._holder(request)
        facts: dict[str, Scalar] = {
            "request_id": request.request_id,
            "release_id": request.release_id,
            "asked_by": request.asked_by,
            "token_of": holder.name if holder else "",
            "role": holder.role if holder else "",
            "note": note,
        }
        return JournalEntry(now, kind, None, None, facts)

    def _start(
        self, request: PushRequest, release: Release, *, control: SiteControl, now: datetime
    ) -> list[str]:
        results = self._fresh_results(request, release, control=control, now=now)
        with self._mailbox.transaction():
            self._mailbox.check_generation(self._generation)
            self._mailbox.set_request(request.request_id, "running", note="", at=now)
            self._mailbox.set_current_release(release.release_id, at=now)
            self._mailbox.append([self._note(request, "push_started", now=now, note=request.kind)])
            for result in results.values():
                self._mailbox.put_push_result(result)
        self._follow(request, release, results=results, now=now)
        return list(results)

    def _resume(
        self,
        status: RequestStatus,
        release: Release | None,
        *,
        control: SiteControl,
        now: datetime,
    ) -> list[str] | None:
        """Go on with a push that an earlier gateway began, or give it up by name."""
        request, in_force = status.request, self._mailbox.current_release()
        is_ours = in_force is not None and request.release_id in {
            in_force.release_id,
            in_force.parent_release_id,
        }
        if release is None or not is_ours or release.valid_to <= now:
            note = "the gateway stopped in the middle, and the release is no longer in force"
            self._end(request, "abandoned", kind="push_abandoned", note=note, now=now)
            return None
        results = self._fresh_results(request, release, control=control, now=now)
        done = {one.connector_id: one for one in self._mailbox.push_results(request.request_id)}
        results |= {
            name: one for name, one in done.items() if PROOF[one.state] >= PROOF["accepted"]
        }
        note = "gone on with after the gateway had stopped in the middle"
        with self._mailbox.transaction():
            self._mailbox.check_generation(self._generation)
            self._mailbox.append([self._note(request, "push_started", now=now, note=note)])
        self._follow(request, release, results=results, now=now)
        self._release_ids |= {in_force.release_id} if in_force is not None else set()
        return [name for name, one in results.items() if PROOF[one.state] < PROOF["accepted"]]

    def _follow(
        self,
        request: PushRequest,
        release: Release,
        *,
        results: dict[str, PushResult],
        now: datetime,
    ) -> None:
        self._running = self._tracked = request
        self._release_ids = {release.release_id}
        self._results = results
        self._started_at = now

    def _fresh_results(
        self, request: PushRequest, release: Release, *, control: SiteControl, now: datetime
    ) -> dict[str, PushResult]:
        ledger = control.ledger
        live = _live_connectors(control)
        names = {one.connector_id for one in release.schedules if one.valid_to > now} & live
        return {
            name: PushResult(
                request_id=request.request_id,
                station_id=ledger.outlets[name].station_id,
                connector_id=name,
                state="queued",
                note="" if ledger.trust[ledger.outlets[name].station_id].is_connected else OFFLINE,
                latency_s=None,
                changed_at=now,
            )
            for name in sorted(names)
        }

    def _put(self, connector_id: str, news: LeaseNews, *, now: datetime) -> None:
        held = self._results[connector_id]
        result = _advanced(held, news, now=now)
        if result != held:
            self._results[connector_id] = result
            self._mailbox.put_push_result(result)

    def _end(
        self,
        request: PushRequest,
        state: RequestState,
        *,
        kind: JournalKind,
        note: str,
        now: datetime,
    ) -> None:
        with self._mailbox.transaction():
            self._mailbox.check_generation(self._generation)
            self._mailbox.set_request(request.request_id, state, note=note, at=now)
            self._mailbox.append([self._note(request, kind, now=now, note=note)])


def _refusal_of_site(release: Release, *, control: SiteControl, now: datetime) -> str:
    """Return why the site cannot take a release, or an empty text."""
    if release.valid_to <= now:
        return "the night that it was made for is over: plan the next one"
    unknown = {one.connector_id for one in release.schedules} - set(control.ledger.outlets)
    if unknown:
        return f"the site has no connector {min(unknown)!r}"
    wanted = {one.connector_id for one in release.schedules}
    if wanted and not wanted & _live_connectors(control):
        return NO_LIVE
    try:
        require_safe_limits(site_of(control.brief), now=now, until=release.valid_to)
    except SafeLimitError as error:
        return str(error)
    return ""


def _live_connectors(control: SiteControl) -> set[str]:
    """Return the connectors that can be told a limit at all."""
    return {
        connector.connector_id
        for station in control.brief.depot.stations
        if station.takes_live_profiles
        for connector in station.connectors()
    }


def _advanced(held: PushResult, news: LeaseNews, *, now: datetime) -> PushResult:
    """Return where a connector stands after news of its lease; the same where it says no more."""
    result, state = _stamped(held, news, now=now), _state_of(news)
    if news.what == "read_back" and news.outcome != "accepted":
        state = held.state  # weak evidence: it is shown, and takes nothing back
    is_weaker = PROOF[state] < PROOF[held.state] and state != "sent"
    is_known = not _is_progress(held.state, state) and news.note in {"", held.note}
    if is_weaker or is_known:
        return result
    latency_s = news.latency_s if news.latency_s is not None else held.latency_s
    return replace(result, state=state, note=news.note, latency_s=latency_s, changed_at=now)


def _stamped(held: PushResult, news: LeaseNews, *, now: datetime) -> PushResult:
    """Return a result with the instant at which each proof was there first."""
    if news.what == "sent":
        return replace(held, sent_at=now) if held.accepted_at is None else held
    if news.outcome != "accepted":
        return held
    match news.what:
        case "answered":
            return held if held.accepted_at else replace(held, accepted_at=now)
        case "read_back":
            return held if held.read_back_at else replace(held, read_back_at=now)
        case _:
            return held if held.metered_at else replace(held, metered_at=now)


def _is_progress(held: PushState, state: PushState) -> bool:
    """Return whether a state says more than the one before; a new try counts until accepted."""
    if state == "sent":
        return held != "sent" and PROOF[held] < PROOF["accepted"]
    return state != held and PROOF[state] >= PROOF[held]


def _state_of(news: LeaseNews) -> PushState:
    if news.what == "sent":
        return "sent"
    if news.what == "metered":
        return "metered"
    if news.what == "read_back":
        return "read_back" if news.outcome == "accepted" else "rejected"
    return news.outcome
