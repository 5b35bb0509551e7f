"""When two rows of a frame tell the same fact: its natural key, and which of two tellings counts.

The store merges by these rules and a dry run accounts by them; neither has rules of its own.
Telematics are not here: their measurands fill each other in, row by row.
"""

from dataclasses import dataclass
from typing import Final

from depotlib.model.frames import (
    AssignmentFrame,
    DutyFrame,
    FrameSchema,
    MeterFrame,
    PriceFrame,
    SessionFrame,
    TripFrame,
    VehicleFrame,
)

PROVENANCE: Final = frozenset({"source", "src_file", "src_row"})
"""Columns that say where a fact was told: another place does not make it another fact."""


@dataclass(frozen=True, slots=True)
class NaturalKey:
    """What makes a row of a frame the fact it is; told again with other words, it is replaced.

    Parameters
    ----------
    frame : str
        Name of the frame in an import: ``sessions``, ``trips`` …
    schema : FrameSchema
    key : tuple of str
        Columns that name the fact.
    end : str or None
        Column that is null while the fact still goes on; then a telling without an end never
        replaces one with an end.
    """

    frame: str
    schema: FrameSchema
    key: tuple[str, ...]
    end: str | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """Return the columns that a fact says: all but its key and its provenance."""
        return tuple(
            name
            for name in self.schema.column_names()
            if name not in self.key and name not in PROVENANCE
        )


NATURAL_KEYS: Final[tuple[NaturalKey, ...]] = (
    NaturalKey("sessions", SessionFrame, ("session_key",), end="plug_end"),
    NaturalKey("meter", MeterFrame, ("meter_id", "interval_start")),
    NaturalKey("trips", TripFrame, ("vehicle_id", "start"), end="end"),
    NaturalKey("duties", DutyFrame, ("source", "duty_id")),
    NaturalKey("vehicles", VehicleFrame, ("source", "vehicle_id")),
    NaturalKey("assignments", AssignmentFrame, ("source", "driver_id", "start"), end="end"),
    NaturalKey("prices", PriceFrame, ("series", "interval_start")),
)
"""Every frame of facts that replace each other."""
