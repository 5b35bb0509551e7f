"""Every page opens cold by its own address and without any store; through the router: test_every_store."""

import pytest
from streamlit.testing.v1 import AppTest

from depotlib.ui.ahead import SCRIPTS, charts_script
from depotlib.ui.entry import PAGES
from tests.app.pages.opened import PATIENCE_S, numbers, opened, sound, words
from tests.places import ROOT

NEEDS_A_DEPOT = ["Home", "Sessions", "Demand charges", "Plan", "Push"]


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_a_page_opened_cold_works_without_the_router(demo, entry):
    app = sound(AppTest.from_file(str(entry.path), default_timeout=PATIENCE_S).run())

    assert [one.value for one in app.title] == [entry.title]
    assert "16:45" in words(app)


@pytest.mark.parametrize("title", NEEDS_A_DEPOT)
def test_an_empty_store_is_a_sentence_and_one_button(empty, title):
    app = opened(title)

    assert "yet." in words(app)
    assert [button.label for button in app.button] == ["Load the demo depot"]


def test_an_empty_store_can_be_imported_into(empty):
    app = opened("Import")

    assert len(app.file_uploader) == 1
    assert "Nothing has been imported yet." in words(app)


def test_before_any_process_ran_live_says_how_to_start_one(empty):
    app = opened("Live")

    assert "make run" in words(app)
    assert not empty.mailbox_path.exists()


def test_the_button_loads_the_demo_depot(empty):
    app = opened("Home")

    app.button(key="load_demo").click().run()

    sound(app)
    # data/reference_night/README.md: 60 vans, 48 connectors, 300 kW.
    assert numbers(app)["Vans tonight"] == "60"
    assert numbers(app)["Connectors"] == "48"
    assert "Monday, 2 November 2026" in words(app)


def test_a_setting_that_cannot_be_is_told_and_not_thrown(empty, monkeypatch):
    monkeypatch.setenv("DEPOT_CLOCK", "yesterday")

    app = opened("Home")

    assert "DEPOT_CLOCK" in words(app)
    assert "What to do" in words(app)


def test_a_damaged_store_is_told_and_not_thrown(empty):
    empty.home.mkdir()
    empty.warehouse_path.write_bytes(b"this is no warehouse")

    app = opened("Home")

    assert "Where:" in words(app)
    assert len(app.error) == 1


def test_the_wrapper_runs_the_same_workbench_as_a_plain_script(demo):
    app = sound(AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE_S).run())

    assert [one.value for one in app.title] == ["Home"]


def test_what_draws_charts_is_known_by_the_name_that_this_streamlit_gives_it():
    name = charts_script()

    assert name is not None
    # Streamlit's first script asks for what it needs later by name.
    assert any(name in script.read_text() for script in SCRIPTS.glob("index.*.js"))
