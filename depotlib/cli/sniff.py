"""``depot sniff``: says what files are."""

from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.import_files import parts_of, print_files
from depotlib.workflows.sniff_files import Sniffed, sniff_files


def command(
    files: Annotated[list[Path], typer.Argument(help="exports and logs")],
    *,
    time_zone: Annotated[str | None, typer.Option(help="zone of local times, IANA name")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, as always")] = False,
) -> int:
    """Print what each file is taken for; nothing is stored."""
    del as_json  # the output is always JSON
    sniffed = sniff_files(files, time_zone=time_zone)
    return print_files([_told(file) for file in sniffed], errors=[file.error for file in sniffed])


def _told(sniffed: Sniffed) -> dict[str, object]:
    told: dict[str, object] = {
        "file": sniffed.file,
        "source": sniffed.source,
        "title": sniffed.title,
        "confidence": sniffed.confidence_share,
        "reason": sniffed.reason,
        "time_zone": sniffed.time_zone,
        "time_zone_from": sniffed.zone_origin,
        "date_order": sniffed.date_order or None,
        "columns": sniffed.columns,
    }
    if sniffed.error is not None:
        told["error"] = parts_of(sniffed.error)
    return told
