"""Bays in metres, feet or degrees: the same places, whichever they are written in."""

from datetime import timedelta

import pytest

from depotlib.model.yard import RowLayout
from depotlib.workflows.set_up_depot import read_set_up, set_display
from tests.app.pages.laid_yard import BAYS, save_rows, with_a_corner, yard
from tests.app.pages.opened import opened, shown


def test_metres_or_degrees_show_the_same_bays_and_change_none(demo):
    save_rows(demo, RowLayout(24))
    app = opened("Depot and fleet", BAYS)
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

    app = opened("Depot and fleet", BAYS)

    # A foot is 0.3048 m: 3 m are 9.8425 feet, 90 m are 295.3.
    assert shown(app, "east_m")["east_m"][1] == pytest.approx(9.8425, abs=1e-4)
    reach = next(one for one in app.number_input if one.label == "Reaches east (ft)")
    assert reach.value == pytest.approx(295.28, abs=0.01)
    assert app.button(key="save_bays").disabled
    assert yard(demo) == before


def test_what_was_laid_out_outlasts_another_way_of_writing_it(demo):
    app = with_a_corner(opened("Depot and fleet", BAYS))
    app.button(key="lay_out").click().run()

    app.radio(key="bay_unit").set_value("In degrees").run()

    assert shown(app, "latitude_degrees")["latitude_degrees"].notna().all()
    assert not app.button(key="save_bays").disabled
