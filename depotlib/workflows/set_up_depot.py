"""Setting a depot up: its site, fleet, duties and tariff, saved as versions that can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import tomli_w
from pydantic import TypeAdapter, ValidationError

from depotlib.errors import ModelError, RecordMissingError, StoreMissingError
from depotlib.ingest.duty_file import duties_from_csv
from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import zone
from depotlib.model.depot import Depot
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet
from depotlib.model.fleet_file import fleet_from_json
from depotlib.model.site_file import field_error, site_from_tables, tables_from_toml
from depotlib.model.site_tables import SiteTables
from depotlib.settings import Settings
from depotlib.store.catalogue import (
    choose_depot,
    choose_tariff,
    chosen_depot_id,
    chosen_tariff_id,
    load_depot,
    load_duties,
    load_fleet,
    load_policy,
    save_duties,
    save_fleet,
    save_policy,
    save_site,
)
from depotlib.store.document import SavedVersion, document, document_versions, save_document

Edited = Literal["site", "fleet", "duties", "policy"]
"""What is saved as versions that a page can return to."""
SITE_WHERE: Final = "the site"
TINY_KW: Final = 1e-6
POLICY: Final = TypeAdapter(NeedPolicy)


@dataclass(frozen=True, slots=True)
class DepotSetUp:
    """What is known of the chosen depot before any night.

    Parameters
    ----------
    depot : Depot
    site : SiteTables or None
        None: it was saved without its site file, and cannot be edited as tables.
    fleet : Fleet or None
    duties : tuple of Duty
    tariff_id : str or None
        What it pays.
    policy : NeedPolicy
        How much energy is enough.
    """

    depot: Depot
    site: SiteTables | None
    fleet: Fleet | None
    duties: tuple[Duty, ...]
    tariff_id: str | None
    policy: NeedPolicy = field(default_factory=NeedPolicy)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what a night cannot be planned without, in words."""
        have = {"a fleet": self.fleet, "duties": self.duties, "a tariff": self.tariff_id}
        return tuple(name for name, found in have.items() if not found)


def read_set_up(settings: Settings) -> DepotSetUp | None:
    """Return how the chosen depot is set up; None where there is none yet."""
    path = settings.warehouse_path
    try:
        depot_id = chosen_depot_id(path)
        if depot_id is None:
            return None
        text = document(path, "site", document_id=depot_id)
        return DepotSetUp(
            depot=load_depot(path, depot_id),
            site=None if text is None else tables_from_toml(text, where=SITE_WHERE),
            fleet=_fleet_or_none(settings, depot_id),
            duties=load_duties(path, depot_id),
            tariff_id=chosen_tariff_id(path, depot_id),
            policy=load_policy(path, depot_id),
        )
    except StoreMissingError:
        return None


def save_site_text(settings: Settings, text: str, *, where: str, now: datetime) -> Depot:
    """Return the depot of a site file, saved as its newest version and chosen.

    Its stations, circuits, limits and tokens count from the next plan and push on.

    Parameters
    ----------
    settings : Settings
    text : str
        TOML, see docs/site-file.md.
    where : str
        File name, for the error.
    now : datetime

    Raises
    ------
    SiteFileError
        If it cannot be; nothing is saved then.
    """
    brief = site_from_tables(tables_from_toml(text, where=where), where=where)
    path = settings.warehouse_path
    save_site(path, text, brief=brief, saved_at=now)
    choose_depot(path, brief.depot.depot_id)
    return brief.depot


def save_site_tables(settings: Settings, tables: SiteTables, *, now: datetime) -> Depot:
    """Return the depot of edited tables, saved as `save_site_text` does; comments are not kept."""
    return save_site_text(settings, site_to_toml(tables), where=SITE_WHERE, now=now)


def site_to_toml(tables: SiteTables) -> str:
    """Return tables as a site file; a field that is as it would be anyhow is left out."""
    return tomli_w.dumps(tables.model_dump(exclude_defaults=True, exclude_none=True))


def save_fleet_text(
    settings: Settings, text: str, *, where: str, depot_id: str, now: datetime
) -> Fleet:
    """Return the fleet of a JSON text, saved as a depot's newest version.

    Raises
    ------
    ModelError
        If it cannot be; nothing is saved then.
    """
    fleet = fleet_from_json(text, where=where)
    save_fleet(settings.warehouse_path, fleet, depot_id=depot_id, saved_at=now)
    return fleet


def save_duties_text(
    settings: Settings, text: str, *, where: str, depot_id: str, now: datetime
) -> tuple[Duty, ...]:
    """Return the duties of a CSV text, saved in place of all that the depot had.

    Raises
    ------
    DutyError
        If a line is no duty; nothing is saved then.
    """
    path = settings.warehouse_path
    depot = load_depot(path, depot_id)
    duties = duties_from_csv(text, where=where, time_zone=zone(depot.time_zone))
    save_duties(path, duties, depot_id=depot_id, saved_at=now)
    return duties


def set_tariff(settings: Settings, depot_id: str, *, tariff_id: str) -> None:
    """Let a depot pay a tariff of the store.

    Raises
    ------
    RecordMissingError
        If the store has no such tariff; says which it has.
    """
    choose_tariff(settings.warehouse_path, depot_id, tariff_id=tariff_id)


def need_policy_of(row: Mapping[str, object]) -> NeedPolicy:
    """Return the policy of an edited row; a field that is left empty is as usual.

    Raises
    ------
    ModelError
        If a reserve cannot be.
    """
    try:
        return POLICY.validate_python(row)
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(
            f"{first['loc'][-1] if first['loc'] else 'the policy'}: {first['msg']}",
            where="policy",
            hint="reserves are shares of 0 to 1, times are hours",
        ) from error


def save_need_policy(
    settings: Settings, policy: NeedPolicy, *, depot_id: str, now: datetime
) -> None:
    """Save how much energy is enough at a depot, as its newest version."""
    save_policy(settings.warehouse_path, policy, depot_id=depot_id, saved_at=now)


def set_display(
    settings: Settings, known: DepotSetUp, *, changes: Mapping[str, str], now: datetime
) -> None:
    """Change what a depot's figures are shown in, saved as a new version of its site.

    Parameters
    ----------
    settings : Settings
    known : DepotSetUp
    changes : mapping of str to str
        By the field of ``[display]`` in a site file.
    now : datetime

    Raises
    ------
    SiteFileError
        If a value cannot be; nothing is saved then.
    RecordMissingError
        If the depot came without a site file.
    """
    if known.site is None:
        raise RecordMissingError(
            f"{known.depot.depot_id!r} came without a site file",
            where="site",
            hint="give one: depot set-up SITE.toml",
        )
    shown = known.site.display.model_dump() | dict(changes)
    save_site_tables(settings, edited_site({"display": shown}, before=known.site), now=now)


def read_versions(settings: Settings, kind: Edited, *, depot_id: str) -> tuple[SavedVersion, ...]:
    """Return the versions of what is edited of a depot, the newest and the one in use first."""
    return document_versions(settings.warehouse_path, kind, document_id=depot_id)


def return_to(
    settings: Settings, kind: Edited, *, depot_id: str, version: int, now: datetime
) -> None:
    """Make an earlier version the newest once more; none is lost by it.

    Raises
    ------
    RecordMissingError
        If there is no such version.
    """
    texts = {one.version: one.text for one in read_versions(settings, kind, depot_id=depot_id)}
    if version not in texts:
        raise RecordMissingError(
            f"the {kind} of {depot_id!r} has no version {version}",
            where="version",
            hint=f"known: {', '.join(map(str, sorted(texts))) or 'none'}",
        )
    if kind == "site":
        save_site_text(settings, texts[version], where=f"version {version}", now=now)
        return
    save_document(
        settings.warehouse_path, kind, document_id=depot_id, text=texts[version], saved_at=now
    )


def safe_limit_notes(depot: Depot) -> tuple[str, ...]:
    """Return where all stations that nobody tells anything could pass a limit, in sentences.

    ``Σ safe limits + largest base load <= service - margin``, and below every circuit
    ``Σ safe limits <= limit``. The gateway judges phases and amperes, too, before each push.
    """
    grid = depot.grid
    notes = _note(
        "the site",
        safe_kw=sum(one.safe_limit_kw for one in depot.stations),
        room_kw=grid.service_kw - grid.margin_kw - grid.base_load_max_kw,
    )
    for circuit in depot.circuits:
        below_kw = sum(
            one.safe_limit_kw
            for one in depot.stations
            if circuit in depot.path_to_site(one.circuit_id)
        )
        notes += _note(f"circuit {circuit.circuit_id}", safe_kw=below_kw, room_kw=circuit.limit_kw)
    return notes


def _note(where: str, *, safe_kw: float, room_kw: float) -> tuple[str, ...]:
    if safe_kw <= room_kw + TINY_KW:
        return ()
    return (
        f"The safe limits below {where} sum to {safe_kw:.1f} kW, but {room_kw:.1f} kW are left for "
        "them: no plan can be pushed until they are lowered.",
    )


def _fleet_or_none(settings: Settings, depot_id: str) -> Fleet | None:
    try:
        return load_fleet(settings.warehouse_path, depot_id)
    except RecordMissingError:
        return None


def strangers(duties: Sequence[Duty], fleet: Fleet | None) -> tuple[str, ...]:
    """Return vehicles that have duties and are not of the fleet, sorted."""
    known = {one.vehicle_id for one in fleet.vehicles} if fleet is not None else set[str]()
    return tuple(sorted({one.vehicle_id for one in duties} - known))


def edited_site(rows: Mapping[str, object], *, before: SiteTables) -> SiteTables:
    """Return a site whose tables are as a person edited them; the others are as before.

    Parameters
    ----------
    rows : mapping of str to rows or one row
        By the name of the table in a site file.
    before : SiteTables

    Raises
    ------
    SiteFileError
        If they cannot be: which table, row and field.
    """
    kept = before.model_dump(exclude_defaults=True, exclude_none=True)
    try:
        tables = SiteTables.model_validate(kept | dict(rows))
    except ValidationError as error:
        raise field_error(error, where=SITE_WHERE) from error
    site_from_tables(tables, where=SITE_WHERE)
    return tables
