"""Where an OpenADR 3 server is asked for events, and what its signals mean to this depot."""

from dataclasses import dataclass
from typing import Final, Literal

from depotlib.errors import ModelError
from depotlib.model.limited_node import CHARGING_NODE, SITE_NODE, GridLimitSource

OpenAdrVersion = Literal["3.0", "3.1"]

HIGHEST_LEVEL: Final = 3
LEAST_PERIOD_S: Final = 5.0
MOST_PERIOD_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class OpenAdrLevel:
    """What one level of a SIMPLE signal allows; exactly one of the three is said.

    Parameters
    ----------
    level : int
        1 to 3; 0 is normal operation and allows everything.
    limit_kw, service_share : float or None
        A power, or a share of the service (site only).
    is_joint_minimum : bool
        What a group under §14a EnWG keeps at the least.
    """

    level: int
    limit_kw: float | None = None
    service_share: float | None = None
    is_joint_minimum: bool = False

    def __post_init__(self) -> None:
        """Refuse a level that there is not, and one that says nothing or two things."""
        said = (self.limit_kw is not None, self.service_share is not None, self.is_joint_minimum)
        if not 1 <= self.level <= HIGHEST_LEVEL or sum(said) != 1:
            raise ModelError(
                f"level {self.level} of a SIMPLE signal says {sum(said)} things",
                where="openadr.program.level",
                hint="give level 1 to 3 and one of limit_kw, service_share, is_joint_minimum",
            )
        if not 0.0 <= (self.limit_kw or 0.0) < float("inf") or not (
            0.0 <= (self.service_share or 0.0) <= 1.0
        ):
            raise ModelError(
                f"level {self.level} allows {self.limit_kw or self.service_share}",
                where="openadr.program.level",
                hint="a power is finite and 0 or more, a share 0 to 1",
            )


@dataclass(frozen=True, slots=True)
class OpenAdrProgram:
    """One programme of the server that this depot takes part in.

    Parameters
    ----------
    name : str
        Its ``programName``.
    node_id : str
        What its limits are on: ``site``, ``charging`` or a circuit.
    source : GridLimitSource
        In whose name they stand.
    levels : tuple of OpenAdrLevel
        What the levels of SIMPLE signals allow; a level that is not here is refused.
    is_capacity_limit : bool
        Whether the subscribed capacity, with what is reserved on top, may not be passed.
    """

    name: str
    node_id: str = SITE_NODE
    source: GridLimitSource = "utility"
    levels: tuple[OpenAdrLevel, ...] = ()
    is_capacity_limit: bool = False

    def __post_init__(self) -> None:
        """Refuse a level that is said twice, and a share of anything but the site."""
        numbers = [one.level for one in self.levels]
        if len(set(numbers)) < len(numbers):
            raise ModelError(
                f"programme {self.name!r} says a level twice",
                where="openadr.program.level",
                hint="say each of 1 to 3 at most once",
            )
        if self.node_id != SITE_NODE and any(one.service_share for one in self.levels):
            raise ModelError(
                f"programme {self.name!r} gives a share of the service to {self.node_id!r}",
                where="openadr.program.level",
                hint="give limit_kw there",
            )


@dataclass(frozen=True, slots=True)
class OpenAdrSource:
    """An OpenADR 3 server (VTN) and how this depot, its client (VEN), calls itself there.

    Parameters
    ----------
    address : str
        Base address with its path; credentials come from the environment.
    programs : tuple of OpenAdrProgram
    ven_name : str
        ``clientName`` of reports, and what events may target.
    version : {'3.0', '3.1'}
    targets : tuple of str
        Groups to ask for, as the utility has assigned them.
    resource_name : str
        Name of the depot in reports; empty: the `ven_name`.
    token_address : str
        Where tokens are to be had; empty: the server says it, or has it itself.
    period_s : float
        From one look to the next [s].
    """

    address: str
    programs: tuple[OpenAdrProgram, ...]
    ven_name: str
    version: OpenAdrVersion = "3.1"
    targets: tuple[str, ...] = ()
    resource_name: str = ""
    token_address: str = ""
    period_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuse a source without programme or name, one that is doubled, and a restless one."""
        names = [one.name for one in self.programs]
        if not names or len(set(names)) < len(names) or not self.ven_name:
            raise ModelError(
                "OpenADR needs a name of its own and each programme once",
                where="openadr",
                hint="give ven_name and at least one [[openadr.program]]",
            )
        if not LEAST_PERIOD_S <= self.period_s <= MOST_PERIOD_S:
            raise ModelError(
                f"OpenADR is looked at every {self.period_s:g} s",
                where="openadr.period_s",
                hint=f"give {LEAST_PERIOD_S:g} to {MOST_PERIOD_S:g} s",
            )

    def refuse_unknown_nodes(self, circuit_ids: tuple[str, ...]) -> None:
        """Refuse a programme whose node the depot does not have, with `ModelError`."""
        nodes = (SITE_NODE, CHARGING_NODE, *circuit_ids)
        for program in self.programs:
            if program.node_id not in nodes:
                raise ModelError(
                    f"programme {program.name!r} limits {program.node_id!r}",
                    where="openadr.program.node_id",
                    hint=f"name one of {', '.join(nodes)}",
                )
