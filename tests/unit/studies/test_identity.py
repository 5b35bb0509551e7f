"""A scenario's name: equal contents are called the same, and nothing else is."""

import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from depotlib.errors import StudyError
from depotlib.studies.identity import ROOMS, Names, canonical, code_digest
from tests.places import ROOT
from tests.study_scenarios import Sum


@dataclass(frozen=True)
class Other:
    left: int
    right: float
    ordeal: str = ""
    marks: str = ""


@dataclass(frozen=True)
class Pair:
    part: tuple[int, ...]
    other: int


def name(scenario: object, code: str = "a") -> str:
    return Names(code).name_of(scenario)


def test_equal_contents_have_one_name_whatever_their_order_or_zone():
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    east = noon.astimezone(timezone(timedelta(hours=5)))

    assert name({"a": 1, "b": noon}) == name({"b": east, "a": 1})
    assert name(frozenset({"x", "y"})) == name(frozenset({"y", "x"}))
    assert name(Sum(1, 2.0)) == name(replace(Sum(9, 2.0), left=1))
    assert name([np.float64(2.5)]) == name([2.5])


def test_whatever_a_result_depends_on_is_in_its_name():
    names = [
        name(Sum(1, 2.0)),
        name(Sum(1, 2.5)),
        name(Sum(1, 2.0), code="b"),
        name(Other(1, 2.0)),
        name([1, 2]),
        name([2, 1]),
        name((1, "2")),
        name(Decimal("1.50")),
        name(Decimal("1.5")),
        name(1.5),
        name("1.5"),
        name(date(2026, 1, 1)),
        name(datetime(2026, 1, 1, tzinfo=UTC)),
        name(timedelta(1)),
        name(float("inf")),
        name("inf"),
        name(np.array([1, 2])),
        name(np.array([[1, 2]])),
        name(ZoneInfo("Europe/Berlin")),
        name(None),
        name({"is_on": True}),
        name({"is_on": 1}),
        name(1),
    ]

    assert len(set(names)) == len(names)


def test_a_part_that_scenarios_share_counts_for_each_of_them():
    names, shared = Names("a"), (1, 2, 3)

    first = names.name_of(Pair(shared, 1))

    assert names.name_of(Pair(shared, 2)) != first
    assert names.name_of(Pair((1, 2, 4), 1)) != first
    assert names.name_of(Pair((1, 2, 3), 1)) == first == name(Pair((1, 2, 3), 1))


@pytest.mark.parametrize("shapeless", [float("nan"), object(), len, [lambda: None]])
def test_what_has_no_content_is_refused(shapeless):
    with pytest.raises(StudyError):
        canonical(shapeless)


def test_the_codes_digest_is_the_same_in_another_process():
    said = subprocess.run(
        [sys.executable, "-c", "from depotlib.studies import identity as i; print(i.code_digest())"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert said.stdout.strip() == code_digest()


def test_the_digest_reads_every_room_that_a_played_night_loads():
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, depotlib.studies.night_row; print(*sys.modules)",
        ],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    rooms = {
        module.split(".")[1] for module in said.stdout.split() if module.startswith("depotlib.")
    }

    assert rooms - {"depotlib"} <= {room.removesuffix(".py") for room in ROOMS}
