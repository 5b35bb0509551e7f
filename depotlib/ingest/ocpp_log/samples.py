"""What a station measured: energy register, power and state of charge of each instant it reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.ingest.json_records import UTC_READING
from depotlib.ingest.json_text import JsonObject, JsonValue, objects_in, text_at
from depotlib.ingest.normalise.quantities import read_number
from depotlib.ingest.normalise.times import BadTime, read_time
from depotlib.units import w_to_kw, wh_to_kwh

_REGISTER: Final = "Energy.Active.Import.Register"
_POWER: Final = "Power.Active.Import"
_SOC: Final = "SoC"
_BEGIN: Final = "Transaction.Begin"
_LARGEST_EXPONENT: Final = 12


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured at an instant; None where that was not sampled.

    Parameters
    ----------
    at : datetime
        UTC.
    register_kwh : float or None
        Of the energy register at the wall, whatever its zero.
    power_kw : float or None
    soc_text : str or None
        State of charge in the station's own scale: percent by the standard, to be judged over a log.
    """

    at: datetime
    register_kwh: float | None = None
    power_kw: float | None = None
    soc_text: str | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether nothing of use was measured."""
        return self.register_kwh is None and self.power_kw is None and self.soc_text is None


def instant_of(fields: JsonObject, name: str = "timestamp") -> datetime | BadTime:
    """Return an instant of a payload; OCPP's times are UTC where they name no offset."""
    text = text_at(fields, name)
    if text is None:
        return BadTime("missing_field", f"{name} is empty")
    read = read_time(text, order="year_month_day", time_zone=UTC_READING.time_zone)
    return read if isinstance(read, BadTime) else read.instant


def samples_of(meter_value: JsonValue) -> list[Sample] | BadTime:
    """Return the samples of a ``meterValue`` list (1.6 and 2.0.1) that hold anything of use."""
    samples: list[Sample] = []
    for entry in objects_in(meter_value):
        at = instant_of(entry)
        if isinstance(at, BadTime):
            return at
        values = objects_in(entry.get("sampledValue"))
        sample = Sample(
            at=at,
            register_kwh=_register_kwh(values),
            power_kw=_total(values, _POWER),
            soc_text=_soc_text(values),
        )
        if not sample.is_empty:
            samples.append(sample)
    return samples


def _register_kwh(values: Sequence[JsonObject]) -> float | None:
    """Return the register now: a sample may repeat beside it what it was at the beginning."""
    now = [value for value in values if text_at(value, "context") != _BEGIN]
    register_kwh = _total(now, _REGISTER)
    return _total(values, _REGISTER) if register_kwh is None else register_kwh


def _soc_text(values: Iterable[JsonObject]) -> str | None:
    number = _total(values, _SOC)
    return None if number is None else repr(number)


def _total(values: Iterable[JsonObject], measurand: str) -> float | None:
    """Return a measurand over all phases: as the station totals it, else as its phases add up."""
    phases: dict[str | None, float] = {}
    for value in values:
        if (text_at(value, "measurand") or _REGISTER) == measurand:
            number = _number(value)
            if number is not None:
                phases[text_at(value, "phase")] = number
    if None in phases or not phases:
        return phases.get(None)
    return sum(number for phase, number in phases.items() if phase and phase.startswith("L"))


def _number(value: JsonObject) -> float | None:
    """Return a sampled value in kWh, kW or as it is; None where it is empty or in another unit."""
    number = read_number(text_at(value, "value") or "")
    if number is None or number < 0:
        return None
    unit, exponent = _unit(value)
    measurand = text_at(value, "measurand") or _REGISTER
    number *= 10**exponent
    if measurand == _REGISTER:
        return {"Wh": wh_to_kwh(number), "kWh": number}.get(unit or "Wh")
    if measurand == _POWER:
        return {"W": w_to_kw(number), "kW": number}.get(unit or "W")
    return number


def _unit(value: JsonObject) -> tuple[str | None, int]:
    """Return the unit and its power of ten: 2.0.1 holds them in an object."""
    measure = value.get("unitOfMeasure")
    if not isinstance(measure, dict):
        return text_at(value, "unit"), 0
    exponent = measure.get("multiplier")
    is_sane = isinstance(exponent, int) and abs(exponent) <= _LARGEST_EXPONENT
    return text_at(measure, "unit"), exponent if is_sane and isinstance(exponent, int) else 0
