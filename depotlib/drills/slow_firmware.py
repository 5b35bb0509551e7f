"""Firmware that answers slowly, and a burst of limits for every station."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_most, told
from depotlib.drills.frames import limits_heard, most_outstanding, read_calls
from depotlib.drills.meters import added_window_kw, between, highest_site_kw
from depotlib.drills.processes import DrillDepot, drill_depot
from depotlib.drills.yard import (
    YardPlan,
    connector_of,
    flat,
    plug_all_in,
    push_and_wait,
    soon,
)
from depotlib.virtual.script import Misbehaviour, NightScript

BURST_SPEED: Final = 1.0
"""How long a burst takes is the wall clock's."""
BURST: Final = YardPlan(count=48, service_kw=400.0, operating_kw=390.0)
QUICK_S, MIDDLING_S = 0.2, 2.0
QUICK_BURST_S, MIDDLING_BURST_S = 5.0, 20.0
HIGH_KW, LOW_KW = 4.0, 3.0
SWAP_SPEED: Final = 10.0
SWAP: Final = YardPlan(count=12, service_kw=50.0, operating_kw=40.0)
SWAP_KW: Final = 5.8
"""Six at this power and six at their safe limits are 43.4 kW, reserved as 47.8 kW where they are
told in amperes; both halves at once would be 69.6 kW, far over the site's 50."""
SLOW_S: Final = 10.0
DEAF_S: Final = 60.0
"""Beyond the 30 s that a call is waited for: such a station never answers in time."""
ADDED_KW: Final = 1.0
PATIENCE_S: Final = 1200.0
FOLLOWED_SHARE: Final = 0.1


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return how long bursts took, and what slow answers added to the site's power."""
    return (*_bursts(stage), *_swap(stage))


def _bursts(stage: Stage) -> tuple[Figure, ...]:
    with drill_depot(
        replace(stage, folder=stage.folder / "burst"), BURST.site_toml(), speed_factor=BURST_SPEED
    ) as depot:
        night = plug_all_in(depot, BURST, misbehaviours=_slow(BURST.stations(), QUICK_S))
        push_and_wait(depot, flat(dict.fromkeys(BURST.stations(), HIGH_KW)))
        quick = depot.clock.now()
        push_and_wait(depot, flat(dict.fromkeys(BURST.stations(), LOW_KW)))
        depot.play(_with_slow(night, _slow(BURST.stations(), MIDDLING_S)))
        middling = depot.clock.now()
        push_and_wait(depot, flat(dict.fromkeys(BURST.stations(), HIGH_KW)))
        end = depot.clock.now()
    calls = read_calls(depot.wire_path)
    told_s: list[float | None] = []
    lost = 0
    for begun, over in ((quick, middling), (middling, end)):
        heard = [one for one in limits_heard(calls, since=begun) if one.called_at < over]
        answered = [one.answered_at for one in heard if one.answered_at is not None]
        lost += BURST.count - len({one.station_id for one in heard if one.answered_at is not None})
        told_s.append((max(answered) - begun).total_seconds() if answered else None)
    return (
        at_most("updates lost of 96", lost, bound=0, unit="updates"),
        at_most(
            "calls that wait for one station's answer at once",
            most_outstanding(calls),
            bound=1,
            unit="calls",
        ),
        at_most(
            "48 updates, firmware of 200 ms",
            told_s[0],
            bound=QUICK_BURST_S,
            unit="s",
            is_speed=True,
        ),
        at_most(
            "48 updates, firmware of 2 s",
            told_s[1],
            bound=MIDDLING_BURST_S,
            unit="s",
            is_speed=True,
        ),
    )


def _swap(stage: Stage) -> tuple[Figure, ...]:
    names = SWAP.stations()
    first, second = names[:6], names[6:]
    with drill_depot(
        replace(stage, folder=stage.folder / "swap"), SWAP.site_toml(), speed_factor=SWAP_SPEED
    ) as depot:
        night = plug_all_in(depot, SWAP)
        push_and_wait(depot, flat(_limits_kw(first)))
        depot.comes_true(lambda: _follows(depot, _limits_kw(first)), within_s=PATIENCE_S)
        slow = (*_slow(first[:1], SLOW_S), *_slow(first[1:], DEAF_S))
        depot.play(_with_slow(night, slow))
        begun = soon(depot)
        push_and_wait(depot, flat(_limits_kw(second)))
        depot.play(night)
        is_followed = depot.comes_true(
            lambda: _follows(depot, _limits_kw(second)), within_s=PATIENCE_S
        )
        seconds = between(depot.meters(), begun, end=depot.newest_at())
    return (
        at_most(
            "limits lost for good in firmware of 10 s and 60 s",
            0 if is_followed else SWAP.count,
            bound=0,
            unit="limits",
        ),
        at_most(
            "highest power of the site meanwhile",
            highest_site_kw(seconds),
            bound=SWAP.service_kw - SWAP.margin_kw,
            unit="kW",
        ),
        at_most(
            "added to a 15-minute mean, above the operating limit",
            added_window_kw([one.site_kw - SWAP.operating_kw for one in seconds]),
            bound=ADDED_KW,
            unit="kW",
        ),
        told("until every van had its new power", _length_s(begun, depot.newest_at()), unit="s"),
    )


def _length_s(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def _limits_kw(favoured: tuple[str, ...]) -> dict[str, float]:
    return {name: SWAP_KW if name in favoured else 0.0 for name in SWAP.stations()}


def _follows(depot: DrillDepot, limits_kw: dict[str, float]) -> bool:
    """Return whether every plug draws its limit, as its own meter says, to a tenth of it."""
    newest = depot.newest()
    return newest is not None and all(
        abs(newest.plug_kw.get(connector_of(name), 0.0) - limit_kw) <= FOLLOWED_SHARE * limit_kw
        for name, limit_kw in limits_kw.items()
    )


def _slow(names: tuple[str, ...], delay_s: float) -> tuple[Misbehaviour, ...]:
    return tuple(Misbehaviour(station_id=name, kind="slow", delay_s=delay_s) for name in names)


def _with_slow(night: NightScript, slow: tuple[Misbehaviour, ...]) -> NightScript:
    return night.model_copy(update={"misbehaviour": slow})


DRILL: Final = Drill(
    name="slow-firmware",
    title="Stations answer after 0.2, 2, 10 and 60 s, in bursts of 48 limits",
    passes_when="no limit is lost, a station has one call to answer at a time, a burst takes no "
    "more than 5 s (200 ms) and 20 s (2 s), and slow answers add no more than 1 kW to a "
    "15-minute mean",
    defence="what a decrease frees is given to others once it is acknowledged and has settled",
    minutes=5,
    play=play,
)
