"""Two depots that are the same to begin with: nothing of one is taken for the other's."""

import os
import shlex
import shutil
from datetime import timedelta

import pytest
import streamlit as st

from depotlib.settings import Settings
from depotlib.ui.loaders import load_store
from depotlib.workflows.set_up_depot import (
    edited_site,
    read_set_up,
    save_site_tables,
    save_site_text,
)
from depotlib.workflows.watch_portfolio import watch_portfolio
from tests.app.pages.opened import copied, opened, sound, words
from tests.unit.workflows.test_set_up_depot import SITE


def choose(app, depot: str):
    """Return the page after another depot was chosen beside it."""
    next(one for one in app.selectbox if one.label == "Depot").select(depot)
    return sound(app.run())


@pytest.fixture
def twins(demo, tmp_path, monkeypatch):
    """Return the demo depot, and the folder of another that is the same to begin with."""
    twin = tmp_path / "twin"
    shutil.copytree(demo.home, twin)
    homes = os.pathsep.join([str(demo.home), str(twin)])
    monkeypatch.setenv("DEPOT_HOMES", homes)
    return demo.model_copy(update={"homes": homes})


def test_depots_of_one_name_are_told_apart_and_none_takes_the_others_place(twins):
    app = opened("Tariffs")

    switch = next(one for one in app.selectbox if one.label == "Depot")
    assert switch.options == ["Demo depot (home)", "Demo depot (twin)"]
    # Anything else that somebody does on the page leaves the depot as it is.
    next(one for one in app.selectbox if one.label == "Time zone of the site").select("UTC").run()

    assert app.query_params["depot"] in ("home", ["home"])


def test_what_was_typed_for_one_depot_does_not_stand_there_for_another(twins):
    app = opened("Tariffs")
    (text,) = app.text_area
    kept = text.value
    zone = next(one for one in app.selectbox if one.label == "Time zone of the site")
    zone.select("Europe/London")
    text.input(f"{kept}\n# dearer\n").run()
    assert not app.button(key="save_tariff").disabled

    choose(app, "twin")

    assert [one.value for one in app.text_area] == [kept]
    assert app.button(key="save_tariff").disabled
    zone = next(one for one in app.selectbox if one.label == "Time zone of the site")
    # data/demo/site.toml.
    assert zone.value == "America/New_York"


def test_a_link_leads_on_in_the_depot_that_is_shown(twins):
    app = opened("Portfolio", {"depot": "twin"})

    assert {one.proto.query_string for one in app.get("page_link")} == {"depot=home", "depot=twin"}
    home = opened("Home", {"depot": "twin"})
    assert {one.proto.query_string for one in home.get("page_link")} == {"depot=twin"}


def test_the_stores_of_many_depots_are_each_read_once(tmp_path):
    yards = [Settings(home=tmp_path / f"yard-{number}") for number in range(6)]
    for yard in yards:
        save_site_text(yard, SITE, where="a test", now=yard.depot_clock().now())

    first = [load_store(yard) for yard in yards]
    again = [load_store(yard) for yard in yards]

    assert [one is other for one, other in zip(first, again, strict=True)] == [True] * 6


def test_whoever_looks_from_elsewhere_without_a_login_learns_no_name(twins, monkeypatch):
    # RFC 5737: an example of another machine.
    monkeypatch.setattr(type(st.context), "ip_address", property(lambda _: "192.0.2.7"))

    app = opened("Home")

    assert "for its own machine only" in words(app)
    assert not app.selectbox
    assert not app.metric


def test_a_depot_without_a_station_yet_is_a_line_like_others(twins):
    known = read_set_up(twins)
    assert known is not None
    assert known.site is not None
    now = twins.depot_clock().now() + timedelta(minutes=1)
    save_site_tables(twins, edited_site({"station": []}, before=known.site), now=now)

    bare, twin = watch_portfolio(twins, now=now)

    assert (bare.trouble, twin.trouble) == ("", "")
    assert bare.limit_kw == twin.limit_kw


def test_the_copied_command_names_every_folder_from_wherever_it_is_typed(
    twins, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEPOT_HOMES", os.pathsep.join(["home", "twin"]))

    text = copied(opened("Portfolio"), "portfolio")[0]

    environment = dict(one.split("=", 1) for one in shlex.split(text) if "=" in one)
    assert environment["DEPOT_HOMES"] == twins.homes
