"""A guess becomes a mapping once nothing that its kind needs is missing."""

import pytest

from depotlib.errors import MappingError
from depotlib.model.column_mapping import ColumnField
from depotlib.model.mapping_guess import FieldGuess, MappingGuess

HEADER = ("When", "Charge")
GUESS = MappingGuess(
    kind="telematics",
    confidence_share=0.8,
    fields=(
        FieldGuess("at", ColumnField(column="When"), 0.8, "its name"),
        FieldGuess("soc", ColumnField(column="Charge", unit="%"), 0.9, "its name"),
    ),
    missing=("vehicle_id",),
    unknown=("NA",),
)


def test_a_guess_with_what_was_missing_is_a_mapping():
    mapping = GUESS.as_mapping(
        name="ours", header=HEADER, time_zone="Europe/Oslo", constants={"vehicle_id": "Van 3"}
    )

    assert mapping.title == "ours"
    assert mapping.columns == ("When", "Charge")
    assert mapping.fields["vehicle_id"].constant == "Van 3"
    assert (mapping.time_zone, mapping.unknown) == ("Europe/Oslo", ("NA",))


def test_a_guess_with_something_missing_is_none():
    with pytest.raises(MappingError, match="nothing fills vehicle_id"):
        GUESS.as_mapping(name="ours", header=HEADER)
