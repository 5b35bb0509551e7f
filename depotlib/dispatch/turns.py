"""Two who share a connector: who goes first, and when they change places, as the night went.

Where the first is late and the second waits in the yard they change turns: otherwise the connector
stands idle until the first comes, and the time is missing to one of the two in the end. Where one
of them has little time and the other more than it needs they change places earlier or later. Both
only where whoever has the least time gains. Once a release says so it stands.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from math import inf
from statistics import NormalDist
from typing import Final

from depotlib.dispatch.evidence import Ground
from depotlib.dispatch.night import BUFFER_KWH, LiveNight, present_dwells
from depotlib.dispatch.openings import staffed
from depotlib.dispatch.overdue import GRACE, overdue
from depotlib.dispatch.placement import QUARTER, Yard
from depotlib.model.brief import Brief
from depotlib.model.dwell import STAY_REACH, Dwell
from depotlib.model.news import VehicleReading
from depotlib.model.plan import ConnectorWindow
from depotlib.units import duration_h

ENOUGH_FACTOR: Final = 1.6
"""Whoever has so many times what it must have at full power goes when it was to go ..."""
LITTLE_FACTOR: Final = 1.05
"""... and with so much, for as long as it was to."""
WORTH_IT_FACTOR: Final = 0.05
"""So much more of that is worth a change."""
LOST_KWH: Final = 0.5
"""What is given is at least so unsure: limits follow in steps, and people take their time."""
AWAY_FOR: Final = timedelta(minutes=15)
"""So long whoever was seen on the road is taken to be there."""


def seen_at_home(
    brief: Brief, readings: Sequence[VehicleReading], *, now: datetime
) -> Mapping[str, bool]:
    """Return of whom telematics tells whether it is in the yard now, by vehicle.

    Parameters
    ----------
    brief : Brief
    readings : sequence of VehicleReading
        The latest of each vehicle.
    now : datetime
    """
    ground = Ground.of_depot(brief.depot)
    arrivals = {dwell.vehicle_id: dwell.arrival for dwell in brief.dwells}
    found: dict[str, bool] = {}
    for one in readings:
        at, is_home = one.at, one.is_at_depot
        if is_home is None and one.position is not None:
            at = one.position_at or one.at
            is_home = ground.holds(ground.plane_km(one.position))
        since = arrivals.get(one.vehicle_id, now) - STAY_REACH if is_home else now - AWAY_FOR
        if is_home is not None and at >= since:
            found[one.vehicle_id] = is_home
    return found


def with_turns_changed(
    windows: Sequence[ConnectorWindow], stays: Sequence[Dwell], *, night: LiveNight, yard: Yard
) -> tuple[ConnectorWindow, ...]:
    """Return windows in which the first two of each connector share it as both need it now.

    Parameters
    ----------
    windows : sequence of ConnectorWindow
    stays : sequence of Dwell
        Not over yet, who is late with the arrival that is reckoned with; one a vehicle.
    night : LiveNight
    yard : Yard
    """
    late, by_name = overdue(night), {stay.vehicle_id: stay for stay in stays}
    waiting = _waiting(night, yard) if late else frozenset[str]()
    taken = set(yard.connector_of.values())
    most_kw = {one.connector_id: one.max_kw for one in night.brief.depot.connectors()}
    begins = staffed(night.brief.depot, yard.start)
    turns = Counter(window.vehicle_id for window in windows)
    found: list[ConnectorWindow] = []
    ordered = sorted(windows, key=lambda window: (window.connector_id, window.start))
    for name, group in groupby(ordered, key=lambda window: window.connector_id):
        first, *rest = group
        # Who has time in two places needs less of it here than it seems.
        if rest and turns[first.vehicle_id] == turns[rest[0].vehicle_id] == 1:
            until = rest[1].start - yard.changeover if rest[1:] else None
            pair = Pair(
                stays=by_name,
                max_kw=most_kw[name],
                yard=yard,
                until=until,
                ready_before=timedelta(hours=night.brief.ready_before_h),
            )
            is_idle = name not in taken and first.vehicle_id in late
            if is_idle and rest[0].vehicle_id in waiting:
                first, rest[0] = pair.turned(first, rest[0], begins=begins)
            first, rest[0] = pair.shared(first, rest[0])
        found += [first, *rest]
    return tuple(found)


def surely_needed(stay: Dwell) -> Dwell:
    """Return a stay whose target is what it must have, and what is unsure of that.

    Not what it would like: in a night without time for both nobody lacks the one so that somebody
    has the other.
    """
    surely_kwh = stay.energy_must_kwh + BUFFER_KWH + stay.energy_sigma_kwh
    target_kwh = min(stay.energy_target_kwh, surely_kwh)
    warmed_kwh = min(stay.precondition_kwh, target_kwh)
    return replace(stay, energy_target_kwh=target_kwh, precondition_kwh=warmed_kwh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two that follow one another on a connector.

    Parameters
    ----------
    stays : mapping of str to Dwell
        By vehicle.
    max_kw : float
        What the connector gives.
    yard : Yard
    until : datetime or None
        When both have to be done because a third is due.
    ready_before : timedelta, optional
        So long before its departure who leaves from here is to be ready, where both have time.
    """

    stays: Mapping[str, Dwell]
    max_kw: float
    yard: Yard
    until: datetime | None
    ready_before: timedelta = timedelta(0)

    def turned(
        self, first: ConnectorWindow, second: ConnectorWindow, *, begins: datetime
    ) -> tuple[ConnectorWindow, ConnectorWindow]:
        """Return both in changed turns, the second from when on it may plug in, where that helps."""
        begin = max(begins, self.stays[second.vehicle_id].arrival)
        spare = self._spare(second, first, begin=begin)
        changed = self._parted(second, first, begin=begin, spare=spare)
        return self._better((first, second), changed, below_factor=ENOUGH_FACTOR, spare=spare)

    def shared(
        self, first: ConnectorWindow, second: ConnectorWindow
    ) -> tuple[ConnectorWindow, ConnectorWindow]:
        """Return both with another moment in which they change places, where that helps.

        Where there is not time enough for both it is the one at which most can be expected to have
        what they must.
        """
        spare = self._spare(first, second, begin=first.start)
        changed = self._parted(first, second, begin=first.start, spare=spare)
        if changed is not None and self.spread_factor(changed) < 1.0:
            return self._likeliest(first, second)
        return self._better((first, second), changed, below_factor=LITTLE_FACTOR, spare=spare)

    def spread_factor(
        self, windows: Sequence[ConnectorWindow], *, spare: timedelta = timedelta(0)
    ) -> float:
        """Return the time of whoever has the least of what it needs, over that.

        In whole intervals: a plan gives nothing in a part of one. Who needs nothing has enough.

        Parameters
        ----------
        windows : sequence of ConnectorWindow
        spare : timedelta, optional
            Of the time right before a departure, which does not count.
        """
        return min(
            (
                (
                    min(window.end, self.stays[window.vehicle_id].departure - spare)
                    - self.yard.whole(window.start)
                )
                / needed
                for window in windows
                if (needed := self._needed(self.stays[window.vehicle_id]))
            ),
            default=inf,
        )

    def _spare(
        self, sooner: ConnectorWindow, later: ConnectorWindow, *, begin: datetime
    ) -> timedelta:
        """Return how long before its departure the later one can be ready, of what it is to be.

        What is left once both have what they need: nobody lacks that so that another is ready early.
        """
        one, other = self.stays[sooner.vehicle_id], self.stays[later.vehicle_id]
        end = min(other.departure, self.until or other.departure)
        needed = LITTLE_FACTOR * (self._needed(one) + self._needed(other))
        left = end - begin - self.yard.changeover - needed
        return max(timedelta(0), min(self.ready_before, left))

    def _parted(
        self,
        sooner: ConnectorWindow,
        later: ConnectorWindow,
        *,
        begin: datetime,
        spare: timedelta,
    ) -> tuple[ConnectorWindow, ConnectorWindow] | None:
        """Return the time from an instant on as both need it, None where there is none for one."""
        one, other = self.stays[sooner.vehicle_id], self.stays[later.vehicle_id]
        needed, further = self._needed(one), self._needed(other)
        end = min(other.departure, self.until or other.departure)
        room = min(end, other.departure - spare) - begin - self.yard.changeover
        if not (needed and further) or room <= timedelta(0):
            return None
        fair = self.yard.whole(begin + room * (needed / (needed + further)))
        # Whole intervals: the one before is as near, and may leave whoever has less time more of it.
        parted = [
            (replace(sooner, start=begin, end=cut), replace(later, start=start, end=end))
            for cut in (
                min(each, one.departure, self.until or each) for each in (fair - QUARTER, fair)
            )
            if begin < cut and (start := max(cut + self.yard.changeover, other.arrival)) < end
        ]
        return max(parted, key=partial(self.spread_factor, spare=spare), default=None)

    def _likeliest(
        self, first: ConnectorWindow, second: ConnectorWindow
    ) -> tuple[ConnectorWindow, ConnectorWindow]:
        """Return both with the moment at which most of them can be expected to be ready.

        What a need is unsure by does not grow with it: who has a rest to get is no safer by half of
        that than who has all to get by nearly all of it.
        """
        one, other = self.stays[first.vehicle_id], self.stays[second.vehicle_id]
        end = min(other.departure, self.until or other.departure)
        cut, parted = self.yard.whole(first.start) + QUARTER, [(first, second)]
        while cut <= one.departure and (cut + self.yard.changeover) < end:
            start = max(cut + self.yard.changeover, other.arrival)
            parted.append((replace(first, end=cut), replace(second, start=start, end=end)))
            cut += QUARTER
        # Of moments that are as good the earliest: it leaves the other the more.
        best = max(parted, key=lambda pair: round(self._expected_ready(pair), 2))
        gained = self._expected_ready(best) - self._expected_ready((first, second))
        return best if gained > WORTH_IT_FACTOR else (first, second)

    def _expected_ready(self, windows: Sequence[ConnectorWindow]) -> float:
        """Return how many of two will have what they must at full power, as far as can be told."""
        expected = 0.0
        for window in windows:
            stay = self.stays[window.vehicle_id]
            there = min(window.end, stay.departure) - self.yard.whole(window.start)
            given_kwh = max(0.0, duration_h(there)) * min(stay.max_kw, self.max_kw)
            beyond_kwh = given_kwh - stay.energy_must_kwh - BUFFER_KWH
            expected += NormalDist(0.0, max(LOST_KWH, stay.energy_sigma_kwh)).cdf(beyond_kwh)
        return expected

    def _better(
        self,
        held: tuple[ConnectorWindow, ConnectorWindow],
        changed: tuple[ConnectorWindow, ConnectorWindow] | None,
        *,
        below_factor: float,
        spare: timedelta,
    ) -> tuple[ConnectorWindow, ConnectorWindow]:
        if changed is None:
            return held
        held_factor = self.spread_factor(held, spare=spare)
        gained_factor = self.spread_factor(changed, spare=spare) - held_factor
        is_worth_it = held_factor < below_factor and gained_factor > WORTH_IT_FACTOR
        return changed if is_worth_it else held

    def _needed(self, stay: Dwell) -> timedelta:
        """Return the time at full power for what a vehicle surely needs."""
        most_kw, needed_kwh = min(stay.max_kw, self.max_kw), surely_needed(stay).energy_target_kwh
        return timedelta(hours=needed_kwh / most_kw if most_kw > 0.0 else 0.0)


def _waiting(night: LiveNight, yard: Yard) -> frozenset[str]:
    """Return who is in the yard and plugged in nowhere.

    As telematics tells; where it does not, whoever should have come is there.
    """
    return frozenset(
        dwell.vehicle_id
        for dwell in present_dwells(night.brief, now=night.now, changes=night.changes)
        if dwell.vehicle_id not in yard.connector_of
        and night.at_home.get(dwell.vehicle_id, dwell.arrival + GRACE <= night.now)
    )
