"""Every month of 46 real tariffs on two loads of a year, against NREL PySAM's bills of them."""

import pytest

from tests.bill_comparison import (
    LOADS,
    PAGE,
    differences,
    expected_amounts,
    expected_pairs,
    our_year,
    state_of,
    stated_differences,
    table_under,
)
from tests.tariff_samples import RECORDS, index_rows

AGREED = "both agree"


@pytest.mark.parametrize(
    ("file", "load"), expected_pairs(), ids=lambda part: part.removesuffix(".json")[:24]
)
def test_every_month_costs_what_the_other_engine_says_or_the_page_says_why_not(file, load):
    rows = expected_pairs()[file, load]
    if state_of(file) != "billed":
        # Its reason stands in the list of the sample tariffs, which has a test of its own.
        assert rows[0]["second_computation"] != AGREED
        return

    found = differences(our_year(file, load), map(expected_amounts, rows))

    assert found == stated_differences(file, LOADS[load])
    # Where a second, plain computation agreed with that engine, nothing may differ.
    assert found == {} or rows[0]["second_computation"] != AGREED


def test_the_page_lists_every_sample_record_and_whether_it_is_billed():
    listed = {row[0]: row[-1] for row in table_under("The sample tariffs")}

    assert listed == {
        f"`{row['file'].removesuffix('.json')}`": state_of(row["file"]) for row in index_rows()
    }


def test_at_most_three_of_the_51_are_refused():
    states = [state_of(row["file"]) for row in index_rows()]

    assert len(states) == 51
    assert sum(state != "billed" for state in states) <= 3


def test_every_difference_has_a_reason_that_the_page_explains():
    page = PAGE.read_text(encoding="utf-8")
    rows = table_under("Where another engine differs")

    reasons = {row[-1] for row in rows}
    assert reasons
    for reason in reasons:
        assert f"- **{reason}**: " in page
    for row in rows:
        assert (RECORDS / f"{row[0].strip('`')}.json").exists()
