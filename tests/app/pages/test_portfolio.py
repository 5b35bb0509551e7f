"""Several depots: one line each, a switch between them, and nothing of one is left in the other."""

import json
import os

import pytest

from depotlib.cli.main import run_command
from depotlib.settings import Settings
from depotlib.ui.entry import page_of
from depotlib.workflows.set_up_depot import save_site_text
from depotlib.workflows.watch_portfolio import watch_portfolio
from tests.app.pages.opened import numbers, opened, shown, sound, words
from tests.unit.workflows.test_set_up_depot import SITE


@pytest.fixture
def several(running, tmp_path, monkeypatch):
    """Return the settings of a running demo depot, a new one beside it, and an empty folder."""
    yard = Settings(home=tmp_path / "yard", clock=running.clock)
    save_site_text(yard, SITE, where="a test", now=yard.depot_clock().now())
    homes = os.pathsep.join([str(running.home), str(yard.home), str(tmp_path / "nowhere")])
    monkeypatch.setenv("DEPOT_HOMES", homes)
    return running.model_copy(update={"homes": homes})


def test_each_depot_has_its_line_its_page_and_its_command(several, capsys):
    demo, yard, nowhere = watch_portfolio(several, now=several.depot_clock().now())

    app = opened("Portfolio")
    code = run_command(["portfolio", "--json"])
    printed = json.loads(capsys.readouterr().out)

    # tests/app/pages/running_night.py: 60 vans; two stations were heard of, one 90 minutes ago; the
    # meter told 6 kW for a quarter of an hour, then 2 kW.
    assert (demo.vehicles, demo.ready_by, demo.silent, demo.stations) == (60, "live", 1, 2)
    assert demo.peak_kw == 6.0
    assert demo.last_kind == "meter"
    assert demo.bill_amount is not None
    assert (yard.name, yard.vehicles, yard.limit_kw) == ("Our yard", 0, 50.0)
    assert nowhere.trouble == "there is no depot in this folder yet"
    assert numbers(app)["Depots"] == "3"
    assert numbers(app)["Vans ready"] == f"{demo.ready} of 60"
    assert numbers(app)["Stations silent"] == "1"
    assert numbers(app)["Depots in trouble"] == "1"
    table = shown(app, "Bill this month")
    assert list(table["Depot"]) == [demo.name, "Our yard", "nowhere"]
    assert table["Peak so far (kW)"][0] == demo.peak_kw
    assert table["Bill this month"][0] == pytest.approx(demo.bill_amount)
    assert code == 3
    assert [one["name"] for one in printed] == list(table["Depot"])
    assert printed[0]["bill_amount"] == pytest.approx(demo.bill_amount)
    assert not (several.depot_homes()[2]).exists()

    switch = next(one for one in app.selectbox if one.label == "Depot")
    switch.select("yard").run()

    assert app.query_params["depot"] in ("yard", ["yard"])
    app.switch_page(str(page_of("Depot and fleet").path)).run()
    # The yard of tests/unit/workflows/test_set_up_depot.py: one station, 60 kW.
    assert numbers(sound(app))["Stations"] == "1"
    assert numbers(app)["Service (kW)"] == "60"
    assert "Europe/Berlin" in words(app)


def test_a_bill_is_written_like_money(several):
    app = opened("Portfolio")

    (held,) = [one for one in app.dataframe if "Bill this month" in one.value.columns]
    column = json.loads(held.proto.columns)["Bill this month"]
    # Thousands apart and two decimals, as Streamlit calls it.
    assert column["type_config"]["format"] == "accounting"


def test_the_folders_of_all_depots_are_the_same_wherever_one_looks_from(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    settings = Settings(home=a, homes=f"{b}{os.pathsep}{a}{os.pathsep}{b}")

    assert settings.depot_homes() == (b, a)
    assert settings.at(b).depot_homes() == (b, a)
    assert Settings(home=a).depot_homes() == (a,)
    assert Settings(home=a).at(b).depot_homes() == (b,)
    assert Settings(home=a, homes=str(b)).at(b).depot_homes() == (a, b)
