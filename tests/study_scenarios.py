"""Small scenarios for the engine of studies: found by their names in every worker process."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from depotlib.errors import ModelError
from depotlib.studies.declaration import Axis, Study, points
from depotlib.studies.identity import Names
from depotlib.studies.row_folder import Row
from depotlib.studies.runner import Case, RunOrder

CODE: Final = "code of the test"


@dataclass(frozen=True, slots=True)
class Sum:
    """Two numbers; ``ordeal`` says what happens to the worker that adds them."""

    left: int
    right: float
    ordeal: str = ""
    marks: str = ""


def added(scenario: Sum) -> Row:
    if scenario.ordeal == "refuses":
        raise ModelError(f"{scenario.left} is not added", where="left", hint="add another")
    if scenario.ordeal == "breaks":
        return {"sum_amount": scenario.left / 0}
    if scenario.ordeal == "never ends":
        for _ in count():
            pass
    if scenario.marks:
        _suffer(scenario)
    return {"sum_amount": scenario.left + scenario.right, "left": scenario.left, "note": "sum"}


def _suffer(scenario: Sum) -> None:
    """Leave a mark of this attempt; die at the first ones, as often as the ordeal says."""
    for attempt in count(1):
        mark = Path(scenario.marks, f"{scenario.left}-{attempt}")
        if not mark.exists():
            mark.touch()
            break
    if scenario.ordeal and attempt <= int(scenario.ordeal):
        os.kill(os.getpid(), signal.SIGKILL)


def case_of(scenario: Sum) -> Case[Sum]:
    name = Names(CODE).name_of(scenario)
    return Case(name, {"left": scenario.left, "right": scenario.right}, scenario)


def sums(number: int, *, marks: str = "") -> tuple[Case[Sum], ...]:
    study = Study("sums", (Axis("left", tuple(range(number))),), base={"right": 0.5})
    return tuple(
        case_of(Sum(int(point["left"]), float(point["right"]), marks=marks))
        for point in points(study)
    )


def attempts(marks: Path) -> dict[int, int]:
    """Return how often each left number was tried."""
    found: dict[int, int] = {}
    for mark in marks.iterdir():
        left = int(mark.name.split("-")[0])
        found[left] = found.get(left, 0) + 1
    return found


def contents(folder: Path, cases: Sequence[Case[Sum]]) -> dict[str, bytes]:
    return {
        case.scenario_id: (
            folder / case.scenario_id[:2] / f"{case.scenario_id}.parquet"
        ).read_bytes()
        for case in cases
    }


ADDED: Final = RunOrder(added)
