"""Requirements 1 to 10, and 44: who is there, and what is known of them."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.gateway.identity import (
    BAY_CONFIDENCE,
    GROUP_CONFIDENCE,
    TOKEN_CONFIDENCE,
    Seen,
    identify,
)
from depotlib.gateway.messages import StatusReported
from depotlib.model.brief import Brief, NeedPolicy
from depotlib.model.fleet import VehicleClass
from depotlib.model.identity import BayAssignment, IdentityMap, IdentityToken
from depotlib.model.live import JournalEntry
from depotlib.needs.energy import energy_before_duty
from depotlib.workflows.plan_tonight import NightAnswer
from tests.gateway_cases import SAFE_KW, T0, Site, at, site, small_site
from tests.requirements.pointer import covered_by

NOON = datetime(2026, 11, 2, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_requirement_01_departure_range_and_charge_of_each_vehicle_give_its_wall_energy(
    answer: NightAnswer,
):
    van = VehicleClass("van", 68.0, 0.30, 0.90, ac_max_kw=11.0, dc_max_kw=115.0)

    vehicle_14 = energy_before_duty(
        distance_km=180.0, arrival_soc=0.32, vehicle_class=van, policy=NeedPolicy()
    )

    # 54 + 6.8 - 21.76 = 39.04 kWh in the pack, / 0.90 = 43.38 kWh at the wall.
    assert vehicle_14.target_kwh == pytest.approx(43.38, abs=0.005)
    # The demo depot: 60 vans, whose needs come to 43 kWh each (data/reference_night/README.md).
    needs = answer.tonight.needs
    assert len(needs) == 60
    for need in needs:
        assert need.missing == ()
        assert need.dwell.departure > need.dwell.arrival
        assert 0 < need.arrival_soc < 1
        assert need.dwell.energy_target_kwh == pytest.approx(43.0, abs=0.01)
        assert "km x 0.30 kWh/km" in need.arithmetic


def exceptions(there: Site) -> list[JournalEntry]:
    return [entry for entry in there.journal if entry.kind == "identity_exception"]


def test_requirement_02_the_board_shows_charger_bay_start_power_and_cap_and_a_breach_at_once():
    page, gateway = "tests/app/pages/test_live_tables.py", "tests/unit/gateway/test_outlook.py"
    covered_by(
        f"{page}::test_live_shows_charger_bay_start_power_and_cap_and_marks_what_is_above_it"
    )
    covered_by(f"{gateway}::test_the_first_sample_above_what_a_connector_may_draw_is_shown")


def test_requirement_04_a_tag_names_its_van_by_case_group_and_validity_and_once_only():
    tokens = (
        IdentityToken("Tag-A", "tag", "van-a", parent="DEPOT"),
        IdentityToken("TAG-B", "tag", "van-b", valid_to=T0),
    )
    brief = Brief(depot=small_site().depot, identities=IdentityMap(tokens))
    there = site(brief).come_up()

    there.plug_in("S0", "tag-a ")
    there.say("S0", StatusReported("c", 1, "Charging", "NoError", T0))
    there.plug_in("S1", "TAG-B")
    there.plug_in("S2", "TAG-A")
    group = identify("depot", "S1/1", at=T0, brief=brief, release=None, seen=Seen()).who

    started = [entry for entry in there.journal if entry.kind == "session_started"]
    assert [entry.payload["vehicle_id"] for entry in started] == ["van-a", None, None]
    expired, twice = (str(entry.payload["what"]) for entry in exceptions(there))
    assert "not valid at this time" in expired
    assert "charges on S0/1 already" in twice
    assert (group.vehicle_id, group.confidence_share) == ("van-a", GROUP_CONFIDENCE)


def test_requirement_05_a_card_that_changes_hands_at_noon_means_another_van_after_it():
    card = IdentityMap(
        (
            IdentityToken("CARD-7", "card", "van-1", valid_to=NOON),
            IdentityToken("CARD-7", "card", "van-2", valid_from=NOON),
        )
    )
    brief = Brief(depot=small_site().depot, identities=card)

    before, at_noon = (
        identify("card-7", "S0/1", at=instant, brief=brief, release=None, seen=Seen()).who
        for instant in (NOON - timedelta(seconds=1), NOON)
    )

    assert (before.vehicle_id, at_noon.vehicle_id) == ("van-1", "van-2")
    assert before.source == at_noon.source == "card"


def test_requirement_06_a_mac_address_names_its_van_and_an_unknown_one_waits_for_a_person():
    macs = IdentityMap((IdentityToken("FC:0F:E7:00:00:01", "mac", "van-1"),))
    there = site(Brief(depot=small_site().depot, identities=macs)).come_up()

    there.plug_in("S0", "fc:0f:e7:00:00:01")
    there.plug_in("S1", "fc:0f:e7:00:00:02")

    known, _ = (entry.payload for entry in there.journal if entry.kind == "session_started")
    assert (known["vehicle_id"], known["identity_source"]) == ("van-1", "mac")
    (waits,) = exceptions(there)
    assert (waits.connector_id, waits.payload["token"]) == ("S1/1", "fc:0f:e7:00:00:02")
    # It stays on the list until a person has said whose it is.
    covered_by(
        "tests/unit/workflows/test_assign_identity.py"
        "::test_somebody_unknown_is_listed_until_a_person_has_settled_it"
    )


def test_requirement_07_where_any_tag_is_accepted_the_bay_says_who_it_is_with_less_confidence():
    depot = small_site().depot
    bays = tuple(BayAssignment(f"S{n}/1", f"van-{n}", T0 - HOUR, T0 + HOUR) for n in range(3))
    there = site(Brief(depot=depot, bays=bays, unknown_policy="accept_all")).come_up()

    for number in range(3):
        there.plug_in(f"S{number}", "FREE")

    started = [entry for entry in there.journal if entry.kind == "session_started"]
    assert [entry.payload["vehicle_id"] for entry in started] == ["van-0", "van-1", "van-2"]
    assert {entry.payload["identity_source"] for entry in started} == {"bay"}
    who = identify(
        "FREE", "S0/1", at=at(60), brief=there.control.brief, release=None, seen=Seen()
    ).who
    assert (who.source, who.confidence_share) == ("bay", BAY_CONFIDENCE)
    assert BAY_CONFIDENCE < TOKEN_CONFIDENCE


def test_requirement_10_a_gap_in_the_charge_gets_a_band_that_holds_the_truth():
    covered_by(
        "tests/unit/needs/test_soc_band.py"
        "::test_requirement_10_after_8_h_of_silence_95_of_100_bands_hold_the_truth"
    )


def test_requirement_09_somebody_unknown_gets_the_declared_power_is_listed_and_repaired_later():
    there = site(small_site(safe_kw=0.0)).come_up()

    there.plug_in("S1", "")
    there.pump()
    refused = site(small_site(safe_kw=0.0, unknown_policy="require_known")).come_up()
    refused.plug_in("S1", "")
    refused.pump()

    # accept_all: 6 A on three phases of 230 V; require_known: the safe limit, here 0.
    assert there.held_kw("S1/1") == pytest.approx(SAFE_KW, abs=0.001)
    assert refused.held_kw("S1/1") == 0.0
    for one in (there, refused):
        (listed,) = exceptions(one)
        assert (listed.at - T0).total_seconds() <= 5.0
    covered_by(
        "tests/unit/workflows/test_assign_identity.py"
        "::test_a_session_that_is_over_and_collected_is_mended_in_the_store"
    )
    covered_by(
        "tests/unit/gateway/test_visitors.py::test_a_person_says_whose_it_is_and_the_plan_goes_there"
    )


def test_requirement_44_minute_values_of_all_chargers_become_one_load_profile():
    # That a month of 48 chargers takes less than a second stands in benchmarks/load_profile.py.
    covered_by(
        "tests/unit/store/test_meters_load.py"
        "::test_meters_are_summed_and_an_interval_that_one_of_them_lacks_is_unknown"
    )
