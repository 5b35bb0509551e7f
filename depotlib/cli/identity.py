"""``depot identity``: the sessions whose identity is in doubt, and a person's word on them."""

from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.errors import InputError
from depotlib.settings import read_settings
from depotlib.workflows.assign_identity import assign_identity, identity_exceptions


def command(
    task: Annotated[str, typer.Argument(help="list, or assign SESSION VEHICLE")] = "list",
    session: Annotated[str | None, typer.Argument(help="id of a session")] = None,
    vehicle: Annotated[str | None, typer.Argument(help="id of the vehicle it is")] = None,
) -> int:
    """List the identities in doubt; assign one to a vehicle, now and in its history.

    The operator's token is read from DEPOT_OPERATOR_TOKEN.
    """
    settings = read_settings()
    if task == "list":
        print_json({"exceptions": identity_exceptions(settings)})
        return EXIT_DONE
    if task != "assign" or session is None or vehicle is None:
        raise InputError(
            "it is not clear what to do", where="depot identity", hint="list, or assign SESSION VAN"
        )
    entry = assign_identity(
        settings,
        session,
        vehicle_id=vehicle,
        token=settings.operator_token,
        now=settings.depot_clock().now(),
    )
    print_json({"assigned": entry})
    return EXIT_DONE
