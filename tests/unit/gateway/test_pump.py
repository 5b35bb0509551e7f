"""How soon a limit may be raised again: not so often that nobody can follow, no later than needed."""

from dataclasses import replace

import pytest

from depotlib.gateway.bounds import SiteBounds
from depotlib.gateway.steps import constant
from depotlib.model.release import Release
from tests.gateway_cases import Site, night, site, small_site


def anew(limits_kw: list[float], *, release_id: str) -> Release:
    """Return a release as dispatch makes it: it does not pass over pauses as a push does."""
    release = night({"S0/1": limits_kw}, release_id=release_id)
    return replace(release, origin="dispatch")


def charging(limits_kw: list[float]) -> Site:
    """Return a site whose only vehicle has just plugged in, as it was planned."""
    there = site(small_site(stations=1)).come_up()
    there.control.apply_release(night({"S0/1": limits_kw}))
    there.plug_in("S0", "TAG-0")
    there.pump()
    return there


def waited_s(there: Site, *, more_than_kw: float) -> float:
    """Return how long it takes until more is permitted, looking every ten seconds [s]."""
    begin = there.now
    while there.held_kw("S0/1") <= more_than_kw:
        there.wait(10)
    return (there.now - begin).total_seconds()


def test_a_raise_waits_five_minutes_after_the_last():
    there = charging([10.0] * 4)

    there.control.apply_release(anew([20.0] * 4, release_id="r2"))

    # Design, live.md section 4: raises to one station at most every 5 minutes.
    assert waited_s(there, more_than_kw=15.0) == pytest.approx(300.0, abs=10.0)


def test_what_is_raised_only_later_does_not_make_what_is_raised_now_wait():
    there = charging([0.0, 20.0, 20.0, 20.0])

    there.control.apply_release(anew([20.0] * 4, release_id="r2"))

    assert waited_s(there, more_than_kw=15.0) <= 10.0


def test_the_rest_of_a_raise_follows_a_minute_after_the_part_that_there_was_room_for():
    there = charging([0.0] * 4)
    there.control.limits.take_bounds(SiteBounds(operating=constant(12.0)), now=there.now)
    there.control.apply_release(anew([20.0] * 4, release_id="r2"))
    there.wait(10)
    assert 10.0 < there.held_kw("S0/1") <= 12.0

    there.control.limits.take_bounds(SiteBounds(operating=constant(40.0)), now=there.now)

    assert waited_s(there, more_than_kw=15.0) == pytest.approx(60.0, abs=10.0)
