"""Public holidays by region."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from depotlib.errors import HolidayRegionError
from depotlib.model.timegrid import TimeGrid
from depotlib.tariffs.bill import bill_period
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.holiday_calendar import holiday_dates
from depotlib.tariffs.terms import price_terms_given
from tests.tariff_cases import (
    JUNE,
    QUARTER_S,
    QUARTERS_IN_JUNE,
    STANDARD_TIME,
    amounts,
    golden,
    load,
    schedule,
)


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


# 0.10 on weekdays, 0.05 at weekends; Juneteenth, 19 June 2026, is a Friday.
WEEKEND_PRICES = golden(
    energyratestructure=[[{"rate": 0.10}], [{"rate": 0.05}]],
    energyweekdayschedule=schedule(range(0)),
    energyweekendschedule=schedule(range(24)),
)


@pytest.mark.parametrize(
    ("region", "inputs", "energy"),
    [
        # June 2026: 22 weekdays and 8 weekend days of 2,400 kWh.
        ("", BillingInputs(), "6240.00"),
        # 21 and 9
        ("US", BillingInputs(), "6120.00"),
        # What is stated holds: no holiday; or two Mondays, 20 and 10
        ("US", BillingInputs(are_holidays_stated=True), "6240.00"),
        (
            "US",
            BillingInputs(holidays=frozenset({date(2026, 6, 1), date(2026, 6, 8)})),
            "6000.00",
        ),
    ],
)
def test_a_tariff_that_names_a_region_is_billed_with_its_holidays(region, inputs, energy):
    bill = bill_period(
        replace(WEEKEND_PRICES, holiday_region=region),
        load([100.0] * QUARTERS_IN_JUNE),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
        inputs=inputs,
    )

    assert amounts(bill)["energy"] == Decimal(energy)


def test_a_plan_under_such_a_tariff_sees_the_holiday():
    juneteenth = TimeGrid(
        start=datetime(2026, 6, 19, 5, tzinfo=UTC), interval_s=QUARTER_S, count=96
    )

    with_region, without = (
        price_terms_given(
            replace(WEEKEND_PRICES, holiday_region=region), juneteenth, time_zone=STANDARD_TIME
        )
        for region in ("US", "")
    )

    assert set(with_region.energy[0].price_per_kwh) == {0.05}
    assert set(without.energy[0].price_per_kwh) == {0.10}
