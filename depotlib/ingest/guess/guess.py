"""A column mapping guessed for an unknown table: which kind it is, and which column is what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from depotlib.ingest.guess.fit import Claim, can_be, claims_of
from depotlib.ingest.guess.heads import words_of
from depotlib.ingest.guess.shape import ColumnShape, shape_of
from depotlib.ingest.guess.times import elapsed_unit, is_regular
from depotlib.ingest.guess.vocabulary import KEY_WORDS, UNKNOWN_TEXTS, ZONE_OFFSETS
from depotlib.model.column_mapping import (
    MAPPED_COLUMNS,
    NEEDED_COLUMNS,
    TIME_COLUMNS,
    ColumnField,
    MappingKind,
)
from depotlib.model.mapping_guess import FieldGuess, MappingGuess
from depotlib.model.unit import Unit

_CORE: Final[dict[MappingKind, tuple[tuple[str, ...], ...]]] = {
    "sessions": (
        ("plug_start", "charge_start"),
        ("plug_end", "charge_end", "duration_s"),
        ("energy_wall_kwh", "energy_battery_kwh", "station_id", "start_soc"),
    ),
    "telematics": (("at",), ("soc", "odometer_km", "is_plugged", "is_charging", "power_kw")),
    "meter": (("interval_start", "interval_end"), ("power_kw", "energy_kwh")),
    "trips": (("start",), ("end", "duration_s"), ("distance_km", "end_odometer_km")),
    "duties": (("departure",), ("return_at", "duration_s"), ("vehicle_id", "duty_id")),
    "prices": (("interval_start",), ("price_per_kwh",)),
    "vehicles": (("vehicle_id", "name", "vin"), ("battery_kwh", "licence_plate", "model")),
}
"""A table is of a kind only if one column of each of these groups is found."""
_INSTEAD: Final = (("plug_start", "charge_start"), ("plug_end", "charge_end"))
"""A log with one pair of times means the plug, whatever it calls them."""
_TICKING: Final = 1.0
"""How much even ticks say for a meter, and uneven ones against it."""
_FROM_VALUES: Final = 0.3
_ROWS_JUDGED: Final = 500


@dataclass(frozen=True, slots=True)
class TableSample:
    """The beginning of a table: its columns by name, rows in order, blank rows left out."""

    columns: Mapping[str, Sequence[str]]

    def shapes(self) -> dict[str, ColumnShape]:
        """Return what each column's values look like."""
        return {name: shape_of(texts[:_ROWS_JUDGED]) for name, texts in self.columns.items()}


@dataclass(frozen=True, slots=True)
class _Evidence:
    """A table taken for one kind: which column is claimed to be what."""

    kind: MappingKind
    claims: Mapping[str, Claim]
    shapes: Mapping[str, ColumnShape]
    sample: TableSample

    @property
    def makes_the_kind(self) -> bool:
        return all(any(name in self.claims for name in group) for group in _CORE[self.kind])

    @property
    def weight(self) -> float:
        return sum(claim.share for claim in self.claims.values()) + self._ticks

    @property
    def _ticks(self) -> float:
        if self.kind != "meter":
            return 0.0
        time = self.claims.get("interval_start") or self.claims.get("interval_end")
        assert time is not None, "a meter's core has a time"
        return _TICKING if is_regular(self.texts(time)) else -_TICKING

    def texts(self, claim: Claim) -> Sequence[str]:
        return self.sample.columns[claim.column][:_ROWS_JUDGED]

    def first_of(self, *names: str) -> Claim | None:
        return next((self.claims[name] for name in names if name in self.claims), None)

    def of_shape(self, shape: str) -> list[str]:
        return [name for name, one in self.shapes.items() if one.shape == shape]


def guess_mapping(sample: TableSample, *, kind: MappingKind | None = None) -> MappingGuess | None:
    """Return what a table most likely holds, or None where nothing speaks for any kind.

    Parameters
    ----------
    sample : TableSample
    kind : MappingKind, optional
        What a person says that it is; then there is always an answer.
    """
    shapes = sample.shapes()
    kinds = tuple(_CORE) if kind is None else (kind,)
    views = [_Evidence(one, _assigned(one, shapes), shapes, sample) for one in kinds]
    fitting = [view for view in views if kind is not None or view.makes_the_kind]
    if not fitting:
        return None
    return _described(fitting[0] if kind else max(fitting, key=lambda view: view.weight))


def _assigned(kind: MappingKind, shapes: Mapping[str, ColumnShape]) -> dict[str, Claim]:
    """Return one claim a canonical column and a file's column: the surest first."""
    claims = [
        claim
        for name, shape in shapes.items()
        for claim in claims_of(name, shape, columns=MAPPED_COLUMNS[kind])
    ]
    taken: dict[str, Claim] = {}
    used: set[str] = set()
    for claim in sorted(claims, key=lambda claim: -claim.share):
        if claim.fills not in taken and claim.column not in used:
            taken[claim.fills] = claim
            used.add(claim.column)
    for wanted, instead in _INSTEAD:
        if kind == "sessions" and wanted not in taken and instead in taken:
            taken[wanted] = replace(taken.pop(instead), fills=wanted)
    return taken | _only_times(kind, taken, shapes=shapes)


def _only_times(
    kind: MappingKind, taken: Mapping[str, Claim], *, shapes: Mapping[str, ColumnShape]
) -> dict[str, Claim]:
    """Return a claim on the one column of times, where no name fits what the kind cannot miss."""
    wanted = next((name for name in _CORE[kind][0] if name in TIME_COLUMNS), None)
    used = {claim.column for claim in taken.values()}
    times = [name for name, shape in shapes.items() if shape.is_time and name not in used]
    if wanted is None or any(name in taken for name in _CORE[kind][0]) or len(times) != 1:
        return {}
    unit = shapes[times[0]].unit
    reason = "it is the only column of times that is left"
    return {wanted: Claim(wanted, times[0], _FROM_VALUES, unit, reason)}


def _described(evidence: _Evidence) -> MappingGuess:
    kind, shapes = evidence.kind, evidence.shapes
    guesses = [_field(claim, evidence) for claim in evidence.claims.values()]
    known = [one for one in guesses if one is not None]
    used = {name for one in known for name in one.field.columns}
    has_zones = any(one.field.zone_column for one in known)
    sure = [one.confidence_share for one in known if any(one.fills in g for g in _CORE[kind])]
    names = {one.fills for one in known}
    return MappingGuess(
        kind=kind,
        confidence_share=min(sure, default=0.0),
        fields=tuple(sorted(known, key=lambda one: MAPPED_COLUMNS[kind].index(one.fills))),
        missing=tuple(name for name in NEEDED_COLUMNS[kind] if name not in names),
        key=_key(kind, shapes, used=used),
        unknown=_unknown(used, evidence.sample),
        zone_offsets=_offsets(evidence) if has_zones else {},
        ignore_offset=has_zones and _end_in_utc(known, evidence.sample),
    )


def _field(claim: Claim, evidence: _Evidence) -> FieldGuess | None:
    if claim.fills in TIME_COLUMNS:
        return _time_field(claim, evidence)
    filled, reason = ColumnField(column=claim.column, unit=claim.unit), claim.reason
    if claim.fills == "duration_s" and evidence.shapes[claim.column].shape == "number":
        unit = claim.unit or _elapsed(claim, evidence)
        if not unit:
            return None  # a duration without a unit is not read
        filled, reason = replace(filled, unit=unit), f"{claim.reason}, counted in {unit}"
    return FieldGuess(claim.fills, filled, claim.share, reason)


def _time_field(claim: Claim, evidence: _Evidence) -> FieldGuess:
    filled, reason = ColumnField(column=claim.column, unit=claim.unit), claim.reason
    clock = _beside(claim.column, evidence.of_shape("clock"))
    if evidence.shapes[claim.column].shape == "date" and clock:
        filled = replace(filled, time_column=clock)
        reason += f", with the time of day in {clock!r}"
    zone_column = _beside(claim.column, evidence.of_shape("zone"))
    if zone_column:
        filled = replace(filled, zone_column=zone_column)
        reason += f", with the zone in {zone_column!r}"
    return FieldGuess(claim.fills, filled, claim.share, reason)


def _elapsed(claim: Claim, evidence: _Evidence) -> Unit:
    starts = evidence.first_of("plug_start", "start", "departure")
    ends = evidence.first_of("plug_end", "end", "return_at")
    if starts is None or ends is None:
        return ""
    return elapsed_unit(
        evidence.texts(claim), starts=evidence.texts(starts), ends=evidence.texts(ends)
    )


def _beside(name: str, others: Sequence[str]) -> str | None:
    """Return the column that shares the most words with another; the nearest name of equals."""
    words = set(words_of(name))
    return max(others, key=lambda other: len(words & set(words_of(other))), default=None)


def _key(
    kind: MappingKind, shapes: Mapping[str, ColumnShape], *, used: set[str]
) -> tuple[str, ...]:
    if kind not in {"sessions", "duties"}:
        return ()
    named = [
        name
        for name, shape in shapes.items()
        if name not in used and shape.distinct_share == 1 and shape.filled_share == 1
        and can_be("id_tag", shape) and set(words_of(name)) & KEY_WORDS
    ]  # fmt: skip
    return tuple(named[:1])


def _unknown(used: set[str], sample: TableSample) -> tuple[str, ...]:
    """Return what says that nobody knows, over all rows: such texts may be rare."""
    said = {text.strip() for name in used for text in sample.columns[name]}
    return tuple(sorted(text for text in said if text.lower() in UNKNOWN_TEXTS))


def _offsets(evidence: _Evidence) -> dict[str, str]:
    columns = evidence.sample.columns
    said = {text.strip().upper() for name in evidence.of_shape("zone") for text in columns[name]}
    return {name: offset for name, offset in ZONE_OFFSETS.items() if name in said}


def _end_in_utc(known: Sequence[FieldGuess], sample: TableSample) -> bool:
    """Return whether all times with a zone beside them claim UTC in their text."""
    columns = [one.field.column for one in known if one.field.zone_column and one.field.column]
    texts = [text.strip() for name in columns for text in sample.columns[name] if text.strip()]
    return bool(texts) and all(text.endswith(("+00", "+00:00", "+0000", "Z")) for text in texts)
