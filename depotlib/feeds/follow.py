"""A feed in its process: looks, writes, waits; goes on whatever fails."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.clock import Clock
from depotlib.errors import (
    DepotError,
    ExchangeError,
    FeedCredentialError,
    FeedDownError,
    InputError,
)
from depotlib.exchange.mailbox import Mailbox
from depotlib.feeds.record import record_look
from depotlib.feeds.sighting import Feed
from depotlib.model.feed import FeedState

FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 300.0
"""Waits double from the first to the longest while a feed fails."""
BUSY_WAIT_S: Final = 2.0
"""While the mailbox cannot be used."""


class Follower:
    """A feed without its process: `step` looks once.

    Parameters
    ----------
    mailbox : Mailbox
    feed : Feed
    tell : callable
        Takes a sentence for a person; each only when it is news.
    """

    def __init__(self, mailbox: Mailbox, feed: Feed, *, tell: Callable[[str], None]) -> None:
        self._mailbox = mailbox
        self._feed = feed
        self._tell = tell
        self._told = ""

    def step(self, now: datetime) -> float:
        """Return how long to wait for the next look [s], after what this one brought is written."""
        try:
            self._mailbox.beat(f"feed {self._feed.name}", now)
            held = self._mailbox.feeds.get(self._feed.name)
            try:
                look = self._feed.look(held.marks if held is not None else {}, now=now)
                state = record_look(self._mailbox, look, feed=self._feed.name, now=now)
            except (FeedDownError, FeedCredentialError) as error:
                return self._failed(error, held, now=now)
            except (InputError, ValueError, OverflowError) as error:
                return self._failed(_unusable(error, self._feed.name), held, now=now)
        except ExchangeError as error:
            self._say(str(error))
            return BUSY_WAIT_S
        self._say(_sentence(state))
        return self._feed.page_pause_s if look.is_more else self._feed.period_s

    def _failed(
        self, error: FeedDownError | FeedCredentialError, held: FeedState | None, *, now: datetime
    ) -> float:
        before = held if held is not None else FeedState(self._feed.name, at=now)
        failed = replace(
            before,
            at=now,
            failing_since=before.failing_since or now,
            failures=before.failures + 1,
            note=error.what,
        )
        self._mailbox.feeds.put(self._feed.name, failed)
        self._say(str(error))
        if isinstance(error, FeedCredentialError):
            # Asking again and again with a wrong password locks the account.
            return LONGEST_WAIT_S
        return max(error.retry_after_s, backed_off_s(failed.failures))

    def _say(self, sentence: str) -> None:
        if sentence and sentence != self._told:
            self._tell(f"feed {self._feed.name}: {sentence}")
        self._told = sentence


def backed_off_s(failures: int) -> float:
    """Return how long to wait after so many failures in a row [s]."""
    doublings = min(max(0, failures - 1), 16)
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**doublings)


def _unusable(error: Exception, feed: str) -> FeedDownError:
    """Return what is said of an answer that nobody foresaw: one server's word ends no process."""
    # Only our own errors are quoted: others may hold a secret that was to be sent.
    why = error.what if isinstance(error, InputError) else type(error).__name__
    hint = error.hint if isinstance(error, InputError) else "it is asked again by itself"
    return FeedDownError(f"its answer cannot be used: {why}", where=feed, hint=hint)


def run_feed(
    mailbox: Mailbox,
    feed: Feed,
    *,
    clock: Clock,
    stop: threading.Event,
    tell: Callable[[str], None],
) -> None:
    """Look at a feed until told to stop. Waits are on the machine's clock: so are vendors' limits.

    Parameters
    ----------
    mailbox : Mailbox
    feed : Feed
    clock : Clock
        Of the whole depot.
    stop : threading.Event
    tell : callable
    """
    follower = Follower(mailbox, feed, tell=tell)
    try:
        while not stop.is_set():
            stop.wait(max(feed.page_pause_s, follower.step(clock.now())))
    except DepotError as error:
        tell(f"feed {feed.name}: {error}")
        raise
    finally:
        feed.close()


def _sentence(state: FeedState) -> str:
    said: list[str] = [state.note] if state.note else []
    if state.refused:
        said.append(f"{state.refused} records say what cannot be")
    if state.unknown_ids:
        said.append(f"the fleet does not know {', '.join(state.unknown_ids)}")
    return "; ".join(said)
