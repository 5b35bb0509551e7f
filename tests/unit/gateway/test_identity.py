from dataclasses import replace

from depotlib.gateway.identity import (
    BAY_CONFIDENCE,
    GROUP_CONFIDENCE,
    TELEMATICS_CONFIDENCE,
    Seen,
    identify,
    planned_vehicle,
)
from depotlib.model.identity import BayAssignment, IdentityMap, IdentityToken
from depotlib.model.news import VehicleReading
from tests.gateway_cases import T0, at, night, small_site

BRIEF = small_site()


def verdict(
    token, connector="S0/1", *, brief=BRIEF, release=None, plugged=None, when=T0, readings=()
):
    seen = Seen(plugged or {}, tuple(readings))
    return identify(token, connector, at=when, brief=brief, release=release, seen=seen)


def test_a_tag_names_its_vehicle_whatever_its_case():
    found = verdict(" tag-0 ")

    assert (found.who.vehicle_id, found.who.source, found.exception) == ("van-0", "tag", "")


def test_a_tag_that_has_expired_names_nobody():
    token = IdentityToken("OLD", "card", "van-9", valid_to=T0)
    brief = replace(BRIEF, identities=IdentityMap((token,)))

    assert verdict("OLD", brief=brief, when=at(-1)).who.vehicle_id == "van-9"
    assert verdict("OLD", brief=brief).who.vehicle_id is None


def test_an_unknown_tag_on_a_planned_bay_is_taken_for_its_vehicle_and_listed():
    found = verdict("NOBODY", release=night({"S0/1": [5.0]}))

    assert (found.who.vehicle_id, found.who.source) == ("van-0", "bay")
    assert "NOBODY" in found.exception


def test_the_briefs_bays_serve_where_no_release_is_in_force():
    bay = BayAssignment("S0/1", "van-2", T0, at(60))

    found = verdict("", brief=replace(BRIEF, bays=(bay,)))

    assert (found.who.vehicle_id, found.who.source) == ("van-2", "bay")
    assert (
        planned_vehicle("S0/1", at=at(60), brief=replace(BRIEF, bays=(bay,)), release=None) is None
    )


def test_a_vehicle_that_charges_elsewhere_is_not_here_too():
    found = verdict("TAG-0", "S1/1", plugged={"van-0": "S0/1"})

    assert found.who.vehicle_id is None
    assert "S0/1" in found.exception
    assert found.may_charge


def test_nobody_we_know_may_charge_where_everybody_may():
    assert verdict("NOBODY").may_charge


def test_nobody_we_know_may_not_where_only_known_ones_may():
    brief = small_site(unknown_policy="require_known")

    found = verdict("NOBODY", brief=brief, release=night({"S0/1": [5.0]}))

    assert not found.may_charge
    assert found.who.vehicle_id is None


GROUP = IdentityMap(
    (
        IdentityToken("A", "tag", "van-0", parent="FLEET"),
        IdentityToken("B", "tag", "van-1", parent="fleet"),
        IdentityToken("OLD", "tag", "van-2", parent="FLEET", valid_to=T0),
    )
)


def test_a_groups_token_names_the_one_of_the_group_that_can_be_here():
    brief = replace(BRIEF, identities=GROUP)

    planned = verdict("Fleet", brief=brief, release=night({"S0/1": [5.0]}))
    the_other = verdict("FLEET", brief=brief, plugged={"van-0": "S1/1"})
    either = verdict("FLEET", brief=brief)

    assert (planned.who.vehicle_id, planned.who.confidence_share) == ("van-0", GROUP_CONFIDENCE)
    assert the_other.who.vehicle_id == "van-1"
    assert either.who.vehicle_id is None
    assert "2 of it" in either.exception


def test_a_token_that_two_vehicles_have_at_once_is_a_conflict():
    tokens = (IdentityToken("X", "tag", "van-0"), IdentityToken("x", "card", "van-1"))

    found = verdict("X", brief=replace(BRIEF, identities=IdentityMap(tokens)))

    assert found.who.vehicle_id == "van-0"
    assert "van-1 too" in found.exception


def test_long_tokens_are_told_apart_and_one_cut_by_ocpp_16_is_still_found():
    names = ("IDTOKEN-OF-A-VERY-LONG-KIND-1", "IDTOKEN-OF-A-VERY-LONG-KIND-2")
    tokens = tuple(IdentityToken(name, "emaid", f"van-{n}") for n, name in enumerate(names))
    brief = replace(BRIEF, identities=IdentityMap(tokens))
    only = replace(BRIEF, identities=IdentityMap(tokens[1:]))

    assert verdict(names[1], brief=brief).who.vehicle_id == "van-1"
    assert verdict(names[1][:20], brief=only).who.vehicle_id == "van-1"


def reading(vehicle_id: str, seconds: float, **says: bool) -> VehicleReading:
    return VehicleReading(vehicle_id, at(seconds), 0.5, None, "test", **says)


def test_telematics_names_the_only_van_that_says_it_was_plugged_in_here_about_then():
    one = reading("van-2", 30, is_plugged=True, is_at_depot=True)
    elsewhere = reading("van-1", 30, is_plugged=True, is_at_depot=False)
    stale = reading("van-0", 3600, is_plugged=True)

    found = verdict("NOBODY", readings=(one, elsewhere, stale))
    either = verdict("NOBODY", readings=(one, reading("van-1", 10, is_plugged=True)))

    assert (found.who.vehicle_id, found.who.source) == ("van-2", "telematics")
    assert found.who.confidence_share == TELEMATICS_CONFIDENCE < BAY_CONFIDENCE
    assert either.who.vehicle_id is None


def test_a_bay_is_not_believed_against_a_van_that_says_it_is_away():
    release = night({"S0/1": [5.0]})
    away = reading("van-0", 10, is_at_depot=False)
    loose_before = reading("van-0", -10, is_plugged=False)

    assert verdict("", release=release, readings=(away,)).who.vehicle_id is None
    assert "van-0 is planned here" in verdict("", release=release, readings=(away,)).exception
    assert verdict("", release=release, readings=(loose_before,)).who.vehicle_id == "van-0"


def test_a_token_that_telematics_contradicts_is_believed_and_listed():
    away = reading("van-0", 10, is_at_depot=False)

    found = verdict("TAG-0", readings=(away,))

    assert found.who.vehicle_id == "van-0"
    assert "telematics" in found.exception


def test_a_token_that_may_not_charge_says_why():
    tokens = (
        IdentityToken("LOST", "tag", "van-0", is_blocked=True),
        IdentityToken("OLD", "tag", "van-1", valid_to=T0),
        IdentityToken("LATER", "tag", "van-1", valid_from=at(60)),
    )
    brief = replace(small_site(unknown_policy="require_known"), identities=IdentityMap(tokens))

    found = {name: verdict(name, brief=brief) for name in ("LOST", "OLD", "LATER", "NOBODY")}

    assert {name: one.refusal for name, one in found.items()} == {
        "LOST": "blocked", "OLD": "expired", "LATER": "invalid", "NOBODY": "invalid"
    }  # fmt: skip
    assert not any(one.may_charge for one in found.values())


def test_a_blocked_token_may_not_charge_even_where_everybody_may():
    lost = IdentityToken("LOST", "tag", "van-0", is_blocked=True)
    brief = replace(BRIEF, identities=IdentityMap((lost,)))

    found = verdict("LOST", brief=brief, release=night({"S0/1": [5.0]}))

    assert (found.may_charge, found.refusal) == (False, "blocked")
    assert "blocked" in found.exception


def test_a_token_of_a_group_tells_its_group():
    brief = replace(BRIEF, identities=GROUP)

    assert verdict("A", brief=brief).parent == "FLEET"
    assert verdict("TAG-0").parent == ""
