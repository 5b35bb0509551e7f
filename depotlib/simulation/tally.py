"""What came of a play, counted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from depotlib.simulation.outcome import (
    BatteryStress,
    NightOutcome,
    Readiness,
    ScenarioOutcome,
    UnmetCause,
    UnmetPart,
    Utilisation,
)
from depotlib.simulation.setting import Setting
from depotlib.simulation.settlement import carbon_of, settled_bill
from depotlib.simulation.vehicle import TINY_KWH, Vehicle

CAUSES: Final[tuple[UnmetCause, ...]] = ("stay", "plug", "fault", "limit", "policy")
_READY_KWH: Final = 1e-3
"""Nobody misses a departure for less."""
_P95_SHARE: Final = 0.05


def outcome_of(setting: Setting, *, bound_amount: float | None = None) -> ScenarioOutcome:
    """Return the outcome of a setting that has been played.

    Parameters
    ----------
    setting : Setting
    bound_amount : float or None
        As of `ScenarioOutcome`.
    """
    scenario, interval_h = setting.scenario, setting.play.grid.interval_h
    vehicles = list(setting.vehicles.values())
    nights = _nights(setting, vehicles)
    settled = settled_bill(setting)
    average_kg, marginal_kg = carbon_of(setting)
    unmet_must_kwh = sum(_unmet_must_kwh(one) for one in vehicles)
    unmet_kwh = sum(one.left_kwh for one in vehicles if one.left_kwh > TINY_KWH)
    return ScenarioOutcome(
        policy=scenario.policy,
        seed=scenario.seed,
        readiness=_readiness(vehicles, nights),
        bill_lines=settled.lines,
        bill=settled.total,
        currency=settled.currency,
        peak_kw=float(setting.site_kw.max()),
        energy_kwh=float(setting.site_kw.sum()) * interval_h,
        charged_kwh=float(setting.charging_kw.sum()) * interval_h,
        unmet_kwh=unmet_kwh,
        unmet_must_kwh=unmet_must_kwh,
        unmet=_unmet_parts(setting, vehicles),
        use=_utilisation(setting),
        moves=len(setting.yard.moves),
        stress=_stress(vehicles, interval_h),
        average_co2_kg=average_kg,
        marginal_co2_kg=marginal_kg,
        bound_amount=bound_amount,
        nights=nights,
        left_out=setting.drawn.left_out,
        assets=setting.assets.use(setting.site_kw),
        feed=setting.feeding.use(),
    )


def _unmet_must_kwh(vehicle: Vehicle) -> float:
    short_kwh = vehicle.dwell.energy_must_kwh - vehicle.charged_kwh
    return short_kwh if short_kwh > TINY_KWH else 0.0


def _is_ready(vehicle: Vehicle) -> bool:
    return vehicle.charged_kwh >= vehicle.dwell.energy_must_kwh - _READY_KWH


def _nights(setting: Setting, vehicles: Sequence[Vehicle]) -> tuple[NightOutcome, ...]:
    noons, interval_h = setting.play.noons, setting.play.grid.interval_h
    of_night: dict[int, list[Vehicle]] = defaultdict(list)
    for one in vehicles:
        of_night[setting.drawn.stays[one.index].night].append(one)
    moves = np.searchsorted(noons[1:-1], setting.yard.moves, side="right")
    return tuple(
        NightOutcome(
            evening=night.evening,
            drawn_evening=night.drawn_evening,
            temperature_c=night.temperature_c,
            stays=len(of_night[number]),
            ready=sum(map(_is_ready, of_night[number])),
            energy_kwh=float(setting.charging_kw[noons[number] : noons[number + 1]].sum())
            * interval_h,
            unmet_kwh=sum(one.left_kwh for one in of_night[number] if one.left_kwh > TINY_KWH),
            peak_kw=float(setting.site_kw[noons[number] : noons[number + 1]].max()),
            moves=int(np.count_nonzero(moves == number)),
        )
        for number, night in enumerate(setting.drawn.nights)
    )


def _readiness(vehicles: Sequence[Vehicle], nights: Sequence[NightOutcome]) -> Readiness:
    by_vehicle: dict[str, list[bool]] = defaultdict(list)
    for one in vehicles:
        by_vehicle[one.dwell.vehicle_id].append(_is_ready(one))
    shares = {name: sum(ready) / len(ready) for name, ready in by_vehicle.items()}
    worst = min(shares, key=lambda name: (shares[name], name), default="")
    night_shares = sorted(night.ready_share for night in nights)
    least_met = min((_met_share(one) for one in vehicles), default=1.0)
    return Readiness(
        mean_share=sum(map(_is_ready, vehicles)) / len(vehicles) if vehicles else 1.0,
        p50_share=_reached(night_shares, 0.5),
        p95_share=_reached(night_shares, _P95_SHARE),
        worst_vehicle_id=worst,
        worst_vehicle_share=shares.get(worst, 1.0),
        least_met_share=least_met,
    )


def _met_share(vehicle: Vehicle) -> float:
    must_kwh = vehicle.dwell.energy_must_kwh
    # Below 0 where it gave what it could not take again: it has met none of it.
    return min(1.0, max(0.0, vehicle.charged_kwh) / must_kwh) if must_kwh > TINY_KWH else 1.0


def _reached(rising: Sequence[float], below_share: float) -> float:
    """Return what all but a share of some values reach: an order statistic, never in between."""
    return rising[min(len(rising) - 1, int(below_share * len(rising)))]


def _unmet_parts(setting: Setting, vehicles: Iterable[Vehicle]) -> tuple[UnmetPart, ...]:
    """Return what is missing by cause.

    First what no depot could give in so short a stay; the rest in the proportions of what each
    cause withheld while the vehicle wanted it.
    """
    total_kwh: dict[UnmetCause, float] = dict.fromkeys(CAUSES, 0.0)
    for one in vehicles:
        if one.left_kwh <= TINY_KWH:
            continue
        stay_kwh = min(one.left_kwh, _too_much_kwh(setting, one))
        lost_kwh = sum(one.lost_kwh.values())
        total_kwh["stay"] += stay_kwh if lost_kwh else one.left_kwh
        if lost_kwh:
            for cause, energy_kwh in one.lost_kwh.items():
                total_kwh[cause] += (one.left_kwh - stay_kwh) * energy_kwh / lost_kwh
    return tuple(UnmetPart(cause, total_kwh[cause]) for cause in CAUSES)


def _too_much_kwh(setting: Setting, vehicle: Vehicle) -> float:
    """Return what is more than the best place could give in the whole stay."""
    fits = setting.yard.fits(vehicle.dwell)
    if not fits:
        return vehicle.dwell.energy_target_kwh
    place, best = next(iter(fits.items()))
    alone = Vehicle(vehicle.index, vehicle.dwell, first=vehicle.first, last=vehicle.last)
    is_dc = setting.site.places[place].station.current_type == "DC"
    alone.plug(place, max_kw=best.max_kw, min_kw=0.0, tapers=is_dc, at=vehicle.first)
    interval_h = setting.play.grid.interval_h
    for interval in range(vehicle.first, vehicle.last):
        alone.charge(alone.wish_kw(interval_h), interval_h=interval_h, interval=interval)
    return alone.left_kwh if alone.left_kwh > TINY_KWH else 0.0


def _utilisation(setting: Setting) -> Utilisation:
    places, count = len(setting.site.places), setting.play.grid.count
    service_kw = setting.scenario.depot.grid.service_kw
    return Utilisation(
        plugged_share=int(setting.plugged_count.sum()) / (places * count),
        charging_share=int(setting.charging_count.sum()) / (places * count),
        service_energy_share=float(setting.site_kw.mean()) / service_kw,
        service_peak_share=float(setting.site_kw.max()) / service_kw,
    )


def _stress(vehicles: Iterable[Vehicle], interval_h: float) -> BatteryStress | None:
    known = [(one, one.dwell.battery) for one in vehicles if one.dwell.battery is not None]
    if not known:
        return None
    moved_kwh = sum(one.moved_kwh for one, _ in known)
    weighted = sum(
        one.squared_kwh * battery.wall_efficiency_share / battery.usable_kwh
        for one, battery in known
    )
    return BatteryStress(
        high_soc_h=sum(one.high_soc_intervals for one, _ in known) * interval_h / len(known),
        mean_c_factor=weighted / moved_kwh if moved_kwh else 0.0,
        most_c_factor=max(
            one.most_kw * battery.wall_efficiency_share / battery.usable_kwh
            for one, battery in known
        ),
    )
