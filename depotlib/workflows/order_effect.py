"""What an operator's order would do to the night's peak: pure, from the release in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.model.brief import Brief
from depotlib.model.depot import Connector
from depotlib.model.live import ConnectorState, StationState
from depotlib.model.order import IDLE_KINDS, Order
from depotlib.model.price_terms import PriceTerms
from depotlib.model.release import ConnectorSchedule, Release
from depotlib.model.timegrid import TimeGrid, grid_over

FloatArray = NDArray[np.float64]
WINDOW_S: Final = 900
"""Where no tariff says otherwise, demand is a 15-minute mean [s]."""
WORTH_KWH: Final = 0.05
NOTHING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class NightFacts:
    """What an order's effect rests on.

    Parameters
    ----------
    brief : Brief
    release : Release or None
        In force.
    stations : tuple of StationState
    metered_kw : mapping of datetime to float
        Mean power of the stations so far, by start of the window.
    """

    brief: Brief
    release: Release | None
    stations: tuple[StationState, ...] = ()
    metered_kw: Mapping[datetime, float] = field(default_factory=dict[datetime, float])

    def plug(self, connector_id: str) -> ConnectorState | None:
        """Return a connector as it is now, or None."""
        plugs = (plug for state in self.stations for plug in state.connectors)
        return next((plug for plug in plugs if plug.connector_id == connector_id), None)


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """What an order would do.

    Parameters
    ----------
    running_peak_kw : float
        Highest window so far, sunk peaks of the billing period included.
    peak_before_kw, peak_after_kw : float
        Highest window of the night with what has passed, without the order and with it.
    peak_amount : float or None
        What the higher peak costs, in the billing period; None: no price is known.
    energy_amount : float or None
        What it costs to take the same energy at another time.
    currency : str
    moved_kwh : float
        Energy that is taken at another time than planned.
    unmet_kwh : float
        Of it, what could not be made up before departure.
    sentences : tuple of str
    """

    running_peak_kw: float
    peak_before_kw: float
    peak_after_kw: float
    peak_amount: float | None
    energy_amount: float | None
    currency: str
    moved_kwh: float
    unmet_kwh: float
    sentences: tuple[str, ...]


def effect_of_order(order: Order, facts: NightFacts, *, now: datetime) -> OrderEffect:
    """Return what an order would do to the peak, if all else goes as the release has it.

    Charging now takes the planned energy earlier, as fast as the connector gives it; what a pause
    leaves out is made up evenly until the vehicle leaves. Nobody re-plans in this reckoning, so
    that the cost is what it is at most; what the site's operating limit cannot carry is taken
    from the others.

    Parameters
    ----------
    order : Order
    facts : NightFacts
    now : datetime
    """
    grid = _grid_of(facts, order)
    lines = {
        connector.connector_id: _line_of(connector, facts, grid=grid)
        for connector in facts.brief.depot.connectors()
    }
    begin = max(order.begins(), now)
    changes = [
        _changed(
            _Case(order, connector, facts, grid, now),
            lines[connector.connector_id],
            share=_overlap(grid, start=begin, end=order.until),
        )
        for connector in _connectors_of(order, facts)
    ]
    before_kw = np.sum(list(lines.values()), axis=0) + _beside(facts, grid)
    after_kw = before_kw + sum((one.change_kw for one in changes), np.zeros(grid.count))
    night = _Night(grid, facts, before_kw, after_kw, _overlap(grid, start=now, end=grid.end) > 0.0)
    return _weighed(order, night, changes=changes)


@dataclass(frozen=True, slots=True)
class _Case:
    order: Order
    connector: Connector
    facts: NightFacts
    grid: TimeGrid
    now: datetime

    @property
    def plug(self) -> ConnectorState | None:
        return self.facts.plug(self.connector.connector_id)

    @property
    def most_kw(self) -> float:
        """Return the most that the connector gives whoever is there [kW]."""
        vehicle_id = self.plug.vehicle_id if self.plug is not None else None
        dwells = self.facts.brief.dwells
        taken = [one.max_kw for one in dwells if one.vehicle_id == vehicle_id]
        return min([self.connector.max_kw, *taken])

    @property
    def safe_kw(self) -> float:
        station = self.facts.brief.depot.station_of(self.connector.connector_id)
        return station.safe_limit_kw / sum(1 for _ in station.connectors())


@dataclass(frozen=True, slots=True)
class _Night:
    grid: TimeGrid
    facts: NightFacts
    before_kw: FloatArray
    after_kw: FloatArray
    is_ahead: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Change:
    change_kw: FloatArray
    unmet_kwh: float


def _grid_of(facts: NightFacts, order: Order) -> TimeGrid:
    if facts.brief.grid is not None:
        return facts.brief.grid
    release = facts.release
    start = release.valid_from if release is not None else order.begins()
    end = max(order.until, release.valid_to if release is not None else order.until)
    return grid_over(start, end, interval_s=WINDOW_S)


def _connectors_of(order: Order, facts: NightFacts) -> list[Connector]:
    return [
        connector
        for station in facts.brief.depot.stations
        for connector in station.connectors()
        if order.concerns(connector.connector_id, station.station_id)
    ]


def _line_of(connector: Connector, facts: NightFacts, *, grid: TimeGrid) -> FloatArray:
    """Return the mean power that a connector is permitted in each window [kW], (count,)."""
    line_kw = np.zeros(grid.count)
    if facts.release is None:
        plug = facts.plug(connector.connector_id)
        is_there = plug is not None and plug.session_id is not None
        return line_kw + (plug.limit_kw if plug is not None and is_there else 0.0)
    for schedule in facts.release.schedules:
        if schedule.connector_id == connector.connector_id:
            for start, end, limit_kw in _steps_of(schedule):
                line_kw += limit_kw * _overlap(grid, start=start, end=end)
    return line_kw


def _steps_of(schedule: ConnectorSchedule) -> list[tuple[datetime, datetime, float]]:
    ends = [step.start for step in schedule.steps[1:]] + [schedule.valid_to]
    return [
        (step.start, min(end, schedule.valid_to), step.limit_kw)
        for step, end in zip(schedule.steps, ends, strict=True)
    ]


def _overlap(grid: TimeGrid, *, start: datetime, end: datetime) -> FloatArray:
    """Return the share of each window that a span covers, (count,)."""
    starts_s = grid.start.timestamp() + grid.interval_s * np.arange(grid.count)
    covered_s = np.minimum(starts_s + grid.interval_s, end.timestamp()) - np.maximum(
        starts_s, start.timestamp()
    )
    return np.clip(covered_s / grid.interval_s, 0.0, 1.0)


def _beside(facts: NightFacts, grid: TimeGrid) -> FloatArray:
    """Return what is drawn beside the plan, (count,) [kW]."""
    base_load_kw = facts.brief.base_load_kw
    return np.asarray(base_load_kw) if len(base_load_kw) == grid.count else np.zeros(grid.count)


def _changed(case: _Case, planned_kw: FloatArray, *, share: FloatArray) -> _Change:
    grid, kind, plug = case.grid, case.order.kind, case.plug
    left_kw = planned_kw * _overlap(grid, start=case.now, end=grid.end)
    if kind == "charge_now" and plug is not None and plug.session_id is not None:
        return _sooner(left_kw, share, most_kw=case.most_kw, interval_h=grid.interval_h)
    if kind in IDLE_KINDS:
        least_kw = case.safe_kw if kind == "exclude" else 0.0
        return _later(left_kw, share, most_kw=case.most_kw, least_kw=least_kw, grid=grid)
    return _Change(np.zeros(grid.count), 0.0)


def _sooner(
    planned_kw: FloatArray, share: FloatArray, *, most_kw: float, interval_h: float
) -> _Change:
    """Return the planned energy taken at full power within the span; nobody takes more of it."""
    wanted_kw = share * most_kw + (1.0 - share) * planned_kw
    total_kwh = float(planned_kw.sum()) * interval_h
    if total_kwh <= WORTH_KWH:  # nobody planned for it: it takes what it gets
        return _Change(wanted_kw - planned_kw, 0.0)
    taken_kwh = np.minimum(np.cumsum(wanted_kw) * interval_h, total_kwh)
    return _Change(np.diff(taken_kwh, prepend=0.0) / interval_h - planned_kw, 0.0)


def _later(
    planned_kw: FloatArray, share: FloatArray, *, most_kw: float, least_kw: float, grid: TimeGrid
) -> _Change:
    """Return the energy that a pause leaves out, made up evenly until the plan's own end."""
    paused_kw = share * np.minimum(planned_kw, least_kw) + (1.0 - share) * planned_kw
    lacking_kwh = float((planned_kw - paused_kw).sum()) * grid.interval_h
    stays = np.flatnonzero(planned_kw > 0.0)
    held = np.flatnonzero(share > 0.0)
    if lacking_kwh <= WORTH_KWH or not len(stays):
        return _Change(paused_kw - planned_kw, max(0.0, lacking_kwh))
    after = np.arange(grid.count)
    open_windows = (after > held[-1]) & (after <= stays[-1])
    free_kw = np.where(open_windows, np.maximum(most_kw - planned_kw, 0.0), 0.0)
    return _Change(
        paused_kw + _evenly(free_kw, lacking_kwh / grid.interval_h) - planned_kw,
        max(0.0, lacking_kwh - float(free_kw.sum()) * grid.interval_h),
    )


def _evenly(free_kw: FloatArray, sum_kw: float) -> FloatArray:
    """Return a sum spread as evenly as the room of each window allows."""
    given_kw = np.zeros(len(free_kw))
    while sum_kw > NOTHING and (open_windows := free_kw - given_kw > NOTHING).any():
        part_kw = min(sum_kw / open_windows.sum(), float((free_kw - given_kw)[open_windows].min()))
        given_kw[open_windows] += part_kw
        sum_kw -= part_kw * open_windows.sum()
    return given_kw


def _weighed(order: Order, night: _Night, *, changes: Sequence[_Change]) -> OrderEffect:
    grid, facts = night.grid, night.facts
    before_kw, after_kw = night.before_kw, night.after_kw
    limit_kw = facts.brief.depot.grid.operating_limit_kw
    over_kwh = float(np.maximum(after_kw - np.maximum(before_kw, limit_kw), 0.0).sum())
    held_kw = np.minimum(after_kw, np.maximum(before_kw, limit_kw))
    past_kw = _past(facts, grid)
    prices = facts.brief.prices
    # What has passed is what was metered, not what was planned then.
    is_ahead = night.is_ahead
    before_kw = np.where(is_ahead, np.maximum(before_kw, past_kw), past_kw)
    held_kw = np.where(is_ahead, np.maximum(held_kw, past_kw), past_kw)
    change_kwh = (held_kw - before_kw) * grid.interval_h
    unmet_kwh = sum(one.unmet_kwh for one in changes)
    sunk_kw = max((one.paid_kw for one in prices.peaks), default=0.0) if prices else 0.0
    return OrderEffect(
        running_peak_kw=max(float(past_kw.max()), sunk_kw),
        peak_before_kw=float(before_kw.max()),
        peak_after_kw=float(held_kw.max()),
        peak_amount=_peak_amount(prices, before_kw, after_kw=held_kw) if prices else None,
        energy_amount=_energy_amount(prices, change_kwh) if prices else None,
        currency=facts.brief.depot.currency,
        moved_kwh=sum(
            float(np.maximum(one.change_kw, 0.0).sum()) * grid.interval_h for one in changes
        ),
        unmet_kwh=unmet_kwh,
        sentences=_sentences(
            order, facts, over_kwh=over_kwh * grid.interval_h, unmet_kwh=unmet_kwh
        ),
    )


def _past(facts: NightFacts, grid: TimeGrid) -> FloatArray:
    """Return what was metered in the windows that have passed, (count,) [kW]; else 0."""
    past_kw = np.zeros(grid.count)
    for start, power_kw in facts.metered_kw.items():
        index = grid.interval_of(start)
        if 0 <= index < grid.count:
            past_kw[index] = max(past_kw[index], power_kw)
    return past_kw


def _peak_amount(prices: PriceTerms, before_kw: FloatArray, *, after_kw: FloatArray) -> float:
    amount = 0.0
    for term in prices.peaks:
        inside = [index for index in term.intervals if 0 <= index < len(before_kw)]
        if inside:
            peaks_kw = (float(line[inside].max()) for line in (after_kw, before_kw))
            after_amount, before_amount = (term.amount_of(peak_kw) for peak_kw in peaks_kw)
            amount += after_amount - before_amount
    return amount


def _energy_amount(prices: PriceTerms, change_kwh: FloatArray) -> float:
    lines = [np.asarray(one.price_per_kwh) for one in prices.energy]
    return float(sum((change_kwh @ line for line in lines if len(line) == len(change_kwh)), 0.0))


def _sentences(
    order: Order, facts: NightFacts, *, over_kwh: float, unmet_kwh: float
) -> tuple[str, ...]:
    plugs = [
        plug
        for connector in _connectors_of(order, facts)
        if (plug := facts.plug(connector.connector_id)) is not None and plug.session_id is not None
    ]
    sentences = [*_sentences_of_power(order, over_kwh=over_kwh, unmet_kwh=unmet_kwh)]
    vans = ", ".join(plug.vehicle_id or "an unknown vehicle" for plug in plugs)
    if order.kind in {"reset", "unlock"} and plugs:
        sentences.append(f"The session of {vans} ends with it.")
    if order.kind == "out_of_service" and plugs:
        sentences.append(f"{vans} stays plugged in there and gets nothing until it is over.")
    if order.kind in {"hold", "out_of_service"} and (asleep := _sleepers(plugs, facts)):
        sentences.append(f"{asleep} may not wake from a pause: look after it when it is over.")
    if order.kind == "charge_now" and not plugs:
        sentences.append("Nobody is plugged in there: it counts for whoever comes before its end.")
    if facts.brief.grid is not None and order.begins() >= facts.brief.grid.end:
        sentences.append("The night that is planned ends before it begins: no cost is known.")
    if facts.release is None:
        sentences.append("No plan is in force: each van is reckoned at the limit it has now.")
    return tuple(sentences)


def _sentences_of_power(order: Order, *, over_kwh: float, unmet_kwh: float) -> list[str]:
    if order.kind == "prioritise":
        return ["Where power is short, the others give way first; while all fits, nothing changes."]
    sentences: list[str] = []
    if over_kwh > WORTH_KWH:
        sentences.append(
            f"The site's operating limit holds: {over_kwh:.1f} kWh have to wait, this van's or the "
            "others'."
        )
    if unmet_kwh > WORTH_KWH:
        sentences.append(f"{unmet_kwh:.1f} kWh of the plan could not be made up afterwards.")
    return sentences


def _sleepers(plugs: Sequence[ConnectorState], facts: NightFacts) -> str:
    """Return the names of the vehicles there that do not wake from a pause."""
    fleet = facts.brief.fleet
    if fleet is None:
        return ""
    wakes = {one.class_id: one.wakes_from_pause for one in fleet.classes}
    asleep = {one.vehicle_id for one in fleet.vehicles if not wakes[one.class_id]}
    return ", ".join(plug.vehicle_id for plug in plugs if plug.vehicle_id in asleep)
