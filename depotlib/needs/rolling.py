"""How good a belief is: every day predicted from the days before it, never from later ones.

The errors of those days are what the bands rest on (conformal): a band is the prediction plus the
5 % and 95 % quantiles of past errors, in units of what the vehicle's own errors usually are.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from depotlib.needs.effects import (
    WEEKDAYS,
    Effects,
    FloatArray,
    IntArray,
    Outcomes,
    fitted_effects,
)

WARM_UP_DAYS: Final = 14
LEAST_ROWS: Final = 20
"""Fewer rows before a day teach nothing about it."""
FEW_ROWS: Final = 5
"""A vehicle with fewer rows is new: its errors are kept apart."""
BAND_LOW_SHARE: Final = 0.05
BAND_HIGH_SHARE: Final = 0.95
LEAST_ERRORS: Final = 40
"""Fewer errors of a kind give no 5 % quantile: those of all kinds are taken."""
OWN_ERROR_ROWS: Final = 5.0
"""Rows of the usual error that a vehicle's own is drawn by."""
_NOTHING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Predictions of held-out rows beside what happened and two plain beliefs.

    Parameters
    ----------
    energy_kwh, predicted_kwh : ndarray
        (rows,).
    low_kwh, high_kwh : ndarray
        90 % band; not a number while there were too few errors, (rows,).
    class_mean_kwh, weekday_mean_kwh : ndarray
        Mean of the class so far; of the vehicle on that weekday so far, failing that of the
        vehicle, failing that of the class, (rows,).
    own_rows : ndarray
        Rows of the same vehicle that were known, (rows,).
    """

    energy_kwh: FloatArray
    predicted_kwh: FloatArray
    low_kwh: FloatArray
    high_kwh: FloatArray
    class_mean_kwh: FloatArray
    weekday_mean_kwh: FloatArray
    own_rows: IntArray

    def chosen(self, rows: IntArray) -> "HeldOut":
        """Return some of the rows."""
        return HeldOut(
            energy_kwh=self.energy_kwh[rows],
            predicted_kwh=self.predicted_kwh[rows],
            low_kwh=self.low_kwh[rows],
            high_kwh=self.high_kwh[rows],
            class_mean_kwh=self.class_mean_kwh[rows],
            weekday_mean_kwh=self.weekday_mean_kwh[rows],
            own_rows=self.own_rows[rows],
        )

    def between(self, least: int, most: int) -> "HeldOut":
        """Return the rows of vehicles of which so many rows were known, both ends included."""
        return self.chosen(np.flatnonzero((self.own_rows >= least) & (self.own_rows <= most)))

    @property
    def error(self) -> "HeldOutError":
        """Return the error over all rows."""
        banded = np.isfinite(self.low_kwh)
        inside = (self.low_kwh <= self.energy_kwh) & (self.energy_kwh <= self.high_kwh)
        return HeldOutError(
            rows=len(self.energy_kwh),
            model_kwh=_mean_kwh(np.abs(self.energy_kwh - self.predicted_kwh)),
            class_mean_kwh=_mean_kwh(np.abs(self.energy_kwh - self.class_mean_kwh)),
            weekday_mean_kwh=_mean_kwh(np.abs(self.energy_kwh - self.weekday_mean_kwh)),
            coverage_share=_mean_kwh(inside[banded].astype(np.float64)),
            width_kwh=_mean_kwh((self.high_kwh - self.low_kwh)[banded]),
        )


@dataclass(frozen=True, slots=True)
class HeldOutError:
    """Mean absolute errors on held-out rows.

    Parameters
    ----------
    rows : int
    model_kwh, class_mean_kwh, weekday_mean_kwh : float
        Of what was learned, of the class mean, of same-weekday history; not a number without rows.
    coverage_share : float
        Share of rows inside their 90 % band.
    width_kwh : float
        Mean width of the bands.
    """

    rows: int
    model_kwh: float
    class_mean_kwh: float
    weekday_mean_kwh: float
    coverage_share: float
    width_kwh: float


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors made on the days before, from which a band is made.

    Parameters
    ----------
    party : ndarray
        Whose, (rows,).
    is_new : ndarray
        Whether little was known of the vehicle then, (rows,).
    error_factor, usual_factor : ndarray
        Happened less predicted over the scale, and what its size was expected to be, (rows,).
    """

    party: IntArray
    is_new: IntArray
    error_factor: FloatArray
    usual_factor: FloatArray

    def usual_of(self, parties: int) -> FloatArray:
        """Return the usual size of each vehicle's error: its own, drawn to the others', (n,)."""
        size = np.abs(self.error_factor)
        everyones = float(size.mean()) if len(size) else 0.0
        total = np.bincount(self.party, weights=size, minlength=parties)
        seen = np.bincount(self.party, minlength=parties)
        return (total + OWN_ERROR_ROWS * everyones) / (seen + OWN_ERROR_ROWS)

    def quantiles_factor(self, *, is_new: bool) -> tuple[float, float] | None:
        """Return the 5 % and 95 % quantiles of errors over their usual size; None if too few."""
        mine = self.is_new == int(is_new)
        if int(mine.sum()) < LEAST_ERRORS:
            mine = np.ones_like(mine, dtype=np.bool_)
        if int(mine.sum()) < LEAST_ERRORS:
            return None
        scores = self.error_factor[mine] / np.maximum(self.usual_factor[mine], _NOTHING)
        # Of n past errors the next is one of n + 1: the quantiles reach out a little.
        out_share = BAND_LOW_SHARE / (len(scores) + 1.0)
        low, high = np.quantile(scores, [BAND_LOW_SHARE - out_share, BAND_HIGH_SHARE + out_share])
        return float(low), float(high)


NO_ERRORS: Final = Errors(
    party=np.zeros(0, dtype=np.int64),
    is_new=np.zeros(0, dtype=np.int64),
    error_factor=np.zeros(0),
    usual_factor=np.zeros(0),
)


@dataclass(frozen=True, slots=True)
class Rolled:
    """The outcome of going through a history: its held-out rows, and the errors made."""

    held_out: HeldOut
    errors: Errors


def rolled(rows: Outcomes, *, warm_up_days: int = WARM_UP_DAYS) -> Rolled:
    """Return every day of a history predicted from the days before it.

    Parameters
    ----------
    rows : Outcomes
    warm_up_days : int
        Days at the start that are learned from but not predicted.
    """
    parties, groups = rows.parties, rows.groups
    parts: list[HeldOut] = []
    errors = NO_ERRORS
    first = int(rows.day.min()) if len(rows.day) else 0
    for day in np.unique(rows.day[rows.day >= first + warm_up_days]).tolist():
        known = rows.chosen(rows.done_day < day)
        if len(known.party) < LEAST_ROWS:
            continue
        asked = rows.chosen(rows.day == day)
        effects = fitted_effects(known, day=day, parties=parties, groups=groups)
        part, usual_factor = _predicted(asked, known, effects=effects, errors=errors)
        parts.append(part)
        errors = _with(errors, asked, part=part, usual_factor=usual_factor)
    return Rolled(held_out=_joined(parts), errors=errors)


def band_kwh(
    predicted_kwh: FloatArray, usual_kwh: FloatArray, *, is_new: IntArray, errors: Errors
) -> tuple[FloatArray, FloatArray]:
    """Return the 90 % band of predictions [kWh], not a number where errors are too few.

    Parameters
    ----------
    predicted_kwh, usual_kwh : ndarray
        And the usual size of the vehicle's error, (rows,).
    is_new : ndarray
        (rows,).
    errors : Errors
    """
    low_kwh = np.full(len(predicted_kwh), np.nan)
    high_kwh = low_kwh.copy()
    for kind in (0, 1):
        mine = is_new == kind
        quantiles = errors.quantiles_factor(is_new=bool(kind))
        if quantiles is None or not mine.any():
            continue
        low, high = quantiles
        low_kwh[mine] = np.maximum(0.0, predicted_kwh[mine] + low * usual_kwh[mine])
        high_kwh[mine] = np.maximum(0.0, predicted_kwh[mine] + high * usual_kwh[mine])
    return low_kwh, high_kwh


def _predicted(
    asked: Outcomes, known: Outcomes, *, effects: Effects, errors: Errors
) -> tuple[HeldOut, FloatArray]:
    predicted_kwh = effects.energy_kwh(asked)
    own_rows = effects.party_rows[asked.party]
    is_new = (own_rows < FEW_ROWS).astype(np.int64)
    usual_factor = errors.usual_of(len(effects.party_rows))[asked.party]
    low_kwh, high_kwh = band_kwh(
        predicted_kwh, usual_factor * asked.scale_kwh, is_new=is_new, errors=errors
    )
    class_kwh, weekday_kwh = plain_beliefs_kwh(
        asked, known, parties=len(effects.party_rows), groups=len(effects.group_factor)
    )
    held_out = HeldOut(
        energy_kwh=asked.energy_kwh,
        predicted_kwh=predicted_kwh,
        low_kwh=low_kwh,
        high_kwh=high_kwh,
        class_mean_kwh=class_kwh,
        weekday_mean_kwh=weekday_kwh,
        own_rows=own_rows,
    )
    return held_out, usual_factor


def plain_beliefs_kwh(
    asked: Outcomes, known: Outcomes, *, parties: int, groups: int
) -> tuple[FloatArray, FloatArray]:
    """Return what the class mean and same-weekday history say, with the scale known [kWh].

    Parameters
    ----------
    asked, known : Outcomes
    parties, groups : int
    """
    factor = known.energy_kwh / known.scale_kwh
    overall = np.full(len(asked.party), float(factor.mean()))
    by_class = _means(known.group, factor, count=groups)[asked.group]
    class_factor = np.where(np.isnan(by_class), overall, by_class)
    by_party = _means(known.party, factor, count=parties)[asked.party]
    party_factor = np.where(np.isnan(by_party), class_factor, by_party)
    pairs = known.party * WEEKDAYS + known.weekday
    by_pair = _means(pairs, factor, count=parties * WEEKDAYS)[
        asked.party * WEEKDAYS + asked.weekday
    ]
    weekday_factor = np.where(np.isnan(by_pair), party_factor, by_pair)
    return class_factor * asked.scale_kwh, weekday_factor * asked.scale_kwh


def _means(codes: IntArray, values: FloatArray, *, count: int) -> FloatArray:
    seen = np.bincount(codes, minlength=count).astype(np.float64)
    total = np.bincount(codes, weights=values, minlength=count)
    return np.divide(total, seen, out=np.full(count, np.nan), where=seen > 0)


def _with(errors: Errors, asked: Outcomes, *, part: HeldOut, usual_factor: FloatArray) -> Errors:
    error_factor = (part.energy_kwh - part.predicted_kwh) / asked.scale_kwh
    if not len(errors.party):
        # The first day has no errors before it: its own are the usual ones.
        usual_factor = np.full(len(error_factor), float(np.abs(error_factor).mean()))
    return Errors(
        party=np.concatenate([errors.party, asked.party]),
        is_new=np.concatenate([errors.is_new, (part.own_rows < FEW_ROWS).astype(np.int64)]),
        error_factor=np.concatenate([errors.error_factor, error_factor]),
        usual_factor=np.concatenate([errors.usual_factor, usual_factor]),
    )


def _joined(parts: list[HeldOut]) -> HeldOut:
    def column(name: str) -> FloatArray:
        return np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)])

    return HeldOut(
        energy_kwh=column("energy_kwh"),
        predicted_kwh=column("predicted_kwh"),
        low_kwh=column("low_kwh"),
        high_kwh=column("high_kwh"),
        class_mean_kwh=column("class_mean_kwh"),
        weekday_mean_kwh=column("weekday_mean_kwh"),
        own_rows=column("own_rows").astype(np.int64),
    )


def _mean_kwh(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
