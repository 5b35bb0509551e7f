"""What a person says about files beside them, and how that differs from what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from depotlib.ingest.source import ReadOptions
from depotlib.model.column_mapping import ColumnMapping

_DEFAULTS: Final = ReadOptions()


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What a person says about the files that they do not say themselves.

    Parameters
    ----------
    time_zone : str or None
        IANA name of the zone of local times.
    stamps : {'start', 'end'} or None
        Which end of its interval a meter reading is stamped at; None: judged.
    meter_id : str or None
        Name of the meter where a file names none; None: ``site``.
    series_start : str or None
        When the first reading of a file without times begins.
    interval_s : int or None
        Length of each interval of a meter's file that does not show it [s].
    vehicle_id : str or None
        Whose log it is, where a file names no vehicle.
    mappings : tuple of ColumnMapping
        What columns hold; they go before those that the store remembers.
    is_dry_run : bool
        Only say what an import would do; no store is opened and nothing is kept.
    is_again : bool
        Bytes that were imported before with other choices are read again, in place of that import.
    """

    time_zone: str | None = None
    stamps: Literal["start", "end"] | None = None
    meter_id: str | None = None
    series_start: str | None = None
    interval_s: int | None = None
    vehicle_id: str | None = None
    mappings: tuple[ColumnMapping, ...] = ()
    is_dry_run: bool = False
    is_again: bool = False

    def read_options(self, earlier: ReadOptions = _DEFAULTS) -> ReadOptions:
        """Return these choices as the sources know them; what is not said stays as it was."""
        return replace(
            earlier,
            time_zone=self.time_zone or earlier.time_zone,
            stamps=self.stamps or earlier.stamps,
            meter_id=self.meter_id or earlier.meter_id,
            series_start=self.series_start or earlier.series_start,
            interval_s=self.interval_s or earlier.interval_s,
            vehicle_id=self.vehicle_id or earlier.vehicle_id,
            mappings=joined(self.mappings, earlier.mappings),
        )


def joined(
    first: Sequence[ColumnMapping], then: Sequence[ColumnMapping]
) -> tuple[ColumnMapping, ...]:
    """Return mappings, and further ones of other headers."""
    headers = {frozenset(mapping.header) for mapping in first}
    return (*first, *(one for one in then if frozenset(one.header) not in headers))


def of_header(given: Sequence[ColumnMapping], header: Sequence[str]) -> tuple[ColumnMapping, ...]:
    """Return the mappings that fit a header."""
    return tuple(mapping for mapping in given if set(mapping.header) <= set(header))


def other_choices(earlier: ReadOptions, now: ReadOptions) -> tuple[str, ...]:
    """Return in words what is said otherwise than before; nothing where it is all the same."""
    scalars = {
        "time zone": (earlier.time_zone, now.time_zone),
        "stamps": (earlier.stamps, now.stamps),
        "meter": (earlier.meter_id, now.meter_id),
        "start of the series": (earlier.series_start, now.series_start),
        "interval in seconds": (earlier.interval_s, now.interval_s),
        "vehicle": (earlier.vehicle_id, now.vehicle_id),
    }
    told = [
        f"{name}: {then or 'not said'} before, now {after}"
        for name, (then, after) in scalars.items()
        if then != after
    ]
    if _by_header(earlier.mappings) != _by_header(now.mappings):
        told.append("columns: another mapping than before")
    return tuple(told)


def _by_header(mappings: Sequence[ColumnMapping]) -> dict[frozenset[str], ColumnMapping]:
    return {frozenset(mapping.header): mapping for mapping in mappings}
