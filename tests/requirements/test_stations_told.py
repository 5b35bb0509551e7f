"""Requirements 35 and 38: how fast stations answer, and that their safe limits are there."""

import pytest

from tests.chaos.depot_processes import DepotProcesses, wait_until
from tests.chaos.small_site import COUNT, night, site_toml
from tests.requirements.pointer import covered_by


def test_requirement_35_latency_is_a_histogram_by_make_and_what_is_ignored_is_told_apart():
    latency = "tests/unit/workflows/test_station_latency.py"
    covered_by(f"{latency}::test_median_tail_and_most_are_of_the_answers_of_one_make")
    covered_by(f"{latency}::test_refused_unanswered_and_accepted_but_ignored_are_told_apart")
    covered_by(
        "tests/conformance/test_quirks_limits.py"
        "::test_quirk_02_a_limit_accepted_and_not_obeyed_is_seen_in_the_meter"
    )


@pytest.mark.chaos
def test_requirement_38_every_station_tells_its_safe_limit_after_its_boot(tmp_path):
    with DepotProcesses(tmp_path / "home", site=site_toml(), speed_factor=20.0) as depot:
        depot.start_gateway()
        depot.start_virtual(night(plug_in=None), ocpp="1.6,2.0.1")

        def told():
            with depot.mailbox() as mailbox:
                states = mailbox.station_states()
            return [plug.safe_limit_told for state in states for plug in state.connectors]

        wait_until(
            lambda: told() == ["as sent"] * COUNT,
            "all safe limits read back as sent",
            deadline_s=120.0,
        )
        booted = {record.entry.station_id for record in depot.journal("boot")}

    assert len(booted) == COUNT
