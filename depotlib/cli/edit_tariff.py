"""``depot edit-tariff``: a tariff's versions, a new one from a file, and back to an earlier one."""

from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.errors import UnreadableFileError
from depotlib.settings import read_settings
from depotlib.workflows.edit_tariff import (
    editable_text,
    return_to_tariff,
    save_tariff_text,
    tariff_versions,
)


def command(
    tariff: Annotated[str, typer.Argument(help="id of a tariff of the store")],
    *,
    text: Annotated[Path | None, typer.Option(help="save this file: its id says whose")] = None,
    back_to: Annotated[int, typer.Option(help="make that version the newest")] = 0,
) -> int:
    """Print a tariff in our own form with its versions; save another, or go back to one."""
    settings = read_settings()
    now = settings.depot_clock().now()
    tariff_id = tariff
    if text is not None:
        tariff_id = save_tariff_text(settings, _text(text), now=now).tariff_id
    if back_to:
        return_to_tariff(settings, tariff_id, version=back_to, now=now)
    versions = tariff_versions(settings, tariff_id)
    print_json(
        {
            "tariff_id": tariff_id,
            "versions": [{"version": one.version, "saved_at": one.saved_at} for one in versions],
            "text": editable_text(settings, tariff_id),
        }
    )
    return EXIT_DONE


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(
            f"cannot read {path.name}: {error}", where=str(path), hint="give a UTF-8 text file"
        ) from error
