"""A second connector for whoever cannot have what it must have on its first one.

Who comes late to a connector that it shares, or needs more than was known, must make room before it
has enough. Once it is plugged in that is known: elsewhere somebody with time to spare makes room
for it then, or a connector stands empty, and it is moved there while people are in the yard. Once a
release says so the move stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.openings import (
    Ground,
    Opening,
    fitted_in,
    is_bound,
    openings,
    staffed,
    usable,
)
from depotlib.dispatch.placement import Yard
from depotlib.dispatch.stranded import unserving
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow
from depotlib.units import duration_h

CLOSE_FACTOR: Final = 1.05
"""Who has so little more time than its must takes at full power is served too short."""
WORTH_KWH: Final = 1.0
"""Nobody is moved for less."""


def with_second_places(
    windows: Sequence[ConnectorWindow], stays: Sequence[Dwell], *, night: LiveNight, yard: Yard
) -> tuple[ConnectorWindow, ...]:
    """Return windows with a second one for each vehicle that cannot have its must in the first.

    Parameters
    ----------
    windows : sequence of ConnectorWindow
        None overlapping on a connector.
    stays : sequence of Dwell
        Not over yet; one a vehicle.
    night : LiveNight
    yard : Yard
    """
    lost = unserving(night)
    here = {name: place for name, place in yard.connector_of.items() if place not in lost}
    ground, found = Ground(night, yard, lost, here), list(windows)
    by_name = {stay.vehicle_id: stay for stay in stays}
    short = dict(_short(found, stays, ground=ground))
    for stay in sorted(short.values(), key=lambda stay: (stay.departure, stay.vehicle_id)):
        own = {window.connector_id for window in found if window.vehicle_id == stay.vehicle_id}
        places = {
            name: power_kw for name, power_kw in usable(stay, ground).items() if name not in own
        }
        opened = [
            opening
            for opening in openings(stay, found, places=places, stays=by_name, ground=ground)
            if _is_possible(opening, ground=ground)
            and (opening.before is None or opening.before.vehicle_id not in short)
        ]
        if opened:
            promised = _promised(stay.vehicle_id, night)
            found = fitted_in(
                found,
                max(opened, key=lambda one: (one.window.connector_id in promised, one.worth())),
            )
    return tuple(sorted(found, key=lambda window: (window.connector_id, window.start)))


def _short(
    windows: Sequence[ConnectorWindow], stays: Sequence[Dwell], *, ground: Ground
) -> Iterator[tuple[str, Dwell]]:
    """Yield who cannot have its must in its windows, with what is left and from when on."""
    most_kw = {one.connector_id: one.max_kw for one in ground.night.brief.depot.connectors()}
    changeover = ground.yard.changeover
    # Who is not here yet may still come in time: what it needs then is known when it plugs in. Who
    # has charged and is unplugged waits in the yard for its second place.
    waiting = {name for name, kwh in ground.night.ended_kwh.items() if kwh > 0.0}
    for stay in (one for one in stays if one.vehicle_id in waiting | set(ground.here)):
        own = [window for window in windows if window.vehicle_id == stay.vehicle_id]
        given_kwh = sum(
            min(stay.max_kw, most_kw[window.connector_id]) * duration_h(window.end - window.start)
            for window in own
        )
        free_at = max([stay.arrival, *(window.end + changeover for window in own)])
        missing_kwh = stay.energy_target_kwh - given_kwh
        is_short = CLOSE_FACTOR * stay.energy_must_kwh > given_kwh and missing_kwh > WORTH_KWH
        if is_short and free_at < stay.departure and not is_bound(stay.vehicle_id, ground.night):
            yield (
                stay.vehicle_id,
                replace(
                    stay,
                    arrival=free_at,
                    energy_target_kwh=missing_kwh,
                    energy_must_kwh=min(stay.energy_must_kwh, missing_kwh),
                    precondition_kwh=0.0,
                ),
            )


def _is_possible(opening: Opening, *, ground: Ground) -> bool:
    """Return whether people are there to drive, and there is time for more than a word."""
    start = opening.window.start
    is_staffed = staffed(ground.night.brief.depot, start - ground.yard.changeover) < start
    return is_staffed and opening.window.end - start > timedelta(minutes=15)


def _promised(vehicle_id: str, night: LiveNight) -> frozenset[str]:
    """Return the connectors that the release in force has a vehicle on from now on."""
    return frozenset(
        one.connector_id
        for one in night.current.schedules
        if one.vehicle_id == vehicle_id and one.valid_to > night.now
    )
