"""Reports shows the night that is over, van by van, from the same account as the command."""

import pytest

from depotlib.model.reconciliation import NightReconciliation
from depotlib.workflows.morning_report import summary, van_cells
from depotlib.workflows.reconcile_night import reconcile_night
from tests.app.pages.opened import opened, shown, words
from tests.unit.workflows.test_reconcile_night import MORNING, VANS, play_night


@pytest.fixture
def morning(empty, monkeypatch) -> NightReconciliation:
    """Return the account of a night of faulty vans, of which the depot's exchange tells."""
    empty.home.mkdir()
    monkeypatch.setenv("DEPOT_CLOCK", MORNING.isoformat())
    play_night(empty)
    return reconcile_night(empty, now=MORNING)


def test_before_any_process_ran_there_is_no_night_to_look_back_on(empty):
    assert "no night to look back on" in words(opened("Reports"))
    assert not empty.mailbox_path.exists()


def test_each_van_is_accounted_for_as_the_command_does(morning):
    app = opened("Reports")

    vans = shown(app, "Because of")
    assert len(vans) == len(VANS)
    assert vans["Van"].tolist() == [one.vehicle_id for one in morning.vehicles]
    assert vans["Because of"].tolist() == [van_cells(one)[-1] for one in morning.vehicles]
    assert summary(morning) in words(app)
    assert len(shown(app, "Cause")) > 0


def test_another_night_can_be_asked_for_in_the_address(morning):
    app = opened("Reports", {"night": "2026-11-01"})

    assert "No stay of that night is over yet." in words(app) or "which vans" in words(app)
