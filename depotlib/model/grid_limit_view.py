"""Limits from outside as they are asked for and as they are shown, whoever asks or looks."""

from dataclasses import dataclass
from datetime import datetime

from depotlib.errors import ModelError
from depotlib.model.grid_limit import (
    GridLimit,
    GridLimitImpact,
    GridLimitState,
    LimitMinute,
)
from depotlib.model.limited_node import GridLimitSource


@dataclass(frozen=True, slots=True)
class GridLimitOrder:
    """What somebody wants limited.

    Parameters
    ----------
    node_id : str
    start : datetime or None
        None: from now on.
    end : datetime
    limit_kw, service_share : float or None
        One of them, or neither with `is_joint_minimum`.
    source : GridLimitSource
    reference, supersedes : str
        What whoever asks calls it; id of a limit that ends now instead.
    is_joint_minimum : bool
        What the charge points of the node keep together under §14a EnWG.
    limit_id : str
        Empty: it follows from the rest.
    """

    node_id: str
    start: datetime | None
    end: datetime
    limit_kw: float | None
    service_share: float | None
    source: GridLimitSource
    reference: str = ""
    supersedes: str = ""
    is_joint_minimum: bool = False
    limit_id: str = ""

    def __post_init__(self) -> None:
        """Refuse what says its power twice, or not at all."""
        said = (self.limit_kw is not None, self.service_share is not None, self.is_joint_minimum)
        if sum(said) != 1:
            raise ModelError(
                "a limit is a power, a share of the service or the joint minimum of §14a EnWG",
                where="limit_kw",
                hint="give limit_kw (--kw), service_share (--share) or --joint-minimum, one of them",
            )


@dataclass(frozen=True, slots=True)
class GridLimitView:
    """A limit from outside, and how it stands.

    Parameters
    ----------
    limit : GridLimit
    state : {'coming', 'in_force', 'over', 'withdrawn'}
    needs : str
        What else is needed to keep it; empty: setpoints suffice.
    impact : GridLimitImpact or None
        What it costs in readiness, as dispatch has planned; None: it has not yet.
    guaranteed_kw : float or None
        What the group must be left under §14a EnWG, whatever the limit says; None: no such limit.
    """

    limit: GridLimit
    state: GridLimitState
    needs: str
    impact: GridLimitImpact | None
    guaranteed_kw: float | None = None


@dataclass(frozen=True, slots=True)
class GridLimitRecord:
    """How a limit was kept, minute by minute.

    Parameters
    ----------
    limit : GridLimit
    minutes : tuple of LimitMinute
        A minute that is missing was not watched.
    kept_share : float or None
        Minutes whose mean was within the limit; None: none was watched yet.
    least_margin_kw : float or None
        Below the limit in the worst minute; negative: it was exceeded.
    """

    limit: GridLimit
    minutes: tuple[LimitMinute, ...]
    kept_share: float | None
    least_margin_kw: float | None
