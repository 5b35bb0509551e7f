"""The charge of everybody plugged in, fused from telematics, the station and the meters.

The charging station stands in for telematics that has gone silent: what was last told, and what its
meter has counted since (`model.charge`).
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.dispatch.night import Guest, LiveNight, present_dwells
from depotlib.dispatch.tally import LATELY, EndedSession
from depotlib.model.brief import Brief
from depotlib.model.charge import ChargeBelief, ChargeSource, as_metered, as_told, belief_at_plug_in
from depotlib.model.dwell import Dwell
from depotlib.model.fleet import VehicleClass
from depotlib.model.news import VehicleReading
from depotlib.units import duration_h, energy_kwh

FRESH: Final = timedelta(minutes=15)
"""Telematics tells of a vehicle that charges more often than that; later it counts as silent."""
TELEMATICS_SIGMA_SOC: Final = 0.006
"""Whole percents (0.01 / sqrt(12)), and a display that runs a little behind the cells."""
STATION_SIGMA_SOC: Final = 0.012
"""The vehicle tells its station a state of charge of its own making, often of the whole battery."""
LEAST_EXPECTED_SIGMA_SOC: Final = 0.03
"""What was expected of an arrival is never surer than that."""
UNKNOWN_SOC: Final = 0.5
UNKNOWN_SIGMA_SOC: Final = 0.29
"""Nothing is known: anything from empty to full, 1 / sqrt(12)."""
MOST_KM_PER_H: Final = 50.0
"""How fast a vehicle may have driven on since its last word before it was plugged in."""
ON_THE_WAY_SIGMA_SOC: Final = 0.01
"""Of what was told before the plug-in, beside the driving."""
STAYS_PUT: Final = timedelta(hours=2)
"""Who plugs in again so soon has not driven in between."""
GAP: Final = timedelta(minutes=5)
"""A meter that says nothing for longer leaves open when its energy flowed."""
METER_NOTES: Final = 400
"""Of one session, to know what had flowed when somebody told of its charge."""
SPEAKS_AGAIN_SOC: Final = 0.005
"""A belief that moved by less is not worth writing."""


class Charges:
    """What we believe of everybody's charge.

    Parameters
    ----------
    held : iterable of ChargeBelief
        As an earlier process left them.
    """

    def __init__(self, held: Iterable[ChargeBelief] = ()) -> None:
        self._beliefs = {one.vehicle_id: one for one in held}
        self._written = dict(self._beliefs)
        self._notes: dict[str, deque[tuple[datetime, float]]] = {}

    @property
    def beliefs(self) -> Mapping[str, ChargeBelief]:
        """Return what is believed, by vehicle."""
        return self._beliefs

    def look(self, night: LiveNight, readings: Sequence[VehicleReading]) -> None:
        """Take in where meters, stations and telematics are now.

        Parameters
        ----------
        night : LiveNight
        readings : sequence of VehicleReading
            The latest of each vehicle.
        """
        fleet = night.brief.fleet
        if fleet is None:
            return
        known = {vehicle.vehicle_id for vehicle in fleet.vehicles}
        told = {reading.vehicle_id: reading for reading in readings}
        stays = {
            stay.vehicle_id: stay
            for stay in present_dwells(night.brief, now=night.now, changes=night.changes)
        }
        guests = {name: guest for name, guest in night.guests().items() if name in known}
        for vehicle_id, guest in guests.items():
            held, reading = self._beliefs.get(vehicle_id), told.get(vehicle_id)
            if held is None or held.session_id != guest.session_id:
                kind = fleet.class_of(vehicle_id)
                held = _begun(
                    held,
                    stay=stays.get(vehicle_id),
                    vehicle_class=kind,
                    vehicle_id=vehicle_id,
                    session_id=guest.session_id,
                    at=guest.started_at,
                )
                if reading is not None and _is_news(reading, held, brief=night.brief):
                    held = _told_on_the_way(
                        held, reading, vehicle_class=kind, stay=stays.get(vehicle_id)
                    )
            self._beliefs[vehicle_id] = self._followed(held, guest, reading=reading)
        self._take_ends(night.ended)
        self._name_sources(night.now)
        running = {guest.session_id for guest in guests.values()}
        self._notes = {name: notes for name, notes in self._notes.items() if name in running}

    def awaited(
        self, night: LiveNight, readings: Sequence[VehicleReading]
    ) -> Mapping[str, ChargeBelief]:
        """Return what is believed of whoever waits in the yard for its turn, by vehicle.

        Parameters
        ----------
        night : LiveNight
            With who is at home.
        readings : sequence of VehicleReading
            The latest of each vehicle.
        """
        fleet = night.brief.fleet
        if fleet is None:
            return {}
        guests, told = night.guests(), {reading.vehicle_id: reading for reading in readings}
        found: dict[str, ChargeBelief] = {}
        for stay in present_dwells(night.brief, now=night.now, changes=night.changes):
            name, reading = stay.vehicle_id, told.get(stay.vehicle_id)
            is_waiting = night.at_home.get(name) and name not in guests
            if not is_waiting or reading is None or night.ended_kwh.get(name, 0.0) > 0.0:
                continue
            kind = fleet.class_of(name)
            begun = _begun(
                self._beliefs.get(name),
                stay=stay,
                vehicle_class=kind,
                vehicle_id=name,
                session_id="",
                at=night.now,
            )
            if _is_news(reading, begun, brief=night.brief):
                here = replace(reading, is_at_depot=True)
                belief = _told_on_the_way(begun, here, vehicle_class=kind, stay=stay)
                found |= {name: belief} if belief.told_at is not None else {}
        return found

    def to_write(self) -> tuple[ChargeBelief, ...]:
        """Return the beliefs that have moved since they were last written."""
        return tuple(
            belief
            for name, belief in self._beliefs.items()
            if (before := self._written.get(name)) is None or _has_moved(before, belief)
        )

    def written(self, beliefs: Iterable[ChargeBelief]) -> None:
        """Note that beliefs are written now."""
        self._written |= {belief.vehicle_id: belief for belief in beliefs}

    # --- inside ---------------------------------------------------------------------------

    def _take_ends(self, ended: Mapping[str, EndedSession]) -> None:
        """Carry the beliefs of sessions that are over on to what they delivered in the end."""
        for name, belief in self._beliefs.items():
            end = ended.get(belief.session_id)
            if end is not None:
                self._beliefs[name] = as_metered(belief, energy_kwh=end.energy_kwh, at=end.ended_at)

    def _name_sources(self, now: datetime) -> None:
        """Say of every belief what it rests on now: news grow old without any event."""
        for name, belief in self._beliefs.items():
            source = _source(belief, now=now)
            if source != belief.source:
                self._beliefs[name] = replace(belief, source=source)

    def _followed(
        self, belief: ChargeBelief, guest: Guest, *, reading: VehicleReading | None
    ) -> ChargeBelief:
        """Return a belief after the meter, the station and telematics have spoken, in this order."""
        # What an earlier process believed is the first of them: a meter may be silent for hours.
        first = deque([(belief.at, belief.energy_kwh)], maxlen=METER_NOTES)
        notes = self._notes.setdefault(guest.session_id, first)
        if guest.measured_at is not None and guest.measured_at > belief.at:
            belief = as_metered(belief, energy_kwh=guest.metered_kwh, at=guest.measured_at)
            notes.append((guest.measured_at, guest.metered_kwh))
        if guest.soc is not None and guest.soc != belief.station_soc:
            belief = as_told(
                belief, guest.soc, sigma_soc=STATION_SIGMA_SOC, since_kwh=0.0, who="the station"
            )
            belief = replace(belief, station_soc=guest.soc, station_at=belief.at)
        if reading is None or reading.soc is None:
            return belief
        told_at = reading.soc_at or reading.at
        if told_at < guest.started_at or (belief.told_at and told_at <= belief.told_at):
            return belief
        then_kwh, unsure_kwh = _metered_by(told_at, guest, notes=notes)
        unsure_soc = belief.gained_soc(unsure_kwh) / 12**0.5
        belief = as_told(
            belief,
            reading.soc,
            sigma_soc=math.hypot(TELEMATICS_SIGMA_SOC, unsure_soc),
            since_kwh=belief.energy_kwh - then_kwh,
            who="telematics",
        )
        return replace(belief, told_at=told_at)


def _metered_by(
    at: datetime, guest: Guest, *, notes: Sequence[tuple[datetime, float]]
) -> tuple[float, float]:
    """Return what a session's meter would have said at an instant, and how wide of it [kWh].

    Between two of its words the energy may have flowed at any time.
    """
    before = (guest.started_at, 0.0)
    for note in notes:
        if note[0] >= at:
            span_kwh = note[1] - before[1]
            share = (at - before[0]) / (note[0] - before[0]) if note[0] > before[0] else 1.0
            is_long = note[0] - before[0] > GAP
            return before[1] + share * span_kwh, abs(span_kwh) if is_long else 0.0
        before = note
    # Telematics is ahead of the meter: its power goes on as it was.
    ahead = min(max(timedelta(0), at - before[0]), LATELY)
    return before[1] + energy_kwh(guest.power_kw, ahead / timedelta(seconds=1)), 0.0


def _begun(
    held: ChargeBelief | None,
    *,
    stay: Dwell | None,
    vehicle_class: VehicleClass,
    vehicle_id: str,
    session_id: str,
    at: datetime,
) -> ChargeBelief:
    """Return the belief with which a session begins: from its last one, or what was expected."""
    begun = belief_at_plug_in(
        vehicle_class,
        vehicle_id=vehicle_id,
        session_id=session_id,
        at=at,
        soc=UNKNOWN_SOC,
        sigma_soc=UNKNOWN_SIGMA_SOC,
    )
    if stay is not None and stay.arrival_soc is not None:
        spread_soc = stay.energy_sigma_kwh * begun.wall_efficiency_share / begun.usable_kwh
        sigma_soc = max(LEAST_EXPECTED_SIGMA_SOC, spread_soc)
        begun = replace(begun, soc=stay.arrival_soc, sigma_soc=sigma_soc)
    if held is None:
        return begun
    is_same_stay = stay is not None and held.at >= stay.arrival
    if is_same_stay or at - held.at <= STAYS_PUT:
        begun = replace(begun, soc=held.soc, sigma_soc=held.sigma_soc, told_at=held.told_at)
    # The battery is the same: what was learned of its gain holds, whatever it has driven.
    return replace(begun, gain_factor=held.gain_factor, gain_sigma_factor=held.gain_sigma_factor)


def _told_on_the_way(
    begun: ChargeBelief,
    reading: VehicleReading,
    *,
    vehicle_class: VehicleClass,
    stay: Dwell | None,
) -> ChargeBelief:
    """Return a first belief with what telematics last said before the plug-in.

    The vehicle may have driven on since, until it was expected home, or not: anything between is
    as likely.
    """
    told_at = reading.soc_at or reading.at
    if reading.soc is None or told_at >= begun.at:
        return begun
    home_at = begun.at if stay is None else min(begun.at, stay.arrival)
    is_home = reading.is_at_depot or home_at <= told_at
    driven_h = 0.0 if is_home else duration_h(home_at - told_at)
    driven_kwh = driven_h * MOST_KM_PER_H * vehicle_class.consumption_kwh_per_km
    driven_soc = driven_kwh / vehicle_class.usable_kwh
    told = as_told(
        begun,
        max(0.0, reading.soc - driven_soc / 2),
        sigma_soc=math.hypot(ON_THE_WAY_SIGMA_SOC, driven_soc / 12**0.5),
        since_kwh=0.0,
        who="telematics",
    )
    return replace(told, told_at=told_at)


def _is_news(reading: VehicleReading, begun: ChargeBelief, *, brief: Brief) -> bool:
    """Return whether a reading says more than what the expected charge was reckoned from."""
    told_at = reading.soc_at or reading.at
    if begun.told_at is not None:
        return told_at > begun.told_at
    return brief.made_at is None or told_at > brief.made_at


def _source(belief: ChargeBelief, *, now: datetime) -> ChargeSource:
    """Return what a belief rests on now."""
    if belief.told_at is not None and now - belief.told_at <= FRESH:
        return "telematics"
    if belief.station_at is not None and now - belief.station_at <= FRESH:
        return "station"
    if belief.told_at is None and belief.station_at is None:
        return "expected"
    return "meter"


def _has_moved(before: ChargeBelief, belief: ChargeBelief) -> bool:
    said = (before.session_id, before.source, before.doubt, before.told_at)
    says = (belief.session_id, belief.source, belief.doubt, belief.told_at)
    return said != says or abs(belief.soc - before.soc) >= SPEAKS_AGAIN_SOC
