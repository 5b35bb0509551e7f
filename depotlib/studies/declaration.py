"""What a study is: axes, how they are crossed, and the draws of chance that all points share."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from depotlib.errors import StudyError
from depotlib.model.live import Scalar

Design = Literal["grid", "tornado"]
SEED: Final = "seed"
"""The parameter that draws of chance go by: equal seeds are the same nights at every point."""

Point = Mapping[str, Scalar]
"""A value for each parameter."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A parameter and the values that it takes.

    Parameters
    ----------
    name : str
    values : tuple of scalar
        In the order in which tables show them.

    Raises
    ------
    StudyError
        If there is no value, or one stands twice.
    """

    name: str
    values: tuple[Scalar, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise StudyError(f"axis {self.name} has no value", where=self.name)
        if len({(type(value), value) for value in self.values}) < len(self.values):
            raise StudyError(
                f"axis {self.name} has a value twice", where=self.name, hint="write each once"
            )


@dataclass(frozen=True, slots=True)
class Study:
    """A question, as points in the space of parameters.

    Parameters
    ----------
    name : str
    axes : tuple of Axis
    design : {'grid', 'tornado'}
        Every combination of values, or the base and one axis at a time.
    base : mapping of str to scalar
        Parameters that stay, and where a tornado starts from.
    seeds : tuple of int
        Every point is played with each of them: common random numbers.

    Raises
    ------
    StudyError
        If a name stands twice, there is no seed, or a tornado lacks the base of an axis.
    """

    name: str
    axes: tuple[Axis, ...]
    design: Design = "grid"
    base: Point = field(default_factory=dict[str, Scalar])
    seeds: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        if len(set(names)) < len(names) or SEED in {*names, *self.base}:
            raise StudyError(
                "an axis stands twice, or the seed stands among the parameters",
                where=self.name,
                hint="name each axis once; seeds have a place of their own",
            )
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise StudyError("seeds are missing or stand twice", where=self.name)
        without = [name for name in names if name not in self.base]
        if self.design == "tornado" and without:
            raise StudyError(
                f"a tornado starts from a base, and {', '.join(without)} has none",
                where=self.name,
                hint="give the base a value for each axis",
            )


def points(study: Study) -> Iterator[Point]:
    """Yield the points of a study, each with each seed; none stands twice.

    Parameters
    ----------
    study : Study
    """
    crossed = _grid if study.design == "grid" else _tornado
    for point in crossed(study):
        for seed in study.seeds:
            yield {**point, SEED: seed}


def _grid(study: Study) -> Iterator[Point]:
    names = [axis.name for axis in study.axes]
    for values in itertools.product(*(axis.values for axis in study.axes)):
        yield {**study.base, **dict(zip(names, values, strict=True))}


def _tornado(study: Study) -> Iterator[Point]:
    yield dict(study.base)
    for axis in study.axes:
        for value in axis.values:
            if value != study.base[axis.name]:
                yield {**study.base, axis.name: value}
