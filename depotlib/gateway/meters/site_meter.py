"""What is known of the whole site from its meter: fresh or stale, base load, running window. Pure.

What a reading says counts for `stale_s` seconds after it was news. A meter that repeats its own
time, or without one repeats every number, has said nothing new: it ages as if it were silent.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from depotlib.gateway.steps import StepLine, constant, line_of
from depotlib.gateway.window import RunningWindow
from depotlib.model.depot import GridConnection
from depotlib.model.site_meter import MeterReading, SiteMeterSource, SiteMeterState

LOOK_BACK_S: Final = 90.0
"""The base load is the most of so many seconds: stations tell their power once a minute [s]."""
KEPT_S: Final = 600.0
CLIMB_STEPS: Final = 16
"""Steps in which the bound on the base load climbs to its largest value."""
CALM_SHARE: Final = 0.1
"""The base load counts as the mean of this share of the time left in the window, so that a short
start of a motor sheds nobody early, and every second counts late."""
CALM_S: Final = 60.0
BAND_KW: Final = 2.0
"""Changes of what charging may have that are not worth a message [kW]."""
WORTH_KW: Final = 0.5
"""What the base load is above its declared maximum that is worth a word [kW]: meters differ."""
CARRY_S: Final = 3600.0
"""So long the forecast is taken to be wrong by what it is wrong now [s]."""
CLOCK_ERROR_S: Final = 10.0
"""A sample that is stamped so much later than a reading was taken after it [s]."""
EXACT_KW: Final = 1.0
"""Charging is known where samples before and after differ by no more than this in all [kW]."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a connector drew by its last sample: at an instant [s since 1970], [kW]."""

    at_s: float
    power_kw: float


@dataclass(frozen=True, slots=True)
class Charging:
    """What all stations together draw, as far as is known.

    Parameters
    ----------
    proven_kw : float
        By samples that are not old; a station without one counts nothing.
    likely_kw : float
        The same, but where a limit is newer than the sample, the limit.
    most_kw : float
        The most that it can be: where no sample is newer than the limit, or all are old, what
        the ledger reserves.
    is_settled : bool
        Whether every station that charges has told its power since its limit last changed.
    drawn : mapping of str to Drawn
        By connector of a session: the samples that `proven_kw` is the sum of.
    """

    proven_kw: float
    likely_kw: float
    most_kw: float
    is_settled: bool = True
    drawn: Mapping[str, Drawn] = field(default_factory=dict[str, Drawn])


@dataclass(slots=True)
class _Seen:
    at_s: float
    power_kw: float
    base_kw: float
    """Not less than the base load really was, once nobody is waited for."""
    likely_kw: float
    """The base load if stations do what they were told."""
    least_kw: float
    """Not more than the base load really is, though stations be silent."""
    is_settled: bool
    awaited: dict[str, Drawn]
    """Whose last sample was taken off, if it was any power, and who has told none since."""
    off_kw: float = 0.0
    """By how much samples before and after it differ."""

    def hear(self, drawn: Mapping[str, Drawn]) -> None:
        """Take other samples: the smallest was surely drawn in between."""
        for name, taken in list(self.awaited.items()):
            other = drawn.get(name)
            if other is None or other.at_s == taken.at_s:
                continue
            self.base_kw += max(0.0, taken.power_kw - other.power_kw)
            self.off_kw += abs(taken.power_kw - other.power_kw)
            if other.at_s >= self.at_s + CLOCK_ERROR_S:
                del self.awaited[name]
            else:
                least_kw = min(taken.power_kw, other.power_kw)
                self.awaited[name] = Drawn(max(taken.at_s, other.at_s), least_kw)

    @property
    def is_bound(self) -> bool:
        """Return whether nobody is waited for whose power was taken off."""
        return all(one.power_kw <= 0.0 for one in self.awaited.values())

    @property
    def is_known(self) -> bool:
        """Return whether all charging at this reading is known."""
        return self.is_settled and not self.awaited and self.off_kw <= EXACT_KW


class SiteMeter:
    """The site's meter and what follows from it; without a meter nothing is ever known.

    Parameters
    ----------
    source : SiteMeterSource or None
    grid : GridConnection
    """

    def __init__(self, source: SiteMeterSource | None, *, grid: GridConnection) -> None:
        self.source = source
        self.trouble = "" if source is None else "it has not been read yet"
        self._grid = grid
        self._seen: deque[_Seen] = deque()
        self._drawn: dict[str, tuple[Drawn, Drawn]] = {}
        self._last: MeterReading | None = None
        self._news_at_s: float | None = None
        self._ahead: deque[tuple[float, float]] = deque()
        self._base_max_kw = grid.base_load_max_kw
        self._room_kw: float | None = None
        self._is_rise_proven = source is not None and source.base_rise_kw_per_s is not None
        target_kw = grid.operating_limit_kw
        if source is not None and source.window_target_kw is not None:
            target_kw = source.window_target_kw
        self.window = RunningWindow(target_kw, source.window_s if source is not None else 900.0)

    # --- what it says ---------------------------------------------------------------------

    def take(self, reading: MeterReading, *, charging: Charging) -> bool:
        """Return whether a reading was news, and count it if it was."""
        before, self._last = self._last, reading
        if self._is_repeated(reading, before=before):
            self.trouble = "it repeats itself"
            return False
        at_s = reading.at.timestamp() - self._delay_s(reading)
        if self._news_at_s is not None and at_s <= self._news_at_s:
            self.trouble = "its readings come late"
            return False
        self._news_at_s = at_s
        self.trouble = ""
        while self._seen and self._seen[0].at_s < at_s - KEPT_S:
            self._seen.popleft()
        for earlier in self._seen:
            earlier.hear(charging.drawn)
        base_kw = reading.power_kw - max(0.0, charging.proven_kw)
        likely_kw = reading.power_kw - max(0.0, charging.likely_kw)
        seen = _Seen(
            at_s,
            power_kw=reading.power_kw,
            base_kw=base_kw,
            likely_kw=likely_kw,
            least_kw=reading.power_kw - max(0.0, charging.most_kw),
            is_settled=charging.is_settled,
            awaited=dict(charging.drawn),
        )
        seen.hear(self._drawn_before(charging.drawn, at_s=at_s))
        self._seen.append(seen)
        self._doubt(at_s)
        self.window.take(self._by_meter_s(at_s), reading.power_kw)
        return True

    def _drawn_before(self, drawn: Mapping[str, Drawn], *, at_s: float) -> dict[str, Drawn]:
        """Return the samples before those that may, by a wrong clock, be later than a reading."""
        none = Drawn(-math.inf, 0.0)
        for name, newest in drawn.items():
            before, last = self._drawn.get(name, (none, none))
            if newest.at_s != last.at_s:
                self._drawn[name] = (last, newest)
            else:
                self._drawn[name] = (before, newest)
        early_s = at_s - CLOCK_ERROR_S
        return {name: self._drawn[name][0] for name, one in drawn.items() if one.at_s > early_s}

    def fail(self, trouble: str) -> None:
        """Note why a reading could not be had."""
        self.trouble = trouble

    @property
    def base_max_kw(self) -> float:
        """Return the largest base load: as declared, or as seen for a whole minute [kW]."""
        return self._base_max_kw

    # --- what is known --------------------------------------------------------------------

    def age_s(self, now: datetime) -> float | None:
        """Return how long ago it last said something new [s], or None: never."""
        return None if self._news_at_s is None else now.timestamp() - self._news_at_s

    def is_fresh(self, now: datetime) -> bool:
        """Return whether what it says counts."""
        age_s = self.age_s(now)
        return self.source is not None and age_s is not None and age_s <= self.source.stale_s

    def power_kw(self, now: datetime) -> float | None:
        """Return what the whole site draws [kW], or None where that is not known now."""
        return self._seen[-1].power_kw if self._seen and self.is_fresh(now) else None

    def excess_kw(self, now: datetime) -> float | None:
        """Return by how much the site is above its hard limit [kW], below 0 if it is not.

        None where the meter does not say.
        """
        power_kw = self.power_kw(now)
        return None if power_kw is None else power_kw - self._grid.service_kw

    def base_line(self, now: datetime) -> StepLine:
        """Return the most that everything but charging may draw at each instant from now on [kW].

        The largest base load there can be, unless the meter is fresh and the fastest rise of the
        base load is known: then what was measured, its margin and that rise, step by step.
        """
        most_kw, source = self._base_max_kw, self.source
        rise_kw_per_s = source.base_rise_kw_per_s if source is not None else None
        if source is None or rise_kw_per_s is None:
            return constant(most_kw)
        if not (self._is_rise_proven and self.is_fresh(now)):
            return constant(most_kw)
        first_kw = source.base_margin_kw + self._base_by_now_kw(now.timestamp(), rise_kw_per_s)
        first_kw = max(first_kw, 0.0)
        if not first_kw < most_kw:
            return constant(most_kw)
        if rise_kw_per_s == 0.0:
            return constant(first_kw)
        step_kw = (most_kw - first_kw) / CLIMB_STEPS
        step_s = step_kw / rise_kw_per_s
        # Each step has the value of its end, so that the steps never lie below the climb.
        return line_of(
            (now.timestamp() + number * step_s, first_kw + (number + 1) * step_kw)
            for number in range(CLIMB_STEPS)
        )

    def middle_of_window(self, now: datetime) -> datetime:
        """Return the middle of the running window by our clock: there both clocks agree on it."""
        ahead_s = self.window.to_middle_s(self._by_meter_s(now.timestamp()))
        return now + timedelta(seconds=ahead_s)

    def operating_line(self, expected: StepLine, *, now: datetime) -> StepLine:
        """Return what charging may have for the operating limit at each instant from now on [kW].

        Until the end of the running window what the window leaves; for an hour after it the
        expectation, corrected by what it is wrong now. Without a fresh meter the expectation.

        Parameters
        ----------
        expected : StepLine
            Operating limit less the base load as forecast [kW].
        now : datetime
        """
        if not self.is_fresh(now):
            self._room_kw = None
            return expected
        now_s, limit_kw = now.timestamp(), self._grid.operating_limit_kw
        end_s = now_s + max(0.0, self.window.end_s - self._by_meter_s(now_s))
        base_kw = self._calm_base_kw(now_s, left_s=end_s - now_s)
        allowed_kw = min(limit_kw, self.window.allowed_kw(self._by_meter_s(now_s)))
        room_kw = self._steadied(max(0.0, allowed_kw - base_kw))
        off_kw = (limit_kw - expected.at(now_s)) - base_kw
        cap_kw = min(limit_kw, self.window.declared_kw) - limit_kw
        carried_s = max(end_s, now_s + CARRY_S)
        later_s = [one for one in expected.starts_s.tolist() if end_s < one < carried_s]
        points = [(now_s, room_kw)] if end_s > now_s else []
        points += [
            (start_s, max(0.0, expected.at(start_s) + off_kw + cap_kw))
            for start_s in (end_s, *later_s)
        ]
        points.append((carried_s, expected.at(carried_s)))
        points += [
            (start_s, expected.at(start_s))
            for start_s in expected.starts_s.tolist()
            if start_s > carried_s
        ]
        return line_of(points)

    def state(self, now: datetime) -> SiteMeterState | None:
        """Return the meter as other processes see it, or None where the site has none."""
        if self.source is None:
            return None
        by_meter_s = self._by_meter_s(now.timestamp())
        is_fresh = self.is_fresh(now)
        ends_s = self.window.end_s - by_meter_s + now.timestamp()
        is_running = is_fresh and by_meter_s < self.window.end_s
        return SiteMeterState(
            kind=self.source.kind,
            address=self.source.address,
            is_fresh=is_fresh,
            power_kw=self._seen[-1].power_kw if self._seen else None,
            base_kw=self._seen[-1].likely_kw if self._seen else None,
            measured_at=_instant(self._news_at_s),
            target_kw=self.window.declared_kw,
            allowed_kw=self.window.allowed_kw(by_meter_s) if is_running else None,
            window_kw=self.window.mean_kw() if is_running and self.window.is_seen else None,
            window_ends_at=_instant(ends_s) if is_running else None,
            trouble=self._trouble(is_fresh=is_fresh),
            at=now,
        )

    # --- inside ---------------------------------------------------------------------------

    def _trouble(self, *, is_fresh: bool) -> str:
        if not is_fresh:
            return self.trouble or "it is silent"
        if self._base_max_kw > self._grid.base_load_max_kw + WORTH_KW:
            return f"the base load is above its declared maximum: {self._base_max_kw:.1f} kW"
        if self.source is not None and self.source.base_rise_kw_per_s is not None:
            return "" if self._is_rise_proven else "the base load rose faster than declared"
        return ""

    def _is_repeated(self, reading: MeterReading, *, before: MeterReading | None) -> bool:
        if before is None:
            return False
        if reading.measured_at is not None and before.measured_at is not None:
            return reading.measured_at <= before.measured_at
        said = (reading.power_kw, reading.phase_kw, reading.energy_kwh)
        return said == (before.power_kw, before.phase_kw, before.energy_kwh)

    def _delay_s(self, reading: MeterReading) -> float:
        """Return how late a reading came, against the quickest of the last minute, by its own clock."""
        if reading.measured_at is None:
            return 0.0
        at_s = reading.at.timestamp()
        ahead_s = (reading.measured_at - reading.at).total_seconds()
        self._ahead.append((at_s, ahead_s))
        while self._ahead[0][0] < at_s - LOOK_BACK_S:
            self._ahead.popleft()
        return self._clock_ahead_s() - ahead_s

    def _clock_ahead_s(self) -> float:
        return max((ahead_s for _, ahead_s in self._ahead), default=0.0)

    def _by_meter_s(self, at_s: float) -> float:
        return at_s + self._clock_ahead_s()

    def _base_by_now_kw(self, now_s: float, rise_kw_per_s: float) -> float:
        """Return what the base load can have come to by now [kW], its margin aside.

        What is taken off a reading as charging are samples from before it, and a vehicle may have
        stopped since: it hides as much of a base load that rose meanwhile, and one after the other
        may do so for as long as they like. So a reading counts only once every vehicle that was
        taken off it has told its power after it as well, the smaller of both counts, and the rise
        is added for all the time since then. What nobody sees is a vehicle that pauses between two
        of its samples, just while the base load is high and at every such reading.

        A raise that no sample shows yet looks like base load. So the last reading at which all
        charging was known counts as well, with the rise since then.
        """
        heard = [one for one in self._seen if one.is_bound]
        bounds_kw: list[float] = []
        for seen in (heard, [one for one in heard if one.is_known]):
            if seen:
                newest_s = seen[-1].at_s
                recent = [one.base_kw for one in seen if one.at_s >= newest_s - LOOK_BACK_S]
                bounds_kw.append(max(recent) + rise_kw_per_s * (now_s - newest_s))
        return min(bounds_kw, default=math.inf)

    def _doubt(self, at_s: float) -> None:
        """Give up what was declared of the base load where a whole minute shows otherwise.

        A station that starts looks like base load until its next sample, so an instant proves
        nothing. Nor do stations that are silent while the site draws what they were allowed.
        """
        begin_s, end_s = at_s - 2.0 * LOOK_BACK_S, at_s - LOOK_BACK_S
        earlier = [one.base_kw for one in self._seen if begin_s <= one.at_s <= end_s]
        if not earlier:
            return
        least_kw = min(one.least_kw for one in self._seen if one.at_s > at_s - LOOK_BACK_S)
        self._base_max_kw = max(self._base_max_kw, least_kw)
        source = self.source
        if source is not None and source.base_rise_kw_per_s is not None:
            climb_kw = source.base_margin_kw + source.base_rise_kw_per_s * 2.0 * LOOK_BACK_S
            self._is_rise_proven &= least_kw <= max(earlier) + climb_kw

    def _calm_base_kw(self, now_s: float, *, left_s: float) -> float:
        span_s = min(CALM_S, CALM_SHARE * left_s)
        recent = [one.likely_kw for one in self._seen if one.at_s >= now_s - span_s]
        return sum(recent) / len(recent) if recent else self._seen[-1].likely_kw

    def _steadied(self, room_kw: float) -> float:
        """Return the room as it was told last, unless it has changed by more than the band."""
        told_kw = self._room_kw
        if told_kw is None or abs(room_kw - told_kw) > BAND_KW:
            self._room_kw = told_kw = room_kw
        return min(told_kw, room_kw) if room_kw == 0.0 else told_kw


def _instant(at_s: float | None) -> datetime | None:
    return None if at_s is None else datetime.fromtimestamp(at_s, tz=UTC)
