"""A study's points: every combination, or one axis at a time, each with the same seeds."""

import pytest

from depotlib.errors import StudyError
from depotlib.studies.declaration import Axis, Study, points

STATIONS = Axis("ac_points", (30, 40))
POLICY = Axis("policy", ("edf", "blind", "replanned"))


def test_a_grid_is_every_combination_with_every_seed():
    study = Study("grid", (STATIONS, POLICY), base={"days": 28}, seeds=(1, 2))

    found = list(points(study))

    assert len(found) == 2 * 3 * 2
    assert found[0] == {"days": 28, "ac_points": 30, "policy": "edf", "seed": 1}
    assert len({tuple(sorted(map(str, point.items()))) for point in found}) == len(found)


def test_a_tornado_leaves_its_base_by_one_axis_at_a_time():
    study = Study(
        "tornado", (STATIONS, POLICY), design="tornado", base={"ac_points": 40, "policy": "edf"}
    )

    found = [(point["ac_points"], point["policy"]) for point in points(study)]

    # The base first; then 30 stations; then the two other policies.
    assert found == [(40, "edf"), (30, "edf"), (40, "blind"), (40, "replanned")]


@pytest.mark.parametrize(
    "faulty",
    [
        lambda: Axis("ac_points", ()),
        lambda: Axis("ac_points", (1, 1)),
        lambda: Study("twice", (POLICY, POLICY)),
        lambda: Study("seed", (Axis("seed", (1, 2)),)),
        lambda: Study("no seed", (POLICY,), seeds=()),
        lambda: Study("no base", (POLICY,), design="tornado"),
    ],
)
def test_a_study_that_cannot_be_is_refused(faulty):
    with pytest.raises(StudyError):
        faulty()


def test_whole_numbers_and_truth_are_different_values():
    assert Axis("on", (1, True)).values == (1, True)
