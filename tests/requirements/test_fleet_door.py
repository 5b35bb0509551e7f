"""Requirements of the door both ways: what the fleet tells, and what it is told."""

from tests.requirements.pointer import covered_by


def test_requirement_21_a_longer_route_raises_the_target_and_what_will_be_missing_is_said():
    covered_by(
        "tests/unit/dispatch/test_route_growth.py"
        "::test_forty_kilometres_more_raise_the_plan_or_say_what_will_be_missing"
    )


def test_requirement_20_sessions_are_streamed_and_estimates_at_half_are_within_ten_minutes():
    covered_by("tests/unit/api/test_stream.py::test_sessions_are_told_well_within_fifteen_seconds")
    covered_by(
        "tests/unit/api/test_estimate_at_half.py"
        "::test_estimates_at_half_charge_are_at_most_ten_minutes_off"
    )


def test_requirement_46_the_stations_meters_stand_in_for_lost_telematics():
    covered_by(
        "tests/unit/dispatch/test_blackout.py"
        "::test_after_a_blackout_at_midnight_no_van_leaves_with_a_charge_more_than_3_percent_off"
    )
    covered_by(
        "tests/unit/dispatch/test_charges.py"
        "::test_telematics_that_comes_back_is_handed_over_to_smoothly"
    )
