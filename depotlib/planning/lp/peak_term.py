"""A demand charge: the highest mean power of its intervals has a price."""

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part, zeros
from depotlib.planning.lp.site_load import given_load_kw, site_entries
from depotlib.planning.problem import PlanningProblem


def columns(night: Night) -> Columns:
    """Return the bounds of the peaks: max(sunk, floor) <= peak[k]."""
    peaks = night.problem.prices.peaks
    return Columns(
        lower=np.array([term.paid_kw for term in peaks], dtype=np.float64),
        upper=np.full(len(peaks), np.inf),
    )


def rows(night: Night, layout: Layout) -> Block:
    """peak[k] - sum over tasks of power[i, t] >= base_load[t], for every t that k counts.

    Storage, solar and what is fed back count with it.
    """
    problem, entries = night.problem, site_entries(night, layout)
    terms = [np.array(term.intervals, dtype=np.int64) for term in problem.prices.peaks]
    counted = np.concatenate([*terms, np.zeros(0, dtype=np.int64)])
    row_at = np.full((len(terms), problem.grid.count), -1, dtype=np.int64)
    which = np.repeat(np.arange(len(terms)), [len(term) for term in terms])
    row_at[which, counted] = np.arange(len(counted))
    term, entry = np.nonzero(row_at[:, entries.interval] >= 0)
    return Block(
        row=np.concatenate([np.arange(len(counted)), row_at[term, entries.interval[entry]]]),
        column=np.concatenate([layout.start["peak"] + which, entries.column[entry]]),
        value=np.concatenate([np.ones(len(counted)), -entries.sign[entry]]),
        lower=given_load_kw(problem)[counted],
        upper=np.full(len(counted), np.inf),
    )


def cost(night: Night, layout: Layout) -> Vector:
    """Sum over k of price_per_kw[k] * peak[k]."""
    peaks = night.problem.prices.peaks
    amount = zeros(layout)
    amount[layout.start["peak"] + np.arange(len(peaks))] = [term.price_per_kw for term in peaks]
    return amount


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``peak[Demand,37]``."""
    for term in problem.prices.peaks:
        if row < len(term.intervals):
            return f"peak[{term.name},{term.intervals[row]}]"
        row -= len(term.intervals)
    return f"peak[{row}]"


PEAK_TERM = Part(name="peak", columns=columns, rows=rows, cost=cost, row_name=row_name)
