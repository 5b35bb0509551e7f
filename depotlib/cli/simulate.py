"""``depot simulate``: nights from files played under policies, many times, with what may happen."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.simulation.scenario import POLICIES, Chances
from depotlib.units import h_to_s, minutes_to_s
from depotlib.workflows.simulate_night import NightsToPlay, simulate_night


def command(
    *,
    dwells: Annotated[
        Path,
        typer.Option(help="CSV as for plan: one typical night, or many to draw whole nights from"),
    ],
    stations: Annotated[Path, typer.Option(help="CSV as for plan")],
    tariff: Annotated[Path, typer.Option(help="a URDB record (JSON) or our own form (TOML)")],
    site_limit: Annotated[float, typer.Option(help="operating limit of the site [kW]")],
    time_zone: Annotated[str, typer.Option(help="IANA name of the depot's zone")],
    policy: Annotated[
        list[str] | None, typer.Option(help=f"may be given several times: {', '.join(POLICIES)}")
    ] = None,
    plays: Annotated[int, typer.Option(help="how often, each with a seed of its own")] = 20,
    days: Annotated[int, typer.Option(help="evenings of a play")] = 1,
    first: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first evening")
    ] = None,
    service: Annotated[float | None, typer.Option(help="hard limit of the site [kW]")] = None,
    circuits: Annotated[Path | None, typer.Option(help="CSV: circuit, parent, limit_kw")] = None,
    late: Annotated[float, typer.Option(help="share of stays that begin late, 0-1")] = 0.0,
    late_from: Annotated[float, typer.Option(help="at least so late [min]")] = 60.0,
    late_to: Annotated[float, typer.Option(help="at most so late [min]")] = 180.0,
    arrival_sigma: Annotated[float, typer.Option(help="spread of every arrival [min]")] = 0.0,
    energy_sigma: Annotated[float, typer.Option(help="spread of each energy, of its log")] = 0.0,
    weather_sigma: Annotated[float, typer.Option(help="spread of a night's energies")] = 0.0,
    no_show: Annotated[float, typer.Option(help="share of stays that do not happen")] = 0.0,
    swapped: Annotated[float, typer.Option(help="share that stands in another's bay")] = 0.0,
    outage: Annotated[float, typer.Option(help="chance that a station fails in a night")] = 0.0,
    outage_hours: Annotated[float, typer.Option(help="for at most so long [h]")] = 4.0,
    changeover: Annotated[int, typer.Option(help="of a plug between two vehicles [s]")] = 600,
    moves_per_hour: Annotated[int, typer.Option(help="drives across the yard; 0: any")] = 0,
) -> int:
    """Play nights under policies on the same draws: readiness and cost as distributions."""
    outage_most_s = h_to_s(outage_hours)
    played = simulate_night(
        NightsToPlay(
            dwells_path=dwells,
            stations_path=stations,
            tariff_path=tariff,
            site_limit_kw=site_limit,
            time_zone=time_zone,
            policies=tuple(policy or ("fcfs", "blind", "replanned", "hindsight")),
            plays=plays,
            service_kw=service,
            circuits_path=circuits,
            first=first.date() if first else None,
            days=days,
            chances=Chances(
                late_share=late,
                late_least_s=minutes_to_s(late_from),
                late_most_s=minutes_to_s(late_to),
                arrival_sigma_s=minutes_to_s(arrival_sigma),
                energy_sigma_share=energy_sigma,
                weather_sigma_share=weather_sigma,
                no_show_share=no_show,
                misplaced_share=swapped,
                outage_share=outage,
                outage_least_s=min(Chances().outage_least_s, outage_most_s),
                outage_most_s=outage_most_s,
            ),
            changeover_s=changeover,
            moves_per_hour=moves_per_hour,
        )
    )
    print_json({"simulation": played})
    return EXIT_DONE
