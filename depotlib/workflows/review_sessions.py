"""What was charged: the sessions of a site and what they add up to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from depotlib.errors import StoreMissingError
from depotlib.settings import Settings
from depotlib.store.sessions import session_sites, sessions
from depotlib.units import duration_h


@dataclass(frozen=True, slots=True)
class SessionReview:
    """Sessions with their totals.

    Parameters
    ----------
    sessions : polars.DataFrame
        `SessionFrame`, by plug-in.
    count : int
    energy_kwh : float
        Sum of the sessions that say it, at the wall.
    plugged_h : float
        Sum of the stays with both ends.
    without_end, without_energy : int
        Sessions still open, and those of 0 or unknown energy.
    first, last : datetime or None
        First and last plug-in.
    """

    sessions: pl.DataFrame
    count: int
    energy_kwh: float
    plugged_h: float
    without_end: int
    without_energy: int
    first: datetime | None
    last: datetime | None


def list_sites(settings: Settings) -> list[str]:
    """Return the sites with sessions in the store; none where there is no store yet."""
    try:
        return session_sites(settings.warehouse_path)
    except StoreMissingError:
        return []


def review_sessions(
    settings: Settings,
    *,
    site: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> SessionReview:
    """Return the sessions of a site in a span, and what they add up to.

    Raises
    ------
    StoreMissingError
        If there is no store yet.
    """
    found = sessions(settings.warehouse_path, site=site, start=start, end=end)
    stays: list[timedelta] = found.select(
        (pl.col("plug_end") - pl.col("plug_start")).drop_nulls().alias("stay")
    )["stay"].to_list()
    plug_ins: list[datetime] = found["plug_start"].to_list()
    energies = found["energy_wall_kwh"]
    return SessionReview(
        sessions=found,
        count=found.height,
        energy_kwh=float(energies.sum()),
        plugged_h=duration_h(sum(stays, timedelta())),
        without_end=found["plug_end"].null_count(),
        without_energy=found.filter(pl.col("energy_wall_kwh").fill_null(0.0) <= 0).height,
        first=plug_ins[0] if plug_ins else None,
        last=plug_ins[-1] if plug_ins else None,
    )
