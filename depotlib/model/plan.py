"""A plan: what we decide about one night, with its proof and what it falls short of."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import polars as pl

from depotlib.model.timegrid import TimeGrid

PlanStatus = Literal["optimal", "feasible", "shortfall"]
Occupancy = Literal["assigned", "relaxed"]
PlanPath = Literal["flow", "lp", "baseline"]
AssetKind = Literal["storage", "solar", "vehicle"]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ConnectorWindow:
    """The half-open span in which a vehicle has a connector to itself."""

    vehicle_id: str
    connector_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class YardMove:
    """One drive of a vehicle across the yard.

    Parameters
    ----------
    vehicle_id : str
    from_connector_id, to_connector_id : str or None
        None: a waiting bay without plug.
    at : datetime
        When the drive is due.
    """

    vehicle_id: str
    from_connector_id: str | None
    to_connector_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Energy a vehicle will lack, and why.

    Parameters
    ----------
    vehicle_id : str
    unmet_kwh : float
        Of the target, at the wall.
    unmet_must_kwh : float
        Of what it needs to go, at the wall.
    reason : str
        The limit that binds, in a sentence.
    """

    vehicle_id: str
    unmet_kwh: float
    unmet_must_kwh: float
    reason: str


@dataclass(frozen=True, slots=True)
class Binding:
    """A limit that the plan meets, and what one more unit of it would be worth.

    Parameters
    ----------
    name : str
        Named constraint with its index: ``site_limit[37]``, ``circuit_limit[panel-A,12]``.
    interval_start : datetime or None
    price_per_kw : float
        Saving over the plan's bill per kW more of the limit.
    sentence : str
        For a dispatcher.
    """

    name: str
    interval_start: datetime | None
    price_per_kw: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise the audit found broken."""

    rule: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The verdict of the audit, made without the solver."""

    violations: tuple[Violation, ...]
    checks: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Return whether nothing was found."""
        return not self.violations


@dataclass(frozen=True, slots=True)
class PlanHeader:
    """All of a plan but its rows.

    Parameters
    ----------
    plan_id : str
        Digest of problem, policy and setpoints.
    problem_digest : str
    made_at : datetime
    policy : str
        ``optimal`` or the name of a baseline.
    path : {'flow', 'lp', 'baseline'}
    occupancy : {'assigned', 'relaxed'}
    status : {'optimal', 'feasible', 'shortfall'}
    currency : str
    bill_amount, energy_amount, demand_amount : float
        Over the horizon of the price terms (for a typical night: a month).
    bound_amount : float
        No plan can be cheaper: proven (for a baseline: the optimum's bound).
    gap_share : float
        (bill - bound) / bound.
    peak_kw : float
        Highest mean site power of an interval, base load included.
    billed_peak_kw : float
        Highest of the peaks that are billed, sunk peaks included.
    unmet_kwh : float
    vehicles, ready : int
        Dwells, and those whose must is met.
    swaps : int
    build_s, solve_s : float
    pushable : bool
    pushable_reason : str
        Why not, if not.
    is_stopped_early : bool
        Whether somebody stopped the search: the plan is the best by then, and its gap is true.
    """

    plan_id: str
    problem_digest: str
    made_at: datetime
    policy: str
    path: PlanPath
    occupancy: Occupancy
    status: PlanStatus
    currency: str
    bill_amount: float
    energy_amount: float
    demand_amount: float
    bound_amount: float
    gap_share: float
    peak_kw: float
    billed_peak_kw: float
    unmet_kwh: float
    vehicles: int
    ready: int
    swaps: int
    build_s: float
    solve_s: float
    pushable: bool
    pushable_reason: str
    is_stopped_early: bool = False


@dataclass(frozen=True, slots=True)
class AssetSchedule:
    """What storage, solar or a vehicle that feeds back is planned to do.

    Parameters
    ----------
    asset_id : str
        The storage, ``solar``, or the vehicle.
    kind : {'storage', 'solar', 'vehicle'}
    power_kw : tuple of float
        What it draws, negative what it gives, (intervals,). A vehicle's charging stands in the
        setpoints; here is only what it feeds back.
    """

    asset_id: str
    kind: AssetKind
    power_kw: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A night's decision.

    Parameters
    ----------
    header : PlanHeader
    grid : TimeGrid
    setpoints : polars.DataFrame
        `SetpointFrame`.
    windows : tuple of ConnectorWindow
        Empty where occupancy was relaxed.
    moves : tuple of YardMove
    shortfalls : tuple of Shortfall
    bindings : tuple of Binding
    audit : AuditReport
    assets : tuple of AssetSchedule
        What else draws and gives, where there is anything.
    """

    header: PlanHeader
    grid: TimeGrid
    setpoints: pl.DataFrame
    windows: tuple[ConnectorWindow, ...]
    moves: tuple[YardMove, ...]
    shortfalls: tuple[Shortfall, ...]
    bindings: tuple[Binding, ...]
    audit: AuditReport
    assets: tuple[AssetSchedule, ...] = ()

    def intervals(self) -> list[int]:
        """Return the interval of the grid that holds each setpoint's start, (setpoints,).

        May lie outside the grid. As `TimeGrid.interval_of`, for all rows at once.
        """
        starts = self.setpoints["interval_start"].dt.epoch("us").to_numpy()
        first, step = (self.grid.start - _EPOCH) // _TICK, self.grid.step // _TICK
        intervals: list[int] = ((starts - first) // step).tolist()
        return intervals
