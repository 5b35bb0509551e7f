from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.gateway.profiles import (
    Period,
    fallback_profile,
    lease_profile,
    limit_tenths,
    maximum_profile,
    merged_periods,
    schedule_profile,
)
from depotlib.gateway.quirks import (
    Dialect,
    dialect_of_capabilities,
    dialect_of_make,
    first_dialect,
)
from depotlib.model.release import ConnectorSchedule, LimitStep
from tests.gateway_cases import T0, at, small_site

AC = Dialect(unit="A", phases=1, voltage_v=240.0, current_type="AC")
DC = Dialect(unit="W", phases=3, voltage_v=277.0, current_type="DC")


@pytest.mark.parametrize(
    ("limit_kw", "dialect", "tenths"),
    [
        (7.2, AC, 300),  # 7200 / 240 = 30.0 A
        (1.5, AC, 62),  # 6.25 A, cut to tenths
        (1.44, AC, 60),  # 6.0 A exactly, whatever floating point makes of it
        (1.43, AC, 0),  # under 6 A nothing can be signalled (IEC 61851-1)
        (float("nan"), AC, 0),
        (float("inf"), AC, 0),
        (-1.0, DC, 0),
        (12.34567, DC, 123456),  # 12345.67 W
        (0.5, DC, 5000),  # DC has no floor
    ],
)
def test_a_limit_becomes_tenths_of_the_unit_rounded_down(limit_kw, dialect, tenths):
    assert limit_tenths(limit_kw, dialect) == tenths


def test_watts_on_ac_have_the_six_ampere_floor_too():
    watts = replace(AC, unit="W")

    assert limit_tenths(1.44, watts) == 14400
    assert limit_tenths(1.43, watts) == 0


def test_a_lease_is_absolute_from_a_minute_ago_until_its_end():
    steps = (LimitStep(T0, 7.2), LimitStep(at(900), 3.6))

    profile = lease_profile(
        steps, AC, connector=1, transaction_id=None, valid_to=at(1800), now=at(10)
    )

    assert profile.start == at(-50)
    assert profile.valid_to == at(1800)
    assert profile.periods == (Period(0, 300), Period(950, 150))
    assert (profile.purpose, profile.stack_level, profile.profile_id) == ("default", 1, 11)


def test_a_lease_of_a_transaction_carries_its_number():
    profile = lease_profile(
        (LimitStep(T0, 7.2),), AC, connector=2, transaction_id=9, valid_to=at(60), now=T0
    )

    assert (profile.purpose, profile.transaction_id, profile.profile_id) == ("transaction", 9, 22)


def test_of_two_raises_within_a_second_the_later_one_is_not_lost():
    steps = (LimitStep(T0, 1.44), LimitStep(at(100.1), 3.6), LimitStep(at(100.9), 7.2))

    profile = lease_profile(steps, AC, connector=1, transaction_id=None, valid_to=at(1800), now=T0)

    # From second 101 on, a minute after the start: 7.2 kW at 240 V are 30 A, allowed since 100.9.
    assert profile.periods == (Period(0, 60), Period(161, 300))


def test_a_raise_waits_for_the_next_whole_second_and_a_reduction_does_not():
    steps = (LimitStep(T0, 3.6), LimitStep(at(100.3), 7.2), LimitStep(at(200.7), 3.6))

    profile = lease_profile(steps, AC, connector=1, transaction_id=None, valid_to=at(900), now=T0)

    assert [period.start_s for period in profile.periods] == [0, 161, 260]


def test_periods_merge_where_the_least_energy_is_lost():
    periods = [Period(0, 100), Period(600, 98), Period(1200, 300), Period(1800, 0)]

    # 2 tenths for 600 s is the cheapest.
    assert merged_periods(periods, end_s=2400, most=3) == (
        Period(0, 98),
        Period(1200, 300),
        Period(1800, 0),
    )


def test_the_fallback_never_expires_and_is_for_every_connector():
    profile = fallback_profile(1.5, AC, now=T0)

    assert (profile.connector, profile.stack_level, profile.valid_to) == (0, 0, None)
    assert profile.periods == (Period(0, 62),)


def test_the_maximum_is_of_the_station_as_a_whole():
    profile = maximum_profile(50.0, DC, now=T0)

    assert (profile.purpose, profile.connector) == ("station_maximum", 0)
    assert profile.periods[0].limit == 50_000.0


def test_a_station_of_one_level_gets_a_last_step_instead_of_an_end():
    one_level = replace(AC, lease_level=0)

    profile = lease_profile(
        (LimitStep(T0, 7.2), LimitStep(at(900), 1.5)),
        one_level,
        connector=1,
        transaction_id=None,
        valid_to=at(900),
        now=T0,
    )

    assert profile.valid_to is None
    assert profile.periods == (Period(0, 300), Period(960, 62))


def test_the_workbench_sees_the_profile_of_one_stay():
    stay = ConnectorSchedule("S0/1", "van-0", (LimitStep(T0, 7.2),), at(3600), at(3600), 7.2)

    profile = schedule_profile(stay, AC, connector=1, now=T0 - timedelta(hours=1))

    assert profile.valid_to == at(3600)


@pytest.mark.parametrize(
    ("reported", "unit"),
    [
        ("Current", "A"),
        ("Power", "W"),
        ("Current,Power", "A"),
        ("W", "W"),
        ('"A"', "A"),
        ("", "A"),
        ("Nonsense", "A"),
    ],
)
def test_units_are_read_leniently(reported, unit):
    facts = {"ChargingScheduleAllowedChargingRateUnit": reported}

    assert dialect_of_capabilities(AC, facts).unit == unit


def test_capabilities_limit_levels_and_periods():
    facts = {"ChargeProfileMaxStackLevel": "0", "ChargingScheduleMaxPeriods": "6.0"}

    dialect = dialect_of_capabilities(AC, facts)

    assert (dialect.lease_level, dialect.max_periods, dialect.can_expire) == (0, 6, False)


def test_what_cannot_be_read_changes_nothing():
    assert dialect_of_capabilities(AC, {"ChargeProfileMaxStackLevel": "many"}) == AC


def test_a_known_make_is_spoken_to_in_its_dialect():
    station = small_site().depot.stations[0]

    # Quirk 1: refuses every level above 0, though it reports three.
    abb = dialect_of_make(first_dialect(station), vendor="ABB", model="Terra AC W22")

    assert (abb.lease_level, abb.uses_transaction_profile) == (0, False)
    assert dialect_of_make(abb, vendor="Somebody", model="Else") == abb
