"""Bays on the floor plan of Depot and fleet: laid out, told what looks wrong, saved, taken back."""

import pytest
from streamlit.testing.v1 import AppTest

from depotlib.model.position import Position
from depotlib.model.yard import RowLayout
from depotlib.workflows.set_up_depot import read_versions
from tests.app.pages.laid_yard import BAYS, fill, part, save_rows, with_a_corner, yard
from tests.app.pages.opened import opened, sound, words


def pictures(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def test_a_depot_without_places_says_how_to_begin_and_saves_nothing(demo):
    app = opened("Depot and fleet", BAYS)

    assert "No bay has a place yet" in words(app)
    assert "First give the latitude and longitude" in words(app)
    assert app.button(key="lay_out").disabled
    assert app.button(key="save_bays").disabled
    assert pictures(app) == 0


def test_bays_are_laid_out_in_rows_seen_saved_and_taken_back(demo):
    app = with_a_corner(opened("Depot and fleet", BAYS))
    fill(app, "Bays a row", 24)
    app.button(key="lay_out").click().run()

    assert pictures(app) == 1
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
    part(app, "Versions").selectbox(key="version").select(1).run()
    app.button(key="back").click().run()
    assert yard(demo).places_m() == {}
    assert len(read_versions(demo, "site", depot_id="demo")) == 3


def test_a_pool_is_laid_out_by_itself_and_the_others_stay(demo):
    laid = save_rows(demo, RowLayout(24))
    app = opened("Depot and fleet", BAYS)

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
    app = opened("Depot and fleet", BAYS)
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
    app = opened("Depot and fleet", BAYS)

    fill(app, label, value)

    assert message in words(app)
    assert app.button(key="save_bays").disabled
    assert app.button(key="lay_out").disabled
    assert yard(demo) == before


def test_another_part_of_the_page_keeps_the_bays_and_saves_them(demo):
    app = with_a_corner(opened("Depot and fleet", BAYS))
    app.button(key="lay_out").click().run()

    part(app, "Fleet")
    part(app, "Tokens").button(key="save_identity").click().run()

    assert len(yard(demo).places_m()) == 48
    assert yard(demo).corner == Position(40.7, -74.0)
    assert part(sound(app), "Bays").button(key="save_bays").disabled


def test_rows_that_are_not_laid_out_yet_stand_there_again(demo):
    app = with_a_corner(opened("Depot and fleet", BAYS))
    fill(app, "Bays a row", 24)
    fill(app, "From bay to bay (m)", 3.5)

    for name in ("Fleet", "Tokens", "Bays"):
        part(app, name)

    rows = {one.label: one.value for one in app.number_input}
    assert (rows["Bays a row"], rows["From bay to bay (m)"]) == (24, 3.5)


def test_how_far_the_yard_reaches_can_be_taken_out_again(demo):
    save_rows(demo, RowLayout(24))
    app = opened("Depot and fleet", BAYS)

    fill(app, "Reaches east (m)", None)
    fill(app, "Reaches north (m)", None)
    app.button(key="save_bays").click().run()

    sound(app)
    assert (yard(demo).width_m, yard(demo).depth_m) == (None, None)
    assert len(yard(demo).places_m()) == 48


def test_a_yard_that_cannot_be_is_told_in_other_parts_too_and_stands_there_again(demo):
    save_rows(demo, RowLayout(24))
    app = fill(opened("Depot and fleet", BAYS), "Corner, latitude (degrees)", 91.0)

    part(app, "Stations")
    assert "is no place on the globe" in words(app)
    assert app.button(key="save_station").disabled

    fill(part(app, "Bays"), "Corner, longitude (degrees)", -74.0)
    assert "is no place on the globe" in words(app)
    fill(app, "Corner, latitude (degrees)", 40.7)
    assert "is no place on the globe" not in words(part(app, "Stations"))
