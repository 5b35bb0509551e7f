"""The depot: grid connection, circuit tree, stations, EVSEs, connectors."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

from depotlib.errors import ModelError
from depotlib.model.openadr import OpenAdrSource
from depotlib.model.position import Position
from depotlib.model.site_meter import SiteMeterSource
from depotlib.model.storage import Storage

CurrentType = Literal["AC", "DC"]


@dataclass(frozen=True, slots=True)
class GridConnection:
    """What the utility gives and what the depot wants to use of it.

    Parameters
    ----------
    service_kw : float
        Hard limit: continuous rating of the service. Never exceeded.
    operating_limit_kw : float
        Operating limit: what setpoints obey. At most `service_kw`.
    margin_kw : float
        Kept free below the hard limit by the gateway's ledger.
    base_load_max_kw : float
        The most that everything but charging can draw.
    export_limit_kw : float
        The most that may be fed back into the grid.
    phase_limit_kw : float or None
        The most that one phase may carry, as amperes at nominal voltage; None: phases do not count.
    """

    service_kw: float
    operating_limit_kw: float
    margin_kw: float = 0.0
    base_load_max_kw: float = 0.0
    export_limit_kw: float = 0.0
    phase_limit_kw: float | None = None

    def __post_init__(self) -> None:
        """Refuse limits that contradict each other."""
        if not 0 < self.operating_limit_kw <= self.service_kw:
            raise ModelError(
                f"an operating limit of {self.operating_limit_kw:g} kW does not fit a service of "
                f"{self.service_kw:g} kW",
                where="GridConnection",
                hint="give 0 < operating limit <= service",
            )
        if not (0 <= self.margin_kw < self.service_kw and self.base_load_max_kw >= 0):
            raise ModelError(
                "margin and base load must not be negative, and the margin less than the service",
                where="GridConnection",
            )
        if not self.export_limit_kw >= 0:
            raise ModelError(
                f"an export limit of {self.export_limit_kw:g} kW cannot be",
                where="GridConnection",
                hint="give 0 or more",
            )

    def is_forecast(self, base_load_kw: Sequence[float]) -> bool:
        """Return whether a base load says what everything but charging will draw."""
        return self.base_load_max_kw <= 0.0 or any(base_load_kw)


@dataclass(frozen=True, slots=True)
class Derating:
    """A half-open span in which a station or circuit gives less, or nothing.

    Parameters
    ----------
    start, end : datetime
        Aware.
    limit_kw : float
        The most it carries then; 0: out of service.
    """

    start: datetime
    end: datetime
    limit_kw: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a span that is none."""
        if self.start.tzinfo is None or self.end.tzinfo is None or self.end <= self.start:
            raise ModelError(
                f"out of service from {self.start} to {self.end} is no span with an offset from "
                "UTC",
                where="Derating",
                hint="give a start before the end, both with their offset",
            )
        if not self.limit_kw >= 0:
            raise ModelError(f"a limit of {self.limit_kw} kW cannot be", where="Derating")


@dataclass(frozen=True, slots=True)
class Circuit:
    """A node of the limit tree below the site: panel, feeder, transformer.

    Parameters
    ----------
    circuit_id : str
    parent_id : str or None
        Circuit above; None hangs it on the site.
    limit_kw : float
        Hard limit of everything below.
    phase_limit_kw : float or None
        The most that one phase may carry, as amperes at nominal voltage; None: phases do not count.
    deratings : tuple of Derating
    is_in_amperes : bool
        Whether its limit stands for amperes at nominal voltage (a breaker), and not for kilowatts
        whatever the voltage is (a transformer).
    """

    circuit_id: str
    parent_id: str | None
    limit_kw: float
    phase_limit_kw: float | None = None
    deratings: tuple[Derating, ...] = ()
    is_in_amperes: bool = False

    def __post_init__(self) -> None:
        """Refuse a limit that cannot be."""
        if not self.limit_kw >= 0:
            raise ModelError(
                f"circuit {self.circuit_id!r} has a limit of {self.limit_kw} kW",
                where=f"circuit {self.circuit_id}",
                hint="give 0 or more",
            )


@dataclass(frozen=True, slots=True)
class Connector:
    """A plug.

    Parameters
    ----------
    connector_id : str
        Unique in the depot: ``STATION/NUMBER``.
    number : int
        The connector's number within its station, from 1, as OCPP 1.6 counts.
    max_kw, min_kw : float
        Most it gives; least it can give when it gives anything.
    position : Position or None
        Middle of the bay whose vehicle it charges; None: not surveyed.
    """

    connector_id: str
    number: int
    max_kw: float
    min_kw: float = 0.0
    position: Position | None = None

    def __post_init__(self) -> None:
        """Refuse powers that contradict each other."""
        if not (self.max_kw > 0 and 0 <= self.min_kw <= self.max_kw and self.number >= 1):
            raise ModelError(
                f"connector {self.connector_id!r}: {self.min_kw:g} to {self.max_kw:g} kW, number "
                f"{self.number}",
                where=f"connector {self.connector_id}",
                hint="give 0 <= min_kw <= max_kw, max_kw > 0 and a number from 1",
            )


@dataclass(frozen=True, slots=True)
class Evse:
    """The unit that charges one vehicle at a time, through one of its connectors."""

    evse_id: int
    connectors: tuple[Connector, ...]


@dataclass(frozen=True, slots=True)
class ChargingStation:
    """A charging station: one OCPP identity.

    Parameters
    ----------
    station_id : str
        OCPP identity.
    circuit_id : str or None
        Circuit it hangs on; None means the site itself.
    pool : str
        Name of the group of like stations a vehicle may ask for ("ac", "dc").
    current_type : {'AC', 'DC'}
    max_kw : float
        Hardware maximum of the whole station.
    safe_limit_kw : float
        What it may draw when nobody tells it anything (`F_i` of the safety ledger).
    evses : tuple of Evse
    phases : int
        Phases of its supply, 1 or 3.
    voltage_v : float
        Nominal line-to-neutral voltage (US split phase: across the two legs).
    bay : str
        Where it stands, in the depot's words.
    deratings : tuple of Derating
        When it is out of service or gives less.
    wiring : tuple of int
        The depot's phase, 1 to 3, that each of its own phases hangs on; empty: not known, its
        power counts on all three alike.
    takes_live_profiles : bool
        False where another system controls it that takes schedules as files only.
    """

    station_id: str
    circuit_id: str | None
    pool: str
    current_type: CurrentType
    max_kw: float
    safe_limit_kw: float
    evses: tuple[Evse, ...]
    phases: int = 1
    voltage_v: float = 230.0
    bay: str = ""
    deratings: tuple[Derating, ...] = ()
    wiring: tuple[int, ...] = ()
    takes_live_profiles: bool = True

    def __post_init__(self) -> None:
        """Refuse a station without plug, with impossible phases or a safe limit it cannot keep."""
        if not set(self.wiring) <= {1, 2, 3} or len(set(self.wiring)) < len(self.wiring):
            raise ModelError(
                f"station {self.station_id!r} hangs on the phases {self.wiring}",
                where=f"station {self.station_id}",
                hint="name each of the phases 1, 2, 3 at most once",
            )
        if not self.evses or not all(evse.connectors for evse in self.evses):
            raise ModelError(
                f"station {self.station_id!r} has an EVSE without connector or none at all",
                where=f"station {self.station_id}",
            )
        if not 0 <= self.safe_limit_kw <= self.max_kw:
            raise ModelError(
                f"station {self.station_id!r}: safe limit {self.safe_limit_kw:g} kW, maximum "
                f"{self.max_kw:g} kW",
                where=f"station {self.station_id}",
                hint="give 0 <= safe limit <= maximum",
            )

    def connectors(self) -> Iterator[Connector]:
        """Yield every connector of the station."""
        for evse in self.evses:
            yield from evse.connectors


@dataclass(frozen=True, slots=True)
class StaffHours:
    """Local hours in which people can move vehicles; may span midnight.

    ``start == end`` means always.
    """

    start: time
    end: time

    def covers(self, at: time) -> bool:
        """Return whether somebody is there at a local time."""
        if self.start == self.end:
            return True
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Depot:
    """A depot with everything that is bolted to its ground.

    Parameters
    ----------
    depot_id, name : str
    time_zone : str
        IANA name.
    currency : str
        ISO 4217 code of its bills.
    grid : GridConnection
    circuits : tuple of Circuit
    stations : tuple of ChargingStation
    staff_hours : StaffHours
    changeover_s : int
        Unpowered time a connector needs between two vehicles [s].
    storages : tuple of Storage
    moves_per_hour : int
        Drives across the yard that may begin within any hour; 0: as many as there are.
    site_meter : SiteMeterSource or None
        Where the meter of the whole site is read.
    openadr : OpenAdrSource or None
        Where the utility's signals are asked for.
    """

    depot_id: str
    name: str
    time_zone: str
    currency: str
    grid: GridConnection
    circuits: tuple[Circuit, ...]
    stations: tuple[ChargingStation, ...]
    staff_hours: StaffHours = StaffHours(start=time(0), end=time(0))
    changeover_s: int = 600
    storages: tuple[Storage, ...] = ()
    moves_per_hour: int = 0
    site_meter: SiteMeterSource | None = None
    openadr: OpenAdrSource | None = None

    def __post_init__(self) -> None:
        """Refuse doubled ids, unknown circuits and circuits that hang on themselves."""
        _refuse_doubles([storage.storage_id for storage in self.storages], "storage")
        if self.changeover_s < 0 or self.moves_per_hour < 0:
            raise ModelError(
                f"depot {self.depot_id!r}: a changeover of {self.changeover_s} s and "
                f"{self.moves_per_hour} moves an hour",
                where=f"depot {self.depot_id}",
                hint="give 0 or more",
            )
        _refuse_doubles([station.station_id for station in self.stations], "station")
        _refuse_doubles([circuit.circuit_id for circuit in self.circuits], "circuit")
        _refuse_doubles([c.connector_id for c in self.connectors()], "connector")
        known = {circuit.circuit_id for circuit in self.circuits}
        for station in self.stations:
            if station.circuit_id is not None and station.circuit_id not in known:
                raise ModelError(
                    f"station {station.station_id!r} hangs on circuit {station.circuit_id!r}, "
                    "which the depot does not have",
                    where=f"station {station.station_id}",
                    hint=f"known circuits: {', '.join(sorted(known)) or 'none'}",
                )
        for circuit in self.circuits:
            self.path_to_site(circuit.circuit_id)
        for storage in self.storages:
            self.path_to_site(storage.circuit_id)
        if self.openadr is not None:
            self.openadr.refuse_unknown_nodes(tuple(known))

    def connectors(self) -> Iterator[Connector]:
        """Yield every connector of the depot."""
        for station in self.stations:
            yield from station.connectors()

    def station_of(self, connector_id: str) -> ChargingStation:
        """Return the station that a connector belongs to.

        Raises
        ------
        ModelError
            If the depot has no such connector.
        """
        for station in self.stations:
            if any(connector.connector_id == connector_id for connector in station.connectors()):
                return station
        raise ModelError(f"the depot has no connector {connector_id!r}", where="connector_id")

    def path_to_site(self, circuit_id: str | None) -> list[Circuit]:
        """Return the circuits from one up to the site, the given one first.

        Raises
        ------
        ModelError
            If a circuit is unknown or hangs on itself.
        """
        by_id = {circuit.circuit_id: circuit for circuit in self.circuits}
        path: list[Circuit] = []
        at = circuit_id
        while at is not None:
            if at not in by_id or len(path) > len(by_id):
                raise ModelError(
                    f"circuit {at!r} is unknown or hangs on itself",
                    where=f"circuit {circuit_id}",
                    hint="give each circuit a parent that the depot has, up to the site",
                )
            path.append(by_id[at])
            at = by_id[at].parent_id
        return path


def _refuse_doubles(ids: list[str], noun: str) -> None:
    doubled = [one for one, count in Counter(ids).items() if count > 1]
    if doubled:
        raise ModelError(
            f"two or more {noun}s share the id {min(doubled)!r}",
            where=noun,
            hint="give each its own id",
        )
