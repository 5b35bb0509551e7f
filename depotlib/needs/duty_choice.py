"""Other vehicles for the same duties: the stay that each would have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import BillingPeriod
from depotlib.model.duty import Duty
from depotlib.model.dwell import Dwell, Need
from depotlib.model.fleet import Fleet
from depotlib.needs.arrival import (
    Homecoming,
    departures_of,
    driving_on,
    homecoming,
    next_duty_of,
)
from depotlib.needs.known import NOTHING_MORE, Known
from depotlib.needs.night import need_before_duty


@dataclass(frozen=True, slots=True)
class DutyChange:
    """Duties given to other vehicles than planned, and the stays that follow.

    Parameters
    ----------
    given : tuple of (str, Duty)
        Vehicle and the duty that it gets.
    replaces : tuple of str
        Vehicles whose stays of the night fall away.
    dwells : tuple of Dwell
        The stays instead, one for each of `replaces`, in its order.
    """

    given: tuple[tuple[str, Duty], ...]
    replaces: tuple[str, ...]
    dwells: tuple[Dwell, ...]


def duty_changes(
    fleet: Fleet,
    duties: Sequence[Duty],
    *,
    telematics: pl.DataFrame,
    night: BillingPeriod,
    policy: NeedPolicy,
    known: Known = NOTHING_MORE,
) -> tuple[DutyChange, ...]:
    """Return every exchange of two duties of a night, and every duty given to a spare vehicle.

    Only between vehicles of one class and pool, which are home before the duty begins and whose
    battery holds it with the least reserve. A spare has no duty to leave for in the night.

    Parameters
    ----------
    fleet : Fleet
    duties : sequence of Duty
    telematics : polars.DataFrame
        `TelematicsFrame`.
    night : BillingPeriod
        Departures in (start, end] count.
    policy : NeedPolicy
    known : Known, optional
        The hour, the weather and what past days have taught.
    """
    next_duties = {
        vehicle.vehicle_id: next_duty_of(vehicle, duties, night=night) for vehicle in fleet.vehicles
    }
    homes = {
        vehicle.vehicle_id: homecoming(
            vehicle,
            fleet.class_of(vehicle.vehicle_id),
            duties=duties,
            telematics=telematics,
            night=night,
            known=known,
        )
        for vehicle in fleet.vehicles
    }
    yard = _Yard(
        fleet=fleet,
        policy=policy,
        homes=homes,
        next_duties=next_duties,
        spares=tuple(
            vehicle.vehicle_id
            for vehicle in fleet.vehicles
            if not departures_of(vehicle, duties, night=night)
        ),
        known=known,
    )
    return (*_exchanges(yard), *_spares(yard))


@dataclass(frozen=True, slots=True)
class _Yard:
    """Who is home, and who leaves for what."""

    fleet: Fleet
    policy: NeedPolicy
    homes: dict[str, Homecoming]
    next_duties: dict[str, Duty | None]
    spares: tuple[str, ...]
    known: Known

    def dwell(self, vehicle_id: str, duty: Duty) -> Dwell | None:
        """Return a vehicle's stay before a duty; None where it cannot serve it."""
        vehicle = self.fleet.vehicle(vehicle_id)
        vehicle_class, known = self.fleet.class_of(vehicle_id), self.known
        home = self.homes[vehicle_id]
        driving = driving_on(vehicle, vehicle_class, duty=duty, known=known)
        reserve_kwh = self.policy.must_reserve_share * vehicle_class.usable_kwh
        wanted_kwh = duty.distance_km * driving.consumption_kwh_per_km + reserve_kwh
        if home.arrival >= duty.departure or wanted_kwh > vehicle_class.usable_kwh:
            return None
        need: Need = need_before_duty(
            vehicle, vehicle_class, duty=duty, home=home, policy=self.policy, known=known
        )
        return need.dwell

    def are_alike(self, vehicle_id: str, other_id: str) -> bool:
        """Return whether two vehicles are of one class and use one pool."""
        one, other = self.fleet.vehicle(vehicle_id), self.fleet.vehicle(other_id)
        return (one.class_id, one.pool) == (other.class_id, other.pool)


def _exchanges(yard: _Yard) -> Iterator[DutyChange]:
    leaving = [(name, duty) for name, duty in yard.next_duties.items() if duty is not None]
    for index, (vehicle_id, duty) in enumerate(leaving):
        for other_id, other_duty in leaving[index + 1 :]:
            if not yard.are_alike(vehicle_id, other_id):
                continue
            first, second = yard.dwell(vehicle_id, other_duty), yard.dwell(other_id, duty)
            if first is not None and second is not None:
                yield DutyChange(
                    given=((vehicle_id, other_duty), (other_id, duty)),
                    replaces=(vehicle_id, other_id),
                    dwells=(first, second),
                )


def _spares(yard: _Yard) -> Iterator[DutyChange]:
    for spare_id in yard.spares:
        for vehicle_id, duty in yard.next_duties.items():
            if duty is None or not yard.are_alike(spare_id, vehicle_id):
                continue
            dwell = yard.dwell(spare_id, duty)
            if dwell is not None:
                yield DutyChange(given=((spare_id, duty),), replaces=(vehicle_id,), dwells=(dwell,))
