"""Read a study's file: the depot that it starts from, its axes, its seeds."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from depotlib.errors import StudyError
from depotlib.ingest.content import read_content
from depotlib.studies.declaration import Axis, Design, Study
from depotlib.studies.knob import Ground
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.workflows.simulate_night import NightsToPlay, scenario_of

FIRST_POLICY: Final = "uncontrolled"
"""Who is in control where a study does not say; it is nearly always said."""

Value = StrictBool | StrictInt | StrictFloat | StrictStr


class _Table(BaseModel):
    """One table; a field that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DepotPart(_Table):
    """The depot and its nights, by the tables that ``depot simulate`` reads."""

    dwells: Path
    stations: Path
    tariff: Path
    circuits: Path | None = None
    service_kw: float
    site_limit_kw: float
    time_zone: str
    first: date | None = None
    days: int = 28


class StudyPart(_Table):
    """A whole study's file."""

    name: str
    design: Design = "grid"
    seeds: int | tuple[int, ...] = 8
    depot: DepotPart
    base: Mapping[str, Value] = Field(default_factory=dict[str, Value])
    axes: Mapping[str, tuple[Value, ...]] = Field(default_factory=dict[str, tuple[Value, ...]])
    tariffs: Mapping[str, Path] = Field(default_factory=dict[str, Path])


def study_from_file(path: Path) -> tuple[Study, Ground]:
    """Return the study that a TOML file declares, and the scenario that it starts from.

    Parameters
    ----------
    path : Path
        Files that it names are looked for beside it.

    Raises
    ------
    StudyError
        If it is not TOML, holds an unknown or wrong field, or declares what cannot be.
    InputError
        If a file that it names is missing, damaged or says what cannot be.
    """
    try:
        part = StudyPart.model_validate(tomllib.loads(read_content(path).data.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(
            f"the study is not TOML: {error}", where=str(path), hint="see docs/studies.md"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(place) for place in first["loc"])
        raise StudyError(
            f"{field}: {first['msg']}", where=str(path), hint="see docs/studies.md"
        ) from error
    study = Study(
        name=part.name,
        axes=tuple(Axis(name, values) for name, values in part.axes.items()),
        design=part.design,
        base=part.base,
        seeds=tuple(range(part.seeds)) if isinstance(part.seeds, int) else part.seeds,
    )
    return study, _ground(part, folder=path.parent)


def _ground(part: StudyPart, *, folder: Path) -> Ground:
    held = part.depot
    scenario = scenario_of(
        NightsToPlay(
            dwells_path=folder / held.dwells,
            stations_path=folder / held.stations,
            tariff_path=folder / held.tariff,
            circuits_path=None if held.circuits is None else folder / held.circuits,
            site_limit_kw=held.site_limit_kw,
            service_kw=held.service_kw,
            time_zone=held.time_zone,
            policies=(FIRST_POLICY,),
            first=held.first,
            days=held.days,
        )
    )
    return Ground(scenario, {name: _tariff(folder / path) for name, path in part.tariffs.items()})


def _tariff(path: Path) -> Tariff:
    return tariff_from_document(read_content(path).data, where=str(path))
