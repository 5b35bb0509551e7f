"""Show what a night asks for, with the arithmetic of each need, what is missing and how sure it is."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from depotlib.errors import RecordMissingError
from depotlib.model.calendar import zone
from depotlib.model.dwell import Need
from depotlib.needs.expected_stays import expected_stays
from depotlib.needs.learned import Learned
from depotlib.needs.rolling import HeldOutError
from depotlib.needs.stay_energy import learned_stays
from depotlib.settings import Settings
from depotlib.store.sessions import sessions
from depotlib.workflows.tonight import NightChoices, at_temperature, gather_tonight, night_of


@dataclass(frozen=True, slots=True)
class NeedsShown:
    """The needs of a night.

    Parameters
    ----------
    place : str
        Depot or site.
    evening : date
    needs : tuple of Need
    learning : str
        What was learned from past days and how good it was on held-out ones, in words.
    held_out : HeldOutError or None
        None: nothing was learned.
    """

    place: str
    evening: date
    needs: tuple[Need, ...]
    learning: str
    held_out: HeldOutError | None


def needs_tonight(
    settings: Settings,
    *,
    now: datetime,
    evening: date | None = None,
    learns: bool | None = None,
    temperature_c: float | None = None,
) -> NeedsShown:
    """Return the needs of a night of the chosen depot.

    Parameters
    ----------
    settings : Settings
    now : datetime
    evening : date, optional
        Default: the night that now belongs to.
    learns : bool, optional
        Whether past days count; default: as the depot's policy says.
    temperature_c : float, optional
        Outside; default: what is known of it.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If something the night rests on is not there; says what.
    """
    choices = NightChoices(evening=evening, learns=learns)
    tonight = gather_tonight(settings, now=now, choices=choices)
    if temperature_c is not None:
        tonight = at_temperature(tonight, temperature_c, settings=settings, at=now)
    consumption = tonight.known.consumption
    found = None if consumption is None else consumption.learned
    return NeedsShown(
        place=tonight.depot.name,
        evening=tonight.evening,
        needs=tonight.needs,
        learning=_words(found, what="consumption", otherwise="figures of the vehicle classes"),
        held_out=None if found is None else found.held_out.error,
    )


def needs_from_sessions(
    settings: Settings, *, site: str | None, time_zone: str, evening: date
) -> NeedsShown:
    """Return who is expected in a night by the session log alone, and for how much energy.

    Parameters
    ----------
    settings : Settings
    site : str or None
        None: all sessions of the store.
    time_zone : str
        IANA name.
    evening : date
        Local.

    Raises
    ------
    StoreMissingError
        If there is no store yet.
    RecordMissingError
        If there are too few sessions before that night to learn from.
    """
    local = zone(time_zone)
    night = night_of(evening, local)
    begun = sessions(settings.warehouse_path, site=site, end=night.start)
    past = begun.filter(pl.col("plug_end") < night.start)
    stays = learned_stays(past, time_zone=local, knows_departure=True)
    if stays is None:
        raise RecordMissingError(
            f"the {past.height} sessions before {evening} are too few to expect anything from",
            where=f"sessions of {site or 'the store'}",
            hint="import a log of three weeks or more with 60 or more sessions that drew energy",
        )
    return NeedsShown(
        place=site or "all sites",
        evening=evening,
        needs=expected_stays(past, night=night, stays=stays),
        learning=_words(stays.learned, what="energy of stays", otherwise=""),
        held_out=stays.learned.held_out.error,
    )


def _words(learned: Learned | None, *, what: str, otherwise: str) -> str:
    if learned is None:
        return f"{what}: too few past days to learn from, {otherwise}"
    error = learned.held_out.error
    return (
        f"{what}: learned; on {error.rows} held-out rows its mean absolute error was "
        f"{error.model_kwh:.2f} kWh (class mean {error.class_mean_kwh:.2f}, same weekday "
        f"{error.weekday_mean_kwh:.2f}); {error.coverage_share:.0%} lay in their 90 % band"
    )
