"""Figures of a benchmark against their aims, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Parameters
    ----------
    name : str
    value : str or int
        As it is printed.
    aim : str
    holds : bool or None
        None: nothing was aimed at.
    """

    name: str
    value: str | int
    aim: str
    holds: bool | None


def print_figures(figures: Sequence[Figure]) -> None:
    """Print one line a figure: what, how much, the aim, and whether it holds."""
    width = max(len(figure.name) for figure in figures)
    words = {True: "holds", False: "MISSED", None: ""}
    for one in figures:
        print(f"{one.name:<{width}}  {one.value!s:>9}  {one.aim:<14}  {words[one.holds]}".rstrip())
