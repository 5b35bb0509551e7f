"""Who is in control of a play: a policy moves vehicles to plugs and gives powers, interval by interval."""

from collections.abc import Sequence
from typing import Final, Protocol

from depotlib.simulation.assets import Orders
from depotlib.simulation.rules import RULES, Moment, Rule
from depotlib.simulation.vehicle import Vehicle
from depotlib.simulation.yard import Queue, Yard


class Steering(Protocol):
    """A plan's word for what gives as well as takes."""

    def storage_kw(self, interval: int) -> Orders:
        """Return what each storage shall take in an interval [kW]; None: nobody plans it."""
        ...

    def feed_kw(self, vehicle: Vehicle, interval: int) -> float:
        """Return what a vehicle shall give in an interval [kW]; 0: nothing."""
        ...


class Policy(Protocol):
    """Controls a play."""

    @property
    def steering(self) -> Steering | None:
        """Return what steers storage and vehicles that feed back; None: without a plan nobody does."""
        ...

    def place(self, interval: int, arrived: Sequence[Vehicle]) -> None:
        """Bring vehicles to plugs at the beginning of an interval.

        Parameters
        ----------
        interval : int
        arrived : sequence of Vehicle
            Those that came since the interval before; they stand nowhere yet.
        """
        ...

    def powers_kw(self, moment: Moment) -> list[float]:
        """Return the power of each vehicle of a moment [kW]."""
        ...


class Queued:
    """A policy without a plan: first to a free plug, then by rule.

    Parameters
    ----------
    rule : Rule
    rank : Queue
        Who waits for a plug first.
    yard : Yard
    """

    def __init__(self, rule: Rule, rank: Queue, *, yard: Yard) -> None:
        self._rule, self._rank, self._yard = rule, rank, yard
        self.steering = None

    def place(self, interval: int, arrived: Sequence[Vehicle]) -> None:
        """Bring vehicles to plugs, in the order of the queue."""
        for vehicle in arrived:
            self._yard.arrive(vehicle, interval)
        self._yard.serve_queue(interval, self._rank)

    def powers_kw(self, moment: Moment) -> list[float]:
        """Return the powers by the rule."""
        return self._rule(moment)


def by_arrival(vehicle: Vehicle) -> float:
    """Return the place of a vehicle in a queue by arrival."""
    return float(vehicle.first)


def by_departure(vehicle: Vehicle) -> float:
    """Return the place of a vehicle in a queue by departure."""
    return float(vehicle.last)


QUEUES: Final[dict[str, Queue]] = {"edf": by_departure, "llf": by_departure}
"""Who waits for a plug first, where it is not the first that came."""


def queued(name: str, yard: Yard) -> Queued:
    """Return a policy without a plan, by its name."""
    return Queued(RULES[name], QUEUES.get(name, by_arrival), yard=yard)
