"""What a connector drew, where its meter tells no power: the mean between two of its registers.

A register is cut to its step and a stamp to its second, so that a mean is known between two bounds
only. Whoever is caught is beyond the limit by the lower one; whoever obeys is within it by the
upper one; what lies between proves nothing, and is looked at again over a longer span.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.gateway.messages import MeterSample
from depotlib.gateway.quirks import Dialect
from depotlib.gateway.steps import StepLine
from depotlib.units import ac_power_kw, kwh_to_wh, mean_power_kw, wh_to_kwh

LEAST_S: Final = 10.0
"""A shorter span may be a moment only: a vehicle takes 5 s to follow a limit."""
STAMP_S: Final = 2.0
"""By so much a span may be longer or shorter than two stamps of whole seconds say."""
STEPS_WH: Final = (1000.0, 100.0, 10.0)
FINEST_WH: Final = 2.0
"""Finer registers are reckoned with this step: pulses need not be powers of ten."""
EVEN: Final = 1e-6
MOST_READINGS: Final = 12
PLAUSIBLE_FACTOR: Final = 4.0
"""Beyond so many times a connector's hardware a register has jumped: that is no power."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A register as it was read in a session.

    Parameters
    ----------
    session_id : str
    at, heard_at : datetime
        By the station's clock, and by ours.
    register_kwh, step_kwh : float
        The step is the finest seen of this register.
    """

    session_id: str
    at: datetime
    heard_at: datetime
    register_kwh: float
    step_kwh: float


@dataclass(frozen=True, slots=True)
class Draw:
    """The mean power over a span, and its bounds; of an instant, where begin and end are one.

    Parameters
    ----------
    begin, end : datetime
    power_kw, least_kw, most_kw : float
    """

    begin: datetime
    end: datetime
    power_kw: float
    least_kw: float
    most_kw: float


def at_once(at: datetime, power_kw: float) -> Draw:
    """Return what a sample of an instant tells."""
    return Draw(at, at, power_kw, power_kw, power_kw)


def kw_of_currents(sample: MeterSample, dialect: Dialect) -> float | None:
    """Return the power that currents stand for where limits are told in amperes [kW], or None.

    As with the limit itself the highest phase counts, at nominal voltage: amperes are compared with
    amperes. On DC nobody knows the voltage, and a current that names no phase of several may be
    one's or the sum.
    """
    unnamed_a = sample.current_a if dialect.phases == 1 else None
    current_a = unnamed_a if sample.phase_current_a is None else sample.phase_current_a
    if current_a is None or dialect.unit != "A" or dialect.current_type != "AC":
        return None
    return ac_power_kw(current_a, dialect.voltage_v, phases=dialect.phases)


def readings_with(
    readings: Sequence[Reading], sample: MeterSample, *, session_id: str, heard_at: datetime
) -> list[Reading]:
    """Return the readings of a session with one more, which is the last unless it was known.

    Parameters
    ----------
    readings : sequence of Reading
        Of the same connector, by time.
    sample : MeterSample
        One without a register adds nothing.
    session_id : str
    heard_at : datetime
    """
    mine = [one for one in readings if one.session_id == session_id]
    if sample.register_kwh is None or (mine and sample.at <= mine[-1].at):
        return mine
    step_kwh = min([_step_kwh(sample.register_kwh), *(one.step_kwh for one in mine[-1:])])
    if mine and sample.register_kwh < mine[-1].register_kwh:
        mine = []  # it began anew: what it showed before has nothing to do with it
    last = Reading(session_id, sample.at, heard_at, sample.register_kwh, step_kwh)
    return [*mine, last][-MOST_READINGS:]


def draws(readings: Sequence[Reading], *, since: datetime | None) -> list[Draw]:
    """Return what was drawn from each earlier reading to the last, the shortest span at the end.

    Parameters
    ----------
    readings : sequence of Reading
    since : datetime or None
        What was read before it does not count.
    """
    if not readings:
        return []
    last = readings[-1]
    return [
        _between(first, last)
        for first in readings[:-1]
        if (since is None or min(first.at, first.heard_at) >= since)
        and (last.at - first.at).total_seconds() >= LEAST_S
    ]


def highest_kw(line: StepLine, draw: Draw) -> float:
    """Return the highest value of a line within a draw's span [kW]."""
    return max(_values_kw(line, draw))


def lowest_kw(line: StepLine, draw: Draw) -> float:
    """Return the lowest value of a line within a draw's span [kW]."""
    return min(_values_kw(line, draw))


def _values_kw(line: StepLine, draw: Draw) -> list[float]:
    begin_s, end_s = draw.begin.timestamp(), draw.end.timestamp()
    inside = line.starts_s[(line.starts_s > begin_s) & (line.starts_s <= end_s)]
    return [line.at(begin_s), *(float(value) for value in line.on(inside))]


def _between(first: Reading, last: Reading) -> Draw:
    """Return the draw between two readings; the longer of both clocks' spans accuses nobody."""
    told_s = (last.at - first.at).total_seconds()
    heard_s = (last.heard_at - first.heard_at).total_seconds()
    longest_s, shortest_s = max(told_s, heard_s), min(told_s, heard_s) - STAMP_S
    energy_kwh = last.register_kwh - first.register_kwh
    step_kwh = last.step_kwh
    most_kwh = energy_kwh + step_kwh
    return Draw(
        begin=min(first.at, first.heard_at),
        end=max(last.at, last.heard_at),
        power_kw=mean_power_kw(energy_kwh, longest_s),
        least_kw=mean_power_kw(max(0.0, energy_kwh - step_kwh), longest_s + STAMP_S),
        most_kw=mean_power_kw(most_kwh, shortest_s) if shortest_s > 0 else math.inf,
    )


def _step_kwh(register_kwh: float) -> float:
    """Return the largest step a register can have that shows a value."""
    register_wh = kwh_to_wh(register_kwh)
    for step_wh in STEPS_WH:
        steps = register_wh / step_wh
        if abs(steps - round(steps)) < EVEN:
            return wh_to_kwh(step_wh)
    return wh_to_kwh(FINEST_WH)
