"""The morning after, from mailbox and journal to report."""

import json
import threading
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from depotlib.cli.main import run_command
from depotlib.clock import Clock
from depotlib.errors import InputError, MailboxMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.display import Display
from depotlib.model.dwell import Dwell
from depotlib.model.live import JournalEntry
from depotlib.model.release import Release
from depotlib.settings import Settings
from depotlib.workflows.morning_report import (
    morning_page,
    read_hour,
    summary,
    watch_mornings,
    write_reports,
)
from depotlib.workflows.reconcile_night import last_night, reconcile_night
from tests.unit.exchange.samples import brief
from tests.unit.reconciliation.faulty_depot import depot, planned_stay
from tests.unit.reconciliation.faulty_night import EVENING, faulty_van

AFTERNOON = EVENING - timedelta(hours=1)
MORNING = EVENING + timedelta(hours=16)  # 09:00 on the 3rd, London is on UTC in November
VANS = [faulty_van(number, seed=11) for number in range(1, 7)]


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def play_night(settings, *, vans=VANS, pushes=True):
    """Put a night of faulty vans into the exchange, as publish, push and gateway would."""
    stays = [planned_stay(van) for van in vans]
    dwells = tuple(
        Dwell(
            vehicle_id=stay.vehicle_id,
            arrival=stay.arrival,
            departure=stay.departure,
            energy_must_kwh=stay.must_kwh,
            energy_target_kwh=stay.target_kwh,
        )
        for stay in stays
    )
    pushed = Release(
        release_id="r1",
        plan_id="p1",
        origin="push",
        brief_version=1,
        made_at=AFTERNOON,
        valid_from=AFTERNOON,
        valid_to=MORNING,
        schedules=tuple(one for stay in stays for one in stay.schedules),
        pushable=True,
    )
    with open_mailbox(settings.mailbox_path) as mailbox:
        world = replace(
            brief(), depot=depot(vans), dwells=dwells, bays=(), duties=(), fleet=None,
            grid=None, prices=None, base_load_kw=(),
        )  # fmt: skip
        mailbox.publish_brief(world, at=AFTERNOON)
        if pushes:
            mailbox.add_release(pushed)
            mailbox.set_current_release("r1", at=AFTERNOON)
        entries = sorted((one for van in vans for one in van.journal), key=lambda one: one.at)
        mailbox.append(entries)


def test_a_night_is_reconciled_from_what_the_gateway_wrote(settings):
    play_night(settings)

    night = reconcile_night(settings, now=MORNING)

    assert (night.night, night.release_id) == (date(2026, 11, 2), "r1")
    assert len(night.vehicles) == len(VANS)
    got = {one.vehicle_id: one for one in night.vehicles}
    for van in VANS:
        one = got[van.planned.van]
        # the simulated night itself says what the van got of its target, to the meter's watt-hour
        got_wh = min(one.delivered_wh, one.target_wh)
        assert got_wh == pytest.approx(1000 * van.got_kwh, abs=1.0)
        assert sum(share.missing_wh for share in one.shares) + one.unexplained_wh == one.missing_wh
        assert one.unexplained_wh < 100
    assert night.vehicles[0].missing_wh == max(one.missing_wh for one in night.vehicles)


def test_what_the_fleet_asked_for_instead_is_what_was_wanted(settings):
    play_night(settings)
    change = {"action": "change_departure", "vehicle_id": "van-001", "energy_kwh": 0.5}
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append([JournalEntry(EVENING, "operator_action", payload=change)])

    night = reconcile_night(settings, now=MORNING)

    (van,) = [one for one in night.vehicles if one.vehicle_id == "van-001"]
    assert (van.target_wh, van.must_wh) == (500, 500)


def test_without_a_push_it_was_the_plan_that_gave_nothing(settings):
    play_night(settings, pushes=False)

    night = reconcile_night(settings, now=MORNING)

    assert night.release_id == ""
    assert {one.planned_wh for one in night.vehicles} == {0}
    assert night.taken_wh("plan") > 0


def test_a_stay_that_is_not_over_is_not_judged(settings):
    play_night(settings)

    assert reconcile_night(settings, now=EVENING + timedelta(hours=2)).vehicles == ()


def test_a_night_that_nobody_announced_cannot_be_reconciled(settings):
    with pytest.raises(MailboxMissingError):
        reconcile_night(settings, now=MORNING)
    with open_mailbox(settings.mailbox_path):
        pass
    with pytest.raises(InputError, match="which vans to expect"):
        reconcile_night(settings, now=MORNING)
    play_night(settings, vans=VANS[:1])
    with pytest.raises(InputError, match="still to come"):
        reconcile_night(settings, now=MORNING, night=date(2026, 11, 4))


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-11-03T09:00+00:00", date(2026, 11, 2)),
        ("2026-11-03T17:59+00:00", date(2026, 11, 2)),  # until six in the evening
        ("2026-11-03T18:00+00:00", date(2026, 11, 3)),
    ],
)
def test_the_last_night_is_asked_for_until_the_evening(now, night):
    assert last_night("Europe/London", now=datetime.fromisoformat(now)) == night


def test_the_page_names_every_van_and_each_cause_in_words(settings):
    play_night(settings)

    night = reconcile_night(settings, now=MORNING)
    page = morning_page(night)

    assert all(van.planned.van in page for van in VANS)
    assert summary(night) in page
    assert "night of 2026-11-02" in page
    assert "night of 2 Nov 2026" in morning_page(night, display=Display())
    assert "_plug_in" not in page


def test_the_command_prints_and_writes_the_same_figures(settings, tmp_path, monkeypatch, capsys):
    play_night(settings)
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_CLOCK", MORNING.isoformat())
    files = (tmp_path / "morning.html", tmp_path / "morning.json")

    code = run_command(["reconcile", "--html", str(files[0]), "--figures", str(files[1])])

    printed = json.loads(capsys.readouterr().out)["reconciliation"]
    written = json.loads(files[1].read_text())
    assert code in {0, 3}
    assert code == (0 if all(v["delivered_wh"] >= v["must_wh"] for v in written["vehicles"]) else 3)
    assert printed["vehicles"] == written["vehicles"]
    assert files[0].read_text().startswith("<!doctype html>")
    assert run_command(["reconcile", "--night", "yesterday"]) == 2


def test_reports_are_written_at_their_hour_and_once(settings, tmp_path):
    play_night(settings)
    clock = Clock(start=MORNING, speed_factor=1.0, anchor=datetime.now(MORNING.tzinfo))
    stop, told = threading.Event(), []

    def tell(text):
        told.append(text)
        stop.set()

    watch_mornings(settings, clock, hour=time(8), stop=stop, tell=tell)

    assert told == [f"written: {tmp_path / 'reports' / 'morning-2026-11-02.html'}"]
    assert (tmp_path / "reports" / "morning-2026-11-02.json").exists()
    assert write_reports(settings, now=MORNING)[0].exists()
    with pytest.raises(InputError, match="no time of day"):
        read_hour("late")
