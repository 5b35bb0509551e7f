"""The tables of a site file, row by row, as a person writes them (docs/site-file.md).

What they mean is said by `site_file`; here is only what each may hold. A page edits them, and
what it saves is a site file again.
"""

from datetime import datetime, time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from depotlib.model.brief import UnknownPolicy
from depotlib.model.depot import CurrentType
from depotlib.model.display import (
    DateForm,
    Display,
    DistanceUnit,
    Language,
    NumberForm,
    TemperatureUnit,
)
from depotlib.model.identity import TokenKind
from depotlib.model.limited_node import SITE_NODE, GridLimitSource
from depotlib.model.openadr import OpenAdrVersion
from depotlib.model.position import Position
from depotlib.model.site_meter import MeterKind, PointOf, PointUnit, RegisterType


class Table(BaseModel):
    """One table; a field that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class DepotTable(Table):
    """What the depot is called, its clocks and its people."""

    depot_id: str
    name: str
    time_zone: str
    currency: str = "USD"
    changeover_s: int = 600
    staff_from: time = time(0)
    staff_to: time = time(0)
    moves_per_hour: int = 0


class GridTable(Table):
    """What the service carries [kW]."""

    service_kw: float
    operating_limit_kw: float
    margin_kw: float = 0.0
    base_load_max_kw: float = 0.0
    export_limit_kw: float = 0.0
    phase_limit_kw: float | None = None


class CircuitTable(Table):
    """A panel or feeder."""

    circuit_id: str
    limit_kw: float | None = None
    parent_id: str | None = None
    phase_limit_kw: float | None = None
    breaker_a: float | None = Field(default=None, gt=0.0)
    voltage_v: float = Field(default=230.0, gt=0.0)
    is_line_to_line: bool = False
    phases: Literal[1, 3] = 3
    continuous_share: float = Field(default=1.0, gt=0.0, le=1.0)


class YardTable(Table):
    """The yard that bays are on: its south-west corner, and how far it reaches east and north."""

    corner_latitude_degrees: float
    corner_longitude_degrees: float
    width_m: float | None = Field(default=None, gt=0.0)
    depth_m: float | None = Field(default=None, gt=0.0)

    def corner(self) -> Position:
        """Return its corner.

        Raises
        ------
        ModelError
            If that is no place on the globe.
        """
        return Position(self.corner_latitude_degrees, self.corner_longitude_degrees)


class StationTable(Table):
    """A station and its equal connectors."""

    station_id: str
    max_kw: float
    safe_limit_kw: float
    pool: str = ""
    current_type: CurrentType = "AC"
    circuit_id: str | None = None
    min_kw: float = 0.0
    connectors: int = 1
    cabinet_kw: float | None = None
    phases: Literal[1, 3] = 1
    voltage_v: float = 230.0
    bay: str = ""
    positions_degrees: tuple[tuple[float, float], ...] = ()
    wiring: tuple[int, ...] = ()
    takes_live_profiles: bool | None = None


class StorageTable(Table):
    """A battery beside the stations."""

    storage_id: str
    capacity_kwh: float
    max_charge_kw: float
    max_discharge_kw: float
    circuit_id: str | None = None
    efficiency_share: float = 0.95
    wear_per_kwh: float = 0.0
    start_soc: float = 0.5
    least_end_soc: float = 0.5
    floor_soc: float = 0.0


class DeratingTable(Table):
    """A span in which a station or circuit carries less."""

    of: str
    start: datetime
    end: datetime
    limit_kw: float = 0.0


class IdentityTable(Table):
    """A token that stands for a vehicle."""

    token: str
    vehicle_id: str
    kind: TokenKind = "tag"
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    parent: str = ""
    is_blocked: bool = False


class GatewayTable(Table):
    """What stations must show, and who may charge."""

    security_profile: Literal[0, 1, 2, 3] = 0
    unknown_policy: UnknownPolicy = "accept_all"
    takes_live_profiles: bool = True


class DisplayTable(Table):
    """What the depot's figures are shown in; nothing else depends on it."""

    distance: DistanceUnit = "km"
    temperature: TemperatureUnit = "C"
    numbers: NumberForm = "1,234.5"
    dates: DateForm = "day_first"
    language: Language = "en"

    def display(self) -> Display:
        """Return it as pages use it."""
        return Display(**self.model_dump())


class PointTable(Table):
    """Where one reading of the site's meter is found."""

    of: PointOf
    at: str
    unit: PointUnit
    scale_factor: float = 1.0
    register_type: RegisterType = "int32"
    table: Literal["holding", "input"] = "holding"
    is_low_word_first: bool = False


class SiteMeterTable(Table):
    """The site's own meter."""

    kind: MeterKind
    address: str
    topic: str = ""
    device: int = 1
    is_sunspec: bool = False
    positive: Literal["import", "export"] = "import"
    period_s: float = 2.0
    stale_s: float = 15.0
    most_kw: float | None = None
    base_margin_kw: float = 1.0
    base_rise_kw_per_s: float | None = None
    window_target_kw: float | None = None
    window_s: float = 900.0
    point: tuple[PointTable, ...] = ()


class LevelTable(Table):
    """What one level of a SIMPLE signal allows."""

    level: int
    limit_kw: float | None = None
    service_share: float | None = None
    is_joint_minimum: bool = False


class ProgramTable(Table):
    """One programme of the OpenADR server."""

    name: str
    node_id: str = SITE_NODE
    source: GridLimitSource = "utility"
    is_capacity_limit: bool = False
    level: tuple[LevelTable, ...] = ()


class OpenAdrTable(Table):
    """The OpenADR server that is asked for events."""

    address: str
    ven_name: str
    version: OpenAdrVersion = "3.1"
    targets: tuple[str, ...] = ()
    resource_name: str = ""
    token_address: str = ""
    period_s: float = 30.0
    program: tuple[ProgramTable, ...] = ()


class SiteTables(Table):
    """A site file as its tables."""

    depot: DepotTable
    grid: GridTable
    circuit: tuple[CircuitTable, ...] = ()
    station: tuple[StationTable, ...]
    yard: YardTable | None = None
    storage: tuple[StorageTable, ...] = ()
    derating: tuple[DeratingTable, ...] = ()
    identity: tuple[IdentityTable, ...] = ()
    gateway: GatewayTable = GatewayTable()
    display: DisplayTable = DisplayTable()
    site_meter: SiteMeterTable | None = None
    openadr: OpenAdrTable | None = None
