"""A planned night goes into an address and comes out of it the same."""

from datetime import UTC, datetime

import pytest
import streamlit as st

from depotlib.ui import state
from depotlib.ui.state import PlannedNight, night_of
from depotlib.workflows.tonight import NightChoices

NIGHT = PlannedNight(
    at=datetime(2026, 11, 2, 21, 45, tzinfo=UTC),
    choices=NightChoices(operating_limit_kw=250.5, nights_per_month=20.0, running_peak_kw=12.0),
    occupancy="relaxed",
)


@pytest.mark.parametrize(
    "night",
    [NIGHT, PlannedNight(at=NIGHT.at, choices=NightChoices(), occupancy="assigned")],
    ids=["chosen", "as the depot has it"],
)
def test_an_address_gives_back_the_night_it_was_made_of(night):
    assert night_of(night.query()) == night


@pytest.mark.parametrize(
    "change",
    [
        {"at": "tonight"}, {"at": "2026-11-02T21:45:00"}, {"limit": "much"}, {"nights": ""},
        {"limit": "nan"}, {"peak": "inf"},
    ],
    ids=["no instant", "no offset", "no number", "nothing", "not a number", "without end"],
)  # fmt: skip
def test_an_address_that_was_tampered_with_names_no_night(change):
    assert night_of(NIGHT.query() | change) is None


def test_an_address_without_a_night_names_none():
    assert night_of({}) is None


def test_a_field_of_one_depot_is_not_the_field_of_another(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    assert state.of_depot("duty_1") == "duty_1"

    keys: set[str] = set()
    for depot in ("north", "south"):
        monkeypatch.setattr(st, "session_state", {state.HOME: depot})
        keys.add(state.of_depot("duty_1"))

    assert len(keys) == 2
