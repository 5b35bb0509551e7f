"""No class of claims gets less than readiness has granted it."""

import numpy as np

from depotlib.planning.lp.part import Block, Layout, Night, Part
from depotlib.planning.problem import PlanningProblem

_ROUNDING_KWH = 1e-6
"""The solver's own tolerance: what it granted, it must be able to grant again."""


def rows(night: Night, layout: Layout) -> Block:
    """Sum of served[c] over class k >= granted_kwh[k], for every class k that is settled."""
    claims = night.claims
    settled = np.flatnonzero(claims.rank < len(claims.granted_kwh))
    count = len(claims.granted_kwh)
    return Block(
        row=claims.rank[settled],
        column=layout.start["energy"] + settled,
        value=np.ones(len(settled)),
        lower=np.array(claims.granted_kwh, dtype=np.float64) - _ROUNDING_KWH,
        upper=np.full(count, np.inf),
    )


def row_name(problem: PlanningProblem, row: int) -> str:  # noqa: ARG001 - the families' signature
    """Return ``readiness[0]``."""
    return f"readiness[{row}]"


READINESS = Part(name="readiness", rows=rows, row_name=row_name)
