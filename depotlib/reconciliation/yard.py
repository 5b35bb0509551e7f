"""The depot's plugs by their names, and what a vehicle can draw on each."""

from dataclasses import dataclass

from depotlib.model.depot import ChargingStation, Connector, Depot
from depotlib.model.fleet import VehicleClass


@dataclass(frozen=True, slots=True)
class Plug:
    """A connector with its station."""

    connector: Connector
    station: ChargingStation

    def most_kw(self, kind: VehicleClass | None) -> float:
        """Return the most that a vehicle can draw here [kW]."""
        highest_kw = self.connector.max_kw
        if kind is None:
            return highest_kw
        takes_kw = kind.dc_max_kw if self.station.current_type == "DC" else kind.ac_max_kw
        return min(highest_kw, takes_kw) if takes_kw > 0 else highest_kw


@dataclass(frozen=True, slots=True)
class Yard:
    """The plugs of a depot by connector."""

    plugs: dict[str, Plug]

    @classmethod
    def of(cls, depot: Depot) -> "Yard":
        """Return the plugs of a depot."""
        return cls(
            {
                connector.connector_id: Plug(connector, station)
                for station in depot.stations
                for connector in station.connectors()
            }
        )

    def most_kw(self, connector_id: str, kind: VehicleClass | None) -> float:
        """Return the most that a vehicle can draw on a connector; nothing where there is none."""
        plug = self.plugs.get(connector_id)
        return plug.most_kw(kind) if plug is not None else 0.0

    def safe_kw(self, connector_id: str) -> float:
        """Return the safe limit of a connector's station [kW]."""
        plug = self.plugs.get(connector_id)
        return plug.station.safe_limit_kw if plug is not None else 0.0

    def least_kw(self, connector_id: str) -> float:
        """Return what somebody unknown gets: the least power, or the safe limit [kW]."""
        plug = self.plugs.get(connector_id)
        return max(self.safe_kw(connector_id), plug.connector.min_kw if plug is not None else 0.0)

    def station_id(self, connector_id: str) -> str:
        """Return the station of a connector; empty where there is none."""
        plug = self.plugs.get(connector_id)
        return plug.station.station_id if plug is not None else ""
