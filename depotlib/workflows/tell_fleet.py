"""Tell the fleet's systems what happens: signed webhooks, out of the journal, in its order.

A process of its own (`tell_fleet`), so that a system that hangs holds up neither people's alerts
nor the HTTP door. How far each webhook was told lies in the exchange: a killed teller goes on from
there, and sends again, under the same id, at most what was on its way.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from depotlib.api.estimate_news import changed_estimates, entry_of, estimate_of
from depotlib.api.fleet_view import sessions_now
from depotlib.clock import Clock
from depotlib.errors import DeliveryError, DepotError
from depotlib.exchange.locks import teller_lock
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.webhook_rights import why_stopped
from depotlib.exchange.webhook_secrets import secret_of
from depotlib.model.live import JournalEntry, JournalRecord
from depotlib.model.webhook import DeadLetter, Webhook
from depotlib.settings import Settings
from depotlib.webhooks.desk import is_due, is_hopeless, is_stale, with_try
from depotlib.webhooks.message import body_of, message_id_of
from depotlib.webhooks.post import TIMEOUT_S, Reach, is_taken, status_of_post
from depotlib.workflows.keep_looking import keep_looking

PROCESS: Final = "webhooks"
POLL_S: Final = 0.5
"""How often the exchange is looked at, on the machine's clock [s]."""
MOST_GIVEN_UP: Final = 200
"""Stale events that are given up in one go."""
SKIP_SEQ: Final = 2000
"""A quiet webhook's place is written down at least each so many records, lest they are read again."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One event for one webhook; `letter`: it had been given up and is wanted again."""

    webhook: Webhook
    record: JournalRecord
    letter: DeadLetter | None = None


@dataclass(slots=True)
class FleetTeller:
    """The teller without its process: `look`, and `tell_one` for each webhook that has news.

    Parameters
    ----------
    settings : Settings
    clock : Clock
    timeout_s : float
        For a message with its answer [s].
    """

    settings: Settings
    clock: Clock
    timeout_s: float = TIMEOUT_S

    def look(self) -> tuple[str, ...]:
        """Return the webhooks that are to be told something now; journals changed estimates.

        Raises
        ------
        ExchangeError
            If the mailbox cannot be used now; the next look tries again.
        """
        now = self.clock.now()
        with open_mailbox(self.settings.mailbox_path, create=False) as mailbox:
            mailbox.beat(PROCESS, now)
            webhooks = mailbox.webhooks.all()
            if any("estimate" in one.families for one in webhooks):
                _journal_estimates(mailbox, now=now)
            return tuple(
                one.webhook_id for one in webhooks if self._task(mailbox, one, now=now) is not None
            )

    def tell_one(self, webhook_id: str) -> bool:
        """Return whether a webhook was told its next event, so that it may have another.

        Raises
        ------
        DepotError
            If mailbox or keys cannot be used now.
        """
        now, path = self.clock.now(), self.settings.mailbox_path
        with open_mailbox(path, create=False) as mailbox:
            webhook = mailbox.webhooks.get(webhook_id)
            task = self._task(mailbox, webhook, now=now) if webhook else None
            published = mailbox.brief()
        if task is None:
            return False
        status, trouble = self._sent(
            task, depot=published[1].depot.depot_id if published else "", now=now
        )
        at = self.clock.now()
        with open_mailbox(path, create=False) as mailbox, mailbox.transaction():
            if mailbox.webhooks.get(webhook_id) is None:
                return False  # it was withdrawn meanwhile
            if task.letter is not None:
                _note_again(mailbox, task.letter, status=status, trouble=trouble)
            else:
                _note(mailbox, task, status=status, trouble=trouble, at=at)
        return is_taken(status)

    def _task(self, mailbox: Mailbox, webhook: Webhook, *, now: datetime) -> _Task | None:
        """Return what a webhook is to be told now, or None: nothing, or not yet."""
        place, token = self.settings.operator_token_path, self.settings.operator_token
        if why_stopped(webhook, place, token=token):
            return None
        letter = mailbox.webhooks.wanted(webhook.webhook_id)
        if letter is not None:
            (record,) = mailbox.journal(letter.seq - 1, 1)
            return _Task(webhook, record, letter)
        progress = mailbox.webhooks.progress(webhook.webhook_id)
        if not is_due(progress, at=now):
            return None
        found = mailbox.journal(progress.after_seq, 1, kinds=webhook.kinds())
        if found:
            return _Task(webhook, found[0])
        head = mailbox.journal_head().seq
        if head - progress.after_seq > SKIP_SEQ:
            mailbox.webhooks.put_progress(replace(progress, after_seq=head))
        return None

    def _sent(self, task: _Task, *, depot: str, now: datetime) -> tuple[int, str]:
        """Return the status of an answer (0: there was none), and what went wrong."""
        try:
            status = status_of_post(
                task.webhook.address,
                body_of(task.record, depot=depot),
                secret=secret_of(self.settings.operator_token_path, task.webhook),
                message_id=message_id_of(task.record),
                at=now,
                reach=Reach(self.settings.opened_networks(), self.timeout_s),
            )
        except DeliveryError as error:
            return 0, error.what
        return status, "" if is_taken(status) else f"it answered {status}"


@dataclass(slots=True)
class _Threads:
    """One thread at most for each webhook, so that one that hangs holds up no other."""

    teller: FleetTeller
    stop: threading.Event
    tell: Callable[[str], None]
    _running: dict[str, threading.Thread] = field(
        default_factory=dict[str, threading.Thread], init=False
    )

    def serve(self, webhook_ids: Sequence[str]) -> None:
        """Begin with every webhook that has news and is not being told."""
        self._running = {name: one for name, one in self._running.items() if one.is_alive()}
        for webhook_id in webhook_ids:
            if webhook_id in self._running:
                continue
            # A daemon: whoever hangs must not keep the process from ending.
            thread = threading.Thread(target=self._tell_all, args=(webhook_id,), daemon=True)
            self._running[webhook_id] = thread
            thread.start()

    def _tell_all(self, webhook_id: str) -> None:
        try:
            while not self.stop.is_set() and self.teller.tell_one(webhook_id):
                pass
        except DepotError as error:
            self.tell(f"webhooks: {webhook_id}: {error}")


def tell_fleet(
    settings: Settings, clock: Clock, *, stop: threading.Event, tell: Callable[[str], None]
) -> None:
    """Tell every webhook what happens, until told to stop.

    Raises
    ------
    ProcessError
        If another process does so already.
    SettingsError
        If the networks that webhooks may reach cannot be read.
    """
    settings.opened_networks()
    teller = FleetTeller(settings, clock)
    threads = _Threads(teller, stop, tell)
    with teller_lock(settings.mailbox_path, PROCESS):
        keep_looking(
            lambda: threads.serve(teller.look()),
            name=PROCESS,
            every_s=POLL_S,
            stop=stop,
            tell=tell,
        )


def _journal_estimates(mailbox: Mailbox, *, now: datetime) -> None:
    sessions = sessions_now(mailbox, now=now)
    held = mailbox.webhooks.estimates
    told = {one.session_id: one for one in held.all()}
    changed = changed_estimates(sessions, told, now=now)
    over = set(told) - {session.session_id for session in sessions}
    if not (changed or over):
        return
    with mailbox.transaction():
        for session_id in over:
            held.drop(session_id)
        for session in changed:
            held.put(session.session_id, estimate_of(session, at=now))
        if changed:
            mailbox.append([entry_of(session, now=now) for session in changed])


def _note(mailbox: Mailbox, task: _Task, *, status: int, trouble: str, at: datetime) -> None:
    webhook, record = task.webhook, task.record
    progress = mailbox.webhooks.progress(webhook.webhook_id)
    tried = with_try(progress, seq=record.seq, status=status, trouble=trouble, at=at)
    if is_taken(status) or not is_hopeless(tried, status=status, happened_at=record.entry.at):
        mailbox.webhooks.put_progress(tried)
        return
    lost = [record]
    if not status:
        # Nobody answers: what is as old as this need not be tried one by one.
        waiting = mailbox.journal(record.seq, MOST_GIVEN_UP, kinds=webhook.kinds())
        lost += [one for one in waiting if is_stale(one.entry.at, progress=tried)]
    _give_up(mailbox, webhook, lost=lost, trouble=trouble, at=at)
    after = replace(tried, after_seq=lost[-1].seq, refusals=0)
    # Where the other side answers, the next event starts afresh.
    mailbox.webhooks.put_progress(replace(after, tries=0, failing_since=None) if status else after)


def _give_up(
    mailbox: Mailbox, webhook: Webhook, *, lost: Sequence[JournalRecord], trouble: str, at: datetime
) -> None:
    for record in lost:
        letter = DeadLetter(webhook.webhook_id, record.seq, record.entry.kind, trouble, at)
        mailbox.webhooks.put_dead(letter)
    facts = {
        "webhook_id": webhook.webhook_id,
        "host": webhook.host,
        "events": len(lost),
        "first_seq": lost[0].seq,
        "last_seq": lost[-1].seq,
        "trouble": trouble,
    }
    mailbox.append([JournalEntry(at, "webhook_given_up", payload=facts)])


def _note_again(mailbox: Mailbox, letter: DeadLetter, *, status: int, trouble: str) -> None:
    if is_taken(status):
        mailbox.webhooks.drop_dead(letter.webhook_id, letter.seq)
        return
    # Where nobody answers the others need not be tried: they would hold up what happens now.
    lost = [letter] if status else mailbox.webhooks.dead(letter.webhook_id)
    for one in lost:
        if one.is_wanted:
            mailbox.webhooks.put_dead(replace(one, is_wanted=False, trouble=trouble))
