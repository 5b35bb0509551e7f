"""Each misbehaviour of a virtual station in the yard, and the list of all in the docs."""

import re
from datetime import timedelta
from typing import get_args

import pytest

from depotlib.virtual.cabinet import shares_kw
from depotlib.virtual.script import Misconduct
from tests.places import ROOT
from tests.unit.virtual.misbehaving_yard import START, VAN, limit, play, yard

# --- the list -----------------------------------------------------------------------------


def test_every_misbehaviour_is_documented_and_played():
    text = (ROOT / "docs" / "night-script.md").read_text()
    code = "".join(
        path.read_text()
        for path in (ROOT / "depotlib" / "virtual").glob("*.py")
        if path.name != "script.py"
    )

    kinds = set(get_args(Misconduct))

    assert set(re.findall(r"^\| `(\w+)`[^|]*\| [a-z]", text, flags=re.MULTILINE)) == kinds
    assert set(re.findall(r"misbehaves\(\s*\"(\w+)\"", code)) == kinds


# --- in the yard --------------------------------------------------------------------------


def test_an_ignoring_station_gives_all_it_has():
    one = yard("ignores")
    limit(one, (0, 10.0))

    assert play(one, 20)["S/1"] == 50.0  # the connector's most


@pytest.mark.parametrize(("kinds", "power_kw"), [((), 0.0), (("stubborn",), 10.0)])
def test_a_stubborn_station_goes_on_with_a_session_that_it_was_told_to_stop(kinds, power_kw):
    one = yard(*kinds)
    limit(one, (0, 10.0))
    play(one, 20)
    station = one.stations["S"]

    station.stop_offering(station.connectors[1].transaction, START)

    assert play(one, 20, begin=20)["S/1"] == power_kw


@pytest.mark.parametrize(("is_connected", "power_kw"), [(True, 10.0), (False, 50.0)])
def test_an_unleashed_station_gives_all_it_has_while_it_is_away(is_connected, power_kw):
    one = yard("unleashed")
    limit(one, (0, 10.0))
    one.stations["S"].is_connected = is_connected

    assert play(one, 20)["S/1"] == power_kw


def test_a_skewed_station_obeys_and_speaks_by_its_own_clock():
    one = yard("skewed", skew_s=120.0)
    limit(one, (0, 10.0), (130, 20.0))

    power_kw = play(one, 20)["S/1"]

    # Its clock is at 130 s when ten have passed; every vehicle has followed 5 s later.
    assert power_kw == 20.0
    assert one.stations["S"].outbox[0].at == START + timedelta(seconds=120)


def test_a_station_with_gaps_says_no_meter_values():
    one = yard("gaps")

    play(one, 200)

    assert {message.kind for message in one.stations["S"].outbox} == {"status", "start"}
    assert one.stations["S"].samples(START) == []


def test_a_cabinet_shares_its_power_by_what_each_plug_can_use():
    second = VAN.model_copy(update={"vehicle_id": "van-2", "id_tag": "TAG-2"})
    one = yard(second=second, cabinet_kw=60.0)

    both = play(one, 20)
    limit(one, (0, 12.0), connector=2)
    after = play(one, 20, begin=20)

    assert (both["S/1"], both["S/2"]) == (30.0, 30.0)
    assert (after["S/1"], after["S/2"]) == (48.0, 12.0)


def test_shares_never_exceed_the_total_nor_what_is_wanted():
    assert shares_kw([50.0, 10.0, 50.0], 70.0) == [30.0, 10.0, 30.0]
    assert shares_kw([5.0, 6.0], float("inf")) == [5.0, 6.0]
    assert shares_kw([], 10.0) == []


@pytest.mark.parametrize(
    ("traits", "powers_kw"),
    [
        ({}, [20.0, 20.0]),
        ({"wakes_from_pause": False}, [0.0, 20.0]),
        ({"wakes_from_pause": False, "wakes_by_ritual": False}, [0.0, 0.0]),
    ],
)
def test_a_sleeper_wakes_by_the_second_offer_at_the_earliest(traits, powers_kw):
    one = yard(van=VAN.model_copy(update=traits))
    limit(one, (0, 20.0), (60, 0.0), (200, 20.0), (300, 0.0), (330, 20.0))

    assert play(one, 60)["S/1"] == 20.0
    assert play(one, 230, begin=60)["S/1"] == powers_kw[0]
    assert play(one, 60, begin=290)["S/1"] == powers_kw[1]
