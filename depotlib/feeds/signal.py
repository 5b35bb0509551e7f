"""What a grid signal limits, reconciled with the limits that stand: given, kept, withdrawn."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from depotlib.errors import ModelError
from depotlib.exchange.limit_desk import give_limit, withdraw_limit
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import GridLimit

MARK: Final = "limit:"
DIGEST_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Signal:
    """All that a source of grid signals wants limited from now on.

    Parameters
    ----------
    limits : tuple of GridLimit
        Without ids. What stood before and is not here is withdrawn.
    keeps : frozenset of str
        Givers and beginnings of references whose limits stay as they are: what they mean cannot be
        read just now.
    refused : mapping of str to int
        What was not taken, by reason.
    """

    limits: tuple[GridLimit, ...]
    keeps: frozenset[tuple[str, str]] = frozenset()
    refused: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class _Standing:
    """A limit that was given, as the marks keep it."""

    limit_id: str
    giver: str
    reference: str

    def text(self) -> str:
        return json.dumps([self.limit_id, self.giver, self.reference])


def record_signal(
    mailbox: Mailbox, signal: Signal, *, marks: Mapping[str, str], brief: Brief, now: datetime
) -> tuple[dict[str, str], dict[str, int]]:
    """Return the marks after the limits were brought in line, and what was refused, by reason.

    A limit that somebody withdrew by hand is not given again while the signal says the same.

    Parameters
    ----------
    mailbox : Mailbox
    signal : Signal
    marks : mapping of str to str
        Of the look before; those of limits are this function's own.
    brief : Brief
    now : datetime
    """
    kept = {name: text for name, text in marks.items() if not name.startswith(MARK)}
    held = {name: _standing_of(text) for name, text in marks.items() if name.startswith(MARK)}
    refused = dict(signal.refused)
    wanted = {MARK + _digest(limit): limit for limit in signal.limits}
    with mailbox.transaction():
        for name, limit in wanted.items():
            if name in held:
                kept[name] = held[name].text()
                continue
            try:
                given = give_limit(mailbox, _named(mailbox, limit, name=name), brief=brief, now=now)
            except ModelError:
                refused["impossible"] = refused.get("impossible", 0) + 1
                continue
            kept[name] = _Standing(given.limit_id, limit.given_by, limit.reference).text()
        for name, standing in held.items():
            if name in wanted:
                continue
            limit = mailbox.grid_limits.get(standing.limit_id)
            if limit is None or limit.until <= now:
                continue
            if _stays(standing, signal):
                kept[name] = standing.text()
            else:
                withdraw_limit(mailbox, standing.limit_id, by=standing.giver, now=now)
    return kept, refused


def _stays(standing: _Standing, signal: Signal) -> bool:
    return any(
        standing.giver == giver and standing.reference.startswith(begin)
        for giver, begin in signal.keeps
    )


def _named(mailbox: Mailbox, limit: GridLimit, *, name: str) -> GridLimit:
    """Return a limit under an id of its own: one that was withdrawn keeps the one it had."""
    first = f"signal-{name.removeprefix(MARK)}"
    limit_id, turn = first, 1
    while mailbox.grid_limits.get(limit_id) is not None:
        turn += 1
        limit_id = f"{first}-{turn}"
    return replace(limit, limit_id=limit_id)


def _digest(limit: GridLimit) -> str:
    said = (limit.node_id, limit.start.timestamp(), limit.end.timestamp(), limit.limit_kw)
    content = repr((*said, limit.service_share, limit.source, limit.reference, limit.given_by))
    return hashlib.sha256(content.encode()).hexdigest()[:DIGEST_LENGTH]


def _standing_of(text: str) -> _Standing:
    limit_id, giver, reference = json.loads(text)
    return _Standing(str(limit_id), str(giver), str(reference))
