"""Column mappings: which column of a table holds what, in which unit, on which clock.

A mapping is a document: shipped with depotlib, guessed from a header or written by a person, and
remembered by the header it was made for. Its file form is TOML (docs/column-mapping.md); JSON is
read and written as well. No file is opened here.
"""

import json
import tomllib
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from depotlib.errors import MappingError
from depotlib.model.unit import Unit, dimension_of, measured_by

MappingKind = Literal["sessions", "telematics", "meter", "trips", "duties", "prices", "vehicles"]
MappedDateOrder = Literal["year_month_day", "day_month_year", "month_day_year"]

MAPPED_COLUMNS: Final[dict[MappingKind, tuple[str, ...]]] = {
    "sessions": (
        "plug_start", "plug_end", "charge_start", "charge_end", "duration_s",
        "energy_wall_kwh", "energy_battery_kwh", "peak_kw", "start_soc", "end_soc",
        "site", "station_id", "connector_id", "vehicle_id", "id_tag", "is_estimated",
    ),
    "telematics": (
        "vehicle_id", "at", "soc", "odometer_km", "power_kw", "is_charging", "is_plugged",
        "temperature_c", "soh_share", "charge_limit_soc",
    ),
    "meter": ("meter_id", "interval_start", "interval_end", "interval_s", "power_kw", "energy_kwh"),
    "trips": (
        "vehicle_id", "start", "end", "duration_s", "distance_km", "energy_battery_kwh",
        "start_odometer_km", "end_odometer_km",
    ),
    "duties": (
        "duty_id", "vehicle_id", "departure", "return_at", "duration_s", "distance_km",
        "must_soc", "target_soc", "priority",
    ),
    "prices": (
        "series", "interval_start", "interval_end", "interval_s", "price_per_kwh", "currency",
    ),
    "vehicles": ("vehicle_id", "name", "vin", "licence_plate", "model", "battery_kwh"),
}  # fmt: skip
"""What a mapping may fill. ``duration_s`` counts from the start to the end of the same row."""
NEEDED_COLUMNS: Final[dict[MappingKind, tuple[str, ...]]] = {
    "sessions": ("plug_start",),
    "telematics": ("vehicle_id", "at"),
    "meter": (),
    "trips": ("vehicle_id", "start"),
    "duties": ("departure",),
    "prices": ("series", "price_per_kwh", "currency"),
    "vehicles": ("vehicle_id",),
}
TIME_COLUMNS: Final = frozenset(
    {
        "plug_start", "plug_end", "charge_start", "charge_end", "at", "start", "end",
        "departure", "return_at", "interval_start", "interval_end",
    }
)  # fmt: skip
TEXT_COLUMNS: Final = frozenset(
    {
        "site", "station_id", "connector_id", "vehicle_id", "id_tag", "meter_id", "duty_id",
        "series", "currency", "name", "vin", "licence_plate", "model",
    }
)  # fmt: skip
FLAG_COLUMNS: Final = frozenset({"is_charging", "is_plugged", "is_estimated"})


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnField:
    """Where one canonical column comes from.

    Parameters
    ----------
    column : str or None
        Column of the file; None: the `constant`.
    time_column : str or None
        Column with the time of day, where `column` holds the date alone.
    zone_column : str or None
        Column with the abbreviation of the zone of this row (see ``zone_offsets``).
    unit : Unit
        Of a number, a duration or a time given as a count; empty: judged over the column
        (states of charge, energies, powers), a text as it stands (times, durations).
    is_negated : bool
        Whether the file counts the other way (charging negative).
    voltage_v : float or None
        Of powers given as a current [V].
    phases : int
        Of powers given as a current per phase.
    unknown : tuple of str
        Texts that mean that nobody knows (``0`` for a state of charge, ``-``, ``NA``).
    true_texts : tuple of str
        Texts that mean yes, for a flag; others mean no. Empty: 1, true, yes, on and their like.
    constant : str or None
        What every row holds.
    """

    column: str | None = None
    time_column: str | None = None
    zone_column: str | None = None
    unit: Unit = ""
    is_negated: bool = False
    voltage_v: float | None = None
    phases: int = 1
    unknown: tuple[str, ...] = ()
    true_texts: tuple[str, ...] = ()
    constant: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the file that this needs."""
        named = (self.column, self.time_column, self.zone_column)
        return tuple(name for name in named if name is not None)


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Measurand:
    """What one name in a long table stands for.

    Parameters
    ----------
    name : str
        As it stands in the name column.
    fills : str
        Canonical column of `telematics`.
    unit : Unit
    is_negated : bool
    true_texts : tuple of str
        As for a `ColumnField`.
    """

    name: str
    fills: str
    unit: Unit = ""
    is_negated: bool = False
    true_texts: tuple[str, ...] = ()


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class LongForm:
    """A table with one measurand a row: a column that names it and one that holds its value."""

    name_column: str
    value_column: str
    measurands: tuple[Measurand, ...]


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """How the rows of one kind of table become canonical rows.

    Parameters
    ----------
    name : str
        Short and unique, for the registry and for keys: ``dundee_public``.
    title : str
        For people.
    kind : MappingKind
    header : tuple of str
        Columns by which a file is recognised: it must have all of them.
    fields : mapping of str to ColumnField
        By canonical column.
    key : tuple of str
        Columns of the file that name a session or duty; empty: station, connector and start do.
    time_zone : str or None
        IANA name for local times; None: the file or a person says.
    date_order : MappedDateOrder or None
        Fixed; None: judged over the file.
    assumed_date_order : MappedDateOrder
        Where no date of the file decides.
    decimal_mark : {'.', ','} or None
        Fixed; None: judged over the file.
    zone_offsets : mapping of str to str
        Offset of each abbreviation in a zone column: ``{MST = "-07:00"}``.
    ignore_offset : bool
        True where the offset in the text is wrong: the time is local.
    may_swap_days : bool
        True where this kind of export is known to swap day and month of some dates.
    end_counts : {'end', 'duration'}
        Which one makes the end, where a row has both.
    unknown : tuple of str
        Texts that mean that nobody knows, in every column.
    long_form : LongForm or None
        For telematics with one measurand a row.
    """

    name: str
    title: str
    kind: MappingKind
    header: tuple[str, ...]
    fields: dict[str, ColumnField]
    key: tuple[str, ...] = ()
    time_zone: str | None = None
    date_order: MappedDateOrder | None = None
    assumed_date_order: MappedDateOrder = "day_month_year"
    decimal_mark: Literal[".", ","] | None = None
    zone_offsets: dict[str, str] = field(default_factory=dict[str, str])
    ignore_offset: bool = False
    may_swap_days: bool = False
    end_counts: Literal["end", "duration"] = "end"
    unknown: tuple[str, ...] = ()
    long_form: LongForm | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be read."""
        allowed = MAPPED_COLUMNS[self.kind]
        for name in self.fields:
            if name not in allowed:
                self._refuse(
                    f"{name!r} is no column of {self.kind}", f"one of {', '.join(allowed)}"
                )
        for name in NEEDED_COLUMNS[self.kind]:
            if name not in self.fields:
                self._refuse(f"nothing fills {name}", f"{self.kind} cannot be without it")
        for name, filled in self.fields.items():
            if (filled.column is None) == (filled.constant is None):
                self._refuse(f"{name} has neither or both of column and constant", "give one")
            self._check_unit(name, filled.unit)
        if not self.header:
            self._refuse("the header names no column", "a file is recognised by them")
        self._check_long_form()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the file that are read, each once."""
        long = self.long_form
        named = [
            *(name for filled in self.fields.values() for name in filled.columns),
            *self.key,
            *((long.name_column, long.value_column) if long else ()),
        ]
        return tuple(dict.fromkeys(named))

    def _check_long_form(self) -> None:
        if self.long_form is None:
            return
        if self.kind != "telematics":
            self._refuse("only telematics may be long", "give each column a field")
        for measurand in self.long_form.measurands:
            if measurand.fills not in MAPPED_COLUMNS["telematics"][2:]:
                self._refuse(f"{measurand.fills!r} is no measurand", "name one of telematics")
            self._check_unit(measurand.fills, measurand.unit)

    def _check_unit(self, name: str, unit: Unit) -> None:
        measured = measured_by(unit)
        wanted = "epoch" if name in TIME_COLUMNS else dimension_of(name)
        is_current = wanted == "power" and measured == "current"
        if measured not in {None, wanted} and not is_current:
            self._refuse(f"{name} cannot be in {unit}", "see docs/column-mapping.md for the units")

    def _refuse(self, what: str, hint: str) -> None:
        raise MappingError(what, where=f"column mapping {self.name!r}", hint=hint)


_FORM: Final = TypeAdapter(ColumnMapping)
_OBJECT: Final = TypeAdapter(dict[str, object])
_LIST: Final = TypeAdapter(list[object])


def mapping_from_toml(text: str, *, where: str) -> ColumnMapping:
    """Return the mapping that a TOML text describes.

    Raises
    ------
    MappingError
        If it is not TOML, has an unknown field, or describes what cannot be read.
    """
    try:
        return _validated(tomllib.loads(text), where=where)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"not a TOML file: {error}", where=where) from error


def mapping_from_json(text: str, *, where: str) -> ColumnMapping:
    """Return the mapping that a JSON text describes.

    Raises
    ------
    MappingError
        As for TOML.
    """
    try:
        return _validated(json.loads(text), where=where)
    except json.JSONDecodeError as error:
        raise MappingError(f"not JSON: {error}", where=where) from error


def mapping_to_json(mapping: ColumnMapping) -> str:
    """Return a mapping as JSON: what is remembered; equal mappings give equal texts."""
    return _FORM.dump_json(mapping, exclude_defaults=True).decode()


def mapping_to_toml(mapping: ColumnMapping) -> str:
    """Return a mapping as TOML, as a person would write it."""
    values = _OBJECT.validate_json(mapping_to_json(mapping))
    tables = {name: values.pop(name) for name in ("fields", "long_form") if name in values}
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    for name, table in tables.items():
        entries = _OBJECT.validate_python(table)
        lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in entries.items())]
    return "\n".join([*lines, ""])


def _toml(value: object) -> str:
    if isinstance(value, dict):
        entries = _OBJECT.validate_python(value)
        return f"{{ {', '.join(f'{_key(name)} = {_toml(one)}' for name, one in entries.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, _LIST.validate_python(value)))}]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if is_bare else json.dumps(name, ensure_ascii=False)


def _validated(values: object, *, where: str) -> ColumnMapping:
    try:
        return _FORM.validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise MappingError(
            f"{name}: {first['msg']}", where=where, hint="see docs/column-mapping.md"
        ) from error
    except MappingError as error:
        raise MappingError(error.what, where=f"{where}, {error.where}", hint=error.hint) from error
