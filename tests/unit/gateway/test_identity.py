from dataclasses import replace

from depotlib.gateway.identity import identify, planned_vehicle
from depotlib.model.identity import BayAssignment, IdentityMap, IdentityToken
from tests.gateway_cases import T0, at, night, small_site

BRIEF = small_site()


def verdict(token, connector="S0/1", *, brief=BRIEF, release=None, plugged=None, when=T0):
    return identify(token, connector, at=when, brief=brief, release=release, plugged=plugged or {})


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
