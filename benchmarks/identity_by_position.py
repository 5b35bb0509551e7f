"""Who is plugged in where no token tells: by arrival, position and charge, over many nights.

    python -m benchmarks.identity_by_position [--nights 20] [--without position|charge]

A fifth of the sessions is anonymous, a tenth of the vans stands in another's bay, 3 m from the
next; telematics speaks every 5 minutes, one word in ten is missing, positions are 15 m off on each
axis. Before anything is known an anonymous session is taken for the van that is planned there.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from depotlib.dispatch.evidence import Ground, track_of
from depotlib.dispatch.sightings import MeterNote, Visit
from depotlib.dispatch.whose import matches
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from tests.played_arrivals import (
    EFFICIENCY_SHARE,
    END,
    START,
    USABLE_KWH,
    PlayedStay,
    a_night,
    bays,
)


@dataclass(slots=True)
class Outcome:
    """How the sessions of nights were resolved in the end.

    Parameters
    ----------
    right, wrong : Counter
        By class of evidence.
    wrong_at_first : int
        Anonymous sessions that their bay names wrongly.
    swapped_right : int
        Of these: resolved rightly in the end.
    minutes_to_right : list of float
        From plug-in to the right word on a session that its bay named wrongly.
    most_s : float
        The longest single look at everybody.
    """

    right: Counter[str] = field(default_factory=Counter[str])
    wrong: Counter[str] = field(default_factory=Counter[str])
    wrong_at_first: int = 0
    swapped_right: int = 0
    minutes_to_right: list[float] = field(default_factory=list[float])
    most_s: float = 0.0

    @property
    def right_share(self) -> float:
        """Return the share of all sessions that were resolved rightly in the end."""
        return self.right.total() / (self.right.total() + self.wrong.total())

    def share_of(self, sources: Sequence[str]) -> float:
        """Return the share of rightly resolved sessions within classes of evidence."""
        right = sum(self.right[name] for name in sources)
        return right / max(1, right + sum(self.wrong[name] for name in sources))


def fleet_of(stays: Sequence[PlayedStay]) -> Fleet:
    """Return the vans as their class states them."""
    kind = VehicleClass("van", USABLE_KWH, 0.3, EFFICIENCY_SHARE, 11.0, 0.0)
    return Fleet((kind,), tuple(Vehicle(stay.vehicle_id, "van") for stay in stays))


def blinded(stays: Sequence[PlayedStay], what: str) -> list[PlayedStay]:
    """Return stays of whose vehicles telematics does not tell positions, or charges."""
    if what == "position":
        hidden = [
            replace(
                stay,
                track=tuple(
                    replace(r, position=None, is_at_depot=r.at >= stay.home_at) for r in stay.track
                ),
            )
            for stay in stays
        ]
    elif what == "charge":
        hidden = [
            replace(stay, track=tuple(replace(r, soc=None) for r in stay.track)) for stay in stays
        ]
    else:
        hidden = list(stays)
    return hidden


def play(stays: Sequence[PlayedStay], outcome: Outcome, *, every: timedelta) -> None:
    """Find out who is where, look by look, and add up how it came out."""
    fleet, ground = fleet_of(stays), Ground(bays(len(stays)))
    home_of = {stay.planned_id: stay.vehicle_id for stay in stays}
    taken: dict[str, tuple[str | None, str]] = {}
    by_session = {stay.connector_id: stay for stay in stays}
    wrong_first = {
        stay.connector_id
        for stay in stays
        if stay.is_anonymous and home_of[stay.connector_id] != stay.vehicle_id
    }
    now = START + timedelta(hours=1)
    while now <= END:
        begin_sessions(stays, taken, home_of=home_of, now=now)
        began_s = time.perf_counter()
        found = matches(
            [as_visit(by_session[name], taken[name], now=now) for name in taken],
            {
                s.vehicle_id: track_of([r for r in s.track if r.at <= now], ground=ground)
                for s in stays
            },
            fleet=fleet,
            ground=ground,
            planned={name: home_of[name] for name in taken},
        )
        outcome.most_s = max(outcome.most_s, time.perf_counter() - began_s)
        for match in found:
            for name, (vehicle_id, _) in list(taken.items()):
                if vehicle_id == match.vehicle_id and name != match.visit.session_id:
                    taken[name] = (None, "none")
            taken[match.visit.session_id] = (match.vehicle_id, match.source)
            stay = by_session[match.visit.session_id]
            if match.vehicle_id == stay.vehicle_id and stay.connector_id in wrong_first:
                wrong_first.remove(stay.connector_id)
                outcome.swapped_right += 1
                minutes = (now - stay.plugged_at) / timedelta(minutes=1)
                outcome.minutes_to_right.append(minutes)
        now += every
    outcome.wrong_at_first += len(wrong_first)
    for name, (vehicle_id, source) in taken.items():
        tally = outcome.right if vehicle_id == by_session[name].vehicle_id else outcome.wrong
        tally[source] += 1


def begin_sessions(
    stays: Sequence[PlayedStay],
    taken: dict[str, tuple[str | None, str]],
    *,
    home_of: dict[str, str],
    now: datetime,
) -> None:
    """Let sessions begin as the gateway has them: by token, or for lack of one by their bay."""
    for stay in sorted(stays, key=lambda stay: stay.plugged_at):
        if stay.connector_id in taken or stay.plugged_at > now:
            continue
        known = {vehicle_id for vehicle_id, _ in taken.values()}
        planned = home_of[stay.connector_id]
        if not stay.is_anonymous:
            for name, (vehicle_id, _) in list(taken.items()):
                if vehicle_id == stay.vehicle_id:
                    taken[name] = (None, "none")
            taken[stay.connector_id] = (stay.vehicle_id, "tag")
        else:
            taken[stay.connector_id] = (None, "none") if planned in known else (planned, "bay")


def as_visit(stay: PlayedStay, who: tuple[str | None, str], *, now: datetime) -> Visit:
    """Return a session as dispatch sees it at an instant."""
    return Visit(
        session_id=stay.connector_id,
        connector_id=stay.connector_id,
        started_at=stay.plugged_at,
        vehicle_id=who[0],
        source=who[1],
        notes=tuple(MeterNote(at, kwh, None) for at, kwh in stay.meter if at <= now),
    )


def main() -> None:
    """Print how sessions were resolved, by class of evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=20)
    parser.add_argument("--vans", type=int, default=60)
    parser.add_argument("--every", type=float, default=15.0, help="minutes between two looks")
    parser.add_argument("--without", default="", choices=("", "position", "charge"))
    options = parser.parse_args()
    outcome = Outcome()
    for seed in range(options.nights):
        night = blinded(a_night(seed, vans=options.vans), options.without)
        play(night, outcome, every=timedelta(minutes=options.every))
    print(f"{options.nights} nights of {options.vans} sessions")
    print(f"resolved rightly in the end: {outcome.right_share:.2%}")
    for source in sorted(outcome.right | outcome.wrong):
        print(f"  {source:10} {outcome.right[source]:5} right {outcome.wrong[source]:4} wrong")
    inferred = ("arrival", "position", "charge")
    print(f"of those by evidence: {outcome.share_of(inferred):.2%}")
    minutes = sorted(outcome.minutes_to_right)
    print(
        f"anonymous in another's bay: {outcome.swapped_right} found, "
        f"{outcome.wrong_at_first} not; after {minutes[len(minutes) // 2]:.0f} minutes at the "
        f"median, {minutes[-1]:.0f} at the most"
        if minutes
        else "nobody was anonymous in another's bay"
    )
    print(f"longest look: {outcome.most_s:.3f} s")


if __name__ == "__main__":
    main()
