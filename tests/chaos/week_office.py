"""The office of the simulated week: it plans and pushes every evening, and passes on what it is told.

It sees what a real office sees: the timetable, telematics, the meter of past nights.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.exchange.preview import preview_release
from depotlib.model.identity import BayAssignment
from depotlib.model.live import JournalEntry, PushRequest
from depotlib.model.news import DepartureChange, VehicleReading
from depotlib.model.plan import Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.planning.knobs.preference import Preference
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.schedule import schedules_of_plan
from depotlib.planning.window_targets import window_targets
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.terms import price_terms
from depotlib.tariffs.urdb import tariff_from_urdb
from depotlib.workflows.closed_places import Shift, closed_places
from tests.chaos.week_world import EARLY, ZONE, Night, VanNight, World, moved
from tests.places import ROOT

NIGHTS_PER_MONTH = 30.0
MISSING_SHARE, NOISE_M = 0.10, 15.0
READY_BEFORE = EARLY + timedelta(minutes=15)
"""Vans leave up to so early; the quarter of an hour beside is for what stations may do before."""


@cache
def tariff() -> Tariff:
    """Return the tariff of the demo depot: time of use, three demand charges."""
    path = ROOT / "data/tariffs/pge_b19_secondary_2020.json"
    return tariff_from_urdb(path.read_bytes(), where=path.name)


def terms(grid: TimeGrid, *, nights: int, sunk_kw: Mapping[str, float] | float = 0.0) -> PriceTerms:
    """Return prices on a grid that holds so many of the month's nights."""
    per_month = NIGHTS_PER_MONTH / nights
    return price_terms(tariff(), grid, time_zone=ZONE, nights_per_month=per_month, sunk_kw=sunk_kw)


def billed_peaks_kw(quarters_kws: Mapping[int, float], *, start: datetime) -> dict[str, float]:
    """Return the highest mean so far in the hours of each demand charge, by its name."""
    if not quarters_kws:
        return {}
    grid = TimeGrid(start, 900, max(quarters_kws) + 1)
    return {
        term.name: max((quarters_kws.get(at, 0.0) / 900.0 for at in term.intervals), default=0.0)
        for term in terms(grid, nights=1).peaks
    }


class Office:
    """The office.

    Parameters
    ----------
    world : World
    path : Path
        Of the mailbox.
    token_path : Path
        Of the operator's token.
    draw : random.Random
    """

    def __init__(self, world: World, path: Path, *, token_path: Path, draw: random.Random) -> None:
        self.world, self.draw = world, draw
        self.path, self.token_path = path, token_path
        self._token = ensure_operator_token(token_path)
        self.mailbox: Mailbox = open_mailbox(self.path)
        self._seen: tuple[str, tuple[ConnectorSchedule, ...]] = ("", ())

    def open_site(self, *, now: datetime) -> None:
        """Publish the site, so that the gateway can start."""
        self.mailbox.publish_brief(replace(self.world.brief, made_at=now), at=now)

    def plan(
        self, night: Night, *, now: datetime, quarters_kws: Mapping[int, float], since: datetime
    ) -> Plan:
        """Plan a night by the timetable, publish it and ask for its push."""
        dwells = tuple(van.dwell for van in night.vans)
        grid = grid_over(
            min(one.arrival for one in dwells),
            max(one.departure for one in dwells) + timedelta(minutes=15),
            interval_s=900,
        )
        base_kw = (0.5 * self.world.depot.grid.base_load_max_kw,) * grid.count
        so_far_kw = billed_peaks_kw(quarters_kws, start=since)
        known = {term.name for term in terms(grid, nights=1).peaks}
        sunk_kw = {name: kw for name, kw in so_far_kw.items() if name in known}
        prices = terms(grid, nights=1, sunk_kw=sunk_kw or 0.0)
        plan = plan_night(
            dwells,
            self.world.depot,
            grid=grid,
            prices=prices,
            base_load_kw=np.array(base_kw),
            order=PlanOrder(
                made_at=now,
                preference=Preference(slack_s=round(READY_BEFORE / timedelta(seconds=1))),
            ),
        )
        assert plan.header.pushable, plan.header.pushable_reason
        brief = replace(
            self.world.brief,
            bays=tuple(
                BayAssignment(one.connector_id, one.vehicle_id, one.start, one.end)
                for one in plan.windows
            ),
            dwells=dwells,
            grid=grid,
            prices=prices,
            base_load_kw=base_kw,
            made_at=now,
            ready_before_h=READY_BEFORE / timedelta(hours=1),
        )
        version = self.mailbox.publish_brief(brief, at=now)
        schedules = schedules_of_plan(
            plan, dwells, depot=self.world.depot, base_load_kw=np.array(base_kw)
        )
        targets = window_targets(
            plan,
            prices,
            base_load_kw=np.array(base_kw),
            limit_kw=self.world.depot.grid.operating_limit_kw,
        )
        self._push(plan, schedules, targets=targets, night=night, version=version, now=now)
        return plan

    def _push(
        self,
        plan: Plan,
        schedules: Sequence[ConnectorSchedule],
        *,
        targets: tuple[LimitStep, ...],
        night: Night,
        version: int,
        now: datetime,
    ) -> None:
        release = Release(
            release_id=f"push-{night.evening.isoformat()}",
            plan_id=plan.header.plan_id,
            origin="push",
            brief_version=version,
            made_at=now,
            valid_from=now,
            valid_to=max(one.valid_to for one in schedules),
            schedules=tuple(schedules),
            pushable=True,
            window_targets=targets,
        )
        self.mailbox.add_release(release)
        preview = preview_release(
            release,
            in_force=self.mailbox.current_release(),
            stations=self.mailbox.station_states(),
            leases=self.mailbox.leases(),
        )
        self.mailbox.ask(
            PushRequest(
                request_id=f"ask-{release.release_id}",
                kind="push",
                release_id=release.release_id,
                digest=preview.digest,
                asked_by="office",
                asked_at=now,
                token=self._token,
            )
        )

    def schedules(self) -> tuple[ConnectorSchedule, ...]:
        """Return the schedules in force: what the people in the yard have on their paper."""
        release_id = self.mailbox.current_release_id()
        if release_id is not None and release_id != self._seen[0]:
            release = self.mailbox.current_release()
            assert release is not None
            self._seen = (release_id, release.schedules)
        return self._seen[1]

    def closed(self, now: datetime) -> frozenset[str]:
        """Return where nobody is to be plugged in: what the people have on their paper, too."""
        places = closed_places(
            self.world.depot,
            states=self.mailbox.station_states(),
            distrusts=self.mailbox.distrusts(),
            shift=Shift(now, now + timedelta(minutes=15)),
        )
        return frozenset(one.connector_id for one in places)

    def trust_again(self, *, now: datetime) -> None:
        """Trust every station that was caught in the night: somebody has mended it."""
        for one in self.mailbox.distrusts():
            facts = {"action": "trust_again", "by": "office"}
            station_id = one.connector_id.rpartition("/")[0]
            self.mailbox.append([JournalEntry(now, "operator_action", station_id, payload=facts)])

    def tell_departure(self, van: VanNight, *, now: datetime) -> None:
        """Pass on that a van leaves earlier, as the fleet's system does."""
        self.mailbox.put_departure(
            DepartureChange(van.vehicle_id, now, departure=van.leaves_at, source="fleet")
        )

    def tell_reading(
        self, van: VanNight, *, soc: float, bay_m: tuple[float, float] | None, now: datetime
    ) -> None:
        """Pass on what telematics says of a van, unless that word is missing."""
        if self.draw.random() < MISSING_SHARE:
            return
        east_m, north_m = bay_m or (4000.0, 3000.0)
        position = moved(
            east_m + self.draw.gauss(0.0, NOISE_M), north_m + self.draw.gauss(0.0, NOISE_M)
        )
        told_soc = round(min(1.0, max(0.0, soc + self.draw.gauss(0.0, 0.004))), 2)
        self.mailbox.put_reading(
            VehicleReading(
                van.vehicle_id,
                now,
                soc=told_soc,
                odometer_km=None,
                source="feed",
                position=position,
            )
        )
