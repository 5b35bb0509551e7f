"""Energies of a file, judged as one column: kilowatt-hours, or watt-hours a thousand times larger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

from depotlib.ingest.record import FieldReader
from depotlib.model.import_report import Finding
from depotlib.units import mean_power_kw, wh_to_kwh

EnergyUnit = Literal["kWh", "Wh"]

MOST_KW: Final = 400.0
LEAST_KW: Final = 0.02
"""Mean power of the median session while plugged in, beyond which a column is in another unit."""


@dataclass(frozen=True, slots=True)
class EnergyColumn:
    """The unit of a file's energies.

    Parameters
    ----------
    unit : {'kWh', 'Wh'}
        As judged.
    documented : {'kWh', 'Wh'}
        As the vendor says.
    count : int
        How many values decided it.
    """

    unit: EnergyUnit
    documented: EnergyUnit
    count: int

    def energy_kwh(self, reader: FieldReader, name: str) -> float | None:
        """Return a field as an energy of 0 or more [kWh]; None where it is empty; else a fault."""
        value = reader.amount(name, reason="negative_energy")
        return value if value is None or self.unit == "kWh" else wh_to_kwh(value)

    def findings(self) -> list[Finding]:
        """Return whether the file departs from the vendor's documentation."""
        if self.unit == self.documented:
            return []
        sentence = (
            f"energies were read as {self.unit}, since as {self.documented}, which the vendor "
            f"documents, the sessions would have charged at no possible power: {self.count:,}"
        )
        return [Finding("energy_unit", self.count, sentence)]


def energy_column(
    readers: Sequence[FieldReader],
    name: str,
    *,
    documented: EnergyUnit,
    duration_s: Callable[[FieldReader], float | None],
) -> EnergyColumn:
    """Return the unit of all energies in a field of a file.

    Parameters
    ----------
    readers : sequence of FieldReader
    name : str
        The field.
    documented : {'kWh', 'Wh'}
        What the vendor says: kept unless the median session contradicts it.
    duration_s : callable
        How long a record's vehicle was plugged in [s]; None where that is not known.
    """
    powers_kw = [
        power for each in readers if (power := _power_kw(each, name, duration_s=duration_s))
    ]
    if not powers_kw:
        return EnergyColumn(documented, documented, 0)
    middle_kw = median(powers_kw)
    unit: EnergyUnit = documented
    if documented == "kWh" and middle_kw > MOST_KW:
        unit = "Wh"
    elif documented == "Wh" and wh_to_kwh(middle_kw) < LEAST_KW and middle_kw <= MOST_KW:
        unit = "kWh"
    return EnergyColumn(unit, documented, len(powers_kw))


def _power_kw(
    reader: FieldReader, name: str, *, duration_s: Callable[[FieldReader], float | None]
) -> float | None:
    """Return the mean power of a record if its energy is in kWh, with faults left to the mapping."""
    looked = FieldReader(reader.record, reader.reading)
    value, plugged_s = looked.number(name), duration_s(looked)
    return mean_power_kw(value, plugged_s) if value and value > 0 and plugged_s else None


def stay_s(start: str, end: str) -> Callable[[FieldReader], float | None]:
    """Return a function that gives the time between two fields of a record [s]."""

    def distance_s(reader: FieldReader) -> float | None:
        first, last = reader.instant(start), reader.instant(end)
        return None if first is None or last is None else max(0.0, (last - first).total_seconds())

    return distance_s
