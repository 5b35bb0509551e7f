"""``depot needs``: what a night asks for, with each need's arithmetic and what is missing."""

from datetime import datetime
from typing import Annotated

import typer

from depotlib.cli.printing import print_json, print_message
from depotlib.settings import read_settings
from depotlib.workflows.show_needs import NeedsShown, needs_from_sessions, needs_tonight


def command(
    *,
    evening: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="local date; default: now")
    ] = None,
    class_figures: Annotated[bool, typer.Option(help="leave past days out")] = False,
    temperature: Annotated[
        float | None, typer.Option(help="outside temperature [°C]; default: what is known of it")
    ] = None,
    from_sessions: Annotated[
        bool, typer.Option(help="who is expected by the session log, without duties")
    ] = False,
    site: Annotated[str | None, typer.Option(help="only sessions of this site")] = None,
    time_zone: Annotated[str, typer.Option(help="of the sessions' site")] = "UTC",
    text: Annotated[bool, typer.Option(help="also line by line, on stderr")] = False,
) -> None:
    """Print the need of every vehicle of a night, line by line."""
    settings = read_settings()
    now = settings.depot_clock().now()
    if from_sessions:
        shown = needs_from_sessions(
            settings, site=site, time_zone=time_zone, evening=(evening or now).date()
        )
    else:
        shown = needs_tonight(
            settings,
            now=now,
            evening=evening.date() if evening else None,
            learns=False if class_figures else None,
            temperature_c=temperature,
        )
    if text:
        _print_lines(shown)
    print_json(
        {
            "place": shown.place,
            "evening": shown.evening,
            "learning": shown.learning,
            "held_out": shown.held_out,
            "needs": [
                {
                    "vehicle": need.dwell.vehicle_id,
                    "arrival": need.dwell.arrival,
                    "arrival_spread_s": need.dwell.arrival_spread_s,
                    "departure": need.dwell.departure,
                    "must_kwh": need.dwell.energy_must_kwh,
                    "target_kwh": need.dwell.energy_target_kwh,
                    "sigma_kwh": need.dwell.energy_sigma_kwh,
                    "arrival_soc": need.arrival_soc,
                    "arrival_band_soc": [need.arrival_low_soc, need.arrival_high_soc],
                    "least_charge_s": need.least_charge_s,
                    "lines": need.lines,
                    "arithmetic": need.arithmetic,
                    "missing": need.missing,
                }
                for need in shown.needs
            ],
        }
    )


def _print_lines(shown: NeedsShown) -> None:
    print_message(shown.learning)
    for need in shown.needs:
        print_message(f"{need.dwell.vehicle_id}")
        for line in need.lines:
            sign = "=" if line.is_total else " "
            print_message(
                f"  {sign} {line.energy_kwh:8.1f} kWh  {line.what}: {line.how}"
                + (f"  ({line.source})" if line.source else "")
            )
        for words in need.missing:
            print_message(f"    {words}")
