"""What it costs not to know who comes home when: re-planning at every arrival, under four beliefs.

    python -m benchmarks.late_returns [--months 2]

In the random months of `benchmarks.reference_month` a quarter of the vans come home late. Who is
in service and when each leaves is known; when it comes and with what need is known at its arrival
only. At every arrival the rest of the night is planned again; beliefs about vehicles that are not
home yet come from 20 other months. The bill is held against the whole month planned at once with
full knowledge. Also prints how long one re-plan takes: model, solver and dispatch, 60 vans.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import numpy as np

from benchmarks.month_regret import SAMPLE_SEEDS, targets_of
from benchmarks.reference_month import (
    Fleet,
    RunningMonth,
    foresight_amount,
    night_grid,
    problem_of,
    reference_fleet,
    terms_of_night,
    terms_on,
    with_need,
)
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.month import terms_toward
from depotlib.planning.problem import FloatArray
from depotlib.planning.solve import solve_problem

SURE_SHARE: Final = 0.9
LEAST_STAY: Final = timedelta(minutes=30)
NOTHING_KWH: Final = 1e-6
MOST_POOL_KWH: Final = 100.0


@dataclass(frozen=True)
class Expectation:
    """What past nights say of one vehicle: arrivals since noon, and needs."""

    arrivals_h: FloatArray
    needs_kwh: FloatArray

    def arrival_h(self, now_h: float) -> float:
        """Return the mean of the arrivals that are still possible."""
        later_h = self.arrivals_h[self.arrivals_h > now_h]
        return float(later_h.mean()) if len(later_h) else now_h + LEAST_STAY / timedelta(hours=1)


@dataclass(frozen=True)
class Belief:
    """What is believed of vehicles that are not home yet."""

    need_kwh: Callable[[Expectation], float] | None
    is_pooled: bool = False


def mean_kwh(one: Expectation) -> float:
    """Return the mean need."""
    return float(one.needs_kwh.mean())


def sure_kwh(one: Expectation) -> float:
    """Return the need that nine nights of ten do not pass."""
    return float(np.quantile(one.needs_kwh, SURE_SHARE))


BELIEFS: Final = {
    "mean of those not home yet": Belief(mean_kwh),
    "mean, and one pool padded to 90 %": Belief(mean_kwh, is_pooled=True),
    "each padded to its 90 % quantile": Belief(sure_kwh),
    "only who is plugged in": Belief(None),
}


def expectations(fleet: Fleet) -> dict[str, Expectation]:
    """Return what sampled months say of each vehicle."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for seed in SAMPLE_SEEDS:
        for number, night in enumerate(fleet.month(seed)):
            for one in night:
                came_h = (one.arrival - night_grid(number).start) / timedelta(hours=1)
                seen.setdefault(one.vehicle_id, []).append((came_h, one.energy_target_kwh))
    return {
        vehicle_id: Expectation(
            arrivals_h=np.array([arrival for arrival, _ in rows]),
            needs_kwh=np.array([need for _, need in rows]),
        )
        for vehicle_id, rows in seen.items()
    }


@dataclass
class Night:
    """A night that is planned again at every arrival."""

    grid: TimeGrid
    stays: Sequence[Dwell]
    prices: PriceTerms
    known: Mapping[str, Expectation]
    belief: Belief
    replan_s: list[float] = field(default_factory=list[float])

    def play(self) -> tuple[FloatArray, float]:
        """Return the load of the night [kW], and the energy that is missing in the morning [kWh]."""
        missing_kwh = np.array([dwell.energy_target_kwh for dwell in self.stays])
        home = [max(0, self.grid.first_whole_interval(one.arrival)) for one in self.stays]
        drawn_kw = np.zeros(self.grid.count)
        for now in sorted(set(home)):
            until = min([at for at in home if at > now], default=self.grid.count)
            here = [
                at for at, came in enumerate(home) if came <= now and missing_kwh[at] > NOTHING_KWH
            ]
            away = [one for one, came in zip(self.stays, home, strict=True) if came > now]
            power_kw = self._replan(
                [(self.stays[at], float(missing_kwh[at])) for at in here],
                away,
                now=now,
                drawn_kw=drawn_kw,
            )[:, : until - now]
            drawn_kw[now:until] = power_kw.sum(axis=0)
            missing_kwh[here] -= power_kw.sum(axis=1) * self.grid.interval_h
        return drawn_kw, float(missing_kwh.clip(min=0).sum())

    def _replan(
        self,
        here: Sequence[tuple[Dwell, float]],
        away: Sequence[Dwell],
        *,
        now: int,
        drawn_kw: FloatArray,
    ) -> FloatArray:
        """Return the power of those at home from now on, (here, intervals left)."""
        started_s = time.perf_counter()
        rest = TimeGrid(
            start=self.grid.start + now * self.grid.step,
            interval_s=self.grid.interval_s,
            count=self.grid.count - now,
        )
        known = [
            replace(
                one,
                arrival=max(one.arrival, rest.start),
                energy_must_kwh=missing_kwh,
                energy_target_kwh=missing_kwh,
            )
            for one, missing_kwh in here
        ]
        expected = self._expected(away, now=now)
        problem = problem_of(
            [*known, *expected], grid=rest, prices=self._terms(now, drawn_kw=drawn_kw)
        )
        power_kw = solve_problem(problem).task_kw[: len(known)]
        self.replan_s.append(time.perf_counter() - started_s)
        return power_kw

    def _expected(self, away: Sequence[Dwell], *, now: int) -> list[Dwell]:
        believed = self.belief.need_kwh
        if believed is None:
            return []
        now_h = now * self.grid.interval_h
        expected: list[Dwell] = []
        for one in away:
            known = self.known[one.vehicle_id]
            arrival = self.grid.start + timedelta(hours=known.arrival_h(now_h))
            if one.departure - arrival > LEAST_STAY:
                expected.append(with_need(replace(one, arrival=arrival), believed(known)))
        return [*expected, *self._pool(expected)] if self.belief.is_pooled else expected

    def _pool(self, expected: Sequence[Dwell]) -> list[Dwell]:
        """Return one stay that needs what all together may need above their means."""
        if not expected:
            return []
        variance = sum(float(self.known[one.vehicle_id].needs_kwh.var()) for one in expected)
        # The sum of many independent needs is close to normal.
        extra_kwh = statistics.NormalDist().inv_cdf(SURE_SHARE) * variance**0.5
        last = max(expected, key=lambda one: one.departure)
        return [with_need(replace(last, vehicle_id="pool"), min(extra_kwh, MOST_POOL_KWH))]

    def _terms(self, now: int, *, drawn_kw: FloatArray) -> PriceTerms:
        happened_kw = {
            term.name: max((float(drawn_kw[at]) for at in term.intervals if at < now), default=0.0)
            for term in self.prices.peaks
        }
        rest = terms_on(self.prices, range(now, self.grid.count))
        return terms_toward(rest, target_kw={}, so_far_kw=happened_kw)


def rolled_month(
    fleet: Fleet,
    nights: Sequence[Sequence[Dwell]],
    *,
    known: Mapping[str, Expectation],
    targets_kw: Mapping[str, float],
    belief: Belief,
) -> tuple[float, float, list[float]]:
    """Return a month's bill, its missing energy [kWh] and the times of its re-plans [s]."""
    month, missing_kwh, times_s = RunningMonth(fleet.prices, []), 0.0, list[float]()
    for number, stays in enumerate(nights):
        terms = terms_toward(
            terms_of_night(fleet.prices, number),
            target_kw=targets_kw,
            so_far_kw=month.so_far_kw(),
        )
        night = Night(night_grid(number), stays, terms, known, belief)
        drawn_kw, short_kwh = night.play()
        month.drawn_kw.append(drawn_kw)
        missing_kwh += short_kwh
        times_s.extend(night.replan_s)
    return month.bill_amount(), missing_kwh, times_s


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--months", type=int, default=2)
    count: int = parser.parse_args().months
    fleet = reference_fleet()
    known = expectations(fleet)
    targets_kw = {one.name: one.target_kw for one in targets_of(fleet)}
    months = [fleet.month(seed) for seed in range(count)]
    best = [foresight_amount(fleet, nights) for nights in months]

    print(f"{count} months, every night planned again at every arrival")
    times_s: list[float] = []
    for name, belief in BELIEFS.items():
        regrets: list[float] = []
        missing_kwh = 0.0
        for nights, amount in zip(months, best, strict=True):
            bill, short_kwh, took_s = rolled_month(
                fleet, nights, known=known, targets_kw=targets_kw, belief=belief
            )
            regrets.append(bill / amount - 1)
            missing_kwh += short_kwh
            times_s.extend(took_s)
        print(
            f"  {name:<36} mean regret {statistics.mean(regrets):7.2%}   "
            f"missing {missing_kwh / count:6.1f} kWh a month"
        )
    cuts_ms = [1e3 * cut for cut in statistics.quantiles(times_s, n=100)]
    print(
        f"{len(times_s)} re-plans: median {cuts_ms[49]:.1f} ms, 95 % {cuts_ms[94]:.1f} ms, "
        f"99 % {cuts_ms[98]:.1f} ms"
    )


if __name__ == "__main__":
    main()
