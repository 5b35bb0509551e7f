"""A scenario played: interval by interval, whoever is in control."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from depotlib.simulation.controls import policy_of
from depotlib.simulation.outcome import ScenarioOutcome
from depotlib.simulation.policies import Policy
from depotlib.simulation.rules import Moment
from depotlib.simulation.scenario import Scenario
from depotlib.simulation.setting import Setting, setting_of
from depotlib.simulation.tally import outcome_of
from depotlib.simulation.vehicle import TINY_KW, Vehicle

_FULL_KW: Final = 1e-6
"""A limit with no more left is used up."""


def play_nights(scenario: Scenario) -> ScenarioOutcome:
    """Return what comes of a scenario: a pure function of it.

    Parameters
    ----------
    scenario : Scenario

    Raises
    ------
    ModelError, MonthError, PolicyError
        If the scenario cannot be.
    ProblemError
        If a stay asks for a station that the depot does not have.
    TariffTermsError, LoadError
        If the tariff cannot bill the play, or a policy that looks at prices cannot know them.
    SolverError
        If a plan cannot be found.
    """
    setting = setting_of(scenario)
    policy, bound_amount = policy_of(setting)
    run(setting, policy)
    return outcome_of(setting, bound_amount=bound_amount)


def run(setting: Setting, policy: Policy) -> None:
    """Play a setting to its end; what happened is then in its arrays, yard and vehicles."""
    arriving, leaving = _calendar(setting.vehicles.values())
    noons = frozenset(setting.play.noons)
    home: dict[int, Vehicle] = {}
    for interval in range(setting.play.grid.count):
        for vehicle in leaving[interval]:
            if home.pop(vehicle.index, None) is not None:
                setting.yard.leave(vehicle)
        arrived = arriving[interval]
        # At noon there may be something to plan although nobody is there.
        if home or arrived or interval in noons:
            home |= {one.index: one for one in arrived}
            policy.place(interval, arrived)
        elif not setting.assets.are_built:
            continue
        _live(setting, policy, interval=interval, home=home)


def _live(setting: Setting, policy: Policy, *, interval: int, home: dict[int, Vehicle]) -> None:
    """Let everything take and give for one interval."""
    assets, feeding = setting.assets, setting.feeding
    room_kw = list(setting.site.room_kw[interval])
    steering = policy.steering
    orders = None if steering is None else steering.storage_kw(interval)
    fed_kw = feeding.offer(interval, steering, home=home.values(), room_kw=room_kw)
    if assets.are_there:
        assets.offer(interval, orders, room_kw=room_kw, fed_kw=fed_kw)
    charging_kw = _charge(setting, policy, interval=interval, home=home, room_kw=room_kw)
    if feeding.now_kw:
        charging_kw -= feeding.settle(interval, charging_kw=charging_kw, home=home, room_kw=room_kw)
        setting.charging_count[interval] += sum(one > TINY_KW for one in feeding.now_kw.values())
    setting.charging_kw[interval] = charging_kw
    setting.site_kw[interval] += charging_kw
    if assets.are_there:
        setting.site_kw[interval] += assets.settle(
            interval, orders, charging_kw=charging_kw, room_kw=room_kw
        )


def _calendar(
    vehicles: Iterable[Vehicle],
) -> tuple[dict[int, list[Vehicle]], dict[int, list[Vehicle]]]:
    """Return who comes and who leaves at the beginning of each interval.

    A stay without a whole interval is nobody's: it never comes to a plug.
    """
    arriving: dict[int, list[Vehicle]] = defaultdict(list)
    leaving: dict[int, list[Vehicle]] = defaultdict(list)
    for one in vehicles:
        if one.first < one.last:
            arriving[one.first].append(one)
            leaving[one.last].append(one)
    return arriving, leaving


def _charge(
    setting: Setting,
    policy: Policy,
    *,
    interval: int,
    home: dict[int, Vehicle],
    room_kw: list[float],
) -> float:
    """Give power in one interval, and note what everybody could have taken; return the sum [kW]."""
    vehicles: list[Vehicle] = []
    for one in home.values():
        stores = policy.steering is not None and one.can_feed
        if one.index in setting.feeding.now_kw or (one.is_full and not stores):
            continue
        if one.powered_from <= interval and setting.site.is_working(one.place, interval):
            vehicles.append(one)
        elif not one.is_full:
            _wait(setting, one, interval=interval)
    setting.plugged_count[interval] = sum(one.place >= 0 for one in home.values())
    if not vehicles:
        return 0.0
    interval_h = setting.play.grid.interval_h
    moment = Moment(
        interval=interval,
        interval_h=interval_h,
        vehicles=vehicles,
        wishes_kw=[
            one.room_kw(interval_h)
            if policy.steering is not None and one.can_feed
            else one.wish_kw(interval_h)
            for one in vehicles
        ],
        room_kw=room_kw,
        paths=setting.site.paths,
    )
    powers_kw = policy.powers_kw(moment)
    for one, power_kw in zip(vehicles, powers_kw, strict=True):
        if power_kw > TINY_KW:
            one.charge(power_kw, interval_h=interval_h, interval=interval)
    _note_losses(moment, powers_kw)
    setting.charging_count[interval] = sum(power_kw > TINY_KW for power_kw in powers_kw)
    return sum(powers_kw)


def _note_losses(moment: Moment, powers_kw: Sequence[float]) -> None:
    """Note what each could have taken and did not get: for a limit, or for the policy."""
    for position, one in enumerate(moment.vehicles):
        # Room to store for others is no wish: nobody misses it.
        wished_kw = max(0.0, one.left_kwh) / moment.interval_h
        lost_kw = min(moment.wishes_kw[position] - powers_kw[position], wished_kw)
        if lost_kw > _FULL_KW:
            is_full = moment.free_kw(position) <= max(_FULL_KW, one.min_kw)
            one.lose("limit" if is_full else "policy", lost_kw * moment.interval_h)


def _wait(setting: Setting, vehicle: Vehicle, *, interval: int) -> None:
    """Note what a vehicle could have taken that has no plug, or a dead one."""
    most_kw = max((one.max_kw for one in setting.yard.fits(vehicle.dwell).values()), default=0.0)
    interval_h = setting.play.grid.interval_h
    is_dead = vehicle.place >= 0 and not setting.site.is_working(vehicle.place, interval)
    lost_kwh = min(vehicle.left_kwh, most_kw * interval_h)
    vehicle.lose("fault" if is_dead else "plug", lost_kwh)
