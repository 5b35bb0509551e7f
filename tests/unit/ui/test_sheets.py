"""A sheet gives back the rows it was given, and reads what people write into its cells."""

import pandas as pd
import pytest

from depotlib.errors import ModelError
from depotlib.model.brief import NeedPolicy
from depotlib.model.fleet import Vehicle, VehicleClass
from depotlib.model.site_tables import DeratingTable, StationTable, YardTable
from depotlib.ui.field_words import FIELDS
from depotlib.ui.set_up_views import TABLES
from depotlib.ui.sheets import column_kinds, rows_of
from depotlib.workflows.edit_duties import DutyRow
from depotlib.workflows.lay_out_yard import BayInDegrees, BayInMetres


def test_each_field_is_edited_as_what_it_is():
    kinds = column_kinds(StationTable)

    assert kinds["station_id"] == "text"
    assert kinds["max_kw"] == kinds["cabinet_kw"] == "number"
    assert kinds["connectors"] == "whole"
    assert kinds["phases"] == kinds["current_type"] == "choice"
    assert kinds["takes_live_profiles"] == "truth"
    assert kinds["wiring"] == kinds["positions_degrees"] == "numbers"
    assert column_kinds(Vehicle)["telematics_ids"] == "names"
    assert column_kinds(DeratingTable)["start"] == "text"


@pytest.mark.parametrize(
    "table",
    [
        *TABLES.values(),
        *(Vehicle, VehicleClass, DutyRow, NeedPolicy, YardTable, BayInMetres, BayInDegrees),
    ],
    ids=lambda table: table.__name__,
)
def test_each_column_has_words(table):
    assert [name for name in column_kinds(table) if name not in FIELDS] == []


def test_empty_cells_and_empty_rows_are_left_out():
    edited = pd.DataFrame(
        {
            "station_id": ["A", None],
            "max_kw": pd.array([11.0, None], dtype="Float64"),
            "bay": ["", ""],
        }
    )

    assert rows_of(edited, StationTable) == [{"station_id": "A", "max_kw": 11.0}]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("2, 3, 1", [2, 3, 1]), ("[2, 3, 1]", [2, 3, 1]), ("[[52.5, 13.4]]", [[52.5, 13.4]])],
)
def test_numbers_are_read_with_and_without_brackets(written, meant):
    assert rows_of(pd.DataFrame({"wiring": [written]}), StationTable) == [{"wiring": meant}]


def test_names_stay_names_even_where_they_are_digits():
    edited = pd.DataFrame({"telematics_ids": ["b1, 281474977000002"]})

    assert rows_of(edited, Vehicle) == [{"telematics_ids": ["b1", "281474977000002"]}]


def test_a_cell_that_is_no_list_names_its_row_and_column():
    with pytest.raises(ModelError, match="row 1, Wired to phases"):
        rows_of(pd.DataFrame({"wiring": ["one, two"]}), StationTable)
