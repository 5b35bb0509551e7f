"""Back-test a depot's own days: whether the first half of its log foretells the second half."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

import polars as pl

from depotlib.model.calendar import zone
from depotlib.settings import Settings
from depotlib.store.sessions import sessions
from depotlib.studies.back_test import BackTest, back_test
from depotlib.studies.past_day import PastDay, past_days
from depotlib.tariffs.holiday_calendar import holiday_dates


@dataclass(frozen=True, slots=True)
class BackTestChoices:
    """What is known of a log beside its sessions.

    Parameters
    ----------
    time_zone : str
        IANA name.
    day_begins : time
        Noon for a depot that charges at night, midnight for one that charges by day.
    power_kw : float or None
        What a vehicle draws where the log does not say until when it charged; None: even power over
        the whole stay.
    holiday_region : str
        As ``DE-BY``; empty: no holidays.
    """

    time_zone: str
    day_begins: time = time(12)
    power_kw: float | None = None
    holiday_region: str = ""


def back_test_store(
    settings: Settings, choices: BackTestChoices, *, site: str | None = None
) -> BackTest:
    """Return how well the first half of the store's sessions foretells the second.

    Parameters
    ----------
    settings : Settings
    choices : BackTestChoices
    site : str, optional
        Only its sessions.

    Raises
    ------
    StoreMissingError
        If there is no store yet.
    StudyError
        If the log is too short.
    ModelError, TariffError
        If there is no such time zone or holiday calendar.
    """
    return back_test_sessions(sessions(settings.warehouse_path, site=site), choices)


def back_test_sessions(log: pl.DataFrame, choices: BackTestChoices) -> BackTest:
    """Return how well the first half of a log foretells the second.

    Parameters
    ----------
    log : polars.DataFrame
        As of `past_days`.
    choices : BackTestChoices

    Raises
    ------
    StudyError
        If the log is too short or lacks a column.
    ModelError, TariffError
        If there is no such time zone or holiday calendar.
    """
    days = past_days(
        log,
        time_zone=zone(choices.time_zone),
        day_begins=choices.day_begins,
        power_kw=choices.power_kw,
    )
    return back_test(days, holidays=_holidays(days, choices.holiday_region))


def forecast_table(tested: BackTest) -> pl.DataFrame:
    """Return the forecasts of a back-test, a row a day and measure.

    Parameters
    ----------
    tested : BackTest

    Returns
    -------
    polars.DataFrame
        The fields of `DayForecast`, and ``is_inside``.
    """
    return pl.DataFrame(tested.forecasts).with_columns(
        is_inside=pl.col("actual_value").is_between(pl.col("low_value"), pl.col("high_value"))
    )


def _holidays(days: Sequence[PastDay], region: str) -> frozenset[date]:
    if not region:
        return frozenset()
    return holiday_dates(region, years=sorted({one.day.year for one in days}))
