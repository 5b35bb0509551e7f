"""The energy of a transaction from an energy register that may be reset or count from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, Literal

from depotlib.ingest.session_rows import IMPLAUSIBLE_KW
from depotlib.units import SECONDS_PER_MINUTE, mean_power_kw

RegisterNote = Literal["", "reset", "base"]

_LEAST_S: Final = float(SECONDS_PER_MINUTE)
"""Stamps of two messages may be closer than the readings in them: power is judged over this."""


@dataclass(frozen=True, slots=True)
class RegisterPoint:
    """A register at an instant [kWh]."""

    at: datetime
    register_kwh: float


@dataclass(frozen=True, slots=True)
class RegisterEnergy:
    """What a register gained.

    Parameters
    ----------
    energy_kwh : float or None
        None where there are not two readings of it.
    note : {'', 'reset', 'base'}
        Whether the register fell on the way, or an end of the transaction counts from another
        zero than its samples do.
    """

    energy_kwh: float | None
    note: RegisterNote = ""


def gained(points: Sequence[RegisterPoint], *, has_both_ends: bool) -> RegisterEnergy:
    """Return the energy that went through a register.

    Parameters
    ----------
    points : sequence of RegisterPoint
        In order of time, which is not that of a log with replayed messages.
    has_both_ends : bool
        Whether the first and the last are the transaction's own start and stop value.
    """
    steps = [_gain(earlier, later) for earlier, later in pairwise(points)]
    if not steps:
        return RegisterEnergy(None)
    first, *between = steps
    if not between:
        # Two values that fall: when the register restarted in between, nobody knows.
        return RegisterEnergy(None, "reset") if first.note == "reset" else first
    ends = _gain(points[0], points[-1])
    if has_both_ends and first.note and between[-1].note and not ends.note:
        return RegisterEnergy(ends.energy_kwh, "base")
    notes = {step.note for step in steps} - {""}
    note: RegisterNote = "" if not notes else "reset" if "reset" in notes else "base"
    return RegisterEnergy(sum(step.energy_kwh or 0.0 for step in steps), note)


def _gain(earlier: RegisterPoint, later: RegisterPoint) -> RegisterEnergy:
    """Return the gain between two readings; nothing of one that no vehicle could have taken."""
    gain_kwh = later.register_kwh - earlier.register_kwh
    if gain_kwh < 0:
        is_possible = _is_possible(later.register_kwh, earlier, later=later)
        return RegisterEnergy(later.register_kwh if is_possible else 0.0, "reset")
    if not _is_possible(gain_kwh, earlier, later=later):
        return RegisterEnergy(0.0, "base")
    return RegisterEnergy(gain_kwh)


def _is_possible(energy_kwh: float, earlier: RegisterPoint, *, later: RegisterPoint) -> bool:
    span_s = max(_LEAST_S, (later.at - earlier.at).total_seconds())
    return mean_power_kw(energy_kwh, span_s) <= IMPLAUSIBLE_KW
