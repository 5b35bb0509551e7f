"""What an analyst should know of readings that are stored all the same, and the sign of power."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from depotlib.ingest.facts import Fact, Facts
from depotlib.ingest.findings import counted
from depotlib.ingest.readings import VehicleReading
from depotlib.model.import_report import Finding
from depotlib.units import energy_kwh

JUMP_SOC: Final = 0.05
"""A rise without a charge that is more than a long descent gives back."""
STALE_KWH: Final = 3.0
_LEAST_JUDGED: Final = 3
_JUDGED_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class SignedPower:
    """Facts with power into the vehicle as positive, and whether the vendor's sign was left."""

    facts: Facts
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _State:
    """What is known of a vehicle at an instant: the last of each measurand."""

    at_s: float = 0.0
    soc: float | None = None
    power_kw: float | None = None
    is_charging: bool | None = None
    is_plugged: bool | None = None


def with_power_into_vehicle(facts: Facts) -> SignedPower:
    """Return facts in which a vehicle that charges takes power.

    The documented sign is kept unless nine tenths of the powers read while a vehicle says that it
    charges speak against it: then all are turned around, and that is said.
    """
    signs = [
        power_kw < 0
        for history in _histories(facts.of(VehicleReading)).values()
        for power_kw in _powers_while_charging(history)
    ]
    if len(signs) < _LEAST_JUDGED or sum(signs) < _JUDGED_SHARE * len(signs):
        return SignedPower(facts, ())
    turned = [_turned(fact) for fact in facts.said]
    finding = Finding(
        "power_sign",
        sum("power_kw" in reading.values for reading in facts.of(VehicleReading)),
        "powers were turned around, since vehicles that say they charge gave negative ones; "
        "the vendor documents the other sign",
    )
    return SignedPower(replace(facts, said=tuple(turned)), (finding,))


def reading_findings(facts: Facts) -> list[Finding]:
    """Return how often a charge jumped without charging, and how often it stood still with it."""
    jumps = stale = 0
    for history in _histories(facts.of(VehicleReading)).values():
        states = list(_states(history))
        jumps += _jumps(states)
        stale += _stale_spans(states)
    return counted(
        [
            ("soc_jump", jumps, "times a state of charge rose by more than "
             f"{JUMP_SOC:.0%} between two readings that both say the vehicle is not charging"),
            ("stale_soc", stale, "times a state of charge stood still while more than "
             f"{STALE_KWH:g} kWh flowed"),
        ]
    )  # fmt: skip


def _histories(readings: Sequence[VehicleReading]) -> dict[str, list[VehicleReading]]:
    histories: dict[str, list[VehicleReading]] = defaultdict(list)
    for reading in readings:
        histories[reading.vehicle_id].append(reading)
    for history in histories.values():
        history.sort(key=lambda reading: (reading.at, reading.row))
    return histories


def _powers_while_charging(history: Sequence[VehicleReading]) -> Iterator[float]:
    is_charging: float | bool = False
    by_instant: dict[object, dict[str, float | bool]] = defaultdict(dict)
    for reading in history:
        by_instant[reading.at].update(reading.values)
    for values in by_instant.values():
        is_charging = values.get("is_charging", is_charging)
        power_kw = values.get("power_kw", 0.0)
        if is_charging and power_kw != 0:
            yield power_kw


def _turned(fact: Fact) -> Fact:
    if not isinstance(fact, VehicleReading) or "power_kw" not in fact.values:
        return fact
    return replace(fact, values={**fact.values, "power_kw": -fact.values["power_kw"]})


def _states(history: Sequence[VehicleReading]) -> Iterator[_State]:
    """Yield what is known at each instant; a charge only where it was read then."""
    known = _State()
    by_instant: dict[float, dict[str, float | bool]] = defaultdict(dict)
    for reading in history:
        by_instant[reading.at.timestamp()].update(reading.values)
    for at_s, values in by_instant.items():
        known = replace(known, at_s=at_s, soc=values.get("soc"))
        if "power_kw" in values:
            known = replace(known, power_kw=values["power_kw"])
        if "is_charging" in values:
            known = replace(known, is_charging=bool(values["is_charging"]))
        if "is_plugged" in values:
            known = replace(known, is_plugged=bool(values["is_plugged"]))
        yield known


def _jumps(states: Sequence[_State]) -> int:
    """Return how often the charge rose while every state since the last reading says idle."""
    count, is_idle = 0, True
    soc: float | None = None
    for state in states:
        is_idle = is_idle and state.is_charging is False and not state.is_plugged
        if state.soc is not None:
            count += soc is not None and is_idle and state.soc - soc > JUMP_SOC
            soc, is_idle = state.soc, state.is_charging is False and not state.is_plugged
    return count


def _stale_spans(states: Sequence[_State]) -> int:
    """Return how many spans of one charge took more energy than can leave it so."""
    count, flowed_kwh = 0, 0.0
    soc: float | None = None
    for before, now in pairwise(states):
        if before.soc is not None and before.soc != soc:
            soc, flowed_kwh = before.soc, 0.0
        if before.is_charging and before.power_kw:
            flowed_kwh += energy_kwh(max(0.0, before.power_kw), now.at_s - before.at_s)
        if now.soc is not None and now.soc == soc and flowed_kwh > STALE_KWH:
            count += 1
            flowed_kwh = -math.inf  # counted once, until the charge moves
    return count
