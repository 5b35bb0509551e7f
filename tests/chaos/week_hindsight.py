"""The week as somebody would have charged it who knew everything, by SciPy's HiGHS.

Knows when each van really came and left, what it really lacked, and the base load of every quarter
of an hour; is obeyed at once, moves vans without effort and loses nothing to stations. So nothing
that is possible in the yard is better. Written from the formulas, without any code of the planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_matrix, csr_matrix

from depotlib.model.price_terms import PriceTerms

QUARTER: Final = timedelta(minutes=15)
QUARTER_H: Final = 0.25
SLACK_KWH: Final = 1e-4


@dataclass(frozen=True)
class RealStay:
    """A van's night as it was: what it lacked at the wall when it came."""

    vehicle_id: str
    home_at: datetime
    leaves_at: datetime
    must_kwh: float
    target_kwh: float
    max_kw: float
    pool: str


@dataclass(frozen=True)
class Ground:
    """What everybody is bound by.

    Parameters
    ----------
    start : datetime
        Of the first quarter of an hour.
    base_kw : ndarray
        (quarters,).
    limit_kw : float
        For everything together.
    pools_kw : dict
        For each pool.
    """

    start: datetime
    base_kw: np.ndarray
    limit_kw: float
    pools_kw: dict[str, float]


@dataclass(frozen=True)
class Hindsight:
    """What could have been.

    Parameters
    ----------
    ready : int
        Most vans that could have left with what they must have.
    charging_kw : ndarray
        Cheapest charging that gives as many targets as can be, (quarters,).
    unmet_kwh : float
        Of all targets, even so.
    amount : float
        Energy and demand of it.
    """

    ready: int
    charging_kw: np.ndarray
    unmet_kwh: float
    amount: float


def hindsight_of(stays: Sequence[RealStay], ground: Ground, *, prices: PriceTerms) -> Hindsight:
    """Return the best that could have been done."""
    program = _Program(stays, ground, prices)
    ready = program.most_ready()
    unmet_kwh = program.least_unmet()
    charging_kw = program.cheapest(unmet_kwh)
    return Hindsight(
        ready=ready,
        charging_kw=charging_kw,
        unmet_kwh=float(unmet_kwh.sum()),
        amount=amount_of(ground.base_kw + charging_kw, prices),
    )


def amount_of(site_kw: np.ndarray, prices: PriceTerms) -> float:
    """Return what a load costs, without what is due whatever it is."""
    return sum(part.amount for part in parts_of(site_kw, prices))


@dataclass(frozen=True)
class BillPart:
    """Energy, or one demand charge with its peak and when it was."""

    name: str
    amount: float
    peak_kw: float | None = None
    quarter: int | None = None


def parts_of(site_kw: np.ndarray, prices: PriceTerms) -> list[BillPart]:
    """Return what a load costs, energy first, then every demand charge that has hours in it."""
    energy = sum(
        prices.energy_factor * QUARTER_H * float(np.dot(term.price_per_kwh, site_kw))
        for term in prices.energy
    )
    parts = [BillPart("energy", energy)]
    for term in prices.peaks:
        if term.intervals:
            at = max(term.intervals, key=lambda one: float(site_kw[one]))
            peak_kw = float(site_kw[at])
            parts.append(BillPart(term.name, term.price_per_kw * peak_kw, peak_kw, at))
    return parts


class _Program:
    """Columns: power of each stay in each quarter that it touches; then what is asked besides."""

    def __init__(self, stays: Sequence[RealStay], ground: Ground, prices: PriceTerms) -> None:
        self.stays, self.ground, self.prices = stays, ground, prices
        count = len(ground.base_kw)
        self.stay: list[int] = []
        self.quarter: list[int] = []
        self.most_kw: list[float] = []
        for number, stay in enumerate(stays):
            first = (stay.home_at - ground.start) / QUARTER
            last = (stay.leaves_at - ground.start) / QUARTER
            for at in range(int(first), min(count, int(np.ceil(last)))):
                share = min(at + 1.0, last) - max(float(at), first)
                if share > 1e-9:
                    self.stay.append(number)
                    self.quarter.append(at)
                    self.most_kw.append(stay.max_kw * share)
        self.columns = len(self.stay)
        self.energy = csr_matrix(
            (np.full(self.columns, QUARTER_H), (self.stay, range(self.columns))),
            shape=(len(stays), self.columns),
        )
        rows, columns, self.limits_kw = [], [], []
        for node, (pool, limit_kw) in enumerate([("", 0.0), *ground.pools_kw.items()]):
            for column, (number, at) in enumerate(zip(self.stay, self.quarter, strict=True)):
                if node == 0 or stays[number].pool == pool:
                    rows.append(node * count + at)
                    columns.append(column)
            room = ground.limit_kw - ground.base_kw if node == 0 else np.full(count, limit_kw)
            self.limits_kw += [float(one) for one in room]
        self.nodes = csr_matrix(
            (np.ones(len(rows)), (rows, columns)), shape=(len(self.limits_kw), self.columns)
        )

    def most_ready(self) -> int:
        """Return how many can have what they must: all if that can be, else by whole numbers."""
        must_kwh = np.array([stay.must_kwh for stay in self.stays])
        stays = len(self.stays)
        energy = coo_matrix(self.energy)
        matrix = csr_matrix(
            (
                np.concatenate([energy.data, -must_kwh]),
                (
                    np.concatenate([energy.row, np.arange(stays)]),
                    np.concatenate([energy.col, self.columns + np.arange(stays)]),
                ),
            ),
            shape=(stays, self.columns + stays),
        )
        nodes = csr_matrix((self.nodes.data, self.nodes.indices, self.nodes.indptr),
                           shape=(len(self.limits_kw), self.columns + stays))  # fmt: skip
        result = milp(
            np.concatenate([np.zeros(self.columns), -np.ones(stays)]),
            constraints=[
                LinearConstraint(matrix, 0.0, np.inf),
                LinearConstraint(nodes, -np.inf, self.limits_kw),
            ],
            bounds=Bounds(0.0, np.concatenate([self.most_kw, np.ones(stays)])),
            integrality=np.concatenate([np.zeros(self.columns), np.ones(stays)]),
        )
        assert result.status == 0, result.message
        return round(-result.fun)

    def least_unmet(self) -> np.ndarray:
        """Return what each lacks of its target where as little is lacking as can be [kWh]."""
        target_kwh = np.array([stay.target_kwh for stay in self.stays])
        result = linprog(
            -np.asarray(self.energy.sum(axis=0)).ravel(),
            A_ub=_stacked(self.nodes, self.energy),
            b_ub=np.concatenate([self.limits_kw, target_kwh]),
            bounds=[(0.0, one) for one in self.most_kw],
            method="highs",
        )
        assert result.status == 0, result.message
        return np.maximum(0.0, target_kwh - self.energy @ result.x)

    def cheapest(self, unmet_kwh: np.ndarray) -> np.ndarray:
        """Return the charging of the least bill, (quarters,) [kW]."""
        prices, peaks = self.prices, self.prices.peaks
        per_kw = prices.energy_factor * QUARTER_H * sum(
            np.array(term.price_per_kwh) for term in prices.energy
        )  # fmt: skip
        cost = np.concatenate([per_kw[self.quarter], [term.price_per_kw for term in peaks]])
        rows, columns, values, upper = [], [], [], []
        by_quarter: dict[int, list[int]] = {}
        for column, at in enumerate(self.quarter):
            by_quarter.setdefault(at, []).append(column)
        for number, term in enumerate(peaks):
            for at in term.intervals:
                row = len(upper)
                for column in by_quarter.get(at, []):
                    rows.append(row)
                    columns.append(column)
                    values.append(1.0)
                rows.append(row)
                columns.append(self.columns + number)
                values.append(-1.0)
                upper.append(-float(self.ground.base_kw[at]))
        width = self.columns + len(peaks)
        peak_rows = csr_matrix((values, (rows, columns)), shape=(len(upper), width))
        wider = [
            csr_matrix((one.data, one.indices, one.indptr), shape=(one.shape[0], width))
            for one in (self.nodes, -self.energy)
        ]
        target_kwh = np.array([stay.target_kwh for stay in self.stays])
        result = linprog(
            cost,
            A_ub=_stacked(*wider, peak_rows),
            b_ub=np.concatenate([self.limits_kw, -(target_kwh - unmet_kwh - SLACK_KWH), upper]),
            bounds=[(0.0, one) for one in self.most_kw] + [(0.0, None)] * len(peaks),
            method="highs",
        )
        assert result.status == 0, result.message
        power_kw = np.zeros(len(self.ground.base_kw))
        np.add.at(power_kw, self.quarter, result.x[: self.columns])
        return power_kw


def _stacked(*blocks: csr_matrix) -> csr_matrix:
    rows, columns, values, above = [], [], [], 0
    for one in map(coo_matrix, blocks):
        rows.append(one.row + above)
        columns.append(one.col)
        values.append(one.data)
        above += one.shape[0]
    return csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(above, blocks[0].shape[1]),
    )
