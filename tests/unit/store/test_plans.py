import math
from dataclasses import replace
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from depotlib.errors import RecordMissingError
from depotlib.model.frames import SetpointFrame
from depotlib.store.plans import load_plan, plan_headers, save_plan
from tests.unit.store.samples import a_plan, after, everything


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse.duckdb"


def test_a_plan_comes_back_as_it_was(path: Path):
    plan = a_plan()
    save_plan(path, plan)

    loaded = load_plan(path, "p1")

    assert replace(loaded, setpoints=plan.setpoints) == plan
    assert_frame_equal(SetpointFrame.validate(loaded.setpoints), plan.setpoints)


def test_a_plan_without_anything_in_it_comes_back_too(path: Path):
    plan = replace(
        a_plan(), setpoints=a_plan().setpoints.clear(), windows=(), moves=(), shortfalls=(),
        bindings=(), header=replace(a_plan().header, gap_share=math.inf),
    )  # fmt: skip
    save_plan(path, plan)

    loaded = load_plan(path, "p1")

    assert replace(loaded, setpoints=plan.setpoints) == plan
    assert loaded.setpoints.schema == plan.setpoints.schema


def test_the_same_plan_again_changes_nothing(path: Path):
    save_plan(path, a_plan())
    before = everything(path)

    save_plan(path, a_plan())

    assert everything(path) == before


def test_plans_do_not_mix_their_setpoints(path: Path):
    other = a_plan("p2")
    other = replace(other, setpoints=other.setpoints.head(1))
    save_plan(path, a_plan())
    save_plan(path, other)

    assert len(load_plan(path, "p1").setpoints) == 2
    assert len(load_plan(path, "p2").setpoints) == 1


def test_headers_are_listed_the_latest_first(path: Path):
    early, late = a_plan("p1"), a_plan("p2", made_at=after(days=2))
    save_plan(path, late)
    save_plan(path, early)

    assert plan_headers(path) == [late.header, early.header]


def test_an_unknown_plan_is_refused(path: Path):
    save_plan(path, a_plan())

    with pytest.raises(RecordMissingError, match="no plan 'p9'"):
        load_plan(path, "p9")
