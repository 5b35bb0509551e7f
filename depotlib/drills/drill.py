"""A drill, its figures and its verdict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

Sense = Literal["at most", "at least", "told"]
Outcome = Literal["passed", "failed", "not judged"]
Mode = Literal["virtual", "shadow"]
"""Played on virtual stations, or judged by what the depot's own stations did."""
Program = Literal["gateway", "dispatch", "virtual"]
PLACES: Final = 3
"""Decimals of a figure."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number and what it is judged by.

    Parameters
    ----------
    name : str
        What was measured, in words.
    number : Decimal or None
        None: it never came to be, which no bound allows.
    unit : str
    sense : {'at most', 'at least', 'told'}
        ``told``: it is reported and judged by nothing.
    bound : Decimal or None
    is_speed : bool
        Whether it also measures the machine the drill runs on: a pass needs it, a proof does not.
    """

    name: str
    number: Decimal | None
    unit: str
    sense: Sense
    bound: Decimal | None = None
    is_speed: bool = False

    @property
    def holds(self) -> bool:
        """Return whether it is as it has to be."""
        if self.sense == "told":
            return True
        if self.number is None or self.bound is None:
            return False
        if self.sense == "at most":
            return self.number <= self.bound
        return self.number >= self.bound


def at_most(
    name: str, measured: float | None, *, bound: float, unit: str, is_speed: bool = False
) -> Figure:
    """Return a figure that must not be above a bound; None: it never came to be."""
    return Figure(name, _rounded(measured), unit, "at most", _rounded(bound), is_speed)


def at_least(name: str, measured: float | None, *, bound: float, unit: str) -> Figure:
    """Return a figure that must not be below a bound; None: it never came to be."""
    return Figure(name, _rounded(measured), unit, "at least", _rounded(bound))


def told(name: str, measured: float | None, *, unit: str) -> Figure:
    """Return a figure that is reported and not judged."""
    return Figure(name, _rounded(measured), unit, "told")


def _rounded(measured: float | None) -> Decimal | None:
    return None if measured is None else round(Decimal(measured), PLACES)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and with what a drill is played.

    Parameters
    ----------
    folder : Path
        An empty folder of the drill's own.
    commands : mapping of Program to tuple of str
        What to run in the place of ``python -m depotlib NAME``; empty: what is shipped. Tests put
        a process here whose defence is taken out; no setting or variable can.
    """

    folder: Path
    commands: Mapping[Program, tuple[str, ...]] = field(
        default_factory=dict[Program, tuple[str, ...]]
    )


Play = Callable[[Stage], tuple[Figure, ...]]


@dataclass(frozen=True, slots=True)
class Drill:
    """Something that goes wrong at a depot, and what has to come of it.

    Parameters
    ----------
    name : str
        Word for the command line.
    title : str
        What happens.
    passes_when : str
    defence : str
        What makes it pass: without it the drill fails, which a test shows.
    minutes : int
        About how long it takes.
    play : callable
        Stage in, figures out. Raises `ProcessError` where a process does not come up.
    """

    name: str
    title: str
    passes_when: str
    defence: str
    minutes: int
    play: Play


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a drill.

    Parameters
    ----------
    name, title, passes_when : str
        Of the drill.
    begun_at, ended_at : datetime
        On the wall's clock.
    figures : tuple of Figure
    trouble : str
        Why it could not be played to its end; empty: it was.
    not_judged : str
        In shadow mode, why there is nothing to judge; empty: it was judged.
    """

    name: str
    title: str
    passes_when: str
    begun_at: datetime
    ended_at: datetime
    figures: tuple[Figure, ...]
    trouble: str = ""
    not_judged: str = ""

    @property
    def outcome(self) -> Outcome:
        """Return what came of it in a word."""
        if self.not_judged:
            return "not judged"
        return "passed" if self.is_passed else "failed"

    @property
    def is_proven(self) -> bool:
        """Return whether every figure holds that does not depend on the speed of the machine."""
        if self.trouble or self.not_judged:
            return False
        return all(one.holds for one in self.figures if not one.is_speed)

    @property
    def is_passed(self) -> bool:
        """Return whether it was played to its end and every figure holds."""
        return self.is_proven and all(one.holds for one in self.figures)

    def failed(self) -> tuple[str, ...]:
        """Return the names of the figures that do not hold."""
        return tuple(one.name for one in self.figures if not one.holds)
