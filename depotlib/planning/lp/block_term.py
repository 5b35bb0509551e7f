"""Tiers on an energy total: each kWh has the price of the tier that it falls into."""

from itertools import pairwise

import numpy as np

from depotlib.errors import PathError
from depotlib.model.price_terms import BlockTerm
from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part, zeros
from depotlib.planning.lp.site_load import bought_anyhow_kw, bought_entries
from depotlib.planning.problem import PlanningProblem


def columns(night: Night) -> Columns:
    """Return the bounds of the energy in each tier above what is already used.

    ``0 <= tier[k, j] <= width of tier j above what is used``
    """
    widths = [_widths_kwh(block) for block in night.problem.prices.blocks]
    upper = np.concatenate([*widths, np.zeros(0)])
    return Columns(lower=np.zeros(len(upper)), upper=upper)


def rows(night: Night, layout: Layout) -> Block:
    """Sum of tier[k, j] - factor * interval_h * power[i, t in k] = factor * base energy of k.

    Raises
    ------
    PathError
        If prices fall from tier to tier: then a linear program would fill the last tier first.
    """
    problem, blocks = night.problem, night.problem.prices.blocks
    for block in blocks:
        if any(later < earlier for earlier, later in pairwise(block.prices_per_kwh)):
            raise PathError(
                f"the prices of {block.name!r} fall from tier to tier",
                where=block.name,
                hint="plan on a grid inside one billing month, where the tiers change no choice",
            )
    weight = problem.prices.energy_factor * problem.grid.interval_h
    counted = np.zeros((len(blocks), problem.grid.count), dtype=np.bool_)
    for index, block in enumerate(blocks):
        counted[index, list(block.intervals)] = True
    bought = bought_entries(night, layout)
    which, entry = np.nonzero(counted[:, bought.interval])
    owner = np.repeat(np.arange(len(blocks)), [len(block.prices_per_kwh) for block in blocks])
    base_kwh = weight * (counted @ bought_anyhow_kw(problem))
    return Block(
        row=np.concatenate([owner, which]),
        column=np.concatenate([layout.start["tier"] + np.arange(len(owner)), bought.column[entry]]),
        value=np.concatenate([np.ones(len(owner)), -weight * bought.sign[entry]]),
        lower=base_kwh,
        upper=base_kwh,
    )


def cost(night: Night, layout: Layout) -> Vector:
    """Sum over k, j of prices_per_kwh[k][j] * tier[k, j]."""
    prices = [price for block in night.problem.prices.blocks for price in block.prices_per_kwh]
    amount = zeros(layout)
    amount[layout.start["tier"] + np.arange(len(prices))] = prices
    return amount


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``tier[Energy tiers]``."""
    return f"tier[{problem.prices.blocks[row].name}]"


def _widths_kwh(block: BlockTerm) -> Vector:
    """Return how much of each tier is still open above the energy already used."""
    lower = np.array([0.0, *block.edges_kwh])
    upper = np.array([*block.edges_kwh, np.inf])
    return np.maximum(0.0, upper - np.maximum(lower, block.start_kwh))


BLOCK_TERM = Part(name="tier", columns=columns, rows=rows, cost=cost, row_name=row_name)
