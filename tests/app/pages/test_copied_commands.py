"""What a page offers to copy into a shell gives, run there, the page's own figures."""

import json
import shlex
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from depotlib.ui.command import PROGRAM, Asked, of_bill, of_night, of_shares, of_trial
from depotlib.ui.loaders import BillQuestion
from depotlib.ui.state import PlannedNight
from depotlib.workflows.tonight import NightChoices
from depotlib.workflows.try_night import DepartureShift, NightChange
from tests.app.pages.opened import copied, numbers, opened, sound

HQ = "Knowsthorpe HQ"
NIGHT = PlannedNight(
    at=datetime.fromisoformat("2026-11-02T16:45:00-05:00"),
    choices=NightChoices(operating_limit_kw=250.0, nights_per_month=20.0, running_peak_kw=90.0),
    occupancy="assigned",
)
QUESTION = BillQuestion(site=HQ, tariff_id="b-19", time_zone="Europe/London", max_kw=7.2)


@pytest.fixture
def run_copied(monkeypatch, capsys):
    """Return what runs the copied command of a name, with its environment, and reads its answer."""

    def run(app, name: str, *, first: str = "") -> dict:
        offered = copied(app, first or name)
        text = next(one for one in offered if f"{PROGRAM} {name} " in f"{one} ")
        environment, command = text.split(PROGRAM)
        for setting in shlex.split(environment):
            monkeypatch.setenv(*setting.split("=", 1))
        capsys.readouterr()
        assert run_command(shlex.split(command)) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.mark.full
def test_sessions_and_bills_are_the_pages_own(leeds, run_copied):
    sessions = opened("Sessions")
    sessions.selectbox(key="sites").select(HQ).run()
    demand = opened("Demand charges")
    shown = numbers(sound(demand))

    listed = run_copied(sound(sessions), "sessions")
    billed = run_copied(demand, "demand")
    shared = run_copied(demand, "allocate", first="demand")

    assert f"{listed['count']}" == numbers(sessions)["Sessions"]
    assert f"{listed['energy_kwh']:,.1f} kWh" == numbers(sessions)["Energy"]
    assert f"{float(billed['total']):,.2f} USD" == shown["All bills"]
    assert f"{float(billed['demand']):,.2f} USD" == shown["Demand charges"]
    dearest = max(billed["bills"], key=lambda one: float(one["total"]))
    assert json.dumps(dearest["total"]) in json.dumps(shared)


def test_commands_are_written_once_somebody_opens_them(demo):
    page = opened("Data quality")

    assert "Copy as CLI" in [one.label for one in page.expander]
    assert [one.value for one in page.code] == []  # any code costs the browser half a second
    assert [f"{PROGRAM} quality" in text for text in copied(page, "quality")] == [True]


def test_the_night_is_the_pages_own(planned, run_copied):
    shown = numbers(planned)

    night = run_copied(planned, "night")["plan"]
    tried = run_copied(planned, "try")

    assert f"{night['bill_amount']:,.2f} {night['currency']}" == shown["Bill"]
    assert f"{night['peak_kw']:,.1f} kW" == shown["Peak"]
    assert f"{night['ready']} of {night['vehicles']}" == shown["Vans ready"]
    bill = shown["Bill, at least"].split()[0].replace(",", "")
    assert bill in {f"{amount:.2f}" for amount in amounts(tried)}


def amounts(answer: object) -> list[float]:
    """Return every figure of an answer, however deep it stands."""
    if isinstance(answer, dict):
        return [one for value in answer.values() for one in amounts(value)]
    if isinstance(answer, list):
        return [one for value in answer for one in amounts(value)]
    return [answer] if isinstance(answer, float) else []


def test_a_command_can_be_pasted_whatever_a_name_holds():
    asked = Asked("sessions", options={"site": "Bob's; rm -rf x", "spread": False, "tariff": None})

    words = shlex.split(asked.text(Path("/a folder")))

    assert words[0] == "DEPOT_HOME=/a folder"
    assert words[-3:] == ["sessions", "--site", "Bob's; rm -rf x"]


def test_a_nights_choices_are_the_commands_options():
    words = of_night("night", NIGHT).text(Path("/home")).split()

    assert words[1] == "DEPOT_CLOCK=2026-11-02T16:45:00-05:00"
    assert " ".join(words[-6:]) == "--site-limit 250 --days-per-month 20 --running-peak 90"


def test_what_the_sliders_say_is_what_the_command_tries():
    change = NightChange(
        operating_limit_kw=200.0,
        paid_kw=100.0,
        shifts=(DepartureShift("van-17", timedelta(minutes=-60)),),
        most_soc=0.8,
    )

    text = of_trial(NIGHT, change, is_whole=False).text(Path("/home"))

    assert "--ignore-occupancy --site-limit 200 --target 100" in text
    assert text.endswith("--departs van-17=-60 --most-soc 0.8")


def test_a_bill_of_spread_energy_is_not_offered_where_no_command_spreads_it():
    spread = BillQuestion(HQ, "b-19", "Europe/London", max_kw=7.2, shape="spread")

    assert [one.name for one in of_shares(QUESTION)] == ["attribute", "allocate"]
    assert of_shares(spread) == ()
    assert "--from" not in of_bill("attribute", QUESTION).text(Path("/home"))
