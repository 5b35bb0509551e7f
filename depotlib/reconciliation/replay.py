"""A stay played again with some facts corrected: how much the vehicle would have had.

A minute that no corrected fact concerns stays as it was metered, so that the replay in which
nothing is corrected is the night itself. In the others the vehicle takes the least of what the plan
gave, of what the facts that stay uncorrected left, and of what it takes at its charge by then.
"""

from collections.abc import Set as AbstractSet
from typing import Final

from depotlib.model.reconciliation import CAUSES, Cause
from depotlib.reconciliation.stay import MINUTE_H, Minute, Stay

AHEAD_KWH: Final = 1e-9
"""Further on than it was at that minute: only then its state of charge differs."""


def causes_of(stay: Stay) -> tuple[Cause, ...]:
    """Return the facts of a stay that were not as planned, in their fixed order."""
    found: set[Cause] = {
        cause
        for minute in stay.minutes
        for cause, cap_kw in minute.caps_kw.items()
        if cap_kw < max(minute.wider_kw, minute.offered_kw)
    }
    found |= {minute.clamp for minute in stay.minutes if minute.clamp is not None}
    ability = stay.ability
    if ability.most_kw is not None or ability.full_kwh is not None:
        found.add("vehicle_limit")
    if ability.taper_kw is not None:
        found.add("taper")
    if stay.is_plan_short:
        found.add("plan")
    return tuple(cause for cause in CAUSES if cause in found)


def replayed_kwh(stay: Stay, corrected: AbstractSet[Cause]) -> float:
    """Return what a vehicle would have got with some facts as planned, at most its target [kWh].

    Parameters
    ----------
    stay : Stay
    corrected : set of Cause
        Empty: what it got.
    """
    energy_kwh = actual_kwh = 0.0
    for minute in stay.minutes:
        power_kw = minute.drawn_kw
        if _is_concerned(minute, corrected):
            least_kw = _caught_up_kw(minute, corrected)
            power_kw = max(least_kw, _possible_kw(stay, minute, corrected=corrected))
        if energy_kwh > actual_kwh + AHEAD_KWH:
            power_kw = min(power_kw, _accepted_kw(stay, corrected, energy_kwh=energy_kwh))
        energy_kwh += power_kw * MINUTE_H
        actual_kwh += minute.drawn_kw * MINUTE_H
    return min(energy_kwh, stay.target_kwh)


def _is_concerned(minute: Minute, corrected: AbstractSet[Cause]) -> bool:
    if minute.clamp in corrected or not corrected.isdisjoint(minute.caps_kw):
        return True
    if not corrected.isdisjoint(minute.gifts):
        return True
    return "plan" in corrected and minute.wider_kw > minute.wanted_kw


def _caught_up_kw(minute: Minute, corrected: AbstractSet[Cause]) -> float:
    """Return what it drew above the plan, where a later plan and no fact gave it that."""
    is_more = minute.drawn_kw > minute.wanted_kw and corrected.isdisjoint(minute.gifts)
    return minute.drawn_kw if is_more else 0.0


def _possible_kw(stay: Stay, minute: Minute, *, corrected: AbstractSet[Cause]) -> float:
    """Return the most it could draw in a minute, its state of charge left aside."""
    power_kw = minute.wider_kw if "plan" in corrected else minute.wanted_kw
    power_kw = max(power_kw, minute.offered_kw)
    for cause, cap_kw in minute.caps_kw.items():
        if cause not in corrected:
            power_kw = min(power_kw, cap_kw)
    if "vehicle_limit" not in corrected and stay.ability.most_kw is not None:
        power_kw = min(power_kw, stay.ability.most_kw)
    if minute.clamp is not None and minute.clamp not in corrected:
        power_kw = min(power_kw, minute.drawn_kw)
    return power_kw


def _accepted_kw(stay: Stay, corrected: AbstractSet[Cause], *, energy_kwh: float) -> float:
    """Return the most it takes at a state of charge that it had not reached by then."""
    ability, most_kw = stay.ability, float("inf")
    if "taper" not in corrected:
        most_kw = ability.tapered_kw(energy_kwh)
    if "vehicle_limit" not in corrected and ability.full_kwh is not None:
        room_kwh = max(0.0, ability.full_kwh - energy_kwh)
        most_kw = min(most_kw, room_kwh / MINUTE_H)
    return most_kw
