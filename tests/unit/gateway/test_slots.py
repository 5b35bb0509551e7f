"""What runs in a transaction is lowered before what lies below it for the next vehicle."""

from dataclasses import replace

from depotlib.gateway.steps import constant
from depotlib.model.live import DEFAULT_SLOT
from depotlib.model.release import Release
from tests.gateway_cases import Site, night, site, small_site


def zeroed(wishes, guests, *, now):
    return {name: replace(wish, line=constant(0.0)) for name, wish in wishes.items()}


def anew(release: Release) -> Release:
    """Return a release as dispatch makes it: it does not pass over pauses as a push does."""
    return replace(release, origin="dispatch")


def charging_over_a_default_of_later() -> Site:
    """Return a site whose default gives nothing for half an hour and 20 kW then; the van has 20."""
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": [0.0, 0.0, 20.0, 20.0, 20.0, 20.0]}))
    there.pump()
    there.plug_in("S0", "TAG-0")
    there.control.apply_release(night({"S0/1": [20.0] * 6}, release_id="r2"))
    there.wait(10)
    assert there.held_kw("S0/1") > 15.0
    assert there.control.ledger.latest("S0/1", DEFAULT_SLOT) is not None
    return there


def test_a_transaction_is_lowered_at_once_although_the_default_permits_more_later():
    there = charging_over_a_default_of_later()

    there.control.limits.lay_over = zeroed
    there.control.limits.mark_stale()
    there.pump()

    assert there.held_kw("S0/1") == 0.0


def test_the_default_follows_once_it_may_be_written_again():
    there = charging_over_a_default_of_later()
    there.control.limits.lay_over = zeroed
    there.control.limits.mark_stale()
    there.pump()

    there.wait(1000)

    default = there.control.ledger.latest("S0/1", DEFAULT_SLOT)
    assert default is not None
    assert {step.limit_kw for step in default.steps} == {0.0}


def test_a_transaction_is_raised_at_once_although_the_default_permits_more_later():
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": [0.0, 0.0, 20.0, 20.0, 20.0, 20.0]}))
    there.pump()
    there.plug_in("S0", "TAG-0")
    there.wait(10)
    there.wait(400)

    there.control.apply_release(anew(night({"S0/1": [20.0] + [0.0] * 5}, release_id="r2")))
    there.pump()

    assert there.held_kw("S0/1") > 15.0
    # The default is lowered before the hour in which it would permit 20 kW.
    for _ in range(12):
        there.wait(100)
    default = there.control.ledger.latest("S0/1", DEFAULT_SLOT)
    assert default is not None
    assert [step.limit_kw for step in default.steps][-1] == 0.0
