"""Reports shows the night that is over, van by van, from the same account as the command."""

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.model.reconciliation import NightReconciliation
from depotlib.workflows.morning_report import morning_page, summary, why_missing
from depotlib.workflows.reconcile_night import reconcile_night
from tests.app.pages.opened import opened, shown, sound, words
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
    assert vans["Because of"].tolist() == [why_missing(one) for one in morning.vehicles]
    assert summary(morning) in words(app)
    assert len(shown(app, "Cause")) > 0


def test_what_the_journal_tells_meanwhile_is_there_in_the_next_run(morning, empty):
    app = opened("Reports")
    first, *_ = morning.vehicles
    asked = {"action": "change_departure", "vehicle_id": first.vehicle_id, "energy_kwh": 1.0}
    with open_mailbox(empty.mailbox_path) as mailbox:
        mailbox.append([JournalEntry(first.arrival, "operator_action", payload=asked)])

    sound(app.run())

    vans = shown(app, "Because of").set_index("Van")
    assert morning.vehicles[0].target_wh != 1000
    assert vans.loc[first.vehicle_id, "Wanted (kWh)"] == 1.0


def test_energies_are_numbers_that_sort_and_stand_to_the_right(morning):
    app = opened("Reports")

    vans, causes = shown(app, "Because of"), shown(app, "Cause")
    assert vans["Missing (kWh)"].tolist() == [one.missing_wh / 1000 for one in morning.vehicles]
    assert causes["Missing (kWh)"].sum() == pytest.approx(morning.missing_wh / 1000)
    assert causes["Vans"].dtype.kind == "i"
    # ... on paper too: four columns of energies, by van.
    assert morning_page(morning).count('<td class="number">') == 4 * len(vans) + 2 * len(causes)


def test_a_night_without_a_finished_stay_is_a_sentence_and_a_button_to_the_one_with(morning):
    app = opened("Reports", {"night": "2026-11-01"})

    assert "No stay of the night that began on 1 Nov 2026 is over yet" in words(app)
    assert "0 of 0" not in words(app)
    (button,) = app.button
    assert button.label == f"Show the night that began on {morning.night:%-d %b %Y}"

    sound(button.click().run())

    assert summary(morning) in words(app)


def test_before_any_stay_is_over_the_page_leads_to_the_night_as_it_happens(running):
    app = opened("Reports")

    assert "is over yet" in words(app)
    assert not app.button
