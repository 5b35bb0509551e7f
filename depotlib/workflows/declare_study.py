"""Declare a study of the depot in the store: its tables and its question, as files to run and share."""

import csv
import io
import math
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import tomli_w

from depotlib.errors import StudyError
from depotlib.model.depot import ChargingStation, Circuit, Depot
from depotlib.model.dwell import Dwell, DwellBattery
from depotlib.model.live import Scalar
from depotlib.settings import Settings
from depotlib.store.catalogue import chosen_tariff_id, tariff_ids, tariff_record
from depotlib.studies.declaration import Design, Study
from depotlib.studies.night_row import cases_of, night_order
from depotlib.studies.pool import LocalWorkers
from depotlib.studies.row_folder import RowFolder
from depotlib.studies.runner import run_cases
from depotlib.workflows.load_demo import DATA
from depotlib.workflows.plan_tables import BATTERY_COLUMNS
from depotlib.workflows.study_file import study_from_file
from depotlib.workflows.tonight import Tonight, gather_tonight

EXAMPLE: Final = DATA / "studies" / "how_many_chargers.toml"
FOLDER: Final = "study-files"
SEEDS: Final = 4
DAYS: Final = 7
RESULTS: Final = "studies"
FILE: Final = "study.toml"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
DWELL_HEAD: Final = (
    *("vehicle_id", "arrival_local", "departure_local", "energy_wall_kwh", "energy_must_kwh"),
    *("pool", "max_kw", "min_kw", "priority", "station_id"),
    "ac_phases",
    *("battery_kwh", "arrival_soc", *BATTERY_COLUMNS),
)
STATION_HEAD: Final = (
    *("station_id", "connector_id", "pool", "max_kw", "min_kw", "phases", "circuit"),
)


@dataclass(frozen=True, slots=True)
class StudyDraft:
    """A question about the depot in the store.

    Parameters
    ----------
    name : str
        Small letters, digits, dashes.
    axes : mapping of str to tuple of scalar
    base : mapping of str to scalar
        What stays; a tornado starts from the depot as it is where nothing is said.
    design : {'grid', 'tornado'}
    seeds, days : int
    """

    name: str
    axes: Mapping[str, tuple[Scalar, ...]]
    base: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    design: Design = "grid"
    seeds: int = SEEDS
    days: int = DAYS


@dataclass(frozen=True, slots=True)
class StudyEstimate:
    """What a run of a study will take.

    Parameters
    ----------
    total, found : int
        Different scenarios; of these there already.
    scenario_s : float or None
        What one took just now, alone on a processor; None: none is missing.
    """

    total: int
    found: int
    scenario_s: float | None

    def whole_s(self, workers: int) -> float:
        """Return what all that is missing takes on so many processors [s]."""
        return (self.total - self.found) * (self.scenario_s or 0.0) / max(1, workers)


def results_folder(settings: Settings) -> Path:
    """Return where the depot's studies keep their results."""
    return settings.home / RESULTS


def kept_studies(settings: Settings) -> dict[str, Path]:
    """Return the studies of a depot by their names, the shipped example last."""
    folder = settings.home / FOLDER
    found = {path.parent.name: path for path in sorted(folder.glob(f"*/{FILE}"))}
    return {**found, EXAMPLE.stem: EXAMPLE}


def declare_study(settings: Settings, draft: StudyDraft, *, now: datetime) -> Path:
    """Return the file of a study that was declared about tonight of the chosen depot.

    Its nights are tonight, played anew with what chance brings; the tables beside it can be edited.

    Parameters
    ----------
    settings : Settings
    draft : StudyDraft
    now : datetime

    Raises
    ------
    StudyError
        If its name is none, or it declares what cannot be; nothing is kept then.
    StoreMissingError, RecordMissingError
        If there is no depot, fleet, duty or tariff yet.
    """
    tonight = gather_tonight(settings, now=now)
    names = tariff_ids(settings.warehouse_path)
    files = {
        "dwells.csv": _table(DWELL_HEAD, _dwell_rows(tonight)),
        "stations.csv": _table(STATION_HEAD, _station_rows(tonight.depot)),
        "circuits.csv": _table(
            ("circuit", "parent", "limit_kw"), map(_circuit_row, tonight.depot.circuits)
        ),
        **{
            f"tariff-{_plain(one)}.json": tariff_record(settings.warehouse_path, one)
            for one in names
        },
    }
    if not tonight.depot.circuits:
        del files["circuits.csv"]
    chosen = chosen_tariff_id(settings.warehouse_path, tonight.depot.depot_id) or names[0]
    files[FILE] = _study_text(draft, tonight, tariff=chosen, tariffs=names)
    return keep_study(
        settings, draft.name, files={name: text.encode() for name, text in files.items()}
    )


def keep_study(settings: Settings, name: str, *, files: Mapping[str, bytes]) -> Path:
    """Return the file of a study after it and the tables beside it were kept.

    Parameters
    ----------
    settings : Settings
    name : str
        One of that name is replaced; its results stay.
    files : mapping of str to bytes
        By name; one of them is the study.

    Raises
    ------
    StudyError
        If the name is none, there is not one study among the files, or it declares what cannot be.
    InputError
        If a table that it names is not among them.
    """
    if NAME.fullmatch(name) is None:
        raise StudyError(
            f"a study cannot be called {name!r}",
            where="name",
            hint="use small letters, digits and dashes, up to 40",
        )
    studies = [one for one in files if Path(one).suffix == ".toml"]
    if len(studies) != 1:
        raise StudyError(
            f"{len(studies)} of the files end in .toml",
            where="files",
            hint="give one study, and the tables that it names",
        )
    folder, trial = settings.home / FOLDER / name, settings.home / FOLDER / f".{name}"
    trial.mkdir(parents=True, exist_ok=True)
    try:
        for one, content in files.items():
            (trial / (FILE if one in studies else Path(one).name)).write_bytes(content)
        study, ground = study_from_file(trial / FILE)
        cases_of(study, ground)
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(trial.iterdir()):
            path.replace(folder / path.name)
    finally:
        for path in trial.iterdir():
            path.unlink()
        trial.rmdir()
    return folder / FILE


def estimate_study(path: Path, folder: Path) -> StudyEstimate:
    """Return what a study will take: one scenario that is missing is played for it, and kept.

    Parameters
    ----------
    path : Path
        The study's file.
    folder : Path
        Of results.

    Raises
    ------
    StudyError, InputError
        If the study cannot be.
    """
    cases = {case.scenario_id: case for case in cases_of(*study_from_file(path))}
    rows = RowFolder(folder)
    missing = [case for name, case in cases.items() if not rows.is_whole(name)]
    if not missing:
        return StudyEstimate(total=len(cases), found=len(cases), scenario_s=None)
    workers = LocalWorkers(0)
    # The middle one: the first point of a grid is its smallest.
    one = missing[len(missing) // 2]
    began_s = time.perf_counter()
    try:
        run_cases([one], rows, order=night_order(), workers=workers)
    finally:
        workers.close()
    return StudyEstimate(
        total=len(cases),
        found=len(cases) - len(missing) + 1,
        scenario_s=time.perf_counter() - began_s,
    )


def present_values(settings: Settings, *, now: datetime) -> dict[str, Scalar]:
    """Return where the parameters of a study stand at the depot as it is tonight."""
    return _present(gather_tonight(settings, now=now))


def study_currency(path: Path) -> str:
    """Return the currency in which a study's bills are.

    Raises
    ------
    StudyError, InputError
        If the study cannot be.
    """
    return study_from_file(path)[1].scenario.tariff.currency


def study_sentence(study: Study) -> str:
    """Return what a study asks, in words."""
    axes = [f"{axis.name}: {', '.join(str(value) for value in axis.values)}" for axis in study.axes]
    how = "every combination" if study.design == "grid" else "one axis at a time"
    return f"{how} of {'; '.join(axes)}; each on the same {len(study.seeds)} draws of chance"


def _present(tonight: Tonight) -> dict[str, Scalar]:
    stations, grid = tonight.depot.stations, tonight.depot.grid
    return {
        "vehicles": len({dwell.vehicle_id for dwell in tonight.dwells}),
        "ac_stations": sum(one.current_type == "AC" for one in stations),
        "dc_stations": sum(one.current_type == "DC" for one in stations),
        "service_kw": grid.service_kw,
        "operating_limit_kw": grid.operating_limit_kw,
        "energy_factor": 1.0,
        "late_share": 0.0,
        "outage_share": 0.0,
        "energy_sigma_share": 0.0,
        "any_station": False,
        "policy": "equal",
    }


def _study_text(draft: StudyDraft, tonight: Tonight, *, tariff: str, tariffs: Sequence[str]) -> str:
    names = {_plain(one): f"tariff-{_plain(one)}.json" for one in tariffs}
    present = {**_present(tonight), "tariff": _plain(tariff)}
    base = dict(draft.base)
    axes = {name: list(values) for name, values in draft.axes.items()}
    if draft.design == "tornado":
        base = {name: present[name] for name in axes if name in present} | base
    if "tariff" in axes:
        axes["tariff"] = [_plain(str(value)) for value in axes["tariff"]]
    held: dict[str, object] = {
        "dwells": "dwells.csv",
        "stations": "stations.csv",
        "tariff": names[_plain(tariff)],
        "service_kw": float(tonight.depot.grid.service_kw),
        "site_limit_kw": float(tonight.depot.grid.operating_limit_kw),
        "time_zone": tonight.depot.time_zone,
        "first": tonight.evening,
        "days": draft.days,
    }
    if tonight.depot.circuits:
        held["circuits"] = "circuits.csv"
    return tomli_w.dumps(
        {
            "name": draft.name,
            "design": draft.design,
            "seeds": draft.seeds,
            "depot": held,
            "base": base,
            "axes": axes,
            "tariffs": names,
        }
    )


def _plain(tariff_id: str) -> str:
    """Return a tariff's id as a file's name may hold it."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", tariff_id)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return written.getvalue()


def _dwell_rows(tonight: Tonight) -> Iterable[tuple[object, ...]]:
    pools = {one.pool: _pool(one) for one in tonight.depot.stations}
    for dwell in tonight.dwells:
        yield _dwell_row(dwell, pool=pools.get(dwell.pool or "", dwell.pool or ""))


def _dwell_row(dwell: Dwell, *, pool: str) -> tuple[object, ...]:
    return (
        dwell.vehicle_id,
        dwell.arrival.isoformat(),
        dwell.departure.isoformat(),
        repr(dwell.energy_target_kwh),
        repr(dwell.energy_must_kwh),
        pool,
        "" if dwell.max_kw == math.inf else repr(dwell.max_kw),
        repr(dwell.min_kw),
        dwell.priority,
        dwell.station_id or "",
        dwell.ac_phases,
        *_battery_row(dwell.battery),
    )


def _battery_row(battery: DwellBattery | None) -> tuple[str, ...]:
    if battery is None:
        return ("",) * (2 + len(BATTERY_COLUMNS))
    facts = [getattr(battery, name) for name in BATTERY_COLUMNS]
    return tuple(map(repr, (battery.usable_kwh, battery.arrival_soc, *facts)))


def _station_rows(depot: Depot) -> Iterable[tuple[object, ...]]:
    for station in depot.stations:
        for one in station.connectors():
            yield (
                station.station_id,
                one.number,
                _pool(station),
                repr(one.max_kw),
                repr(one.min_kw),
                station.phases,
                station.circuit_id or "",
            )


def _pool(station: ChargingStation) -> str:
    """Return the name of its pool by which the tables tell AC from DC."""
    kind = station.current_type.lower()
    return station.pool if station.pool.lower().startswith(kind) else f"{kind}-{station.pool}"


def _circuit_row(circuit: Circuit) -> tuple[object, ...]:
    return (circuit.circuit_id, circuit.parent_id or "", repr(circuit.limit_kw))
