"""A vehicle that dispatch leads to another connector than it was planned on."""

from dataclasses import dataclass

from depotlib.model.release import ConnectorSchedule


@dataclass(frozen=True, slots=True)
class Diversion:
    """What takes the place of a push's schedules for a vehicle that is led elsewhere.

    Its schedules say who has which connector from when to when; their powers are the release's.

    Parameters
    ----------
    push_id : str
        The push that it changes; with another one it is over.
    from_connector_id : str
        Where the vehicle was planned.
    schedule : ConnectorSchedule
        Its own, on the connector that it is led to.
    others : tuple of ConnectorSchedule
        Of who makes room for it there, and of who has the time that it leaves.
    """

    push_id: str
    from_connector_id: str
    schedule: ConnectorSchedule
    others: tuple[ConnectorSchedule, ...] = ()

    @property
    def vehicle_id(self) -> str:
        """Return who is led."""
        return self.schedule.vehicle_id

    @property
    def to_connector_id(self) -> str:
        """Return where it is led to."""
        return self.schedule.connector_id

    def vehicle_ids(self) -> frozenset[str]:
        """Return everybody concerned."""
        return frozenset({self.vehicle_id, *(one.vehicle_id for one in self.others)})
