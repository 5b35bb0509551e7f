"""Requirements of the door both ways: what the fleet tells, and what it is told."""

from tests.requirements.pointer import covered_by


def test_requirement_21_a_longer_route_raises_the_target_and_what_will_be_missing_is_said():
    covered_by(
        "tests/unit/dispatch/test_route_growth.py"
        "::test_forty_kilometres_more_raise_the_plan_or_say_what_will_be_missing"
    )


def test_requirement_08_a_van_in_the_wrong_bay_is_found_and_the_plan_goes_where_it_is():
    covered_by(
        "tests/unit/dispatch/test_finder.py"
        "::test_swapped_vans_are_seen_told_and_planned_where_they_are"
    )
    covered_by(
        "tests/unit/gateway/test_visitors.py"
        "::test_vans_that_have_changed_places_are_put_right_by_what_dispatch_finds"
    )
    covered_by(
        "tests/unit/dispatch/test_whose.py"
        "::test_six_of_sixty_that_changed_bays_without_a_token_are_all_found"
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
