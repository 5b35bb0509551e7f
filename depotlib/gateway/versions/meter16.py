"""MeterValues of OCPP 1.6 as samples: units mixed, phases summed, blanks and begin marks skipped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from depotlib.gateway.messages import MeterSample
from depotlib.gateway.versions.fields import (
    Fields,
    instant_or_none,
    number_or_none,
    objects,
    word_or_empty,
)
from depotlib.units import percent_to_soc, w_to_kw, wh_to_kwh

ENERGY: Final = "Energy.Active.Import.Register"
"""Also what a sample without measurand means (OCPP 1.6 section 7.43)."""
POWER: Final = "Power.Active.Import"
CURRENT: Final = "Current.Import"
SOC: Final = "SoC"
BEGIN: Final = "Transaction.Begin"
PHASES: Final = ("L1", "L2", "L3", "L1-N", "L2-N", "L3-N")
PERCENT_MOST: Final = 100.0


def samples_of(meter_values: object, *, now: datetime) -> tuple[MeterSample, ...]:
    """Return the samples of a ``meterValue`` list that say anything, by time.

    Parameters
    ----------
    meter_values : object
        As received.
    now : datetime
        Stands in for a time stamp that cannot be read.
    """
    samples = [
        MeterSample(
            at=instant_or_none(value.get("timestamp")) or now,
            power_kw=_power_kw(sampled),
            register_kwh=_register_kwh(sampled),
            soc=_soc(sampled),
            phase_current_a=max(_currents_a(sampled, PHASES), default=None),
            current_a=max(_currents_a(sampled, ("",)), default=None),
        )
        for value in objects(meter_values)
        if (sampled := objects(value.get("sampledValue")))
    ]
    said = [sample for sample in samples if sample != MeterSample(sample.at)]
    return tuple(sorted(said, key=lambda sample: sample.at))


def _register_kwh(sampled: Sequence[Fields]) -> float | None:
    for fields in sampled:
        is_total = word_or_empty(fields, "phase") == ""
        is_now = word_or_empty(fields, "context") != BEGIN
        if is_total and is_now and _measurand(fields) == ENERGY:
            energy = number_or_none(fields.get("value"))
            if energy is not None:
                return energy if _unit(fields) == "kwh" else wh_to_kwh(energy)
    return None


def _power_kw(sampled: Sequence[Fields]) -> float | None:
    by_phase_kw: dict[str, float] = {}
    for fields in sampled:
        power = number_or_none(fields.get("value"))
        if power is None or _measurand(fields) != POWER:
            continue
        power_kw = power if _unit(fields) == "kw" else w_to_kw(power)
        phase = word_or_empty(fields, "phase")
        if not phase:
            return power_kw
        if phase in PHASES:
            by_phase_kw[phase[:2]] = power_kw
    return sum(by_phase_kw.values()) if by_phase_kw else None


def _currents_a(sampled: Sequence[Fields], phases: Sequence[str]) -> list[float]:
    return [
        current_a
        for fields in sampled
        if _measurand(fields) == CURRENT
        and word_or_empty(fields, "phase") in phases
        and (current_a := number_or_none(fields.get("value"))) is not None
    ]


def _soc(sampled: Sequence[Fields]) -> float | None:
    for fields in sampled:
        percent = number_or_none(fields.get("value"))
        if percent is not None and _measurand(fields) == SOC and 0.0 <= percent <= PERCENT_MOST:
            return percent_to_soc(percent)
    return None


def _measurand(fields: Fields) -> str:
    return word_or_empty(fields, "measurand") or ENERGY


def _unit(fields: Fields) -> str:
    return word_or_empty(fields, "unit").strip().lower()
