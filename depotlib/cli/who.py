"""``depot who``: what somebody may do who logs in with given claims."""

from typing import Annotated

import typer

from depotlib.cli.points import point_of
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.settings import read_settings
from depotlib.workflows.know_person import person_of


def command(
    address: Annotated[str, typer.Argument(help="verified address, as the provider tells it")] = "",
    *,
    claim: Annotated[
        list[str] | None,
        typer.Option(help="another claim of the provider, as groups=night-shift; repeatable"),
    ] = None,
) -> int:
    """Say which role `roles.toml` and the claims give somebody; exit 3 if none."""
    claims = {"email": address, **point_of(claim or ())}
    person = person_of(read_settings(), claims)
    print_json({"known_as": person.known_as, "role": person.role})
    return EXIT_FALLS_SHORT if person.role is None else EXIT_DONE
