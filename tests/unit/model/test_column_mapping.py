"""Column mappings: their file forms, and what they refuse."""

import pytest

from depotlib.errors import MappingError
from depotlib.model.column_mapping import (
    mapping_from_json,
    mapping_from_toml,
    mapping_to_json,
    mapping_to_toml,
)

TEXT = """
name = "harbour"
title = "Harbour log"
kind = "sessions"
header = ["Event", "Début", "kWh"]
key = ["Event"]
time_zone = "Europe/Paris"
zone_offsets = { CET = "+01:00" }
unknown = ["-"]

[fields]
plug_start = { column = "Début", time_column = "Heure" }
energy_wall_kwh = { column = "kWh", unit = "Wh" }
site = { constant = "Harbour" }
"""


def test_a_mapping_survives_both_of_its_file_forms():
    mapping = mapping_from_toml(TEXT, where="harbour.toml")

    assert mapping_from_json(mapping_to_json(mapping), where="again") == mapping
    assert mapping_from_toml(mapping_to_toml(mapping), where="again") == mapping


def test_a_mapping_knows_the_columns_it_reads():
    mapping = mapping_from_toml(TEXT, where="harbour.toml")

    assert mapping.columns == ("Début", "Heure", "kWh", "Event")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('unit = "Wh"', 'unit = "W"', "energy_wall_kwh cannot be in W"),
        ("plug_start", "plug_end", "nothing fills plug_start"),
        ("energy_wall_kwh", "energy", "'energy' is no column of sessions"),
        ('constant = "Harbour"', "unknown = []", "neither or both"),
        ('unit = "Wh"', 'units = "Wh"', "fields.energy_wall_kwh.units"),
        ('header = ["Event", "Début", "kWh"]', "header = []", "names no column"),
        ("name =", "name", "not a TOML file"),
        ("[fields]", '[long_form]\nname_column = "n"\nvalue_column = "v"\nmeasurands = []\n[fields]',
         "only telematics may be long"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_word_of_what_and_where(
    old: str, new: str, said: str
):
    with pytest.raises(MappingError) as refused:
        mapping_from_toml(TEXT.replace(old, new), where="harbour.toml")

    assert said in refused.value.what
    assert "harbour.toml" in refused.value.where


def test_json_that_is_none_is_refused():
    with pytest.raises(MappingError):
        mapping_from_json("{", where="remembered")
