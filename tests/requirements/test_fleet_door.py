"""Requirement 21: what the fleet's systems tell changes the night."""

from tests.requirements.pointer import covered_by


def test_requirement_21_a_longer_route_raises_the_target_and_what_will_be_missing_is_said():
    covered_by(
        "tests/unit/dispatch/test_route_growth.py"
        "::test_forty_kilometres_more_raise_the_plan_or_say_what_will_be_missing"
    )
