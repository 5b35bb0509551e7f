"""What became of a simulated week: vans, limits, sessions, profiles, journal and bill."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.live import JournalKind, JournalRecord
from depotlib.model.timegrid import TimeGrid
from tests.chaos.week_hindsight import (
    BillPart,
    Ground,
    Hindsight,
    RealStay,
    amount_of,
    hindsight_of,
    parts_of,
)
from tests.chaos.week_office import terms
from tests.chaos.week_world import VanNight, World
from tests.chaos.week_yard import Gone, Session, Truth

READY_SOC: Final = 0.002
"""Less than that is not missing: 0.14 kWh of 68."""
SAME_KWH: Final = 0.1
SAME: Final = timedelta(seconds=2)
PAGE: Final = 20_000


@dataclass
class Verdict:
    """Figures of a week.

    Parameters
    ----------
    vans, ready : int
        That left, and that had what they must have.
    hindsight : Hindsight
    missed : list of str
        Who was not ready, and with how much less.
    below_target : list of str
    over_kws : mapping of str to float
        Above the hard limit of a node [kW s].
    most_kw : mapping of str to float
    sessions, lost, doubled, unended : int
    wrong_kwh : list of float
        Sessions whose energy is told wrong by more than 0.1 kWh, by how much.
    repeats, stacked : int
        As in `Played`.
    amount : float
        Of what was drawn.
    parts : list of str
        What that is made of, each beside hindsight's.
    events : Counter
        Journal records by kind.
    journal : str
        Why the journal is not whole; empty: it is.
    """

    vans: int
    ready: int
    hindsight: Hindsight
    missed: list[str]
    below_target: list[str]
    over_kws: Mapping[str, float]
    most_kw: Mapping[str, float]
    sessions: int
    lost: list[str]
    doubled: list[str]
    unended: int
    wrong_kwh: list[float]
    repeats: int
    stacked: int
    amount: float
    parts: list[str]
    events: Counter[str] = field(default_factory=Counter[str])
    journal: str = ""

    @property
    def regret(self) -> float:
        """Return how much more was paid than had to be, as a share."""
        return self.amount / self.hindsight.amount - 1.0

    def lines(self) -> list[str]:
        """Return the figures in words."""
        over_kws = sum(self.over_kws.values())
        most = ", ".join(f"{name} {kw:.1f}" for name, kw in self.most_kw.items())
        return [
            f"vans ready: {self.ready} of {self.vans} (hindsight: {self.hindsight.ready})",
            *(f"  missed: {one}" for one in self.missed),
            f"vans below target: {len(self.below_target)} "
            f"(hindsight lacks {self.hindsight.unmet_kwh:.1f} kWh)",
            *(f"  below target: {one}" for one in self.below_target),
            f"above a hard limit: {over_kws:.1f} kW s {dict(self.over_kws)}; highest [kW]: {most}",
            f"sessions: {self.sessions}, lost {self.lost}, doubled {self.doubled}, "
            f"without end {self.unended}, energy wrong {self.wrong_kwh}",
            f"profiles said twice on one connection: {self.repeats}; "
            f"two of one purpose for one connector: {self.stacked}",
            f"bill: {self.amount:,.0f}, hindsight {self.hindsight.amount:,.0f}: {self.regret:+.2%}",
            *(f"  {one}" for one in self.parts),
            f"journal: {self.journal or 'whole'}; {dict(self.events)}",
        ]


@dataclass(frozen=True)
class Played:
    """What was played, and what it left.

    Parameters
    ----------
    world : World
    gone : sequence of Gone
    sessions : sequence of Session
        As they truly were.
    truth : Truth
    mailbox_path : Path
    same : timedelta
        How far apart the yard and the journal may tell of one plug-in.
    repeats : int
        Profiles said to a station that held the same on the same connection.
    stacked : int
        Times that a station held two profiles of one purpose for one connector.
    """

    world: World
    gone: Sequence[Gone]
    sessions: Sequence[Session]
    truth: Truth
    mailbox_path: Path
    same: timedelta = SAME
    repeats: int = 0
    stacked: int = 0


def judged(played: Played) -> Verdict:
    """Return what became of nights that are over."""
    world, truth, gone = played.world, played.truth, played.gone
    grid = TimeGrid(truth.start, 900, max(truth.energy_kws) + 1)
    base_kw = _by_quarter(truth.base_kws, grid.count)
    with open_mailbox(played.mailbox_path) as mailbox:
        records = list(_records(mailbox))
        whole = mailbox.verify_journal()
    lost, doubled, unended, wrong_kwh = session_faults(played.sessions, records, same=played.same)
    missed = [_short(one, one.van.must_soc) for one in gone if not is_ready(one)]
    below = [
        _short(one, one.van.target_soc) for one in gone if one.soc < one.van.target_soc - READY_SOC
    ]
    prices = terms(grid, nights=len(world.nights))
    hindsight = hindsight_of(
        real_stays(world, (one.van for one in gone)),
        ground_of(world, start=truth.start, base_kw=base_kw),
        prices=prices,
    )
    drawn_kw = _by_quarter(truth.energy_kws, grid.count)
    return Verdict(
        vans=len(gone),
        ready=len(gone) - len(missed),
        hindsight=hindsight,
        missed=missed,
        below_target=below,
        over_kws=truth.over_kws,
        most_kw=dict(zip(truth.names, truth.most_kw.tolist(), strict=True)),
        sessions=len(played.sessions),
        lost=lost,
        doubled=doubled,
        unended=unended,
        wrong_kwh=wrong_kwh,
        repeats=played.repeats,
        stacked=played.stacked,
        amount=amount_of(drawn_kw, prices),
        parts=[
            f"{_part(ours, grid)}; hindsight {_part(theirs, grid)}"
            for ours, theirs in zip(
                parts_of(drawn_kw, prices),
                parts_of(base_kw + hindsight.charging_kw, prices),
                strict=True,
            )
        ],
        events=Counter(record.entry.kind for record in records),
        journal="" if whole.ok else whole.note,
    )


def is_ready(gone: Gone) -> bool:
    """Return whether a van left with what it must have."""
    return gone.soc >= gone.van.must_soc - READY_SOC


def real_stays(world: World, vans: Iterable[VanNight]) -> list[RealStay]:
    """Return what vans really lacked at the wall when they came."""
    stays: list[RealStay] = []
    for van in vans:
        name = van.vehicle_id
        kwh_per_soc = world.usable_kwh[name] / world.efficiency[name]
        pool = van.dwell.pool or ""
        point_kw = max(one.max_kw for one in world.depot.stations if one.pool == pool)
        stays.append(
            RealStay(
                name,
                van.home_at,
                van.leaves_at,
                max(0.0, van.must_soc - van.arrival_soc) * kwh_per_soc,
                max(0.0, van.target_soc - van.arrival_soc) * kwh_per_soc,
                min(van.dwell.max_kw, point_kw),
                pool,
            )
        )
    return stays


def ground_of(world: World, *, start: datetime, base_kw: np.ndarray) -> Ground:
    """Return what binds everybody: the operating limit, and what each pool's points can give."""
    pools: dict[str, float] = {}
    for station in world.depot.stations:
        pools[station.pool] = pools.get(station.pool, 0.0) + station.max_kw
    return Ground(start, base_kw, world.depot.grid.operating_limit_kw, pools)


def session_faults(
    sessions: Sequence[Session], records: Sequence[JournalRecord], *, same: timedelta
) -> tuple[list[str], list[str], int, list[float]]:
    """Return sessions lost, sessions told twice, how many have no end, and energies told wrong."""
    started = _by_connector(records, "session_started")
    ended = {
        str(one.entry.payload.get("session_id")): one.entry
        for one in records
        if one.entry.kind == "session_ended"
    }
    lost: list[str] = []
    doubled: list[str] = []
    wrong_kwh: list[float] = []
    unended = 0
    for session in sessions:
        told = started.get(session.connector_id, [])
        own = [one for one in told if abs(one.entry.at - session.started_at) <= same]
        what = f"{session.vehicle_id} on {session.connector_id} at {session.started_at}"
        if not own:
            lost.append(what)
            continue
        for one in own:
            told.remove(one)
        doubled += [what] * (len(own) - 1)
        end = ended.get(str(own[0].entry.payload.get("session_id")))
        if end is None:
            unended += session.ended_at is not None
            continue
        apart_kwh = float(end.payload.get("energy_kwh") or 0.0) - session.energy_kwh
        if session.ended_at is not None and abs(apart_kwh) > SAME_KWH:
            wrong_kwh.append(round(apart_kwh, 2))
    # What is left was told of a session that never was.
    doubled += [f"{name} at {one.entry.at}" for name, told in started.items() for one in told]
    return lost, doubled, unended, wrong_kwh


def _by_connector(
    records: Sequence[JournalRecord], kind: JournalKind
) -> dict[str, list[JournalRecord]]:
    found: dict[str, list[JournalRecord]] = {}
    for record in records:
        if record.entry.kind == kind:
            found.setdefault(record.entry.connector_id or "", []).append(record)
    return found


def _records(mailbox: Mailbox) -> Iterable[JournalRecord]:
    after = 0
    while page := mailbox.journal(after, PAGE):
        after = page[-1].seq
        yield from page


def _short(gone: Gone, wanted_soc: float) -> str:
    van, what = gone.van, []
    what += ["anonymous"] if van.is_anonymous else []
    what += ["astray"] if van.is_astray else []
    late = van.home_at - van.dwell.arrival > timedelta(minutes=30)
    what += ["late"] if late else []
    if van.leaves_at < van.dwell.departure:
        what.append("early, told" if van.told_at else "early, not told")
    return (
        f"{van.vehicle_id} on {van.leaves_at:%d %H:%M}: {gone.soc:.3f} of {wanted_soc:.3f} "
        f"({', '.join(what) or 'nothing special'})"
    )


def _part(part: BillPart, grid: TimeGrid) -> str:
    words = f"{part.name} {part.amount:,.0f}"
    if part.peak_kw is None or part.quarter is None:
        return words
    return f"{words} for {part.peak_kw:.1f} kW on {grid.start + part.quarter * grid.step:%d %H:%M}"


def _by_quarter(kws: Mapping[int, float], count: int) -> np.ndarray:
    return np.array([kws.get(at, 0.0) / 900.0 for at in range(count)])
