"""Shift papers: who may go, from where, how full, and which moves are still to do."""

import csv
import html
from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.cli.main import run_command
from depotlib.dispatch.stranded import unserving
from depotlib.errors import InputError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.depot import Derating
from depotlib.model.display import Display
from depotlib.model.identity import BayAssignment
from depotlib.model.live import JournalEntry
from depotlib.model.news import DepartureChange, VehicleReading
from depotlib.settings import Settings
from depotlib.workflows.closed_places import ClosedPlace
from depotlib.workflows.push_plan import preview_push
from depotlib.workflows.shift_papers import ShiftMove, shift_papers
from depotlib.workflows.shift_sheet import moves_csv, shift_page, vans_csv
from depotlib.workflows.yard_moves import WAITING_BAY, yard_rows
from tests.unit.conftest import AFTERNOON
from tests.unit.dispatch import scenes
from tests.unit.exchange.samples import (
    EVENING,
    MORNING,
    brief,
    connector_state,
    distrust,
    diversion,
    dwell,
    release,
    schedule,
    station_state,
)

ONE_VAN = (dwell("van-1"),)
NIGHT = EVENING + timedelta(hours=4)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def publish(settings, *, plug=None, schedules=(), dwells=ONE_VAN, short=""):
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(replace(brief(), bays=(), dwells=dwells), at=EVENING)
        if plug is not None:
            mailbox.put_station_state(replace(station_state(), connectors=(plug,)))
        if schedules:
            mailbox.add_release(replace(release(), schedules=schedules))
            mailbox.set_current_release("r1", at=EVENING)
        facts = {"release_id": "r1", "short": short}
        mailbox.append([JournalEntry(EVENING, "dispatch_planned", payload=facts)])


def only_row(settings, *, now=NIGHT):
    (row,) = shift_papers(settings, now=now).rows
    return row


def test_without_a_night_there_are_no_papers(settings):
    with pytest.raises(InputError, match="which vans to expect"):
        shift_papers(settings, now=NIGHT)
    with pytest.raises(InputError, match="is none"):
        shift_papers(settings, now=NIGHT, start=NIGHT, end=NIGHT)


@pytest.mark.parametrize(
    ("plug", "short", "now", "verdict"),
    [
        # samples.dwell: 15 kWh must by 06:00; samples.station: 11 kW, so 1.36 h for all of it
        (connector_state(), "", NIGHT, "will be ready"),
        (replace(connector_state(), energy_kwh=15.0), "", NIGHT, "go"),
        (connector_state(), "van-1", NIGHT, "at risk"),
        (None, "", NIGHT, "at risk"),
        (replace(connector_state(), energy_kwh=4.0), "", MORNING - timedelta(minutes=59), "no-go"),
        (replace(connector_state(), energy_kwh=4.1), "", MORNING - timedelta(hours=1), "will be ready"),
    ],
)  # fmt: skip
def test_the_verdict_is_what_its_energy_and_time_allow(settings, plug, short, now, verdict):
    publish(settings, plug=plug, schedules=(schedule(),), short=short)

    row = only_row(settings, now=now)

    assert row.verdict == verdict
    assert row.is_plugged == (plug is not None)
    assert row.place == "AC-01/1"  # there, or where the release wants it


def test_a_departure_that_the_fleet_changed_counts(settings):
    publish(settings, plug=connector_state())
    sooner = MORNING - timedelta(hours=7)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.put_departure(DepartureChange("van-1", NIGHT, departure=sooner))

    row = only_row(settings, now=sooner - timedelta(minutes=30))

    assert (row.departure, row.verdict) == (sooner, "no-go")


def test_the_state_of_charge_is_the_latest_whoever_said_it(settings):
    plug = replace(connector_state(), soc=0.6, measured_at=NIGHT - timedelta(minutes=1))
    publish(settings, plug=plug)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.put_reading(
            VehicleReading("van-1", NIGHT - timedelta(hours=1), 0.4, None, "geotab")
        )
    by_station = only_row(settings)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.put_reading(VehicleReading("van-1", NIGHT, 0.61, None, "geotab"))
    by_feed = only_row(settings)

    assert (by_station.soc, by_station.soc_source) == (0.6, "station")
    assert (by_feed.soc, by_feed.soc_source) == (0.61, "geotab")


def test_only_departures_within_the_shift_are_in_it(settings):
    publish(settings, dwells=(dwell("van-1"), dwell("van-2")))

    assert len(shift_papers(settings, now=NIGHT, end=MORNING).rows) == 0  # half-open
    assert len(shift_papers(settings, now=NIGHT, end=MORNING + timedelta(seconds=1)).rows) == 2


def test_a_swap_on_one_plug_is_two_moves_and_the_one_that_makes_room_goes_first(settings):
    swap = EVENING + timedelta(hours=6)
    first = replace(schedule(), valid_to=swap)
    second = replace(
        schedule(vehicle_id="van-2", start=swap), departure=MORNING + timedelta(hours=1)
    )
    publish(settings, schedules=(first, second), dwells=(dwell("van-1"), dwell("van-2")))

    moves = shift_papers(settings, now=NIGHT).moves

    assert moves == (
        ShiftMove(swap, "van-1", "AC-01/1", WAITING_BAY),
        ShiftMove(swap, "van-2", WAITING_BAY, "AC-01/1"),
    )
    assert shift_papers(settings, now=swap + timedelta(seconds=1)).moves == ()


def test_a_van_whose_station_serves_nobody_is_to_be_moved(settings, tmp_path):
    elsewhere = schedule("AC-02/1", start=EVENING + timedelta(hours=1))
    publish(settings, plug=connector_state(), schedules=(elsewhere,))

    # It stands on AC-01, and the release has it on AC-02 since seven: overdue.
    assert shift_papers(settings, now=NIGHT).moves == (
        ShiftMove(NIGHT, "van-1", "AC-01/1", "AC-02/1"),
    )
    there = Settings(home=tmp_path / "there")
    publish(there, plug=connector_state(), schedules=(schedule(),))
    assert shift_papers(there, now=NIGHT).moves == ()


def test_who_is_led_to_a_free_plug_is_to_be_driven_there_also_when_that_is_overdue(settings):
    seven = EVENING + timedelta(hours=1)
    elsewhere = schedule("AC-02/1", "van-2", start=seven)
    publish(settings, schedules=(elsewhere,), dwells=(dwell("van-2"),))
    assert shift_papers(settings, now=EVENING).moves == ()
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.diversions.put("van-2", replace(diversion(), schedule=elsewhere))

    for now, at in ((EVENING, seven), (NIGHT, NIGHT)):
        papers = shift_papers(settings, now=now)
        assert papers.moves == (ShiftMove(at, "van-2", WAITING_BAY, "AC-02/1"),)
    assert only_row(settings).place == "AC-02/1"
    # There it has nothing more to do.
    with open_mailbox(settings.mailbox_path) as mailbox:
        plug = connector_state("AC-02/1", vehicle_id="van-2")
        mailbox.put_station_state(replace(station_state("AC-02"), connectors=(plug,)))
    assert shift_papers(settings, now=NIGHT).moves == ()


def test_the_moves_of_a_release_are_those_of_its_plans_yard_sheet(demo, demo_plan):
    tonight, plan = demo_plan
    draft = preview_push(demo, tonight, plan=plan, now=AFTERNOON)
    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.set_current_release(draft.preview.release_id, at=AFTERNOON)

    papers = shift_papers(demo, now=AFTERNOON, end=AFTERNOON + timedelta(days=1))

    sheet = {
        (one.at, one.vehicle_id, one.from_place, one.to_place)
        for one in yard_rows(tonight.depot, plan)
    }
    assert sheet
    assert {(one.at, one.vehicle_id, one.from_place, one.to_place) for one in papers.moves} == sheet


def test_the_page_and_tables_hold_every_van_and_run_nothing(settings):
    strange = replace(dwell("=van<script>"), departure=MORNING)
    publish(settings, dwells=(dwell("van-1"), strange))
    papers = shift_papers(settings, now=NIGHT)

    page = shift_page(papers)
    rows = list(csv.DictReader(vans_csv(papers).splitlines()))

    assert "van-1" in page
    # The shift begins now, at ten in the evening of 2 November.
    assert ", 2026-11-02</h1>" in page
    assert ", Nov 2, 2026</h1>" in shift_page(papers, display=Display(dates="month_first"))
    assert "<script" not in page
    assert [row["Van"] for row in rows] == ["'=van<script>", "van-1"]
    assert {row["Leaves"] for row in rows} == {"Tue 06:00"}  # London is at UTC in November
    assert moves_csv(papers).splitlines() == ["When,Van,From,To"]


def test_the_command_writes_what_it_is_asked_for(settings, tmp_path, monkeypatch, capsys):
    publish(settings)
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    span = ("--from", EVENING.isoformat(), "--until", (MORNING + timedelta(hours=1)).isoformat())
    paths = [tmp_path / name for name in ("shift.html", "vans.csv", "moves.csv")]
    words = [
        word
        for option, path in zip(("--page", "--vans", "--moves"), paths, strict=True)
        for word in (option, str(path))
    ]

    code = run_command(["shift", *span, *words])

    assert code in {0, 3}  # whether that departure has passed depends on today
    assert '"van-1"' in capsys.readouterr().out
    assert all("van-1" in path.read_text() or path.name == "moves.csv" for path in paths)
    assert run_command(["shift", "--from", "2026-11-02T18:00"]) == 2
    assert run_command(["shift", "--until", "soon"]) == 2


def closed(settings, *, status="Available", caught=(), site=None):
    plug = replace(connector_state(), status=status, power_kw=0.0, session_id=None, vehicle_id=None)
    publish(settings, plug=plug)
    with open_mailbox(settings.mailbox_path) as mailbox:
        if site is not None:
            mailbox.publish_brief(replace(brief(), bays=(), dwells=ONE_VAN, depot=site), at=EVENING)
        for one in caught:
            mailbox.put_distrust(one)
    return shift_papers(settings, now=NIGHT)


def with_first_station(**facts):
    first, *others = brief().depot.stations
    return replace(brief().depot, stations=(replace(first, **facts), *others))


def with_two_connectors():
    (evse,) = brief().depot.stations[0].evses
    (plug,) = evse.connectors
    second = replace(plug, connector_id="AC-01/2", number=2)
    return with_first_station(evses=(replace(evse, connectors=(plug, second)),))


def test_a_connector_that_charges_nobody_is_on_the_papers_with_the_reason(settings, tmp_path):
    papers = closed(settings, caught=[replace(distrust(), rung="person")])
    faulty = closed(Settings(home=tmp_path / "faulty"), status="Faulted")
    whole = closed(Settings(home=tmp_path / "whole"))

    # samples.distrust: 20 kW were measured where 5 kW were permitted
    why = "it drew 20.0 kW where it was permitted 5.0 kW; its station's breaker is to be opened"
    assert papers.closed == (ClosedPlace("AC-01/1", why),)
    assert faulty.closed == (ClosedPlace("AC-01/1", "its station says Faulted"),)
    assert f"<li>AC-01/1: {html.escape(why)}</li>" in shift_page(papers)
    assert (whole.closed, "Plug in nobody" in shift_page(whole)) == ((), False)


def test_of_a_station_with_two_each_connector_has_its_own_reason_and_both_the_breaker(settings):
    second = replace(distrust(), connector_id="AC-01/2", power_kw=7.0, rung="person")

    both = closed(settings, caught=[distrust(), second], site=with_two_connectors()).closed

    opened = "kW where it was permitted 5.0 kW; its station's breaker is to be opened"
    assert both == (
        ClosedPlace("AC-01/1", f"it drew 20.0 {opened}"),
        ClosedPlace("AC-01/2", f"it drew 7.0 {opened}"),
    )


def test_whoever_did_nothing_is_closed_for_what_its_station_did(settings):
    _, sibling = closed(settings, caught=[distrust()], site=with_two_connectors()).closed

    did = "AC-01/1 of its station drew 20.0 kW where it was permitted 5.0 kW"
    assert sibling == ClosedPlace("AC-01/2", did)


def test_a_station_out_of_service_in_the_shift_is_on_its_papers(settings):
    out = Derating(MORNING - timedelta(hours=2), MORNING - timedelta(hours=1))
    over = Derating(EVENING, EVENING + timedelta(hours=1))

    papers = closed(settings, site=with_first_station(deratings=(over, out)))

    # London is at UTC in November; six is the morning of Tuesday 3 November.
    why = "out of service Tue 04:00 to Tue 05:00"
    assert papers.closed == (ClosedPlace("AC-01/1", why),)


def test_nobody_is_sent_to_its_own_bay_where_that_is_closed(settings):
    publish(settings, schedules=(schedule("AC-02/1"),))
    bays = (BayAssignment("AC-01/1", "van-1", EVENING, MORNING),)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(replace(brief(), bays=bays, dwells=ONE_VAN), at=EVENING)
    before = only_row(settings).place
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.put_distrust(distrust())

    assert (before, only_row(settings).place) == ("AC-01/1", "AC-02/1")


def test_dispatch_plans_nobody_on_what_the_papers_have_closed(settings):
    papers = closed(settings, caught=[distrust()])
    with open_mailbox(settings.mailbox_path) as mailbox:
        night = scenes.night(
            brief=brief(),
            stations=mailbox.station_states(),
            caught=frozenset(one.station_id for one in mailbox.distrusts()),
        )

    assert {one.connector_id for one in papers.closed} == unserving(night)
