"""``depot set-up``: a depot of one's own, from its files; its versions, and back to one of them."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.errors import RecordMissingError, UnreadableFileError
from depotlib.settings import Settings, read_settings
from depotlib.workflows.set_up_depot import (
    DepotSetUp,
    read_set_up,
    read_versions,
    return_to,
    safe_limit_notes,
    save_duties_text,
    save_fleet_text,
    save_need_policy,
    save_site_text,
    set_display,
    set_tariff,
    strangers,
)


class Kind(StrEnum):
    """What is kept in versions."""

    SITE = "site"
    FLEET = "fleet"
    DUTIES = "duties"
    POLICY = "policy"


def command(
    site: Annotated[Path | None, typer.Argument(help="site file, docs/site-file.md")] = None,
    *,
    fleet: Annotated[Path | None, typer.Option(help="fleet file, docs/fleet-file.md")] = None,
    duties: Annotated[Path | None, typer.Option(help="CSV, instead of all duties so far")] = None,
    tariff: Annotated[str, typer.Option(help="id of an imported tariff that it pays")] = "",
    must_reserve: Annotated[
        float | None, typer.Option(help="share of a battery left after a duty, at the least")
    ] = None,
    target_reserve: Annotated[
        float | None, typer.Option(help="share of a battery left after a duty, as wished for")
    ] = None,
    ready_before: Annotated[
        float | None, typer.Option(help="hours before leaving that a vehicle should be ready")
    ] = None,
    distance: Annotated[str, typer.Option(help="km or mi, on pages and in sheets")] = "",
    temperature: Annotated[str, typer.Option(help="C or F")] = "",
    numbers: Annotated[str, typer.Option(help="1,234.5 or 1.234,5 or '1 234,5'")] = "",
    dates: Annotated[str, typer.Option(help="day_first, month_first or iso")] = "",
    versions: Annotated[Kind | None, typer.Option(help="list the versions of one of them")] = None,
    back_to: Annotated[int, typer.Option(help="with --versions: make that one the newest")] = 0,
) -> int:
    """Set the depot up from its files, or say how it is set up; 3 while something is missing."""
    settings = read_settings()
    now = settings.depot_clock().now()
    if site is not None:
        save_site_text(settings, _text(site), where=site.name, now=now)
    depot_id = _known(settings).depot.depot_id
    if fleet is not None:
        save_fleet_text(settings, _text(fleet), where=fleet.name, depot_id=depot_id, now=now)
    if duties is not None:
        save_duties_text(settings, _text(duties), where=duties.name, depot_id=depot_id, now=now)
    if tariff:
        set_tariff(settings, depot_id, tariff_id=tariff)
    asked = {
        "distance": distance, "temperature": temperature, "numbers": numbers, "dates": dates,
    }  # fmt: skip
    changes = {name: value for name, value in asked.items() if value}
    policy = {
        "must_reserve_share": must_reserve, "target_reserve_share": target_reserve,
        "ready_before_h": ready_before,
    }  # fmt: skip
    _save_choices(settings, policy, changes=changes)
    if versions is not None:
        if back_to:
            return_to(settings, versions.value, depot_id=depot_id, version=back_to, now=now)
        found = read_versions(settings, versions.value, depot_id=depot_id)
        print_json([{"version": one.version, "saved_at": one.saved_at} for one in found])
        return EXIT_DONE
    known = _known(settings)
    print_json(_shown(known))
    return EXIT_FALLS_SHORT if known.missing else EXIT_DONE


def _save_choices(
    settings: Settings, policy: dict[str, float | None], *, changes: dict[str, str]
) -> None:
    """Save what was said of the needs and of the display; what was not said stays."""
    now = settings.depot_clock().now()
    said = {name: value for name, value in policy.items() if value is not None}
    if said:
        known = _known(settings)
        save_need_policy(
            settings, replace(known.policy, **said), depot_id=known.depot.depot_id, now=now
        )
    if changes:
        set_display(settings, _known(settings), changes=changes, now=now)


def _known(settings: Settings) -> DepotSetUp:
    known = read_set_up(settings)
    if known is None:
        raise RecordMissingError(
            "there is no depot yet",
            where=str(settings.warehouse_path),
            hint="give a site file: depot set-up SITE.toml; or load the demo: depot demo",
        )
    return known


def _shown(known: DepotSetUp) -> dict[str, object]:
    depot, fleet = known.depot, known.fleet
    return {
        "depot_id": depot.depot_id,
        "name": depot.name,
        "stations": len(depot.stations),
        "connectors": len(list(depot.connectors())),
        "circuits": len(depot.circuits),
        "vehicles": 0 if fleet is None else len(fleet.vehicles),
        "duties": len(known.duties),
        "tariff_id": known.tariff_id,
        "must_reserve_share": known.policy.must_reserve_share,
        "target_reserve_share": known.policy.target_reserve_share,
        "ready_before_h": known.policy.ready_before_h,
        "display": None if known.site is None else known.site.display.model_dump(),
        "missing": known.missing,
        "notes": safe_limit_notes(depot),
        "not_of_the_fleet": strangers(known.duties, fleet),
    }


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(
            f"cannot read {path.name}: {error}", where=str(path), hint="give a UTF-8 text file"
        ) from error
