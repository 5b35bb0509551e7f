"""The tables of Live: what they say of each connector, and as files."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from depotlib.exchange.mailbox import open_mailbox
from depotlib.ui.live_files import TABLES
from depotlib.ui.page import Bench
from depotlib.workflows.shift_papers import shift_papers
from depotlib.workflows.watch_night import watch_night
from tests.app.pages.opened import numbers, opened, sound
from tests.app.pages.running_night import station_of


def test_live_shows_charger_bay_start_power_and_cap_and_marks_what_is_above_it(running):
    now = running.depot_clock().now()
    state = station_of("DC-01/1", vehicle_id="van-01", power_kw=50.0, now=now)
    plug = replace(
        state.connectors[0], limit_kw=48.0, above_kw=2.0, session_started_at=now, status="Charging"
    )
    with open_mailbox(running.mailbox_path) as mailbox:
        mailbox.put_station_state(replace(state, connectors=(plug,)))

    app = opened("Live", {"view": "Stations"})

    table = next(one.value for one in app.dataframe if "Bay" in one.value.columns)
    row = table.set_index("Connector").loc["DC-01/1"]
    assert (row["Bay"], row["Draws (kW)"], row["May draw (kW)"]) == ("DC 01", 50.0, 48.0)
    local = now.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)
    assert row["Session since"] == local.replace(second=0, microsecond=0)
    assert row["Above (kW)"] == 2.0
    assert "DC-01/1: 2.0 kW above its limit" in "".join(one.proto.body for one in app.get("html"))


def test_what_a_station_writes_meanwhile_is_there_in_the_next_run(running):
    now = running.depot_clock().now()
    app = opened("Live", {"view": "Stations"})
    assert numbers(app)["Site now (kW)"] == "10.0 of 300"  # 6 kW and 4 kW, of running_night.py

    with open_mailbox(running.mailbox_path) as mailbox:
        mailbox.put_station_state(
            station_of("DC-01/1", vehicle_id="van-01", power_kw=50.0, now=now)
        )
    sound(app.run())

    assert numbers(app)["Site now (kW)"] == "60.0 of 300"


def test_lives_tables_are_offered_as_files_apart_from_what_is_drawn_every_second(running):
    app = opened("Live", {"view": "Stations"})

    labels = [one.proto.label.removeprefix("↓ ") for one in app.get("download_button")]

    # Once each, whichever view is open; below a table they would be new ones every second.
    papers = ["Shift papers to print", "Shift papers (PDF)"]
    # As PDF only where a browser is installed that can print it.
    report = ["Report to print", "Report (PDF)", "Workbook (XLSX)", "Open as notebook"]
    assert [one for one in labels if one not in {*papers, *report}] == [
        f"{name} (CSV)" for name, _ in TABLES.values()
    ]
    assert {papers[0], *report[2:]} <= set(labels)
    assert len(labels) == len(set(labels))


def test_a_file_of_live_holds_what_its_table_shows_when_it_is_asked_for(running):
    night = watch_night(running, now=running.depot_clock().now())
    bench = Bench(running, running.depot_clock().now(), store=None)
    assert night is not None

    rows = {name: make(bench, night).height for name, (_, make) in TABLES.items()}

    # 60 vans, two stations, one node; nothing exceptional, no alert.
    wanted = {"live_vehicles": 60, "live_stations": 2, "ledger": 1, "exceptions": 0, "alerts": 0}
    assert {name: rows[name] for name in wanted} == wanted
    # A meter told of 6, 2 and 0 kW; no release is in force.
    assert (rows["measured"] > 0, rows["asked_for"]) == (True, 0)
    assert rows["shift_vans"] == len(shift_papers(running, now=night.at).rows)
