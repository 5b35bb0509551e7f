"""Home and Live show the night as the mailbox tells it."""

from dataclasses import replace

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.workflows.watch_night import watch_night
from tests.app.pages.opened import numbers, opened, words
from tests.app.pages.running_night import station_of


def test_home_counts_the_vans_by_their_state(running):
    night = watch_night(running, now=running.depot_clock().now())
    assert night is not None

    app = opened("Home")

    shown = numbers(app)
    assert shown["Charging"] == "2"
    assert shown["On the road"] == str(sum(one.state == "on the road" for one in night.vehicles))
    assert shown["Ready"] == "0 of 60"
    # 6.0 + 4.0 kW as last measured, below the 300 kW of data/reference_night/README.md.
    assert shown["Site now (kW)"] == "10.0 of 300"
    # 6 kW held for one quarter of an hour, then 2 kW for one.
    assert shown["Peak so far (kW)"] == "6.0"


def test_home_tells_a_process_that_lives_from_one_never_seen(running):
    app = opened("Home")

    health = app.dataframe[1].value.set_index("Process")["State"].to_dict()
    assert health == {"gateway": "alive", "dispatch": "never seen"}


def test_live_shows_every_van_with_what_it_has(running):
    app = opened("Live")

    vans = next(one.value for one in app.dataframe if "Van" in one.value.columns).set_index("Van")
    assert len(vans) == 60
    assert vans.loc["van-15", "Has (kWh)"] == 10.0
    assert vans.loc["van-15", "State"] == "charging"
    assert numbers(app)["Site now (kW)"] == "10.0 of 300"


def test_live_tells_how_many_stations_are_stale(running):
    assert "1 station not heard of" in words(opened("Live"))


@pytest.mark.parametrize(
    ("view", "column", "rows"),
    [("Stations", "Fresh", 2), ("Safety ledger", "Node", 1), ("Journal and exceptions", "No.", 4)],
)
def test_live_computes_the_view_that_is_open(running, view, column, rows):
    app = opened("Live", {"view": view})

    shown = [one.value for one in app.dataframe if column in one.value.columns]

    # Two stations, one node, three meter readings and the published brief.
    assert [len(one) for one in shown] == [rows]


def test_a_stale_station_is_grey_and_never_green(running):
    app = opened("Live", {"view": "Stations"})

    board = app.html[0].value
    assert board.count("heard 90 min ago") == 1
    assert "6.0 of 7.2 kW" in board
    assert "4.0 of" not in board


def test_a_van_of_an_odd_name_cannot_write_markup(running):
    now = running.depot_clock().now()
    odd = station_of("AC-03/1", vehicle_id="x", power_kw=1.0, now=now)
    (plug,) = odd.connectors
    with open_mailbox(running.mailbox_path) as mailbox:
        mailbox.put_station_state(
            replace(odd, connectors=(replace(plug, connector_id="<img src=x>"),))
        )

    board = opened("Live", {"view": "Stations"}).html[0].value

    assert "<img" not in board
    assert "&lt;img src=x&gt;" in board


def test_home_says_so_once_every_van_has_left(running, monkeypatch):
    # data/demo/duties.csv: the last departures are at 07:30.
    monkeypatch.setenv("DEPOT_CLOCK", "2026-11-03T08:00:00-05:00")

    app = opened("Home")

    assert "Every van has left." in words(app)
