"""What stood in the way of one stay, and when: each minute's shortfall and the facts it has.

A minute in which the vehicle drew less than the plan gave is blamed on what is known to have held
then: an order, a session nobody could name, a station without connection, a fault. Where a limit
was below the plan and none of them held, the limit itself is blamed; where the vehicle took less
than it was offered, the vehicle.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from depotlib.model.reconciliation import Cause
from depotlib.reconciliation.ability import NOTHING_KW, Sight, ability_of, tolerance_kw
from depotlib.reconciliation.ending import reason_of_end
from depotlib.reconciliation.planned import MINUTE, SHORT_KWH, widened_kw
from depotlib.reconciliation.scene import EDGE, SAME_KW, Scene
from depotlib.reconciliation.stay import MINUTE_H, Ability, Clamp, Minute, Stay
from depotlib.reconciliation.told import SpanKind, ToldSession, ToldSpan

HELD: Final[dict[SpanKind, Cause]] = {
    "offline": "communication",
    "unanswered": "communication",
    "refused": "station_fault",
    "faulty": "station_fault",
    "ordered": "override",
}
UNREACHED: Final[frozenset[SpanKind]] = frozenset({"offline", "unanswered", "refused"})
UNTOLD: Final[frozenset[SpanKind]] = frozenset({"offline", "refused"})
"""What a station in such a state gives before a session, it gives whatever the plan."""
ASKED_WITHIN: Final = 2 * MINUTE
"""The first limit of a session is told at its plug-in."""
NO_CAUSE: Final[frozenset[Cause]] = frozenset()
ASLEEP_TOLD: Final = 15 * MINUTE
"""The gateway says that a vehicle sleeps only after it has waited and tried."""


@dataclass
class Evidence:
    """What the journal holds about one stay.

    Parameters
    ----------
    scene : Scene
    seen : dict of Cause to ToldSpan
        The first span that each cause was blamed on.
    """

    scene: Scene
    seen: dict[Cause, ToldSpan] = field(default_factory=dict[Cause, ToldSpan])

    def stay(self) -> Stay:
        """Return the stay as a replay needs it."""
        scene, planned = self.scene, self.scene.planned
        sights = self._sights()
        ability, clamps = ability_of(sights, highest_kw=max(scene.drawn_kw, default=0.0))
        clamps = self._sleeping_on() | clamps
        wider = widened_kw(scene.wanted_kw, most=self._most(), target_kwh=planned.target_kwh)
        return Stay(
            target_kwh=planned.target_kwh,
            delivered_kwh=sum(one.total_kwh for one in scene.meters),
            minutes=tuple(
                self._minute(index, clamp=clamps.get(index), wider_kw=wider[index])
                for index in range(len(scene.starts))
            ),
            ability=ability if sights else Ability(),
            is_plan_short=self.planned_kwh < planned.target_kwh - SHORT_KWH,
        )

    @property
    def planned_kwh(self) -> float:
        """Return what the plan gave, at most the target."""
        return min(self.scene.planned.target_kwh, sum(self.scene.wanted_kw) * MINUTE_H)

    def _most(self) -> list[float]:
        """Return what a plan could have given: the most of vehicle and plug during the stay."""
        scene, planned = self.scene, self.scene.planned
        most: list[float] = []
        for start in scene.starts:
            schedule = planned.schedule_at(start)
            names = [one.connector_id for one in scene.visits]
            name = schedule.connector_id if schedule else next(iter(names), "")
            is_there = planned.arrival <= start < planned.departure
            most.append(scene.yard.most_kw(name, planned.kind) if is_there else 0.0)
        return most

    # --- what the vehicle showed ----------------------------------------------------------

    def _sights(self) -> list[Sight]:
        """Return the minutes in which it took less than offered, and the edges beside them."""
        scene = self.scene
        plain = {index for index in range(len(scene.starts)) if self._takes_less(index)}
        edges = {
            beside
            for index in plain
            for beside in _around(index)
            if 0 <= beside < len(scene.starts)
            and scene.is_edge[beside]
            and scene.visit[beside] is not None
            and scene.drawn_kw[beside] < scene.wanted_kw[beside] - SAME_KW
        }
        energy = [0.0]
        for drawn_kw in scene.drawn_kw:
            energy.append(energy[-1] + drawn_kw * MINUTE_H)
        return [self._sight(index, energy_kwh=energy[index]) for index in sorted(plain | edges)]

    def _takes_less(self, index: int) -> bool:
        scene, visit = self.scene, self.scene.visit[index]
        if visit is None or scene.is_edge[index]:
            return False
        offered_kw = scene.offered_kw[index]
        is_less = scene.drawn_kw[index] < offered_kw - tolerance_kw(offered_kw)
        return is_less and "faulty" not in self._kinds(index, visit.connector_id)

    def _sight(self, index: int, *, energy_kwh: float) -> Sight:
        scene, visit = self.scene, self.scene.visit[index]
        assert visit is not None  # only minutes with a session are sights
        at = scene.starts[index]
        known = [soc for told_at, soc in visit.readings_soc if told_at <= at + MINUTE]
        return Sight(
            index=index,
            energy_kwh=energy_kwh,
            drawn_kw=scene.drawn_kw[index],
            soc=known[-1] if known else None,
            is_asleep=any(at <= told_at + ASLEEP_TOLD for told_at in visit.asleep),
            is_last=index >= self._last_drawn,
            is_edge=scene.is_edge[index],
        )

    def _sleeping_on(self) -> dict[int, Clamp]:
        """Return the minutes since it was found asleep: until it draws, it has not woken."""
        scene = self.scene
        found: dict[int, Clamp] = {}
        is_asleep, told = False, {at for visit in scene.visits for at in visit.asleep}
        for index, start in enumerate(scene.starts):
            is_asleep |= any(start <= at < start + MINUTE for at in told)
            is_asleep &= scene.visit[index] is not None and scene.drawn_kw[index] < NOTHING_KW
            if is_asleep:
                found[index] = "vehicle_limit"
        return found

    @cached_property
    def _last_drawn(self) -> int:
        """Return the minute from which on it draws nothing."""
        drawn = self.scene.drawn_kw
        return max((i + 1 for i, power_kw in enumerate(drawn) if power_kw >= NOTHING_KW), default=0)

    # --- what stood in the way ------------------------------------------------------------

    def _minute(self, index: int, *, clamp: Clamp | None, wider_kw: float) -> Minute:
        scene, visit = self.scene, self.scene.visit[index]
        wanted_kw, drawn_kw = scene.wanted_kw[index], scene.drawn_kw[index]
        offered_kw = self._left_kw(index) if visit is None else self._beside_kw(index, visit)
        wider_kw = max(wanted_kw, wider_kw)
        needed_kw = max(wider_kw, offered_kw)
        caps: dict[Cause, float] = {}
        if drawn_kw < needed_kw - SAME_KW:
            caps = (
                self._caps_away(index, needed_kw=needed_kw)
                if visit is None
                else self._caps_there(index, visit, needed_kw=needed_kw)
            )
        return Minute(
            wanted_kw=wanted_kw,
            drawn_kw=drawn_kw,
            caps_kw=caps,
            clamp=clamp,
            wider_kw=wider_kw,
            offered_kw=offered_kw if clamp is not None or caps else 0.0,
            gifts=self._gifts(index, visit),
        )

    def _beside_kw(self, index: int, visit: ToldSession) -> float:
        """Return what was offered beside the plan: on a weaker plug all that the right one has.

        A later plan that asks all that a weak plug gives would have asked more of the right one.
        """
        scene = self.scene
        offered_kw = scene.own_offer_kw(index, visit.connector_id)
        schedule = scene.planned.schedule_at(scene.starts[index])
        is_elsewhere = schedule is not None and schedule.connector_id != visit.connector_id
        if schedule is None or not is_elsewhere or offered_kw <= scene.wanted_kw[index] + SAME_KW:
            return offered_kw
        given_kw = scene.yard.most_kw(visit.connector_id, scene.planned.kind)
        if offered_kw < given_kw - SAME_KW:
            return offered_kw
        return scene.yard.most_kw(schedule.connector_id, scene.planned.kind)

    def _gifts(self, index: int, visit: ToldSession | None) -> frozenset[Cause]:
        """Return what gave it power that the plan did not: the policy, or a safe limit."""
        scene = self.scene
        if visit is None or scene.drawn_kw[index] <= scene.wanted_kw[index] + SAME_KW:
            return NO_CAUSE
        kinds = self._kinds(index, visit.connector_id)
        found: set[Cause] = {HELD[kind] for kind in kinds if kind in UNREACHED}
        if self._is_unknown(index, visit):
            found.add("unknown_identity")
        return frozenset(found)

    def _left_kw(self, index: int) -> float:
        """Return what its plug offered in a minute without it, beside the plan.

        After it had left: the limit in force, since a later plan may have been catching up. Before
        it came: what somebody unknown, or a station out of reach, gives whatever the plan.
        """
        scene, start = self.scene, self.scene.starts[index]
        is_due = scene.planned.arrival <= start < scene.planned.departure
        if not scene.visits or scene.visit[index] is not None or not is_due:
            return 0.0
        first, last = scene.visits[0], scene.visits[-1]
        if last.end is not None and last.end <= start:
            return scene.own_offer_kw(index, last.connector_id)
        if start < first.start and self._is_unknown(index, first):
            return scene.yard.least_kw(first.connector_id)
        if start < first.start and not UNTOLD.isdisjoint(self._kinds_ahead(index, first)):
            return scene.own_offer_kw(index, first.connector_id)
        return 0.0

    def _caps_there(
        self, index: int, visit: ToldSession, *, needed_kw: float
    ) -> dict[Cause, float]:
        """Return the caps of what held while it was plugged in; together they make the offer."""
        scene = self.scene
        wanted_kw, offer_kw = scene.wanted_kw[index], scene.offered_kw[index]
        kinds = self._kinds(index, visit.connector_id)
        caps = self._wrong_bay(index, visit, needed_kw=needed_kw)
        caps |= self._part_away(index, needed_kw=needed_kw)
        if "faulty" in kinds:
            self.seen.setdefault("station_fault", kinds["faulty"])
            caps["station_fault"] = scene.drawn_kw[index]
        blamed = self._blamed(index, visit, kinds=kinds, needed_kw=needed_kw)
        least_kw = min(wanted_kw, *caps.values()) if caps else wanted_kw
        if offer_kw >= least_kw - SAME_KW:
            return caps | blamed | ({} if blamed else self._limit_beyond(index, visit, caps=caps))
        if not blamed and "station_fault" not in caps and self._is_limited(index):
            blamed["limit"] = offer_kw
        if len(blamed) == 1 or (blamed and min(blamed.values()) > offer_kw):
            blamed[min(blamed, key=lambda cause: blamed[cause])] = offer_kw
        return caps | blamed

    def _is_limited(self, index: int) -> bool:
        """Return whether its limit was below the plan, not only while both were changing."""
        scene = self.scene
        for beside in _around(index):
            visit = scene.visit[beside] if 0 <= beside < len(scene.starts) else None
            if visit is None or scene.is_edge[beside]:
                continue
            given_kw = scene.yard.most_kw(visit.connector_id, scene.planned.kind)
            if scene.offered_kw[beside] < min(given_kw, scene.wanted_kw[beside]) - SAME_KW:
                return True
        return False

    def _limit_beyond(
        self, index: int, visit: ToldSession, *, caps: dict[Cause, float]
    ) -> dict[Cause, float]:
        """Return the cap of a limit that a weaker plug hides: the right one would have held it.

        A limit that is all that the plug gives says nothing: it is never told more.
        """
        scene = self.scene
        told_kw = scene.told_kw(index, visit.connector_id)
        is_hidden = "wrong_bay" in caps and told_kw > caps["wrong_bay"] + SAME_KW
        if not is_hidden or "station_fault" in caps or told_kw >= scene.wanted_kw[index] - SAME_KW:
            return {}
        return {"limit": told_kw}

    def _part_away(self, index: int, *, needed_kw: float) -> dict[Cause, float]:
        """Return the cap of a minute in which it came or left."""
        scene, start = self.scene, self.scene.starts[index]
        share = scene.present_share(index)
        if share >= 1.0:
            return {}
        before = [one for one in scene.visits if one.start <= start]
        gone: Cause = "late_plug_in"
        if before:
            gone = self._reason(before[-1], is_back=scene.visits[-1] is not before[-1])
        return {gone: share * needed_kw}

    def _caps_away(self, index: int, *, needed_kw: float) -> dict[Cause, float]:
        """Return the caps of a minute without it: it was not there, and what else would have held."""
        scene, start = self.scene, self.scene.starts[index]
        before = [one for one in scene.visits if one.start <= start]
        after = [one for one in scene.visits if one.start > start]
        gone: Cause = self._reason(before[-1], is_back=bool(after)) if before else "late_plug_in"
        caps: dict[Cause, float] = {gone: scene.present_share(index) * needed_kw}
        visit = after[0] if after else before[-1] if before else None
        if visit is not None:
            caps |= self._wrong_bay(index, visit, needed_kw=needed_kw)
        kinds = self._kinds(index, self._would_be_at(index, visit))
        if after:
            kinds = self._kinds_ahead(index, after[0])
        blamed = self._blamed(index, visit, kinds=kinds, needed_kw=needed_kw)
        if "faulty" in kinds:
            self.seen.setdefault("station_fault", kinds["faulty"])
            blamed["station_fault"] = 0.0
        for cause, cap_kw in blamed.items():
            caps[cause] = min(cap_kw, caps.get(cause, cap_kw))
        return caps

    def _would_be_at(self, index: int, visit: ToldSession | None) -> str:
        """Return where it would have stood: where it stood at another time, else as planned."""
        if visit is not None:
            return visit.connector_id
        schedule = self.scene.planned.schedule_at(self.scene.starts[index])
        return schedule.connector_id if schedule is not None else ""

    def _reason(self, ended: ToldSession, *, is_back: bool) -> Cause:
        """Return why it stood without a session after one."""
        cause, span = reason_of_end(ended, night=self.scene.night, is_back=is_back)
        if span is not None:
            self.seen.setdefault(cause, span)
        return cause

    def _kinds(self, index: int, connector_id: str) -> dict[SpanKind, ToldSpan]:
        """Return what held on a connector in a minute, by its kind."""
        start, end = self.scene.span(index)
        station_id = self.scene.yard.station_id(connector_id)
        return {
            span.kind: span
            for span in self.scene.night.spans
            if span.start < end and start < span.end and span.concerns(connector_id, station_id)
        }

    def _kinds_ahead(self, index: int, visit: ToldSession) -> dict[SpanKind, ToldSpan]:
        """Return what held before a session: a station that refused its first limit always had."""
        kinds = self._kinds(index, visit.connector_id)
        told_by = visit.start + ASKED_WITHIN
        for span in self.scene.night.spans:
            is_first = span.kind == "refused" and visit.start <= span.start <= told_by
            if is_first and span.concerns(visit.connector_id, visit.station_id):
                kinds.setdefault("refused", span)
        return kinds

    def _wrong_bay(self, index: int, visit: ToldSession, *, needed_kw: float) -> dict[Cause, float]:
        """Return the cap of a plug that gives less than the one it was planned for."""
        scene = self.scene
        schedule = scene.planned.schedule_at(scene.starts[index])
        if schedule is None or schedule.connector_id == visit.connector_id:
            return {}
        given_kw = scene.yard.most_kw(visit.connector_id, scene.planned.kind)
        if given_kw >= needed_kw - SAME_KW:
            return {}
        return {"wrong_bay": given_kw}

    def _blamed(
        self,
        index: int,
        visit: ToldSession | None,
        *,
        kinds: dict[SpanKind, ToldSpan],
        needed_kw: float,
    ) -> dict[Cause, float]:
        """Return what each fact that held left of a limit, where it left too little."""
        scene = self.scene
        connector_id = self._would_be_at(index, visit)
        safe_kw, limit_kw = scene.yard.safe_kw(connector_id), scene.offer_kw(index, connector_id)
        caps: dict[Cause, float] = {}
        for kind, span in kinds.items():
            if kind == "ordered":
                cap_kw = safe_kw if span.what.startswith("exclude") else 0.0
                is_short = cap_kw < needed_kw - SAME_KW
            else:
                # A station that is not reached keeps to the plan as far as it was told it.
                cap_kw = limit_kw
                is_short = kind in UNREACHED and cap_kw < scene.wanted_kw[index] - SAME_KW
            if is_short:
                caps[HELD[kind]] = min(cap_kw, caps.get(HELD[kind], cap_kw))
                self.seen.setdefault(HELD[kind], span)
        if visit is not None and self._is_unknown(index, visit):
            least_kw = scene.yard.least_kw(connector_id)
            if least_kw < needed_kw - SAME_KW:
                caps["unknown_identity"] = least_kw
        return caps

    def _is_unknown(self, index: int, visit: ToldSession) -> bool:
        """Return whether nobody could name it then; before a session as at its start."""
        known_from = visit.known_from(self.scene.planned.vehicle_id)
        if known_from is None:
            return True
        return known_from > visit.start and self.scene.span(index)[0] < known_from


def _around(index: int) -> range:
    """Return the minutes from which an edge can be judged: beyond the edges beside it."""
    return range(index - 2 * EDGE, index + 2 * EDGE + 1)
