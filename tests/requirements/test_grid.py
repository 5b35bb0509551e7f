"""Requirements of the grid: what the utility allows for a while."""

from tests.requirements.pointer import covered_by


def test_requirement_30_a_limit_from_the_utility_is_obeyed_replanned_and_its_cost_listed():
    covered_by(
        "tests/unit/gateway/test_grid_limits.py"
        "::test_a_limit_on_the_site_holds_from_its_first_second_to_its_last"
    )
    covered_by(
        "tests/unit/dispatch/test_grid_limits.py"
        "::test_a_limit_given_from_outside_is_planned_for_at_once_and_its_cost_is_listed"
    )
    covered_by(
        "tests/unit/api/test_grid_limits.py::test_sixty_percent_of_the_service_become_a_power"
    )
