"""A study in a planner's words: values with their units, said once."""

from dataclasses import replace

from depotlib.studies.declaration import Axis
from depotlib.ui.study_words import all_of, phrase, study_question
from depotlib.workflows.declare_study import EXAMPLE
from depotlib.workflows.study_file import study_from_file


def test_a_value_is_told_with_its_unit():
    assert phrase("service_kw", 300.0) == "a service of 300 kW"
    assert phrase("ac_stations", 36) == "36 AC stations"
    assert phrase("late_share", 0.25) == "Vans that come late: 25.0%"
    assert phrase("policy", "edf") == "Who is in control: earliest departure first"
    assert phrase("any_station", value=True) == "Any van at any station: yes"


def test_values_of_an_axis_share_their_unit():
    assert all_of("service_kw", (300.0, 350.0)) == "a service of 300 and 350 kW"
    assert all_of("outage_share", (0.0, 0.1)) == "Stations that fail a night: 0.0% and 10.0%"


def test_a_study_asks_in_a_sentence_without_names_of_parameters():
    study = study_from_file(EXAMPLE)[0]
    small = replace(study, axes=(Axis("service_kw", (300.0, 350.0)),))

    # data/studies/how_many_chargers.toml: five draws.
    assert study_question(small) == (
        "Every combination of a service of 300 and 350 kW. Each is played on the same 5 draws of "
        "chance."
    )
    assert not [axis.name for axis in study.axes if axis.name in study_question(study)]
