"""The yard: places in metres from its corner, and what looks wrong about them."""

from dataclasses import replace

import pytest

from depotlib.errors import ModelError
from depotlib.model.position import Position
from depotlib.model.yard import Bay, RowLayout, Yard, notes_of, with_positions

CORNER = Position(60.0, 10.0)
# 6,371.009 km x pi / 180 = 111.195 km a degree of latitude; at 60 degrees half of it to the east.
NORTH_M_A_DEGREE = 111_195.0
EAST_M_A_DEGREE = 55_597.5


def bay(number: int, *, east_m: float, north_m: float) -> Bay:
    position = Position(60.0 + north_m / NORTH_M_A_DEGREE, 10.0 + east_m / EAST_M_A_DEGREE)
    return Bay(f"S-{number}/1", f"S-{number}", "ac", "AC", position)


def yard(*places: tuple[float, float], **said: float) -> Yard:
    bays = tuple(
        bay(number, east_m=east_m, north_m=north_m)
        for number, (east_m, north_m) in enumerate(places, start=1)
    )
    return Yard(CORNER, bays=bays, **said)


def test_a_place_is_metres_east_and_north_of_the_corner_to_the_centimetre():
    assert yard((12.5, 40.0)).places_m() == {"S-1/1": (12.5, 40.0)}
    assert yard((-3.0, 0.0)).places_m() == {"S-1/1": (-3.0, 0.0)}


def test_without_a_corner_or_a_position_there_is_no_place():
    nowhere = Bay("S-2/1", "S-2", "ac", "AC")
    some = replace(yard((1.0, 1.0)), bays=(*yard((1.0, 1.0)).bays, nowhere))

    assert list(some.places_m()) == ["S-1/1"]
    assert some.unplaced() == ("S-2/1",)
    assert replace(some, corner=None).places_m() == {}
    with pytest.raises(ModelError, match="which is not known"):
        Yard().position_at((1.0, 1.0))


@pytest.mark.parametrize(
    ("other", "is_noted"), [((0.0, 0.9), True), ((0.7, 0.6), True), ((0.0, 1.2), False)]
)
def test_two_bays_nearer_than_a_metre_are_noted(other, is_noted):
    # 0.7 east and 0.6 north are sqrt(0.85) = 0.92 m.
    notes = notes_of(yard((10.0, 10.0), (10.0 + other[0], 10.0 + other[1]), (50.0, 50.0)))

    assert bool(notes) is is_noted
    if is_noted:
        (note,) = notes
        assert note.connector_ids == ("S-1/1", "S-2/1")
        assert "are 0.9 m apart" in note.text


@pytest.mark.parametrize(
    ("place", "said", "words"),
    [
        ((66.0, 1.0), {"width_m": 60.0}, "66.0 m east"),
        ((1.0, -6.0), {"depth_m": 30.0}, "-6.0 m north"),
        ((1.0, 1200.0), {"width_m": 60.0}, "1,200.0 m north"),
        ((64.0, 1.0), {"width_m": 60.0}, ""),
        ((-900.0, 900.0), {}, ""),
    ],
)
def test_a_bay_far_outside_the_yard_is_noted(place, said, words):
    # 5 m around a stated extent still are the yard; without one, 1,000 m from the corner.
    notes = notes_of(yard(place, **said))

    assert [words in note.text for note in notes] == ([True] if words else [])


def test_bays_at_one_place_are_told_once_each_and_a_bay_that_goes_takes_its_note_along():
    crowd = yard((1.0, 1.0), (1.0, 1.0), (1.0, 1.0))

    assert [note.connector_ids for note in notes_of(crowd)] == [
        ("S-1/1", "S-2/1"),
        ("S-1/1", "S-3/1"),
    ]
    assert len(notes_of(with_positions(crowd, {"S-3/1": None}))) == 1


@pytest.mark.parametrize("wrong", [{"bays_per_row": 0}, {"bays_per_row": 5, "pitch_m": 0.0}])
def test_rows_that_are_none_are_refused(wrong):
    with pytest.raises(ModelError, match="cannot be"):
        RowLayout(**wrong)
