"""The building's load jumps in the middle of a billing window."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from depotlib.drills.drill import Drill, Figure, Stage, at_least, at_most, told
from depotlib.drills.meters import WINDOW_S, between, window_means_kw
from depotlib.drills.processes import EVENING, DrillDepot, drill_depot
from depotlib.drills.yard import YardPlan, flat, plug_all_in, push_and_wait
from depotlib.virtual.script import BaseLoad

SPEED_FACTOR: Final = 8.0
"""A meter is stale after 15 s, two real seconds: a busy machine must not make it so."""
TARGET_KW: Final = 100.0
"""Of every window: the operating limit."""
PLAIN: Final = YardPlan(
    count=12, service_kw=180.0, operating_kw=TARGET_KW, base_max_kw=80.0, margin_kw=1.0
)
BASE_KW, JUMP_KW = 10.0, 60.0
JUMP_AFTER: Final = timedelta(minutes=5)
WINDOW: Final = timedelta(seconds=WINDOW_S)
LEAD: Final = timedelta(minutes=2)
"""Before the window begins everybody charges: a busy machine takes long until they do."""
CHARGE_KW: Final = 7.0
"""Twelve of them and the base load are 94 kW; after the jump they would be 154 kW, and the window's
mean (5 x 94 + 10 x 154) / 15 = 134 kW."""
BESIDE_KW: Final = 1.0
LIVELY_KW: Final = 60.0
"""Charging before the jump by less would show that the base load was not measured: without a meter
twelve vans have 100 - 80 = 20 kW."""
METER: Final = """
[site_meter]
kind = "file"
address = "{path}"
[[site_meter.point]]
of = "power"
at = "meter.power_kw"
unit = "kW"
[[site_meter.point]]
of = "energy"
at = "meter.energy_kwh"
unit = "kWh"
[[site_meter.point]]
of = "time"
at = "meter.at"
unit = "iso"
"""


def play(stage: Stage) -> tuple[Figure, ...]:
    """Return the mean of the window in which the load jumped."""
    yard = replace(PLAIN, extra=METER.format(path=_meters_path(stage)))
    calm = BaseLoad(start=EVENING, power_kw=BASE_KW)
    with drill_depot(stage, yard.site_toml(), speed_factor=SPEED_FACTOR) as depot:
        night = plug_all_in(depot, yard, base_load=(calm,))
        push_and_wait(depot, flat(dict.fromkeys(yard.stations(), CHARGE_KW)))
        start = _next_window(depot.newest_at() + LEAD)
        jump = BaseLoad(start=start + JUMP_AFTER, power_kw=BASE_KW + JUMP_KW)
        depot.play(night.model_copy(update={"base_load": (calm, jump)}))
        depot.live_until(start + WINDOW + timedelta(seconds=1))
        return _figures(depot, start=start)


def _next_window(instant: datetime) -> datetime:
    """Return when the first billing window begins that is not before an instant."""
    count = -(-instant.timestamp() // WINDOW_S)
    return datetime.fromtimestamp(count * WINDOW_S, UTC)


def _meters_path(stage: Stage) -> Path:
    return (stage.folder / "meters.jsonl").resolve()


def _figures(depot: DrillDepot, *, start: datetime) -> tuple[Figure, ...]:
    seconds = depot.meters()
    jump_at = start + JUMP_AFTER
    means_kw = window_means_kw(seconds, power_kw=lambda one: one.meter_kw or 0.0)
    before = between(seconds, start, end=jump_at)
    after = between(seconds, jump_at, end=start + WINDOW)
    return (
        at_least(
            "most that was charged with before the jump",
            max((one.site_kw for one in before), default=0.0),
            bound=LIVELY_KW,
            unit="kW",
        ),
        at_most(
            "mean of the window, the building included",
            means_kw.get(start),
            bound=TARGET_KW + BESIDE_KW,
            unit="kW",
        ),
        at_most(
            "highest power of the site, the building included",
            max((one.meter_kw or 0.0 for one in seconds), default=None),
            bound=PLAIN.service_kw - PLAIN.margin_kw,
            unit="kW",
        ),
        told(
            "mean of what was charged with after the jump",
            sum(one.site_kw for one in after) / len(after) if after else None,
            unit="kW",
        ),
    )


DRILL: Final = Drill(
    name="base-load-jump",
    title="The building's load jumps by 60 kW in minute 5 of a billing window",
    passes_when="the window's mean stays within 1 kW of its target",
    defence="charging gets what the running window still leaves, by the site's meter",
    minutes=3,
    play=play,
)
