"""The floor plan: bays where they are, true to scale, in shapes and colours of their own."""

from dataclasses import replace

import pytest

from depotlib.charts.colours import LIGHT
from depotlib.charts.finish import alt_text
from depotlib.charts.floor_plan import MOST_NAMES, bay_places, floor_plan
from depotlib.model.display import FEET
from depotlib.model.position import Position
from depotlib.model.yard import Bay, RowLayout, Yard
from depotlib.workflows.lay_out_yard import in_rows

BAYS = (
    Bay("A-1/1", "A-1", "ac", "AC"),
    Bay("D-1/1", "D-1", "dc", "DC"),
    Bay("D-1/2", "D-1", "dc", "DC"),
    Bay("Z-9/1", "Z-9", "ac", "AC"),
)
YARD = in_rows(
    Yard(Position(60.0, 10.0), width_m=30.0, depth_m=20.0, bays=BAYS),
    RowLayout(bays_per_row=9, pitch_m=4.0, east_m=10.0, north_m=5.0),
    of=("A-1/1", "D-1/1", "D-1/2"),
)


def trace(figure, name: str):
    return next(one for one in figure.data if one.name == name)


def names_of(figure):
    return [one for one in figure.layout.annotations if one.text != "<b>N ↑</b>"]


def test_bays_are_drawn_where_they_are_and_called_as_people_call_them():
    figure = floor_plan(YARD)

    middles = trace(figure, "Bays")
    assert list(middles.x) == [10.0, 14.0, 18.0]
    assert list(middles.y) == [5.0, 5.0, 5.0]
    assert middles.customdata[0][0] == "A-1/1"
    # A station with one bay gives it its name.
    assert [one.text for one in names_of(figure)] == ["A-1", "D-1/1", "D-1/2"]
    assert [one.x for one in names_of(figure)] == [10.0, 14.0, 18.0]


@pytest.mark.parametrize(("width_m", "angles"), [(30.0, {0}), (90.0, {-90}), (300.0, set())])
def test_names_are_written_as_the_room_between_bays_lets_them(width_m, angles):
    figure = floor_plan(replace(YARD, width_m=width_m))

    # 480 pixels for the width and 3 m around it: 4 m are 53 pixels of 36 m, 20 of 96 and 6 of
    # 306. Five letters of 6 pixels take 30 of them, upright 10.
    assert {one.textangle for one in names_of(figure)} == angles


def test_a_bay_is_two_metres_and_forty_wide_and_a_metre_is_as_long_up_as_across():
    figure = floor_plan(YARD)

    shape = trace(figure, "ac (AC)")
    assert (min(shape.x[:-1]), max(shape.x[:-1])) == pytest.approx((8.8, 11.2))
    assert (min(shape.y[:-1]), max(shape.y[:-1])) == pytest.approx((3.8, 6.2))
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.yaxis.scaleratio == 1


def test_pools_have_colours_and_currents_have_shapes():
    figure = floor_plan(YARD)

    ac, dc = trace(figure, "ac (AC)"), trace(figure, "dc (DC)")
    assert (ac.line.color, dc.line.color) == LIGHT.series[:2]
    # A closed square has 5 points, one without corners 9; a gap ends each.
    assert (len(ac.x), len(dc.x)) == (6, 20)


def test_what_looks_wrong_is_ringed_and_said():
    figure = floor_plan(YARD, noted={"D-1/2"})

    ring = trace(figure, "Look again")
    assert (list(ring.x), list(ring.y)) == ([18.0], [5.0])
    assert ring.marker.color == LIGHT.limit
    assert alt_text(figure) == (
        "The yard from above with 3 of its 4 bays (1 of pool ac, 2 of pool dc); "
        "places that look wrong: D-1/2."
    )


def test_distances_are_in_feet_where_the_depot_reads_feet():
    figure = floor_plan(YARD, measure=FEET)

    # A foot is 0.3048 m.
    assert list(trace(figure, "Bays").x) == pytest.approx([32.81, 45.93, 59.06], abs=0.01)
    assert figure.layout.xaxis.title.text == "East of the corner (ft)"
    assert max(trace(figure, "Edge of the yard").x) == pytest.approx(98.43, abs=0.01)


def test_a_yard_of_which_nothing_is_known_is_an_empty_picture_with_its_words():
    figure = floor_plan(Yard(bays=BAYS))

    assert "0 of its 4 bays" in alt_text(figure)
    assert len(trace(figure, "Bays").x or ()) == 0
    assert floor_plan(Yard()).layout.yaxis.title.text == "North of the corner (m)"


def test_many_bays_are_named_by_the_pointer_only():
    many = tuple(Bay(f"S-{n}/1", f"S-{n}", "ac", "AC") for n in range(MOST_NAMES + 1))
    yard = in_rows(replace(YARD, bays=many), RowLayout(20), of=[bay.connector_id for bay in many])

    assert names_of(floor_plan(yard)) == []
    assert len(trace(floor_plan(yard), "Bays").x) == MOST_NAMES + 1


def test_the_data_of_the_picture_holds_every_bay():
    frame = bay_places(YARD)

    assert frame["Connector"].to_list() == [bay.connector_id for bay in BAYS]
    assert frame["East (m)"].to_list() == [10.0, 14.0, 18.0, None]
    assert frame["Latitude"].null_count() == 1
    assert bay_places(Yard()).height == 0
