"""Tonight's facts, gathered from the store: which night it is, and what a person chose."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from depotlib.errors import RecordMissingError, StoreMissingError
from depotlib.settings import Settings
from depotlib.store.catalogue import (
    choose_depot,
    load_depot,
    load_duties,
    load_fleet,
    save_depot,
    save_duties,
    save_fleet,
)
from depotlib.workflows.import_files import import_files
from depotlib.workflows.plan_tonight import BASELINE_NAMES, plan_tonight, stored_plan
from depotlib.workflows.tonight import NightChoices, gather_tonight
from tests.places import DATA
from tests.unit.conftest import AFTERNOON

NEW_YORK = ZoneInfo("America/New_York")
TARIFF = DATA / "tariffs" / "pge_b19_secondary_2020.json"


def local(day: int, at: time) -> datetime:
    return datetime.combine(date(2026, 11, day), at, tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    "now", [local(2, time(12)), local(2, time(23, 59)), local(3, time(5)), local(3, time(11, 59))]
)
def test_a_night_lasts_from_noon_to_noon_at_the_depot(loaded_demo, now):
    assert gather_tonight(loaded_demo, now=now).evening == date(2026, 11, 2)


def test_after_noon_it_is_the_next_night_which_nobody_leaves(loaded_demo):
    with pytest.raises(RecordMissingError, match="no vehicle leaves") as refused:
        gather_tonight(loaded_demo, now=local(3, time(12)))

    assert "2026-11-03 17:00" in str(refused.value)  # noon in New York


def test_the_grid_spans_every_stay_in_quarters_of_an_hour(demo_plan):
    tonight, _ = demo_plan

    assert tonight.grid.interval_s == 900
    assert tonight.grid.start <= min(dwell.arrival for dwell in tonight.dwells)
    assert tonight.grid.end >= max(dwell.departure for dwell in tonight.dwells)
    assert tonight.base_load_kw == (0.0,) * tonight.grid.count


def test_choices_of_a_person_hold_for_the_night_only(loaded_demo):
    choices = NightChoices(
        evening=date(2026, 11, 2), operating_limit_kw=250.0, running_peak_kw=111.0
    )

    chosen = gather_tonight(loaded_demo, now=local(9, time(20)), choices=choices)

    assert chosen.depot.grid.operating_limit_kw == 250.0
    assert {peak.sunk_kw for peak in chosen.prices.peaks} == {111.0}
    depot = load_depot(loaded_demo.warehouse_path, "demo")
    assert depot.grid.operating_limit_kw == 300.0  # data/demo/site.toml


def test_a_reading_of_the_future_does_not_count(loaded_demo):
    early = gather_tonight(loaded_demo, now=local(2, time(12)))
    late = gather_tonight(loaded_demo, now=local(3, time(4)))

    early_soc = {need.dwell.vehicle_id: need.arrival_soc for need in early.needs}
    late_soc = {need.dwell.vehicle_id: need.arrival_soc for need in late.needs}
    assert early_soc.keys() == late_soc.keys()
    assert early_soc != late_soc


def test_a_depot_without_a_store_is_told(tmp_path):
    with pytest.raises(StoreMissingError):
        gather_tonight(Settings(home=tmp_path / "nothing"), now=AFTERNOON)


def test_a_store_without_a_chosen_depot_is_told(tmp_path):
    settings = Settings(home=tmp_path)
    import_files([TARIFF], settings=settings, now=AFTERNOON)

    with pytest.raises(RecordMissingError, match="no depot has been chosen") as refused:
        gather_tonight(settings, now=AFTERNOON)

    assert refused.value.hint == "load the demo depot: depot demo"


def test_a_depot_without_tariff_is_told(demo):
    path = demo.warehouse_path
    save_depot(path, replace(load_depot(path, "demo"), depot_id="twin"), saved_at=AFTERNOON)
    save_fleet(path, load_fleet(path, "demo"), depot_id="twin", saved_at=AFTERNOON)
    save_duties(path, load_duties(path, "demo"), depot_id="twin", saved_at=AFTERNOON)
    choose_depot(path, "twin")

    with pytest.raises(RecordMissingError, match="no tariff has been chosen"):
        gather_tonight(demo, now=AFTERNOON)


def test_a_planned_night_is_kept_and_stands_beside_its_baselines(demo):
    answer = plan_tonight(demo, now=AFTERNOON)

    assert stored_plan(demo, answer.plan.header.plan_id).header == answer.plan.header
    assert tuple(one.header.policy for one in answer.baselines) == BASELINE_NAMES
    assert answer.baselines[0].header.policy == "uncontrolled"
    assert answer.plan.audit.passed
    assert answer.plan.header.pushable
    # Nobody can be cheaper than the proven bound, and the plan is the cheapest of those shown.
    bound = answer.plan.header.bound_amount
    for baseline in answer.baselines:
        if baseline.header.ready == answer.plan.header.ready:
            assert baseline.header.bill_amount >= bound


def test_a_plan_with_relaxed_occupancy_is_a_bound_and_never_pushable(demo, demo_plan):
    _, assigned = demo_plan

    relaxed = plan_tonight(demo, now=AFTERNOON, occupancy="relaxed").plan

    assert not relaxed.header.pushable
    assert relaxed.header.pushable_reason
    assert relaxed.header.bill_amount <= assigned.header.bill_amount + 0.01


def test_a_plan_that_nobody_made_is_told(loaded_demo):
    with pytest.raises(RecordMissingError, match="plan"):
        stored_plan(loaded_demo, "nowhere")
