"""Who has which connector from now on, as the night is: placed, in turns, and led elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from depotlib.dispatch.leading import Led, with_diversions
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.placement import Yard
from depotlib.dispatch.stranded import unserving, ways_around
from depotlib.dispatch.turns import surely_needed, with_turns_changed
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow
from depotlib.units import duration_h

Windows: TypeAlias = tuple[ConnectorWindow, ...]

WORTH_H: Final = 0.1
"""So much less time has to be missing to somebody that people are asked for something else [h]."""


def arranged(night: LiveNight, stays: Sequence[Dwell], *, start: datetime) -> Led:
    """Return who has which connector when, and who is led to another one for it.

    Of the ways around what serves nobody the first by which nobody lacks time; else the one by
    which the least is missing of what everybody must have, then of what everybody would like.

    Parameters
    ----------
    night : LiveNight
    stays : sequence of Dwell
        Not over yet, who is late with the arrival that is reckoned with; one a vehicle.
    start : datetime
        From when on a plan decides.
    """
    yard = Yard(
        start=start,
        changeover=timedelta(seconds=night.brief.depot.changeover_s),
        connector_of={one.vehicle_id: one.connector_id for one in night.guests().values()},
    )
    ways = _each_once(ways_around(night, stays, yard=yard))
    if not unserving(night):
        return _led(next(ways), stays, night=night, yard=yard)
    sure = [surely_needed(stay) for stay in stays]
    best, least_h = Led(()), (float("inf"), float("inf"))
    for placed in ways:
        led = _led(placed, stays, night=night, yard=yard)
        missing_h = tuple(_missing_h(led.windows, asked, night=night) for asked in (sure, stays))
        if _is_less(missing_h, least_h):
            best, least_h = led, missing_h
        if max(least_h) <= 0.0:
            break
    return best


def _each_once(ways: Iterable[Windows]) -> Iterator[Windows]:
    """Yield ways of placing everybody, those that are as one before left out."""
    seen: set[Windows] = set()
    for placed in ways:
        if placed not in seen:
            seen.add(placed)
            yield placed


def _led(placed: Windows, stays: Sequence[Dwell], *, night: LiveNight, yard: Yard) -> Led:
    """Return windows once turns are changed where that helps, and who has none is led to some."""
    turned = with_turns_changed(placed, stays, night=night, yard=yard)
    return with_diversions(turned, stays, night=night, yard=yard)


def _is_less(missing_h: Sequence[float], least_h: Sequence[float]) -> bool:
    """Return whether less is missing of the first thing that differs by as much as is worth it."""
    gains_h = (least - missing for missing, least in zip(missing_h, least_h, strict=True))
    return next((gain_h > 0.0 for gain_h in gains_h if abs(gain_h) > WORTH_H), False)


def _missing_h(
    windows: Sequence[ConnectorWindow], stays: Sequence[Dwell], *, night: LiveNight
) -> float:
    """Return the time at full power that everybody together lacks in windows [h]."""
    most_kw = {one.connector_id: one.max_kw for one in night.brief.depot.connectors()}
    missing_h = 0.0
    for stay in stays:
        own = [window for window in windows if window.vehicle_id == stay.vehicle_id]
        given_kwh = sum(
            min(stay.max_kw, most_kw[window.connector_id]) * duration_h(window.end - window.start)
            for window in own
        )
        best_kw = min(stay.max_kw, max(most_kw.values()))
        missing_h += max(0.0, stay.energy_target_kwh - given_kwh) / best_kw
    return missing_h
