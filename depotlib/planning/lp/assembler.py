"""The assembler: parts laid side by side into one linear program."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from depotlib.planning.linear_program import LinearProgram, Vector
from depotlib.planning.lp.claims import Claims
from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part, zeros
from depotlib.planning.problem import IntArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class Model:
    """A linear program and the names of what it is made of.

    Parameters
    ----------
    night : Night
    parts : tuple of Part
    layout : Layout
    program : LinearProgram
        With the bill as its cost.
    row_starts : tuple of (int, Part)
        First row of every part that has rows.
    """

    night: Night
    parts: tuple[Part, ...]
    layout: Layout
    program: LinearProgram
    row_starts: tuple[tuple[int, Part], ...]

    def with_cost(self, cost: Vector) -> LinearProgram:
        """Return the program with another cost."""
        return replace(self.program, cost=cost)

    def row_name(self, row: int) -> str:
        """Return the name of a row, with its indices."""
        # A part without rows begins where the next one does: the last to begin holds the row.
        start, part = next(pair for pair in reversed(self.row_starts) if pair[0] <= row)
        assert part.row_name is not None
        return part.row_name(self.night.problem, row - start)

    def rows_of(self, part: Part) -> slice:
        """Return the rows of a part."""
        starts = [start for start, _ in self.row_starts] + [len(self.program.row_lower)]
        index = next(i for i, (_, owner) in enumerate(self.row_starts) if owner is part)
        return slice(starts[index], starts[index + 1])

    def columns_of(self, name: str) -> slice:
        """Return the columns of a part."""
        return slice(self.layout.start[name], self.layout.end[name])


def assemble(problem: PlanningProblem, claims: Claims, *, parts: Sequence[Part]) -> Model:
    """Return the linear model of a problem.

    Parameters
    ----------
    problem : PlanningProblem
    claims : Claims
    parts : sequence of Part
    """
    task, interval = np.nonzero(problem.windows_mask())
    night = Night(problem=problem, claims=claims, task=task, interval=interval)
    layout, bounds = _layout(night, parts)
    blocks = [(part, part.rows(night, layout)) for part in parts if part.rows is not None]
    heights = [len(block.lower) for _, block in blocks]
    starts = [0, *np.cumsum(heights).tolist()]
    cost = zeros(layout)
    for part in parts:
        if part.cost is not None:
            cost = cost + part.cost(night, layout)
    return Model(
        night=night,
        parts=tuple(parts),
        layout=layout,
        program=replace(
            _program(cost, bounds, blocks=[block for _, block in blocks], starts=starts),
            whole_columns=_whole_columns(parts, layout),
        ),
        row_starts=tuple((start, part) for start, (part, _) in zip(starts, blocks, strict=False)),
    )


def _whole_columns(parts: Sequence[Part], layout: Layout) -> IntArray | None:
    whole = [
        np.arange(layout.start[part.name], layout.end[part.name]) for part in parts if part.is_whole
    ]
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *whole])
    return columns if len(columns) else None


def _layout(night: Night, parts: Sequence[Part]) -> tuple[Layout, Columns]:
    groups = [(part.name, part.columns(night)) for part in parts if part.columns is not None]
    starts = np.cumsum([0, *(len(group.lower) for _, group in groups)]).tolist()
    layout = Layout(
        start={name: start for (name, _), start in zip(groups, starts, strict=False)},
        end={name: end for (name, _), end in zip(groups, starts[1:], strict=True)},
        count=starts[-1],
    )
    return layout, Columns(
        lower=np.concatenate([group.lower for _, group in groups]),
        upper=np.concatenate([group.upper for _, group in groups]),
    )


def _program(
    cost: Vector, bounds: Columns, *, blocks: Sequence[Block], starts: Sequence[int]
) -> LinearProgram:
    return LinearProgram(
        cost=cost,
        lower=bounds.lower,
        upper=bounds.upper,
        row_lower=np.concatenate([block.lower for block in blocks]),
        row_upper=np.concatenate([block.upper for block in blocks]),
        row=np.concatenate(
            [block.row + start for block, start in zip(blocks, starts, strict=False)]
        ),
        column=np.concatenate([block.column for block in blocks]),
        value=np.concatenate([block.value for block in blocks]),
    )
