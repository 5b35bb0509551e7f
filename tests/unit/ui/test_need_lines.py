"""The Plan page's lines of each need, and what was not known."""

import pytest

from depotlib.model.dwell import Need
from depotlib.ui.plan_tables import missing_table, need_lines_table


@pytest.fixture
def needs(demo_plan) -> tuple[Need, ...]:
    tonight, _ = demo_plan
    return tonight.needs


def test_every_van_has_its_lines_and_they_sum_up_to_its_target(needs):
    table = need_lines_table(needs)

    assert table["Van"].n_unique() == 60
    of_van = table.filter(table["Van"] == needs[0].dwell.vehicle_id)
    assert of_van["Line"].to_list() == [
        "next duty",
        "reserve",
        "in the battery",
        "= into the battery",
        "lost on the way in",
        "= at the wall",
    ]
    parts = of_van.filter(~of_van["Line"].str.starts_with("="))
    assert parts["kWh"].sum() == pytest.approx(needs[0].dwell.energy_target_kwh)


def test_nothing_is_missing_in_the_demo_and_the_table_keeps_its_columns(needs):
    assert missing_table(needs).columns == ["Van", "Assumed"]
    assert missing_table(needs).is_empty()
