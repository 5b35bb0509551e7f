"""``depot bays``: where each bay is on the yard; edited rows, or all of them laid out in rows."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.cli.rows_file import rows_of_file
from depotlib.errors import InputError, RecordMissingError
from depotlib.model.site_tables import SiteTables
from depotlib.model.yard import RowLayout, Yard, notes_of
from depotlib.settings import Settings, read_settings
from depotlib.workflows.lay_out_yard import (
    UNPLACED,
    bays_meant,
    in_rows,
    rows_in_degrees,
    rows_in_metres,
    with_ground,
    with_rows,
    with_yard,
    yard_of,
    yard_row,
)
from depotlib.workflows.set_up_depot import read_set_up, save_site_tables


def command(
    rows: Annotated[
        Path | None, typer.Argument(help="JSON rows as this command prints them, to save")
    ] = None,
    *,
    corner: Annotated[str, typer.Option(help="south-west corner: LATITUDE,LONGITUDE")] = "",
    width: Annotated[float | None, typer.Option(help="how far the yard reaches east [m]")] = None,
    depth: Annotated[float | None, typer.Option(help="how far it reaches north [m]")] = None,
    per_row: Annotated[int | None, typer.Option(help="lay out in rows of so many bays")] = None,
    of: Annotated[str, typer.Option(help="which: unplaced, all, or a pool")] = UNPLACED,
    pitch: Annotated[float, typer.Option(help="from bay to bay in a row [m]")] = 3.0,
    gap: Annotated[float, typer.Option(help="from row to row, to the left [m]")] = 8.0,
    heading: Annotated[float, typer.Option(help="a row runs to: 0 north, 90 east")] = 90.0,
    begin: Annotated[str, typer.Option(help="first bay: EAST,NORTH of the corner [m]")] = "0,0",
    degrees: Annotated[bool, typer.Option(help="print degrees, not metres")] = False,
) -> int:
    """Print where the bays are, or save other places as the next version of the site."""
    settings = read_settings()
    site = _site(settings)
    before = yard = yard_of(site)
    ground = yard_row(yard) | _ground(corner, width=width, depth=depth)
    if corner or width is not None or depth is not None:
        yard = with_ground(ground, yard=yard)
    if rows is not None:
        yard = with_rows(rows_of_file(rows, key="bays", see="depot bays"), yard=yard)
    if per_row is not None:
        east_m, north_m = _two(begin, of="begin")
        layout = RowLayout(
            bays_per_row=per_row,
            pitch_m=pitch,
            row_gap_m=gap,
            heading_degrees=heading,
            east_m=east_m,
            north_m=north_m,
        )
        yard = in_rows(yard, layout, of=bays_meant(yard, of))
    if yard != before:
        now = settings.depot_clock().now()
        save_site_tables(settings, with_yard(site, yard), now=now)
    print_json(_shown(yard, is_in_degrees=degrees))
    return EXIT_DONE


def _shown(yard: Yard, *, is_in_degrees: bool) -> dict[str, object]:
    shown = rows_in_degrees(yard) if is_in_degrees else rows_in_metres(yard)
    return {
        "yard": yard_row(yard) or None,
        "bays": [asdict(one) for one in shown],
        "unplaced": yard.unplaced(),
        "notes": [note.text for note in notes_of(yard)],
    }


def _ground(corner: str, *, width: float | None, depth: float | None) -> dict[str, object]:
    said: dict[str, object] = {}
    if corner:
        latitude_degrees, longitude_degrees = _two(corner, of="corner")
        said["corner_latitude_degrees"] = latitude_degrees
        said["corner_longitude_degrees"] = longitude_degrees
    if width is not None:
        said["width_m"] = width
    if depth is not None:
        said["depth_m"] = depth
    return said


def _two(text: str, *, of: str) -> tuple[float, float]:
    try:
        first, second = (float(one) for one in text.split(","))
    except ValueError as error:
        raise InputError(
            f"{text!r} are not two numbers", where=f"--{of}", hint=f"give --{of}=40.7,-74.0"
        ) from error
    return first, second


def _site(settings: Settings) -> SiteTables:
    known = read_set_up(settings)
    if known is None or known.site is None:
        raise RecordMissingError(
            "there is no depot with a site file yet",
            where=str(settings.warehouse_path),
            hint="give a site file: depot set-up SITE.toml",
        )
    return known.site
