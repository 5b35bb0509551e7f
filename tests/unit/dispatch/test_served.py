"""A vehicle that has what it needs stays on its connector until the next one comes, at 0 kW."""

from dataclasses import replace
from datetime import timedelta

from depotlib.dispatch.replan import is_same, replan
from depotlib.model.release import LimitStep, Release
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

HOUR = timedelta(hours=1)
PLACE = "AC-01/1"


def shared() -> Release:
    """Return a push of van-1 until eight, and van-2 after it, on one connector."""
    first, second = (samples.schedule(PLACE, van) for van in ("van-1", "van-2"))
    turn = EVENING + 2 * HOUR
    later = replace(second, steps=(LimitStep(turn, 7.4),))
    return replace(samples.release("pushed"), schedules=(replace(first, valid_to=turn), later))


def planned(energy_kwh: float) -> Release:
    """Return the release at nine: van-1 has had so much of its 30 kWh, and van-2 has not come."""
    here = scenes.plugged(PLACE, "van-1", energy_kwh=energy_kwh)
    plan = replan(
        scenes.night(
            now=EVENING + 3 * HOUR,
            pushed=shared(),
            current=shared(),
            stations=(here, scenes.empty("AC-02/1")),
        )
    )
    assert plan is not None
    return plan.release


def test_who_has_all_it_needs_and_no_time_any_more_is_served():
    release = planned(30.0)
    assert "van-1" not in {one.vehicle_id for one in release.schedules}
    assert release.served == ("van-1",)
    # It is a reason to tell the stations, also where nothing else has changed.
    assert not is_same(release, replace(release, served=()), now=release.made_at)
    assert is_same(release, replace(release, release_id="again"), now=release.made_at)


def test_who_lacks_some_of_it_is_not():
    assert planned(20.0).served == ()
