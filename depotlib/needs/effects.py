"""What energy depends on: a class mean and effects of vehicle, weekday and facts, each shrunk.

``energy = scale x (class + vehicle + weekday + vehicle on that weekday + facts · weights)``

An effect is the mean of what the other terms leave, drawn towards 0 as if `lambda` more rows of 0
had been seen; `lambda = within-variance / between-variance` is estimated from the rows themselves
(empirical Bayes), so few days say little and many days say much. Fitted by backfitting.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

WEEKDAYS: Final = 7
HALF_LIFE_DAYS: Final = 90
"""What happened so long ago counts half."""
ROUNDS: Final = 8
LEAST_LAMBDA: Final = 1.0
MOST_LAMBDA: Final = 200.0
RIDGE: Final = 5.0
"""Rows of 0 that each fact is drawn by."""
CLASS_LAMBDA: Final = 0.5
_NOTHING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What happened and what was known before it, one row each.

    Parameters
    ----------
    party, group, weekday : ndarray
        Codes from 0 of the vehicle (or account), its class and the local weekday, (rows,).
    day, done_day : ndarray
        Local day on which it had to be known, and on which the outcome was, (rows,).
    scale_kwh : ndarray
        What the energy would be if everything were average; 1 where nothing is known, (rows,).
    facts_factor : ndarray
        Further facts known before, near 0 and of size 1, (rows, facts).
    energy_kwh : ndarray
        What it came to, (rows,).
    """

    party: IntArray
    group: IntArray
    weekday: IntArray
    day: IntArray
    done_day: IntArray
    scale_kwh: FloatArray
    facts_factor: FloatArray
    energy_kwh: FloatArray

    def chosen(self, rows: NDArray[np.bool_] | IntArray) -> "Outcomes":
        """Return some of the rows."""
        return Outcomes(
            party=self.party[rows],
            group=self.group[rows],
            weekday=self.weekday[rows],
            day=self.day[rows],
            done_day=self.done_day[rows],
            scale_kwh=self.scale_kwh[rows],
            facts_factor=self.facts_factor[rows],
            energy_kwh=self.energy_kwh[rows],
        )

    @property
    def parties(self) -> int:
        """Return how many vehicles there are."""
        return int(self.party.max(initial=-1)) + 1

    @property
    def groups(self) -> int:
        """Return how many classes there are."""
        return int(self.group.max(initial=-1)) + 1


@dataclass(frozen=True, slots=True)
class Effects:
    """The fitted terms, each a factor of the scale.

    Parameters
    ----------
    group_factor : ndarray
        Mean of each class, (classes,).
    party_factor, weekday_factor, party_weekday_factor : ndarray
        (vehicles,), (7,), (vehicles x 7,).
    fact_factor : ndarray
        Weight of each fact, (facts,).
    party_rows : ndarray
        Rows seen of each vehicle, (vehicles,).
    """

    group_factor: FloatArray
    party_factor: FloatArray
    weekday_factor: FloatArray
    party_weekday_factor: FloatArray
    fact_factor: FloatArray
    party_rows: IntArray

    def energy_kwh(self, rows: Outcomes) -> FloatArray:
        """Return what the rows are expected to come to, 0 or more [kWh], (rows,)."""
        return np.maximum(0.0, sum(self.parts_kwh(rows), np.zeros(len(rows.party))))

    def parts_kwh(self, rows: Outcomes) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the parts of class, vehicle, weekday and facts [kWh], (rows,) each."""
        scale_kwh = rows.scale_kwh
        by_weekday = self.weekday_factor[rows.weekday] + self.party_weekday_factor[_pair(rows)]
        return (
            scale_kwh * self.group_factor[rows.group],
            scale_kwh * self.party_factor[rows.party],
            scale_kwh * by_weekday,
            scale_kwh * (rows.facts_factor @ self.fact_factor),
        )


def fitted_effects(rows: Outcomes, *, day: int, parties: int, groups: int) -> Effects:
    """Return the effects that rows of the past show.

    Parameters
    ----------
    rows : Outcomes
        All known before `day`; at least one.
    day : int
        The day on which one asks: older rows weigh less.
    parties, groups : int
        How many there are, those without a row among them.
    """
    # Least squares of kWh on ``scale x factor`` are those of the factors, weighted by scale².
    size = rows.scale_kwh**2 / np.mean(rows.scale_kwh**2)
    weight = size * 0.5 ** ((day - rows.day) / HALF_LIFE_DAYS)
    wanted = rows.energy_kwh / rows.scale_kwh
    overall = float(np.average(wanted, weights=weight))
    terms = (
        _Term(rows.group, groups, CLASS_LAMBDA),
        _Term(rows.party, parties, LEAST_LAMBDA),
        _Term(rows.weekday, WEEKDAYS, LEAST_LAMBDA),
        _Term(_pair(rows), parties * WEEKDAYS, LEAST_LAMBDA),
    )
    factors = [np.zeros(term.count) for term in terms]
    facts = np.zeros(rows.facts_factor.shape[1])
    for number in range(ROUNDS):
        for index, term in enumerate(terms):
            left = wanted - overall - _all_but(terms, factors, but=index)
            left -= rows.facts_factor @ facts
            # The class is hardly drawn; of the others the rows themselves say how much, once
            # the first rounds have told the terms apart.
            is_told = index > 0 and number > 1
            drawn_count = term.lambda_count(left, weight=weight) if is_told else term.drawn_count
            factors[index] = term.means(left, weight=weight, drawn_count=drawn_count)
        left = wanted - overall - _all_but(terms, factors, but=-1)
        facts = _fact_weights(rows, left, weight=weight)
    return Effects(
        group_factor=overall + factors[0],
        party_factor=factors[1],
        weekday_factor=factors[2],
        party_weekday_factor=factors[3],
        fact_factor=facts,
        party_rows=np.bincount(rows.party, minlength=parties),
    )


@dataclass(frozen=True, slots=True)
class _Term:
    """One family of effects: which row has which, and by how many rows of 0 each is drawn."""

    codes: IntArray
    count: int
    drawn_count: float

    def means(self, left: FloatArray, *, weight: FloatArray, drawn_count: float) -> FloatArray:
        """Return the mean of what is left for each code, drawn towards 0."""
        total = np.bincount(self.codes, weights=weight * left, minlength=self.count)
        seen = np.bincount(self.codes, weights=weight, minlength=self.count)
        return total / (seen + drawn_count)

    def lambda_count(self, left: FloatArray, *, weight: FloatArray) -> float:
        """Return within- over between-variance of the codes, by the method of moments.

        ``between = (Σ n_g (mean_g - mean)² - (G - 1) within) / (N - Σ n_g² / N)``
        """
        seen = np.bincount(self.codes, weights=weight, minlength=self.count)
        total = np.bincount(self.codes, weights=weight * left, minlength=self.count)
        square = np.bincount(self.codes, weights=weight * left**2, minlength=self.count)
        mine = seen > _NOTHING
        seen, total, square, whole = seen[mine], total[mine], square[mine], float(seen.sum())
        mean = total / seen
        freedom = whole - len(seen)
        if freedom <= 1:
            return MOST_LAMBDA
        within = float((square - seen * mean**2).sum()) / freedom
        spread = float((seen * (mean - total.sum() / whole) ** 2).sum())
        size = whole - float((seen**2).sum()) / whole
        between = (spread - (len(seen) - 1) * within) / max(size, _NOTHING)
        if between <= _NOTHING:
            return MOST_LAMBDA
        return float(np.clip(within / between, LEAST_LAMBDA, MOST_LAMBDA))


def _pair(rows: Outcomes) -> IntArray:
    return rows.party * WEEKDAYS + rows.weekday


def _all_but(terms: tuple[_Term, ...], factors: list[FloatArray], *, but: int) -> FloatArray:
    kept = [
        factor[term.codes]
        for number, (term, factor) in enumerate(zip(terms, factors, strict=True))
        if number != but
    ]
    return np.sum(kept, axis=0)


def _fact_weights(rows: Outcomes, left: FloatArray, *, weight: FloatArray) -> FloatArray:
    facts = rows.facts_factor
    weighed = facts * weight[:, None]
    normal = facts.T @ weighed + RIDGE * np.eye(facts.shape[1])
    return np.asarray(np.linalg.solve(normal, weighed.T @ left), dtype=np.float64)
