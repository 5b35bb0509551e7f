"""Measure the live loop in real processes: event to re-planned release, and to limit acknowledged.

    python -m benchmarks.live_latency [--events 60]

Gateway, dispatch and 48 virtual stations that take 200 ms to answer, on a clock that runs as fast
as the world: 48 vans are plugged in, 12 more are expected, over 24 hours of quarter-hours at three
prices and a demand charge. The fleet changes a departure, as its door writes it: a van is wanted so
early that it has to charge at once and to the end, then again as late as it was planned. From there
it is timed until the release that answers it is in force; of the first kind of change also until
the gateway has sent the station of that van a limit, and until it was acknowledged. Changes come
one after the other, the next when the last is answered; the first when the push is five minutes
old, since the gateway raises a station no more often than that.

What else the machine has to do counts in: the load is printed, too.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Final

import numpy as np

from depotlib.drills.drill import Stage
from depotlib.drills.processes import EVENING, DrillDepot, drill_depot
from depotlib.drills.yard import (
    YardPlan,
    await_armed,
    await_sessions,
    dwell,
    push_and_wait,
    soon,
    stay,
    van,
)
from depotlib.exchange.mailbox import Mailbox
from depotlib.gateway.pump import RAISE_PAUSE_S
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.live import JournalEntry
from depotlib.model.news import DepartureChange
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.site_file import site_from_toml
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.schedule import schedules_of_plan
from depotlib.virtual.script import Misbehaviour, NightScript

COUNT: Final = 48
EXPECTED: Final = 12
FIRMWARE_S: Final = 0.2
YARD: Final = YardPlan(count=COUNT, service_kw=330.0, operating_kw=220.0)
GRID: Final = TimeGrid(start=EVENING, interval_s=900, count=96)
PRICES: Final = (0.12,) * 32 + (0.30,) * 32 + (0.20,) * 32
POLL_S: Final = 0.01
PATIENCE_S: Final = 10.0


def planned_site(rng: random.Random) -> Brief:
    """Return the yard with sixty stays: of who is there, and of who takes a place tomorrow."""
    names = YARD.stations()
    leaves = {name: EVENING + timedelta(minutes=15 * rng.randint(24, 56)) for name in names}
    here = [
        dwell(name, EVENING, departure=leaves[name], need_kwh=round(rng.uniform(20, 45), 1))
        for name in names
    ]
    later = [
        replace(
            dwell(
                name,
                leaves[name] + timedelta(hours=1),
                departure=EVENING + timedelta(hours=24),
                need_kwh=15.0,
            ),
            vehicle_id=f"late-{name}",
        )
        for name in names[:EXPECTED]
    ]
    prices = PriceTerms(
        currency="USD",
        energy=(EnergyTerm("Energy", PRICES),),
        peaks=(PeakTerm("Demand", tuple(range(GRID.count)), 15.0),),
    )
    known = site_from_toml(YARD.site_toml(), where="site.toml")
    return replace(known, dwells=(*here, *later), grid=GRID, prices=prices)


def hurried(own: Dwell, now: datetime) -> datetime:
    """Return the quarter-hour by which a van has its energy if it charges at once and to the end."""
    needed = timedelta(hours=own.energy_target_kwh / own.max_kw)
    return GRID.start + timedelta(minutes=15) * ceil(
        (now + needed - GRID.start) / timedelta(minutes=15)
    )


def started(depot: DrillDepot, brief: Brief) -> None:
    """Start everything, plug everybody in and push the plan of the night."""
    depot.publish(brief)
    depot.start_gateway()
    slow = tuple(
        Misbehaviour(station_id=name, kind="slow", delay_s=FIRMWARE_S) for name in YARD.stations()
    )
    empty = NightScript(vehicle=tuple(van(name) for name in YARD.stations()), misbehaviour=slow)
    depot.start_virtual(empty)
    await_armed(depot, COUNT)
    plan = plan_night(
        brief.dwells,
        brief.depot,
        grid=GRID,
        prices=brief.prices or PriceTerms(currency="USD"),
        base_load_kw=np.zeros(GRID.count),
        order=PlanOrder(made_at=EVENING),
    )
    schedules = schedules_of_plan(
        plan, brief.dwells, depot=brief.depot, base_load_kw=np.zeros(GRID.count)
    )
    push_and_wait(depot, schedules)
    begun = soon(depot)
    stays = tuple(stay(name, begun) for name in YARD.stations())
    depot.play(empty.model_copy(update={"stay": stays}))
    await_sessions(depot, COUNT)
    depot.start_dispatch()
    depot.wait_for(lambda: len(depot.journal("dispatch_planned")) > 0, "dispatch to plan")
    time.sleep(RAISE_PAUSE_S)


def answered_s(mailbox: Mailbox, change: DepartureChange) -> float | None:
    """Return after how long a release that answers a change is in force, None: it changes none."""
    facts = {"action": "change_departure", "vehicle_id": change.vehicle_id}
    before = mailbox.current_release()
    mailbox.put_departure(change)
    mailbox.append([JournalEntry(change.changed_at, "operator_action", payload=facts)])
    told_s = time.perf_counter()
    while (waited_s := time.perf_counter() - told_s) < PATIENCE_S:
        if mailbox.current_release() != before:
            return waited_s
        time.sleep(POLL_S)
    return None


def acknowledged_s(
    mailbox: Mailbox, name: str, *, since: datetime, after_seq: int
) -> tuple[float, float] | None:
    """Return after how long a station was sent its first limit since, and acknowledged one."""
    end_s, sent_at = time.monotonic() + PATIENCE_S, None
    while time.monotonic() < end_s:
        for record in mailbox.journal(after_seq, kinds=["limit_sent", "limit_answered"]):
            after_seq, entry = record.seq, record.entry
            if entry.station_id != name:
                continue
            if entry.kind == "limit_sent":
                sent_at = sent_at or entry.at
            elif entry.payload.get("answer") == "accepted" and sent_at is not None:
                second = timedelta(seconds=1)
                return (sent_at - since) / second, (entry.at - since) / second
        time.sleep(POLL_S)
    return None


@dataclass(slots=True)
class Latencies:
    """What was measured [s]."""

    released: list[float] = field(default_factory=list[float])
    sent: list[float] = field(default_factory=list[float])
    acknowledged: list[float] = field(default_factory=list[float])


def changed(
    depot: DrillDepot, stays: Sequence[Dwell], *, pairs: int, rng: random.Random
) -> Latencies:
    """Return what it takes to hurry a van and to give it its time back, so often."""
    found = Latencies()
    for own in rng.sample(stays, pairs):
        for is_hurried in (True, False):
            now = depot.clock.now()
            departure = hurried(own, now) if is_hurried else own.departure
            change = DepartureChange(own.vehicle_id, now, departure=departure, source="fleet")
            with depot.mailbox() as mailbox:
                head = mailbox.journal_head().seq
                if (took_s := answered_s(mailbox, change)) is None:
                    continue
                found.released.append(took_s)
                name = own.vehicle_id.removeprefix("van-")
                if is_hurried and (
                    answer := acknowledged_s(mailbox, name, since=now, after_seq=head)
                ):
                    found.sent.append(answer[0])
                    found.acknowledged.append(answer[1])
    return found


def main() -> None:
    """Print both latencies."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=60, help="at most 96, two a van")
    count: int = parser.parse_args().events
    rng = random.Random(7)  # noqa: S311 - a played night, no secret
    brief = planned_site(rng)
    here = [one for one in brief.dwells if not one.vehicle_id.startswith("late-")]
    with (
        tempfile.TemporaryDirectory() as folder,
        drill_depot(Stage(Path(folder)), YARD.site_toml(), speed_factor=1.0) as depot,
    ):
        started(depot, brief)
        found = changed(depot, here, pairs=count // 2, rng=rng)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    _print("event to re-planned release", found.released)
    _print("event to limit sent", found.sent)
    _print("event to limit acknowledged", found.acknowledged)


def _print(name: str, times_s: Sequence[float]) -> None:
    cuts_s = statistics.quantiles(times_s, n=20)
    print(
        f"{name}: {len(times_s)} events, median {statistics.median(times_s):.3f} s, "
        f"p95 {cuts_s[-1]:.3f} s, most {max(times_s):.3f} s"
    )


if __name__ == "__main__":
    main()
