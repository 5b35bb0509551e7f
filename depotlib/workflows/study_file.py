"""Read a study's file: the depot that it starts from, its axes, its seeds."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
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
from depotlib.model.storage import Storage
from depotlib.simulation.scenario import CarbonSeries, Scenario
from depotlib.studies.declaration import Axis, Design, Study
from depotlib.studies.knob import Ground
from depotlib.tariffs.holiday_calendar import holiday_dates
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document
from depotlib.workflows.simulate_night import NightsToPlay, scenario_of
from depotlib.workflows.sun_file import sun_from_file

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
    export_limit_kw: float = 0.0
    base_load_kw: tuple[float, ...] = ()
    holiday_region: str = ""
    same_weekday_factor: float = 1.0
    circuits: Path | None = None
    service_kw: float
    site_limit_kw: float
    time_zone: str
    first: date | None = None
    days: int = 28


class StoragePart(_Table):
    """A battery on the site."""

    capacity_kwh: float
    max_charge_kw: float
    max_discharge_kw: float
    efficiency_share: float = 0.95
    wear_per_kwh: float = 0.0
    start_soc: float = 0.5
    floor_soc: float = 0.0


class SunPart(_Table):
    """A plant on the roof: ``local_time, kw_per_kwp`` for whole days, and its size."""

    profile: Path
    peak_kw: float


class CarbonPart(_Table):
    """What a kWh from the grid stands for: equal parts of a local day."""

    average_kg_per_kwh: tuple[float, ...] = ()
    marginal_kg_per_kwh: tuple[float, ...] = ()


class StudyPart(_Table):
    """A whole study's file."""

    name: str
    design: Design = "grid"
    seeds: int | tuple[int, ...] = 8
    depot: DepotPart
    storage: StoragePart | None = None
    sun: SunPart | None = None
    carbon: CarbonPart = CarbonPart()
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
    InputError, ModelError
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
    grid = replace(scenario.depot.grid, export_limit_kw=held.export_limit_kw)
    scenario = replace(
        scenario,
        depot=replace(scenario.depot, grid=grid, storages=_storages(part.storage)),
        base_load_kw=held.base_load_kw,
        same_weekday_factor=held.same_weekday_factor,
        carbon=CarbonSeries(part.carbon.average_kg_per_kwh, part.carbon.marginal_kg_per_kwh),
        holidays=_holidays(scenario, held.holiday_region),
        sun=None
        if part.sun is None
        else sun_from_file(folder / part.sun.profile, peak_kw=part.sun.peak_kw),
    )
    return Ground(scenario, {name: _tariff(folder / path) for name, path in part.tariffs.items()})


def _holidays(scenario: Scenario, region: str) -> frozenset[date]:
    if not region:
        return frozenset()
    last = scenario.first + timedelta(days=scenario.days)
    years = {scenario.first.year, last.year, *(night.evening.year for night in scenario.nights)}
    return holiday_dates(region, years=sorted(years))


def _storages(part: StoragePart | None) -> tuple[Storage, ...]:
    if part is None:
        return ()
    # What a play begins with it ends with: what is used up would make its bill look good.
    return (
        Storage(
            "storage",
            part.capacity_kwh,
            part.max_charge_kw,
            part.max_discharge_kw,
            efficiency_share=part.efficiency_share,
            wear_per_kwh=part.wear_per_kwh,
            start_soc=part.start_soc,
            least_end_soc=part.start_soc,
            floor_soc=part.floor_soc,
        ),
    )


def _tariff(path: Path) -> Tariff:
    return tariff_from_document(read_content(path).data, where=str(path))
