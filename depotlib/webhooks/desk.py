"""When a message is tried again, and when it is given up. Pure.

A webhook's events go out one after the other, so that one that fails holds back those after it: as
long as nobody answers, for a day; where the other side does answer and refuses, for a few tries.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.webhook import WebhookProgress
from depotlib.webhooks.post import is_taken

FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 600.0
REFUSED_TRIES: Final = 5
"""An event that is refused so often in a row is given up: it would be refused for ever."""
KEPT: Final = timedelta(hours=24)
"""An event that could not be told for so long, while it was tried, is given up."""
UNTRIED: Final = timedelta(hours=1)
"""Far beyond the longest pause: nobody tried meanwhile, so that says nothing of the other side."""
_MOST_DOUBLINGS: Final = 9
_CLIENT_ERRORS: Final = range(300, 500)
"""Redirects too: they are not followed."""
_PASSING: Final = frozenset({408, 409, 425, 429})
"""Refusals that ask to try again later."""


def next_try_at(progress: WebhookProgress) -> datetime | None:
    """Return before when the next message is not due, or None: it is due at once."""
    if not progress.tries or progress.tried_at is None:
        return None
    doublings = min(progress.tries, _MOST_DOUBLINGS) - 1
    return progress.tried_at + timedelta(
        seconds=min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**doublings)
    )


def is_due(progress: WebhookProgress, *, at: datetime) -> bool:
    """Return whether the next message may be sent."""
    due_at = next_try_at(progress)
    return due_at is None or at >= due_at


def is_refused(status: int) -> bool:
    """Return whether a status says that the other side does not want this message.

    0 is no status: there was no answer.
    """
    return status in _CLIENT_ERRORS and status not in _PASSING


def with_try(
    progress: WebhookProgress, *, seq: int, status: int, trouble: str, at: datetime
) -> WebhookProgress:
    """Return how far a webhook is after a try to tell it an event.

    Parameters
    ----------
    progress : WebhookProgress
    seq : int
        Number of the event.
    status : int
        0: there was no answer.
    trouble : str
    at : datetime
    """
    if is_taken(status):
        return replace(
            progress,
            after_seq=seq,
            tries=0,
            tried_at=at,
            told_at=at,
            trouble="",
            refusals=0,
            failing_since=None,
        )
    was_tried = progress.tried_at is not None and at - progress.tried_at <= UNTRIED
    return replace(
        progress,
        tries=progress.tries + 1,
        tried_at=at,
        trouble=trouble,
        # Silence between refusals, as in an outage, says nothing of whether the event is wanted.
        refusals=progress.refusals + 1 if is_refused(status) else 0,
        failing_since=(progress.failing_since if was_tried else None) or at,
    )


def is_hopeless(progress: WebhookProgress, *, status: int, happened_at: datetime) -> bool:
    """Return whether the event that was just tried in vain is to be given up."""
    if is_refused(status) and progress.refusals >= REFUSED_TRIES:
        return True
    return is_stale(happened_at, progress=progress)


def is_stale(happened_at: datetime, *, progress: WebhookProgress) -> bool:
    """Return whether an event is too old to be tried again.

    Its age counts from the first try that failed: an event that was told to nobody because nobody
    tried, the teller being down, is as good as new.
    """
    if progress.failing_since is None or progress.tried_at is None:
        return False
    return progress.tried_at - max(happened_at, progress.failing_since) > KEPT
