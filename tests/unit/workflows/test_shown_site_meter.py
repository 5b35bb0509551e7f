"""What people are told of the site's meter: on the Live page, by `depot stations` and the doctor."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.site_meter import SiteMeterState
from depotlib.settings import Settings
from depotlib.ui.night_now import meter_sentence
from depotlib.workflows.check_setup import check_setup
from depotlib.workflows.watch_night import watch_night
from tests.unit.exchange.samples import EVENING, brief, station_state

WELL = SiteMeterState(
    kind="http",
    address="meter:8090",
    is_fresh=True,
    power_kw=36.0,
    base_kw=5.0,
    measured_at=EVENING - timedelta(seconds=4),
    at=EVENING,
)
STALE = replace(WELL, is_fresh=False, trouble="it repeats itself")
UNREAD = SiteMeterState(
    kind="http", address="meter:8090", is_fresh=False, trouble="no answer", at=EVENING
)
IN_WINDOW = replace(WELL, target_kw=40.0, allowed_kw=41.0, window_kw=33.25)


def home_with(tmp_path, *meters: SiteMeterState) -> Settings:
    settings = Settings(home=tmp_path)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(brief(), at=EVENING)
        mailbox.put_station_state(station_state())
        mailbox.site_meter.replace_all([("site", one) for one in meters])
    return settings


@pytest.mark.parametrize(
    ("meters", "says"),
    [
        ((), ""),
        ((UNREAD,), "The site's meter has not been read: no answer."),
        (
            (STALE,),
            "The site's meter is stale, 4 s old (it repeats itself): the largest base load is "
            "reckoned with.",
        ),
        ((WELL,), "Site's meter: 36.0 kW, 4 s old."),
        ((IN_WINDOW,), "Site's meter: 36.0 kW, 4 s old, window so far 33.2 of 40 kW."),
    ],
)
def test_the_live_page_says_what_the_meter_shows_and_how_old_that_is(tmp_path, meters, says):
    night = watch_night(home_with(tmp_path, *meters), now=EVENING)

    assert night is not None
    assert meter_sentence(night) == says


@pytest.mark.parametrize(
    ("meter", "is_well", "note"),
    [
        (WELL, True, "http at meter:8090, 36.0 kW, 4 s old"),
        (STALE, False, "http at meter:8090, 36.0 kW, 4 s old: it repeats itself"),
        (UNREAD, False, "http at meter:8090: no answer"),
    ],
)
def test_the_doctor_names_the_meter_and_what_ails_it(tmp_path, meter, is_well, note):
    checks = {check.name: check for check in check_setup(home_with(tmp_path, meter))}

    assert (checks["site meter"].is_well, checks["site meter"].note) == (is_well, note)


def test_the_doctor_says_nothing_of_a_meter_that_the_site_does_not_have(tmp_path):
    assert "site meter" not in {check.name for check in check_setup(home_with(tmp_path))}


def test_the_stations_command_tells_the_meter(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    home_with(tmp_path, WELL)

    code = run_command(["stations", "--json"])

    told = json.loads(capsys.readouterr().out)["site_meter"]
    assert code == 0
    assert (told["kind"], told["power_kw"], told["is_fresh"]) == ("http", 36.0, True)
