"""What we ask of stations, case by case: the frame it is, the station's answer, and how it ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.errands import are_over, ask, became
from tests.conformance.gateway_process import ACCEPTED, RawStation


@dataclass(frozen=True)
class Case:
    """What is asked, the frame that it is, what the station answers, and how it ends.

    A reply that is a text is the code of an error.
    """

    tc: str
    errand: str
    action: str
    payload: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    reply: dict[str, Any] | str = field(default_factory=lambda: dict(ACCEPTED))
    end: tuple[str, str] = ("done", "Accepted")
    is_whole_station: bool = False


def is_of(case: Case, action: str, payload: dict[str, Any]) -> bool:
    """Return whether a call is a case's: everything that the case names is as it says."""
    told = {name: payload.get(name) for name in case.payload}
    return case.action == action and told == case.payload


def all_asked(
    cp: RawStation, home: Path, place: str, *, cases: Sequence[Case]
) -> list[tuple[str, str]]:
    """Ask everything of a connector at once, let the station answer, and return how each ended."""
    station_id = place.partition("/")[0]
    ids = [
        ask(
            home,
            one.errand,
            place=station_id if one.is_whole_station else place,
            facts=one.facts,
        )
        for one in cases
    ]

    def answer(action: str, payload: dict[str, Any]) -> dict[str, Any] | str:
        fits = [one for one in cases if is_of(one, action, payload)]
        return max(fits, key=lambda one: len(one.payload)).reply if fits else ACCEPTED

    cp.hear(lambda: are_over(home, ids), answer=answer)
    return [became(home, one) for one in ids]


def named(tc: str, errand: str) -> str:
    """Return a test's name; what has no certification case of its own goes by its own name."""
    return f"TC_{tc}-{errand}" if any(letter.isdigit() for letter in tc) else tc


def numbered(cases: Sequence[Case]) -> list[Any]:
    """Return a parameter for each case: its place in the sequence, under its name."""
    return [pytest.param(at, id=named(one.tc, one.errand)) for at, one in enumerate(cases)]
