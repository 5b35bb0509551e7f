"""``depot library``: published vehicle models, and a class of the fleet filled from one."""

from dataclasses import asdict
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.errors import RecordMissingError
from depotlib.model.fleet import Fleet
from depotlib.model.fleet_file import fleet_to_json
from depotlib.settings import read_settings
from depotlib.workflows.set_up_depot import read_set_up, save_fleet_text
from depotlib.workflows.vehicle_library import vehicle_models, with_class_of


def command(
    model: Annotated[str, typer.Argument(help="name of a model; none: list them all")] = "",
    *,
    fills: Annotated[str, typer.Option(help="class of the fleet, a new one or one it has")] = "",
    consumption: Annotated[float, typer.Option(help="of a new class [kWh/km]")] = 0.3,
) -> int:
    """List the models, or fill a class from one and save the fleet as its next version."""
    models = {one.name: one for one in vehicle_models()}
    if not model:
        print_json([asdict(one) for one in models.values()])
        return EXIT_DONE
    if model not in models:
        raise RecordMissingError(
            f"the library has no {model!r}", where="model", hint="depot library lists them all"
        )
    settings = read_settings()
    known = read_set_up(settings)
    if known is None:
        raise RecordMissingError(
            "there is no depot yet",
            where=str(settings.warehouse_path),
            hint="give a site file: depot set-up SITE.toml",
        )
    fleet = with_class_of(
        known.fleet or Fleet((), ()),
        models[model],
        class_id=fills,
        consumption_kwh_per_km=consumption,
    )
    save_fleet_text(
        settings,
        fleet_to_json(fleet),
        where="the fleet",
        depot_id=known.depot.depot_id,
        now=settings.depot_clock().now(),
    )
    print_json(next(asdict(one) for one in fleet.classes if one.class_id == fills.strip()))
    return EXIT_DONE
