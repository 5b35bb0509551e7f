"""What a history has taught: asked for one outing or stay, it answers with a band and its parts."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from depotlib.needs.effects import Effects, FloatArray, Outcomes, fitted_effects
from depotlib.needs.rolling import (
    FEW_ROWS,
    LEAST_ERRORS,
    LEAST_ROWS,
    WARM_UP_DAYS,
    Errors,
    HeldOut,
    band_kwh,
    rolled,
)

LEAST_DAYS: Final = WARM_UP_DAYS + 7
"""Two weeks to learn from and one to be tested on; with less nothing is said to be learned."""
BAND_SIGMAS: Final = 2 * 1.645
"""Width of a normal's 90 % band in standard deviations."""


@dataclass(frozen=True, slots=True)
class History:
    """Outcomes with the names that their codes stand for.

    Parameters
    ----------
    rows : Outcomes
    parties, groups : tuple of str
        Names of vehicles (or accounts) and of classes.
    """

    rows: Outcomes
    parties: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is known beforehand of one outing or stay.

    Parameters
    ----------
    party, group : str
    weekday : int
        Local, Monday 0.
    scale_kwh : float
    facts_factor : tuple of float
    """

    party: str
    group: str
    weekday: int
    scale_kwh: float
    facts_factor: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected energy with its 90 % band.

    Parameters
    ----------
    energy_kwh, low_kwh, high_kwh : float
    class_kwh, party_kwh, weekday_kwh, facts_kwh : float
        Its parts; they sum up to the energy unless that would be below 0.
    own_rows : int
        How often the same vehicle was seen.
    """

    energy_kwh: float
    low_kwh: float
    high_kwh: float
    class_kwh: float
    party_kwh: float
    weekday_kwh: float
    facts_kwh: float
    own_rows: int

    @property
    def sigma_kwh(self) -> float:
        """Return the standard deviation that a normal of this band has."""
        return (self.high_kwh - self.low_kwh) / BAND_SIGMAS


@dataclass(frozen=True, slots=True)
class Learned:
    """Effects, errors and how good they were on held-out days.

    Parameters
    ----------
    parties, groups : tuple of str
    effects : Effects
    errors : Errors
    held_out : HeldOut
    """

    parties: tuple[str, ...]
    groups: tuple[str, ...]
    effects: Effects
    errors: Errors
    held_out: HeldOut

    def expected(self, question: Question) -> Expected:
        """Return what is to be expected; of an unknown vehicle or class, what all have shown."""
        rows = _asked(question, parties=self.parties, groups=self.groups)
        class_kwh, party_kwh, weekday_kwh, facts_kwh = (
            float(part[0]) for part in self.effects.parts_kwh(rows)
        )
        energy_kwh = self.effects.energy_kwh(rows)
        own_rows = int(self.effects.party_rows[rows.party[0]])
        usual_factor = self.errors.usual_of(len(self.effects.party_rows))[rows.party]
        low_kwh, high_kwh = band_kwh(
            energy_kwh,
            usual_factor * question.scale_kwh,
            is_new=np.array([int(own_rows < FEW_ROWS)]),
            errors=self.errors,
        )
        return Expected(
            energy_kwh=float(energy_kwh[0]),
            low_kwh=float(low_kwh[0]),
            high_kwh=float(high_kwh[0]),
            class_kwh=class_kwh,
            party_kwh=party_kwh,
            weekday_kwh=weekday_kwh,
            facts_kwh=facts_kwh,
            own_rows=own_rows,
        )

    @property
    def beats_plain_beliefs(self) -> bool:
        """Return whether its held-out error is below that of class mean and weekday history."""
        error = self.held_out.error
        return error.model_kwh < min(error.class_mean_kwh, error.weekday_mean_kwh)


def learned(history: History) -> Learned | None:
    """Return what a history teaches, tested on its own later days; None if it is too short.

    Parameters
    ----------
    history : History
    """
    rows = history.rows
    if len(rows.party) < LEAST_ROWS or int(np.ptp(rows.day)) < LEAST_DAYS:
        return None
    through = rolled(rows)
    if len(through.errors.party) < LEAST_ERRORS:
        return None
    # One party and one class more than there are: those nobody has seen yet.
    effects = fitted_effects(
        rows,
        day=int(rows.done_day.max()) + 1,
        parties=len(history.parties) + 1,
        groups=len(history.groups) + 1,
    )
    return Learned(
        parties=history.parties,
        groups=history.groups,
        effects=effects,
        errors=through.errors,
        held_out=through.held_out,
    )


def _asked(question: Question, *, parties: tuple[str, ...], groups: tuple[str, ...]) -> Outcomes:
    facts_factor: FloatArray = np.array([question.facts_factor], dtype=np.float64)
    nothing = np.zeros(1, dtype=np.int64)
    return Outcomes(
        party=nothing + _code(question.party, parties),
        group=nothing + _code(question.group, groups),
        weekday=nothing + question.weekday,
        day=nothing,
        done_day=nothing,
        scale_kwh=np.array([question.scale_kwh]),
        facts_factor=facts_factor,
        energy_kwh=np.zeros(1),
    )


def _code(name: str, names: tuple[str, ...]) -> int:
    return names.index(name) if name in names else len(names)
