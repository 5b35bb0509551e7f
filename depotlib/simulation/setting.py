"""What a play is played on: its nights, its grid, its site, and what has been drawn so far."""

from dataclasses import dataclass

import numpy as np

from depotlib.model.timegrid import TimeGrid
from depotlib.simulation.assets import SiteAssets
from depotlib.simulation.feeding import Feeding
from depotlib.simulation.play_grid import FloatArray, PlayGrid, play_grid
from depotlib.simulation.sampling import DrawnNights, drawn_nights, with_outages
from depotlib.simulation.scenario import Scenario
from depotlib.simulation.site import Site, site_of
from depotlib.simulation.sun import actual_sun_kw, expected_sun_kw
from depotlib.simulation.vehicle import Vehicle
from depotlib.simulation.yard import Yard


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that a play shares with whoever is in control of it.

    Parameters
    ----------
    scenario : Scenario
    drawn : DrawnNights
    play : PlayGrid
    site : Site
    yard : Yard
    vehicles : dict of int to Vehicle
        By position among the drawn stays; those that do not come are not in it.
    base_load_kw : ndarray
        (intervals,).
    expected_sun_kw, sun_kw : ndarray
        What the sun is expected to give, and what it gives, (intervals,).
    assets : SiteAssets
    feeding : Feeding
    site_kw, charging_kw : ndarray
        Filled as the play goes on, (intervals,).
    plugged_count, charging_count : ndarray of int
        Vehicles with a plug, and with power, (intervals,).
    """

    scenario: Scenario
    drawn: DrawnNights
    play: PlayGrid
    site: Site
    yard: Yard
    vehicles: dict[int, Vehicle]
    base_load_kw: FloatArray
    expected_sun_kw: FloatArray
    sun_kw: FloatArray
    assets: SiteAssets
    feeding: Feeding
    site_kw: FloatArray
    charging_kw: FloatArray
    plugged_count: np.ndarray[tuple[int], np.dtype[np.int64]]
    charging_count: np.ndarray[tuple[int], np.dtype[np.int64]]


def setting_of(scenario: Scenario) -> Setting:
    """Return the setting of a scenario, before anything has happened."""
    drawn = drawn_nights(scenario)
    last = max((one.dwell.departure for one in drawn.stays if one.comes), default=None)
    play = play_grid(scenario, last_departure=last)
    grid = play.grid
    base_load_kw = play.by_day(scenario.base_load_kw)
    site = site_of(with_outages(scenario.depot, drawn.outages), grid, base_load_kw=base_load_kw)
    sun_kw = actual_sun_kw(scenario.sun, play)
    vehicles = _vehicles(drawn, grid)
    feeding = Feeding(
        scenario.depot,
        site,
        vehicles=list(vehicles.values()),
        base_load_kw=base_load_kw,
        interval_h=grid.interval_h,
    )
    return Setting(
        scenario=scenario,
        drawn=drawn,
        play=play,
        site=site,
        yard=Yard(scenario.depot, site, grid=grid, staffed=play.staffed),
        vehicles=vehicles,
        base_load_kw=base_load_kw,
        expected_sun_kw=expected_sun_kw(scenario.sun, play),
        sun_kw=sun_kw,
        assets=SiteAssets(
            scenario.depot,
            site.storage_paths,
            base_load_kw=base_load_kw,
            solar_kw=sun_kw,
            interval_h=grid.interval_h,
            feeds=feeding.is_there,
        ),
        feeding=feeding,
        site_kw=base_load_kw.copy(),
        charging_kw=np.zeros(grid.count),
        plugged_count=np.zeros(grid.count, dtype=np.int64),
        charging_count=np.zeros(grid.count, dtype=np.int64),
    )


def _vehicles(drawn: DrawnNights, grid: TimeGrid) -> dict[int, Vehicle]:
    vehicles: dict[int, Vehicle] = {}
    for index, one in enumerate(drawn.stays):
        if one.comes:
            first = min(max(0, grid.first_whole_interval(one.dwell.arrival)), grid.count - 1)
            last_whole = max(first, min(grid.count, grid.interval_of(one.dwell.departure)))
            vehicles[index] = Vehicle(index, one.dwell, first=first, last=last_whole)
    return vehicles
