"""Policies that plan: once a noon and then blindly, again at all news, or once with hindsight."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.month import peak_targets
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.site_assets import with_assets
from depotlib.planning.solve import solve_problem
from depotlib.simulation.assets import Orders
from depotlib.simulation.beliefs import Beliefs
from depotlib.simulation.orders import NO_PLAN, Ahead, Order, plan_ahead
from depotlib.simulation.play_grid import play_grid
from depotlib.simulation.prices_ahead import terms_ahead
from depotlib.simulation.rules import Moment
from depotlib.simulation.sampling import drawn_nights, with_outages
from depotlib.simulation.setting import Setting
from depotlib.simulation.vehicle import NOWHERE, Vehicle
from depotlib.units import SECONDS_PER_HOUR

Foresight = Literal["blind", "replanned", "hindsight"]
TARGET_SEED: Final = 1_000_000
"""Peaks worth paying for come from other draws than what happens."""


class Planned:
    """A policy that carries out a plan.

    Parameters
    ----------
    setting : Setting
    foresight : {'blind', 'replanned', 'hindsight'}
    prices : PriceTerms
        Of the whole play.
    """

    def __init__(self, setting: Setting, foresight: Foresight, *, prices: PriceTerms) -> None:
        self._setting, self._foresight, self._prices = setting, foresight, prices
        self._plan, self._orders = NO_PLAN, NO_PLAN.orders
        self._home: dict[int, Vehicle] = {}
        self._noons = frozenset(setting.play.noons[:-1])
        self._hour = SECONDS_PER_HOUR // setting.play.grid.interval_s
        is_hindsight = foresight == "hindsight"
        self._beliefs = None if is_hindsight else Beliefs(setting.scenario, setting.drawn)
        self._target_kw = {} if is_hindsight else target_kw(setting, prices)
        grid = setting.play.grid
        self._outages_at = frozenset(
            grid.first_whole_interval(instant)
            for one in setting.drawn.outages
            for instant in (one.derating.start, one.derating.end)
        )
        self._is_begun = False
        self.steering = self

    def place(self, interval: int, arrived: Sequence[Vehicle]) -> None:
        """Plan, where there is a reason to, and bring vehicles to the plugs that are theirs."""
        for vehicle in arrived:
            self._setting.yard.waiting.append(vehicle)
        self._home |= {one.index: one for one in arrived}
        self._home = {index: one for index, one in self._home.items() if one.last > interval}
        if self._is_due(interval, arrived):
            self._make_plan(interval)
        for vehicle in list(self._home.values()):
            self._follow(vehicle, interval, has_just_come=vehicle in arrived)

    def powers_kw(self, moment: Moment) -> list[float]:
        """Return the powers of the orders, as far as batteries and limits take them."""
        powers_kw: list[float] = []
        for position, vehicle in enumerate(moment.vehicles):
            order = self._order(vehicle, moment.interval)
            meant_kw = 0.0
            if order is not None and order.place == vehicle.place:
                meant_kw = max(0.0, order.power_kw.get(moment.interval, 0.0))
            wish_kw = moment.wishes_kw[position]
            power_kw = min(meant_kw, wish_kw, max(0.0, moment.free_kw(position)))
            # The last of what it needs may be less than the least power, also where it could store.
            all_kw = wish_kw if vehicle.is_full else vehicle.wish_kw(moment.interval_h)
            if not vehicle.can_run(power_kw, min(all_kw, wish_kw)):
                power_kw = 0.0
            moment.take(position, power_kw)
            powers_kw.append(power_kw)
        return powers_kw

    def storage_kw(self, interval: int) -> Orders:
        """Return what the plan asks of each storage; None where it says nothing."""
        return self._plan.storage_kw.get(interval)

    def feed_kw(self, vehicle: Vehicle, interval: int) -> float:
        """Return what the plan asks a vehicle to give."""
        order = self._order(vehicle, interval)
        if order is None or order.place != vehicle.place:
            return 0.0
        return max(0.0, -order.power_kw.get(interval, 0.0))

    def _is_due(self, interval: int, arrived: Sequence[Vehicle]) -> bool:
        """Return whether it is time to plan."""
        if not self._is_begun:
            return True
        if self._foresight == "hindsight":
            return False
        if self._foresight == "blind":
            return interval in self._noons
        is_open = any(one.can_feed or not one.is_full for one in self._home.values())
        is_hour = interval % self._hour == 0
        return bool(arrived) or interval in self._outages_at or (is_hour and is_open)

    def _make_plan(self, interval: int) -> None:
        dwells = self._dwells(interval)
        self._is_begun = True
        if not dwells:
            self._plan, self._orders = NO_PLAN, NO_PLAN.orders
            return
        setting, grid = self._setting, self._setting.play.grid
        last = max(grid.interval_of(one.departure) for one in dwells.values())
        if setting.assets.are_built:
            # Storage and sun have a day of their own, when all vehicles are away.
            last = max(last, self._end_of_plan(interval))
        span = range(interval, min(grid.count, max(last, interval + 1)))
        self._plan = plan_ahead(
            Ahead(
                dwells=dwells,
                grid=TimeGrid(
                    start=grid.start + interval * grid.step,
                    interval_s=grid.interval_s,
                    count=len(span),
                ),
                first=interval,
                depot=self._known_depot(interval),
                prices=terms_ahead(
                    self._prices,
                    span,
                    site_kw=setting.site_kw,
                    interval_h=grid.interval_h,
                    target_kw=self._target_kw,
                ),
                base_load_kw=setting.base_load_kw[span.start : span.stop],
                kept=() if interval in self._noons else self._plan.windows,
                solar_kw=self._expected_sun_kw(span) if setting.assets.are_there else None,
            ),
            setting.yard,
        )
        self._orders = self._plan.orders
        if self._foresight == "blind":
            self._orders = self._misplaced(self._orders)

    def _end_of_plan(self, interval: int) -> int:
        """Return where a plan of storage ends: at the next noon, or with everything."""
        if self._foresight == "hindsight":
            return self._setting.play.grid.count
        return next(noon for noon in self._setting.play.noons if noon > interval)

    def _expected_sun_kw(self, span: range) -> FloatArray:
        is_known = self._foresight == "hindsight"
        sun_kw = self._setting.sun_kw if is_known else self._setting.expected_sun_kw
        return sun_kw[span.start : span.stop]

    def _dwells(self, interval: int) -> dict[int, Dwell]:
        """Return who is to be planned for, as far as it is known."""
        grid = self._setting.play.grid
        now = grid.start + interval * grid.step
        if self._foresight == "hindsight":
            return {
                index: one.dwell
                for index, one in self._setting.vehicles.items()
                if one.first < one.last
            }
        dwells = {
            index: self._remaining(one, interval)
            for index, one in self._home.items()
            if one.can_feed or not one.is_full
        }
        assert self._beliefs is not None, "who has no hindsight has beliefs"
        at_home = {one.dwell.vehicle_id for one in self._home.values()}
        night = int(np.searchsorted(self._setting.play.noons[1:-1], interval, side="right"))
        for index, stay in enumerate(self._setting.drawn.stays):
            has_come = stay.comes and self._setting.vehicles[index].first <= interval
            if stay.night != night or has_come or stay.dwell.vehicle_id in at_home:
                continue
            expected = self._beliefs.expected(index, now)
            if expected is not None:
                dwells[index] = expected
        return {
            index: replace(one, arrival=max(one.arrival, now))
            for index, one in dwells.items()
            if one.departure >= now + grid.step
        }

    def _remaining(self, vehicle: Vehicle, interval: int) -> Dwell:
        """Return what a vehicle at home still needs; one at a plug that works stays there."""
        dwell, site = vehicle.dwell, self._setting.site
        battery = dwell.battery
        plug = None
        if vehicle.place != NOWHERE and site.is_working(vehicle.place, interval):
            connector = site.places[vehicle.place].connector_for(dwell)
            plug = None if connector is None else connector.connector_id
        left_kwh, spare_kwh = max(0.0, vehicle.left_kwh), max(0.0, -vehicle.left_kwh)
        if battery is not None:
            battery = replace(battery, arrival_soc=vehicle.soc, spare_kwh=spare_kwh)
        return replace(
            dwell,
            energy_must_kwh=min(left_kwh, max(0.0, dwell.energy_must_kwh - vehicle.charged_kwh)),
            energy_target_kwh=left_kwh,
            connector_id=plug or dwell.connector_id,
            battery=battery,
        )

    def _known_depot(self, interval: int) -> Depot:
        setting = self._setting
        now = setting.play.grid.start + interval * setting.play.grid.step
        known = [
            one
            for one in setting.drawn.outages
            if self._foresight == "hindsight" or one.derating.start <= now
        ]
        depot = with_outages(setting.scenario.depot, known)
        if not depot.storages:
            return depot
        return replace(depot, storages=setting.assets.storages_now())

    def _misplaced(self, orders: Mapping[int, Sequence[Order]]) -> dict[int, Sequence[Order]]:
        """Return orders as they reach vehicles that stand in each other's bays."""
        return {
            index: orders.get(stay.acts_for, ())
            for index, stay in enumerate(self._setting.drawn.stays)
            if stay.acts_for in orders
        }

    def _order(self, vehicle: Vehicle, interval: int) -> Order | None:
        for order in self._orders.get(vehicle.index, ()):
            if order.plug_from <= interval < order.last:
                return order
        return None

    def _follow(self, vehicle: Vehicle, interval: int, *, has_just_come: bool) -> None:
        """Bring a vehicle to the place that is meant for it, if that can be done now."""
        yard = self._setting.yard
        order = self._order(vehicle, interval)
        if order is None or order.place == vehicle.place:
            return
        other = yard.occupant[order.place]
        if other is not None:
            meant = self._order(other, interval)
            if meant is not None and meant.place == order.place:
                return
        drives = (0 if has_just_come else 1) + (0 if other is None else 1)
        if drives and not yard.may_drive(interval, drives):
            return
        if other is not None:
            yard.drive_out(order.place, at=interval)
        if vehicle.place != NOWHERE:
            yard.step_aside(vehicle, at=interval)
        if has_just_come:
            yard.waiting.remove(vehicle)
            yard.plug(vehicle, order.place, at=interval)
        else:
            yard.drive_in(vehicle, order.place, at=interval)


def target_kw(setting: Setting, prices: PriceTerms) -> dict[str, float]:
    """Return the peaks worth paying for, from sampled months; none for a single night."""
    scenario = setting.scenario
    if scenario.days == 1 or not prices.peaks or not scenario.target_months:
        return {}
    grid = play_grid(scenario).grid
    shorter = replace(
        prices,
        energy=tuple(
            replace(term, price_per_kwh=term.price_per_kwh[: grid.count]) for term in prices.energy
        ),
        export=(),
        blocks=(),
        hours_use=(),
        peaks=tuple(
            replace(term, intervals=tuple(at for at in term.intervals if at < grid.count))
            for term in prices.peaks
        ),
    )

    def month(seed: int) -> PlanningProblem:
        stays = drawn_nights(scenario, seed=seed).stays
        problem = relaxed_problem(
            [one.dwell for one in stays if one.comes],
            scenario.depot,
            grid=grid,
            prices=shorter,
            base_load_kw=setting.base_load_kw[: grid.count],
        )
        return _with_assets(problem, setting, sun_kw=setting.expected_sun_kw[: grid.count])

    months = (month(TARGET_SEED + number) for number in range(scenario.target_months))
    return {one.name: one.target_kw for one in peak_targets(months)}


def bound_of(setting: Setting, prices: PriceTerms) -> float:
    """Return what no policy's bill can be below that delivers as much: plugs and floors set aside.

    In the money of the tariff's terms; a bill rounds each of its lines to the cent.
    """
    problem = relaxed_problem(
        [one.dwell for one in setting.vehicles.values()],
        setting.scenario.depot,
        grid=setting.play.grid,
        prices=prices,
        base_load_kw=setting.base_load_kw,
    )
    return solve_problem(_with_assets(problem, setting, sun_kw=setting.sun_kw)).bound_amount


def _with_assets(
    problem: PlanningProblem, setting: Setting, *, sun_kw: FloatArray
) -> PlanningProblem:
    if not setting.assets.are_there:
        return problem
    return with_assets(problem, setting.scenario.depot, solar_kw=sun_kw.tolist())
