"""Bays on the floor plan of Depot and fleet: laid out, told what looks wrong, saved, taken back."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from depotlib.model.yard import RowLayout, Yard
from depotlib.settings import Settings
from depotlib.workflows.lay_out_yard import bays_meant, in_rows, with_ground, with_yard, yard_of
from depotlib.workflows.set_up_depot import (
    read_set_up,
    read_versions,
    save_site_tables,
    set_display,
)
from tests.app.pages.opened import opened, shown, sound, words

GROUND = {"corner_latitude_degrees": 40.7, "corner_longitude_degrees": -74.0}


def yard(settings: Settings) -> Yard:
    known = read_set_up(settings)
    assert known is not None
    assert known.site is not None
    return yard_of(known.site)


def fill(app: AppTest, label: str, value: float) -> AppTest:
    field = next(one for one in app.number_input if one.label == label)
    return sound(field.set_value(value).run())


def with_a_corner(app: AppTest) -> AppTest:
    fill(app, "Corner, latitude (degrees)", 40.7)
    return fill(app, "Corner, longitude (degrees)", -74.0)


def save_rows(settings: Settings, layout: RowLayout) -> Yard:
    """Save the demo's bays in rows, and return their yard."""
    known = read_set_up(settings)
    assert known is not None
    assert known.site is not None
    ground = with_ground(GROUND | {"width_m": 90.0, "depth_m": 60.0}, yard=yard_of(known.site))
    laid = in_rows(ground, layout, of=bays_meant(ground, "all"))
    now = settings.depot_clock().now() + timedelta(minutes=1)
    save_site_tables(settings, with_yard(known.site, laid), now=now)
    return laid


def pictures(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def test_a_depot_without_places_says_how_to_begin_and_saves_nothing(demo):
    app = opened("Depot and fleet")

    assert "No bay has a place yet" in words(app)
    assert "First give the latitude and longitude" in words(app)
    assert app.button(key="lay_out").disabled
    assert app.button(key="save_bays").disabled
    # One picture: that of the circuits.
    assert pictures(app) == 1


def test_bays_are_laid_out_in_rows_seen_saved_and_taken_back(demo):
    app = with_a_corner(opened("Depot and fleet"))
    fill(app, "Bays a row", 24)
    app.button(key="lay_out").click().run()

    assert pictures(app) == 2
    assert yard(demo).places_m() == {}
    app.button(key="save_bays").click().run()

    sound(app)
    places = yard(demo).places_m()
    # 48 connectors, 3 m from bay to bay and 8 m from row to row; AC-01 to AC-40 come first.
    assert len(places) == 48
    assert places["AC-02/1"] == (3.0, 0.0)
    assert places["AC-24/1"] == (69.0, 0.0)
    assert places["AC-25/1"] == (0.0, 8.0)
    assert app.button(key="save_bays").disabled
    app.selectbox(key="version").select(1).run()
    app.button(key="back").click().run()
    assert yard(demo).places_m() == {}
    assert len(read_versions(demo, "site", depot_id="demo")) == 3


def test_a_pool_is_laid_out_by_itself_and_the_others_stay(demo):
    laid = save_rows(demo, RowLayout(24))
    app = opened("Depot and fleet")

    app.selectbox(key="rows_of").select("dc").run()
    fill(app, "First bay, north (m)", 40.0)
    app.button(key="lay_out").click().run()
    app.button(key="save_bays").click().run()

    sound(app)
    after = yard(demo).places_m()
    # data/demo/site.toml: eight DC stations of one connector; ten fit into a row.
    moved = {name: place for name, place in after.items() if place != laid.places_m()[name]}
    assert moved == {f"DC-0{number}/1": (3.0 * number - 3.0, 40.0) for number in range(1, 9)}


def test_what_looks_wrong_is_noted_and_can_be_saved_all_the_same(demo):
    save_rows(demo, RowLayout(24))
    app = opened("Depot and fleet")
    assert not app.warning

    fill(app, "From bay to bay (m)", 0.5)
    fill(app, "Bays a row", 48)
    app.button(key="lay_out").click().run()

    # 48 bays, each half a metre from the next: 47 pairs, five of them told.
    assert "AC-01/1 and AC-02/1 are 0.5 m apart" in words(app)
    assert "42 notes more" in words(app)
    assert not app.button(key="save_bays").disabled


@pytest.mark.parametrize(
    ("label", "value", "message"),
    [
        ("Corner, latitude (degrees)", 91.0, "is no place on the globe"),
        ("Reaches east (m)", -3.0, "reaches -3 m to the east"),
    ],
)
def test_a_yard_that_cannot_be_is_told_and_cannot_be_saved(demo, label, value, message):
    before = save_rows(demo, RowLayout(24))
    app = opened("Depot and fleet")

    fill(app, label, value)

    assert message in words(app)
    assert app.button(key="save_bays").disabled
    assert app.button(key="lay_out").disabled
    assert yard(demo) == before


def test_metres_or_degrees_show_the_same_bays_and_change_none(demo):
    save_rows(demo, RowLayout(24))
    app = opened("Depot and fleet")
    assert shown(app, "east_m")["east_m"][1] == 3.0

    app.radio(key="bay_unit").set_value("In degrees").run()

    sheet = shown(app, "latitude_degrees")
    assert sheet["latitude_degrees"][0] == 40.7
    # 111.195 km a degree, and cos 40.7 = 0.7581 of it to the east: 3 m are 0.0000356 degrees.
    assert sheet["longitude_degrees"][1] == pytest.approx(-73.9999644, abs=1e-7)
    assert app.button(key="save_bays").disabled


def test_a_depot_of_miles_sees_its_yard_in_feet_and_keeps_its_metres(demo):
    before = save_rows(demo, RowLayout(24))
    known = read_set_up(demo)
    assert known is not None
    now = demo.depot_clock().now() + timedelta(minutes=2)
    set_display(demo, known, changes={"distance": "mi"}, now=now)

    app = opened("Depot and fleet")

    # A foot is 0.3048 m: 3 m are 9.8425 feet, 90 m are 295.3.
    assert shown(app, "east_m")["east_m"][1] == pytest.approx(9.8425, abs=1e-4)
    reach = next(one for one in app.number_input if one.label == "Reaches east (ft)")
    assert reach.value == pytest.approx(295.28, abs=0.01)
    assert app.button(key="save_bays").disabled
    assert yard(demo) == before


def test_what_was_laid_out_outlasts_another_way_of_writing_it(demo):
    app = with_a_corner(opened("Depot and fleet"))
    app.button(key="lay_out").click().run()

    app.radio(key="bay_unit").set_value("In degrees").run()

    assert shown(app, "latitude_degrees")["latitude_degrees"].notna().all()
    assert not app.button(key="save_bays").disabled
