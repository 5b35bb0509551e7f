"""Sessions and Demand charges say what their workflows say."""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.workflows.billing_cases import StoredCase, bill_of_case
from depotlib.workflows.review_demand import list_tariffs, review_demand
from depotlib.workflows.review_sessions import list_sites, review_sessions
from tests.app.pages.opened import numbers, opened, sound, words

HQ = "Knowsthorpe HQ"


def test_sessions_of_the_demo_depot_are_totalled(demo):
    review = review_sessions(demo)

    shown = numbers(opened("Sessions"))

    assert shown["Sessions"] == f"{review.count:,}"
    assert shown["Energy"] == f"{review.energy_kwh:,.1f} kWh"
    assert review.count > 0


def test_sessions_of_a_site_are_its_own(leeds):
    review = review_sessions(leeds, site=HQ)
    app = opened("Sessions")

    app.selectbox(key="sites").select(HQ).run()

    shown = numbers(sound(app))
    # 327 rows of the log name Knowsthorpe HQ: grep -c.
    assert shown["Sessions"] == f"{review.count}" == "327"
    assert shown["Energy"] == f"{review.energy_kwh:,.1f} kWh"
    assert shown["Without energy"] == f"{review.without_energy}"
    assert len(app.dataframe[0].value) == 327


def test_a_session_that_the_journal_tells_meanwhile_is_there_in_the_next_run(running):
    app = sound(opened("Sessions").run())
    before = int(numbers(app)["Sessions"])
    at = running.depot_clock().now()
    told = {"session_id": "night-1", "vehicle_id": "van-15", "meter_start_kwh": 100.0}
    begun = JournalEntry(at, "session_started", "AC-01", "AC-01/1", told)
    over = JournalEntry(
        at + timedelta(minutes=1), "session_ended", "AC-01", "AC-01/1",
        {"session_id": "night-1", "energy_kwh": 0.1, "vehicle_id": "van-15", "reason": "Local"},
    )  # fmt: skip

    counts = []
    for entry in (begun, over):
        with open_mailbox(running.mailbox_path) as mailbox:
            mailbox.append([entry])
        shown = numbers(sound(app.run()))
        counts.append((int(shown["Sessions"]), int(shown["Still open"])))

    assert counts == [(before + 1, 1), (before + 1, 0)]


def test_times_of_sessions_are_shown_in_the_zone_that_was_chosen(leeds):
    app = opened("Sessions")

    app.selectbox(key="sites").select(HQ).run()
    app.selectbox(key="zone").select("Europe/London").run()

    # The log's first row of that site: 25/07/2020 08:00 in Leeds, which is 07:00 UTC.
    assert app.dataframe[0].value["Plugged in"].min() == pd.Timestamp("2020-07-25 08:00")


def test_demand_charges_without_a_site_ask_for_a_log(demo):
    app = opened("Demand charges")

    assert "charging log" in words(app)
    assert "What is charged at Demo depot stands here by itself" in words(app)
    assert list_sites(demo) == []


@pytest.mark.parametrize("page", ["Demand charges", "Bill audit"])
def test_what_our_own_stations_charged_is_billed_without_an_import(running, page: str):
    # An hour at 6 kW from 17:00 on: 6 kWh, and no quarter-hour above 6 kW.
    begin = datetime.fromisoformat("2026-11-02T17:00:00-05:00")
    charged = [
        ("session_started", 0, {"vehicle_id": "van-15", "meter_start_kwh": 100.0}),
        ("meter", 0, {"power_kw": 6.0, "energy_kwh": 0.0}),
        ("meter", 60, {"power_kw": 6.0, "energy_kwh": 6.0}),
        ("session_ended", 60, {"energy_kwh": 6.0, "vehicle_id": "van-15", "reason": "Local"}),
    ]
    with open_mailbox(running.mailbox_path) as mailbox:
        mailbox.append(
            [
                JournalEntry(
                    begin + timedelta(minutes=minutes), kind, "AC-01", "AC-01/1",
                    {"session_id": "night-1", **told},
                )
                for kind, minutes, told in charged
            ]
        )  # fmt: skip

    app = opened(page)

    assert app.selectbox(key="site").value == "Demo depot"
    (tariff_id,) = list_tariffs(running)
    asked = {"site": "Demo depot", "tariff_id": tariff_id, "time_zone": "America/New_York"}
    review = review_demand(running, **asked, max_kw=7.2)
    assert review.peak_kw == pytest.approx(6.0)
    # The audit's bill is of the whole month, the review's of the days that were charged.
    whole = bill_of_case(StoredCase(settings=running, **asked))
    label, amount = {
        "Demand charges": ("All bills", review.total_amount),
        "Bill audit": ("Ours", whole.total),
    }[page]
    assert numbers(app)[label] == f"{amount:,.2f} USD"


def test_demand_charges_are_those_of_the_workflow(leeds):
    (tariff_id,) = list_tariffs(leeds)
    review = review_demand(
        leeds, site=HQ, tariff_id=tariff_id, time_zone="Europe/London", max_kw=7.2
    )
    app = opened("Demand charges")

    app.selectbox(key="zone").select("Europe/London").run()

    shown = numbers(sound(app))
    assert shown["All bills"] == f"{review.total_amount:,.2f} USD"
    assert shown["Demand charges"] == f"{review.demand_amount:,.2f} USD"
    assert shown["Highest 15-minute mean"] == f"{review.peak_kw:,.1f} kW"
    lines = app.dataframe[0].value
    dearest = max(review.bills, key=lambda bill: bill.family_total("demand"))
    assert len(lines) == len(dearest.lines)
    assert lines["Amount (USD)"].sum() == float(dearest.total)


def test_a_higher_charging_power_gives_a_higher_demand_charge(leeds):
    app = opened("Demand charges")
    at_7_kw = numbers(app)["Highest 15-minute mean"]

    app.number_input(key="max_kw").set_value(3.6).run()

    assert float(numbers(sound(app))["Highest 15-minute mean"].split()[0]) < float(
        at_7_kw.split()[0]
    )
