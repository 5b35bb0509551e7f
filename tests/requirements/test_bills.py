"""Requirements 26 and 50: what a utility bills, and prices that change within a period."""

from tests.requirements.pointer import covered_by

GOLDEN = "tests/known_answers/tariffs/test_golden_cases.py"
VERSIONS = "tests/unit/tariffs/test_versions.py"


def test_requirement_26_demand_is_billed_by_quarter_hours_golden_cases_hold_to_the_cent():
    for name in (
        "test_g1_a_constant_load",
        "test_g2_one_aligned_block_sets_the_peak",
        "test_g3_a_burst_within_a_block_is_averaged",
        "test_g4_a_burst_across_two_blocks_is_shared_by_them",
        "test_g4_sliding_windows_see_the_whole_burst",
        "test_g5_a_ratchet_bills_a_part_of_an_earlier_peak",
        "test_g6_energy_tiers_count_from_the_start_of_the_period",
        "test_g7_hours_use_tiers_are_as_wide_as_the_billing_demand",
        "test_g8_a_ratchet_widens_hours_use_tiers",
        "test_g9_daily_demand_is_billed_for_every_day",
        "test_g10_a_charge_per_day_counts_actual_days",
        "test_g11_each_period_has_its_own_peak",
        "test_g12_a_bill_below_the_minimum_is_raised_to_it",
    ):
        covered_by(f"{GOLDEN}::{name}")
    # The planner pays for the same quarter-hours as the bill.
    covered_by(
        "tests/properties/test_price_terms_equal_bill_lines.py"
        "::test_price_terms_cost_what_the_bill_says"
    )


def test_requirement_50_a_tariff_version_from_the_middle_of_a_month_splits_the_bill():
    for name in (
        "test_energy_goes_by_the_reading_and_the_rest_by_days",
        "test_the_peak_of_the_whole_period_is_billed_in_both_parts",
        "test_tiers_count_on_from_the_start_of_the_period",
        "test_the_same_prices_in_two_versions_cost_what_one_costs",
        "test_a_minimum_is_shared_by_days",
        "test_a_plan_has_the_prices_of_the_version_in_force",
    ):
        covered_by(f"{VERSIONS}::{name}")
    # The version reaches a bill from the tariff's file.
    covered_by(
        "tests/unit/tariffs/test_tariff_file.py::test_versions_dates_holidays_and_odd_text_survive"
    )
