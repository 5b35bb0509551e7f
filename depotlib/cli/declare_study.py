"""``depot declare-study``: tonight's depot as the files of a study, to run, edit and share."""

from enum import StrEnum
from typing import Annotated

import typer

from depotlib.cli.points import axes_of, point_of
from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.settings import read_settings
from depotlib.workflows.declare_study import DAYS, SEEDS, StudyDraft, declare_study


class Design(StrEnum):
    """How axes are combined."""

    GRID = "grid"
    TORNADO = "tornado"


def command(
    name: Annotated[str, typer.Argument(help="of the study: small letters, digits, dashes")],
    *,
    axis: Annotated[
        list[str] | None, typer.Option(help="asked about, as dc_stations=4,6,8; repeatable")
    ] = None,
    base: Annotated[
        list[str] | None, typer.Option(help="stays, as vehicles=80; repeatable")
    ] = None,
    design: Annotated[
        Design, typer.Option(help="every combination, or one axis at a time")
    ] = Design.GRID,
    seeds: Annotated[int, typer.Option(min=1, help="draws of chance")] = SEEDS,
    days: Annotated[int, typer.Option(min=1, help="nights of each play")] = DAYS,
) -> int:
    """Declare a study of the depot in the store; prints the file that `depot study run` takes."""
    settings = read_settings()
    draft = StudyDraft(
        name=name,
        axes=axes_of(axis or ()),
        base=point_of(base or ()),
        design=design.value,
        seeds=seeds,
        days=days,
    )
    path = declare_study(settings, draft, now=settings.depot_clock().now())
    print_json({"study": str(path), "tables": sorted(one.name for one in path.parent.iterdir())})
    return EXIT_DONE
