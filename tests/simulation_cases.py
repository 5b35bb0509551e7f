"""Small depots, typical nights and scenarios for tests of the simulation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.simulation.controls import policy_of
from depotlib.simulation.play import run
from depotlib.simulation.scenario import Chances, PastNight, Scenario
from depotlib.simulation.setting import Setting, setting_of
from depotlib.tariffs.tariff import Tariff
from tests import tariff_cases
from tests.planning_cases import depot_of, station

EVENING: Final = date(2026, 11, 3)
"""A Tuesday."""
NOON: Final = datetime(2026, 11, 3, 12, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)
NOTHING: Final = Chances()
DAY_AND_NIGHT: Final = tariff_cases.schedule(range(6, 22))

FLAT: Final = tariff_cases.tariff()
"""0.10 $/kWh at all hours, nothing else."""
CHEAP: Final = tariff_cases.tariff(
    energyratestructure=[[{"rate": 0.10}], [{"rate": 0.30}]],
    energyweekdayschedule=DAY_AND_NIGHT,
    energyweekendschedule=DAY_AND_NIGHT,
)
"""0.30 $/kWh from 06:00 to 22:00, 0.10 otherwise."""
TOU: Final = tariff_cases.tariff(
    energyratestructure=[[{"rate": 0.10}], [{"rate": 0.30}]],
    energyweekdayschedule=DAY_AND_NIGHT,
    energyweekendschedule=DAY_AND_NIGHT,
    flatdemandstructure=[[{"rate": 15}]],
)
"""0.30 $/kWh from 06:00 to 22:00, 0.10 otherwise, and 15 $/kW."""


def at(quarter: float) -> datetime:
    """Return an instant so many quarter-hours after noon of the typical evening."""
    return NOON + quarter * QUARTER


def stay(vehicle_id: str, first: float, last: float, kwh: float, **more: object) -> Dwell:
    """Return a stay between two quarter-hours after noon; its must is its target."""
    return Dwell(
        vehicle_id,
        at(first),
        at(last),
        **({"energy_must_kwh": kwh, "energy_target_kwh": kwh} | more),
    )


def plugs(count: int, *, max_kw: float = 10.0, limit_kw: float = 1000.0, **more: object) -> Depot:
    """Return a depot of so many stations with one plug each, and people there at all times."""
    stations = (station(f"S{n}", max_kw=max_kw, **more) for n in range(count))
    return replace(depot_of(*stations, limit_kw=limit_kw), changeover_s=0)


def scenario(
    stays: Sequence[Dwell],
    depot: Depot,
    policy: str = "fcfs",
    *,
    chances: Chances = NOTHING,
    tariff: Tariff = FLAT,
    **more: object,
) -> Scenario:
    """Return a scenario of one night that is like a typical one."""
    return Scenario(
        depot=depot,
        tariff=tariff,
        nights=(PastNight(EVENING, tuple(stays)),),
        policy=policy,
        chances=chances,
        **({"first": EVENING, "days": 1} | more),
    )


def played(one: Scenario) -> Setting:
    """Return the setting of a scenario after its play."""
    setting = setting_of(one)
    policy, _ = policy_of(setting)
    run(setting, policy)
    return setting


def fleet(seed: int, count: int) -> tuple[Dwell, ...]:
    """Return a typical night of some vans: home in the evening, gone in the morning, no ties."""
    rng = np.random.default_rng(seed)
    first = 16 + rng.permutation(20)[:count]
    last = 66 + rng.permutation(20)[:count]
    kwh = np.round(rng.uniform(15.0, 60.0, count), 1)
    return tuple(stay(f"van-{n}", int(first[n]), int(last[n]), float(kwh[n])) for n in range(count))
