"""Whose session was whose: the visits of each planned stay, and what nobody can be named for."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from depotlib.reconciliation.planned import PlannedStay
from depotlib.reconciliation.told import ToldSession

REACH: Final = timedelta(hours=6)
"""A vehicle may be there so long before its planned arrival and after its departure."""


def visits_by_stay(
    stays: Sequence[PlannedStay], sessions: Sequence[ToldSession]
) -> tuple[list[tuple[ToldSession, ...]], tuple[ToldSession, ...]]:
    """Return the sessions of each stay, in its order, and those that belong to none.

    A session without a name belongs to the vehicle that was planned for its connector, if that has
    no session of its own; or, where one vehicle and one session are left over, to that vehicle.

    Parameters
    ----------
    stays : sequence of PlannedStay
    sessions : sequence of ToldSession
    """
    visits: list[list[ToldSession]] = [[] for _ in stays]
    nobodys: list[ToldSession] = []
    for session in sessions:
        index = _nearest(stays, session)
        if index is not None:
            visits[index].append(session)
        elif session.vehicle_id is None:
            nobodys.append(session)
    rest = _by_bay(stays, visits, nobodys=nobodys)
    without = [index for index, found in enumerate(visits) if not found]
    fitting = [one for one in rest if any(_fits(stays[index], one) for index in without)]
    if len(fitting) == 1 and len(without) == 1:
        visits[without[0]].append(fitting[0])
        rest.remove(fitting[0])
    ordered = [tuple(sorted(found, key=lambda one: one.start)) for found in visits]
    return ordered, tuple(rest)


def _nearest(stays: Sequence[PlannedStay], session: ToldSession) -> int | None:
    """Return the stay of a session's vehicle that it overlaps most."""
    mine = [
        index
        for index, stay in enumerate(stays)
        if stay.vehicle_id == session.vehicle_id and _fits(stay, session)
    ]
    return max(mine, key=lambda index: _overlap(stays[index], session), default=None)


def _by_bay(
    stays: Sequence[PlannedStay],
    visits: list[list[ToldSession]],
    *,
    nobodys: Iterable[ToldSession],
) -> list[ToldSession]:
    """Give nameless sessions to whoever was planned there, and return the others."""
    rest: list[ToldSession] = []
    alone = [index for index, found in enumerate(visits) if not found]
    for session in nobodys:
        here = [
            index
            for index in alone
            if session.connector_id in stays[index].connectors() and _fits(stays[index], session)
        ]
        best = max(here, key=lambda index: _overlap(stays[index], session), default=None)
        if best is None or _overlap(stays[best], session) <= timedelta():
            rest.append(session)
        else:
            visits[best].append(session)
    return rest


def _fits(stay: PlannedStay, session: ToldSession) -> bool:
    return session.start < stay.departure + REACH and _end(session, stay) > stay.arrival - REACH


def _overlap(stay: PlannedStay, session: ToldSession) -> timedelta:
    return min(stay.departure, _end(session, stay)) - max(stay.arrival, session.start)


def _end(session: ToldSession, stay: PlannedStay) -> datetime:
    return session.end or max(stay.departure, session.start)
