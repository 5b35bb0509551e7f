"""The demo depot: the reference night of `data/`, moved to tonight, through the real import."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import tomli_w

from depotlib.errors import MissingFileError
from depotlib.ingest.duty_file import duties_from_csv
from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import local_to_utc, zone
from depotlib.model.fleet_file import fleet_from_json
from depotlib.model.site_file import tables_from_toml
from depotlib.model.site_tables import PointTable, SiteMeterTable
from depotlib.settings import Settings
from depotlib.store.catalogue import (
    choose_tariff,
    save_duties,
    save_fleet,
    save_policy,
)
from depotlib.tariffs.urdb import tariff_from_urdb
from depotlib.workflows.import_files import GivenFile, ImportedFile, import_own_files
from depotlib.workflows.set_up_depot import save_site_text

DATA: Final = Path(__file__).resolve().parents[2] / "data"
DEMO: Final = DATA / "demo"
DEMO_SITE: Final = DEMO / "site.toml"
DEMO_ZONE: Final = "America/New_York"
DEMO_NIGHT: Final = date(2026, 11, 2)
DEMO_TARIFF: Final = DATA / "tariffs" / "pge_b19_secondary_2020.json"
EXPORTS: Final = (
    "geotab_status_data.json",
    "geotab_charge_events.json",
    "samsara_stats_history.json",
)
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?Z)?")


@dataclass(frozen=True, slots=True)
class LoadedDemo:
    """What was loaded.

    Parameters
    ----------
    depot_id : str
    night : date
        Local date of the evening.
    files : tuple of ImportedFile
        Account of each export.
    """

    depot_id: str
    night: date
    files: tuple[ImportedFile, ...]


def load_demo(settings: Settings, *, now: datetime, night: date | None = None) -> LoadedDemo:
    """Return what the demo depot consists of, now in the store.

    Exports and duties are moved by whole local days to the evening wanted, and come in through
    the same import as any customer's. Loading it again changes nothing.

    Parameters
    ----------
    settings : Settings
    now : datetime
    night : date, optional
        Local date of the evening; default: today at the depot.

    Raises
    ------
    DepotError
        If an export cannot be imported.
    """
    time_zone = zone(DEMO_ZONE)
    evening = night or now.astimezone(time_zone).date()
    days = (evening - DEMO_NIGHT).days
    path = settings.warehouse_path
    site = _text(DEMO_SITE) + _demo_meter(settings)
    depot_id = tables_from_toml(site, where=DEMO_SITE.name).depot.depot_id
    duties = duties_from_csv(
        _moved(_text(DEMO / "duties.csv"), days=days), where="duties.csv", time_zone=time_zone
    )
    save_site_text(settings, site, where=DEMO_SITE.name, now=now)
    save_fleet(
        path,
        fleet_from_json(_text(DEMO / "fleet.json"), where="fleet.json"),
        depot_id=depot_id,
        saved_at=now,
    )
    save_duties(path, duties, depot_id=depot_id, saved_at=now)
    save_policy(path, NeedPolicy(), depot_id=depot_id, saved_at=now)
    exports = [
        GivenFile(name=name, data=_moved(_text(DEMO / name), days=days).encode())
        for name in EXPORTS
    ]
    record = _text(DEMO_TARIFF)
    exports.append(GivenFile(name=DEMO_TARIFF.name, data=record.encode()))
    files = import_own_files(exports, settings=settings, now=now)
    for file in files:
        if file.error is not None:
            raise file.error
    tariff = tariff_from_urdb(record, where=DEMO_TARIFF.name)
    choose_tariff(path, depot_id, tariff_id=tariff.tariff_id)
    return LoadedDemo(depot_id=depot_id, night=evening, files=tuple(files))


def night_sheet_path(settings: Settings) -> Path:
    """Return the sheet that the people in the virtual yard follow."""
    return settings.home / "virtual" / "night.toml"


def meters_path(settings: Settings) -> Path:
    """Return the file in which the virtual depot writes its meters, the site's among them."""
    return settings.home / "virtual" / "meters.jsonl"


def _demo_meter(settings: Settings) -> str:
    """Return the table of the site's meter: the file that the virtual depot writes."""
    meter = SiteMeterTable(
        kind="file",
        address=str(meters_path(settings)),
        point=(
            PointTable(of="power", at="meter.power_kw", unit="kW"),
            PointTable(of="energy", at="meter.energy_kwh", unit="kWh"),
            PointTable(of="time", at="meter.at", unit="iso"),
        ),
    )
    return "\n" + tomli_w.dumps({"site_meter": meter.model_dump(exclude_defaults=True)})


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MissingFileError(
            f"the demo depot's {path.name} cannot be read: {error}",
            where=str(path),
            hint="the checkout is not complete",
        ) from error


def _moved(text: str, *, days: int) -> str:
    """Return a text with every instant moved by whole days on the depot's wall clock."""
    time_zone = zone(DEMO_ZONE)
    shift = timedelta(days=days)

    def moved(match: re.Match[str]) -> str:
        found = match.group()
        if not found.endswith("Z"):
            return (datetime.fromisoformat(found) + shift).strftime("%Y-%m-%dT%H:%M")
        local = datetime.fromisoformat(found).astimezone(time_zone).replace(tzinfo=None) + shift
        return local_to_utc(local, time_zone).strftime("%Y-%m-%dT%H:%M:%SZ")

    return INSTANT.sub(moved, text)
