"""Units of a mapped table, judged over whole columns and never in silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from depotlib.ingest.energy_column import EnergyColumn, energy_column, stay_s
from depotlib.ingest.findings import counted
from depotlib.ingest.mapping.prepared import label
from depotlib.ingest.normalise.quantities import SocScale
from depotlib.ingest.record import FieldReader
from depotlib.ingest.soc_column import SocColumn, soc_column
from depotlib.model.column_mapping import ColumnMapping
from depotlib.model.import_report import Finding
from depotlib.model.unit import Dimension, Unit, dimension_of

SCALES: Final[dict[Unit, SocScale]] = {
    "": "percent", "share": "fraction", "%": "percent", "milli-percent": "milli_percent",
}  # fmt: skip
_TAKEN: Final[dict[Dimension, Unit]] = {
    "energy": "kWh", "power": "kW", "distance": "km", "temperature": "°C", "duration": "s",
    "price": "per kWh",
}  # fmt: skip
"""Where neither the mapping nor the column says it."""
_SMALLER: Final[dict[str, tuple[Unit, float]]] = {
    "power_kw": ("W", 1_000.0),
    "peak_kw": ("W", 2_000.0),
    "energy_battery_kwh": ("Wh", 2_000.0),
    "battery_kwh": ("Wh", 2_000.0),
    "odometer_km": ("m", 2_000_000.0),
    "start_odometer_km": ("m", 2_000_000.0),
    "end_odometer_km": ("m", 2_000_000.0),
    "distance_km": ("m", 2_000.0),
}
"""The unit a column is in when its median is above what any vehicle reaches in the usual one."""


@dataclass(frozen=True, slots=True)
class JudgedUnits:
    """The units of a mapping's columns, as judged over one file.

    Parameters
    ----------
    units : mapping of str to Unit
        Of each numeric column.
    socs : mapping of str to SocColumn
        Of each state of charge.
    findings : tuple of Finding
    """

    units: Mapping[str, Unit]
    socs: Mapping[str, SocColumn]
    findings: tuple[Finding, ...]


def judged_units(readers: Sequence[FieldReader], mapping: ColumnMapping) -> JudgedUnits:
    """Return the units of a file's columns, and what had to be judged."""
    socs = _soc_columns(readers, mapping)
    energy = _session_energy(readers, mapping)
    units: dict[str, Unit] = {}
    findings: list[Finding] = [
        finding for column in dict.fromkeys(socs.values()) for finding in column.findings()
    ]
    for name, filled in mapping.fields.items():
        dimension = dimension_of(name)
        if dimension is None or dimension == "soc":
            continue
        units[name] = filled.unit
        if name == "energy_wall_kwh" and energy is not None:
            units[name] = energy.unit
            findings.extend(energy.findings())
        if not filled.unit:
            values = _values(readers, label(name, filled))
            units[name] = units[name] or _unit_of(name, values, dimension=dimension)
            findings.extend(_judged(name, units[name], values=len(values)))
    return JudgedUnits(units, socs, tuple(findings))


def _soc_columns(readers: Sequence[FieldReader], mapping: ColumnMapping) -> dict[str, SocColumn]:
    """Return the scale of each state of charge; those of one stated unit are one column."""
    names = [name for name in mapping.fields if dimension_of(name) == "soc"]
    columns: dict[str, SocColumn] = {}
    scales: set[SocScale] = {SCALES[mapping.fields[name].unit] for name in names}
    for scale in sorted(scales):
        of_scale = [name for name in names if SCALES[mapping.fields[name].unit] == scale]
        labels = [label(name, mapping.fields[name]) for name in of_scale]
        column = soc_column(readers, *labels, documented=scale)
        columns.update(dict.fromkeys(of_scale, column))
    return columns


def _session_energy(readers: Sequence[FieldReader], mapping: ColumnMapping) -> EnergyColumn | None:
    filled, fields = mapping.fields.get("energy_wall_kwh"), mapping.fields
    if filled is None or filled.unit not in {"", "kWh", "Wh"} or "plug_end" not in fields:
        return None
    stay = stay_s(label("plug_start", fields["plug_start"]), label("plug_end", fields["plug_end"]))
    return energy_column(
        readers,
        label("energy_wall_kwh", filled),
        documented="Wh" if filled.unit == "Wh" else "kWh",
        duration_s=stay,
    )


def _values(readers: Sequence[FieldReader], name: str) -> list[float]:
    looked = (FieldReader(reader.record, reader.reading).number(name) for reader in readers)
    return [abs(value) for value in looked if value]


def _unit_of(name: str, values: Sequence[float], *, dimension: Dimension) -> Unit:
    unit, limit = _SMALLER.get(name, ("", 0.0))
    if unit and values and median(values) > limit:
        return unit
    return _TAKEN[dimension]


def _judged(name: str, unit: Unit, *, values: int) -> list[Finding]:
    text = f"values of {name} name no unit and were read as {unit}, which the whole column fits"
    return counted([("assumed_unit", values, text)])
