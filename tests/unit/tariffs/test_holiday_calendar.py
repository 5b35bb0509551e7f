"""Public holidays by region."""

from datetime import date

import pytest

from depotlib.errors import HolidayRegionError
from depotlib.tariffs.holiday_calendar import holiday_dates


def test_a_state_has_its_own_holidays():
    bavaria = holiday_dates("DE-BY", years=[2026])
    berlin = holiday_dates("DE-BE", years=[2026])

    # Corpus Christi is 60 days after Easter (5 April 2026); Bavaria keeps it, Berlin does not.
    assert date(2026, 6, 4) in bavaria
    assert date(2026, 6, 4) not in berlin
    assert date(2026, 10, 3) in bavaria & berlin


def test_every_year_that_is_asked_for_is_there():
    found = holiday_dates("US-NY", years=[2026, 2027])

    # Independence Day, 5 U.S.C. 6103; in 2026 a Saturday, observed on Friday the 3rd.
    assert {date(2026, 7, 4), date(2026, 7, 3), date(2027, 7, 4)} <= found
    assert {day.year for day in found} <= {2026, 2027}


def test_a_country_alone_has_its_national_holidays():
    assert date(2026, 12, 25) in holiday_dates("gb", years=[2026])


def test_an_unknown_country_is_refused_in_words():
    with pytest.raises(HolidayRegionError, match=r"'XX-YY'.*country"):
        holiday_dates("XX-YY", years=[2026])


def test_an_unknown_subdivision_names_those_there_are():
    with pytest.raises(HolidayRegionError, match="US-NY"):
        holiday_dates("US-QQ", years=[2026])
