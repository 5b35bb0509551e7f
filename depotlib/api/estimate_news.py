"""Which sessions' estimates have changed so much that the fleet's systems are told. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from depotlib.api.answers import RunningSession
from depotlib.model.live import JournalEntry
from depotlib.model.webhook import EstimateTold

SOC_STEP: Final = 0.05
ENERGY_STEP_SHARE: Final = 0.1
"""Of what was left when it was last told."""
LEAST_STEP_KWH: Final = 0.5
TIME_STEP: Final = timedelta(minutes=5)
LEAST_GAP: Final = timedelta(seconds=60)
"""A session's estimate is told at most so often."""


def estimate_of(session: RunningSession, *, at: datetime) -> EstimateTold:
    """Return what there is to tell of a session's charge."""
    return EstimateTold(
        session_id=session.session_id,
        at=at,
        soc=session.charge.soc if session.charge else session.soc,
        energy_remaining_kwh=session.energy_remaining_kwh,
        completes_at=session.completes_at,
    )


def changed_estimates(
    sessions: Sequence[RunningSession], told: Mapping[str, EstimateTold], *, now: datetime
) -> tuple[RunningSession, ...]:
    """Return the sessions whose estimate is new, or not as it was told.

    Parameters
    ----------
    sessions : sequence of RunningSession
    told : mapping of str to EstimateTold
        What was last told, by session.
    now : datetime
    """
    return tuple(
        session
        for session in sessions
        if _is_news(estimate_of(session, at=now), told.get(session.session_id))
    )


def entry_of(session: RunningSession, *, now: datetime) -> JournalEntry:
    """Return the record that tells a session's estimate."""
    estimate, charge = estimate_of(session, at=now), session.charge
    facts = {
        "session_id": session.session_id,
        "vehicle_id": session.vehicle_id,
        "soc": estimate.soc,
        "low_soc": charge.low_soc if charge else None,
        "high_soc": charge.high_soc if charge else None,
        "is_estimated": charge.is_estimated if charge else False,
        "energy_kwh": session.energy_kwh,
        "energy_remaining_kwh": estimate.energy_remaining_kwh,
        "completes_at": estimate.completes_at.isoformat() if estimate.completes_at else None,
        "departure": session.departure.isoformat() if session.departure else None,
    }
    return JournalEntry(now, "estimate_changed", session.station_id, session.connector_id, facts)


def _is_news(now: EstimateTold, before: EstimateTold | None) -> bool:
    if before is None:
        return now.soc is not None or now.energy_remaining_kwh is not None
    if now.at - before.at < LEAST_GAP:
        return False
    return (
        _has_moved(now.soc, before.soc, step=SOC_STEP)
        or _has_moved(
            now.energy_remaining_kwh,
            before.energy_remaining_kwh,
            step=max(LEAST_STEP_KWH, ENERGY_STEP_SHARE * (before.energy_remaining_kwh or 0.0)),
        )
        or _is_elsewhen(now.completes_at, before.completes_at)
    )


def _has_moved(now: float | None, before: float | None, *, step: float) -> bool:
    if now is None or before is None:
        return now is not before
    return now != before and abs(now - before) >= step


def _is_elsewhen(now: datetime | None, before: datetime | None) -> bool:
    if now is None or before is None:
        return now is not before
    return abs(now - before) >= TIME_STEP
