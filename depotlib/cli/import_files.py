"""``depot import``: imports exports and logs, or only tries it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from depotlib.cli.printing import EXIT_BAD_INPUT, EXIT_DONE, print_json, print_message
from depotlib.errors import DepotError
from depotlib.model.import_report import ImportReport, Rejection
from depotlib.settings import read_settings
from depotlib.workflows.import_files import (
    ImportChoices,
    ImportedFile,
    files_under,
    import_files,
)
from depotlib.workflows.map_columns import read_mapping

EXAMPLES: Final = 3
"""First rejected records shown for each reason; all are kept in the store."""


class StampChoice(StrEnum):
    """Which end of its interval a meter reading is stamped at."""

    START = "start"
    END = "end"


def command(
    paths: Annotated[list[Path], typer.Argument(help="exports, logs, and folders of them")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be done")] = False,
    time_zone: Annotated[str | None, typer.Option(help="zone of local times, IANA name")] = None,
    stamps: Annotated[StampChoice | None, typer.Option(help="stamps of meter readings")] = None,
    meter_id: Annotated[
        str | None, typer.Option(help="meter of a file that names none; default: site")
    ] = None,
    mapping: Annotated[
        list[Path] | None, typer.Option(help="column mapping (TOML or JSON) for tables that fit it")
    ] = None,
    series_start: Annotated[
        str | None, typer.Option(help="when a file without times begins, ISO 8601")
    ] = None,
    interval_s: Annotated[
        int | None, typer.Option(min=1, help="length of each interval of such a file [s]")
    ] = None,
    vehicle: Annotated[str | None, typer.Option(help="vehicle of a log that names none")] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="read known bytes again where other choices are given"),
    ] = False,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, as always")] = False,
) -> int:
    """Import files and print the account of each; what is rejected is counted by reason."""
    del as_json  # the output is always JSON
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    choices = ImportChoices(
        time_zone=time_zone,
        stamps=None if stamps is None else stamps.value,
        meter_id=meter_id,
        series_start=series_start,
        interval_s=interval_s,
        vehicle_id=vehicle,
        mappings=tuple(map(read_mapping, mapping or [])),
        is_dry_run=dry_run,
        is_again=again,
    )
    imported = import_files(
        files_under(paths), settings=settings, now=settings.depot_clock().now(), choices=choices
    )
    for file in imported:
        if file.other_choices:
            print_message(
                f"depot: {file.file} was imported before with other choices "
                f"({'; '.join(file.other_choices)}); --again reads it so, in place of that import"
            )
    return print_files([_told(file) for file in imported], errors=[file.error for file in imported])


def print_files(told: list[dict[str, object]], *, errors: list[DepotError | None]) -> int:
    """Print what is known of each file, the first error beside it; return the exit code."""
    failed = [error for error in errors if error is not None]
    if not failed:
        print_json({"files": told})
        return EXIT_DONE
    print_json({"files": told, "error": parts_of(failed[0])})
    for error in failed:
        print_message(f"depot: {error}")
    return EXIT_BAD_INPUT


def parts_of(error: DepotError) -> dict[str, str]:
    """Return an error as what, where and hint."""
    return {"what": error.what, "where": error.where, "hint": error.hint}


def _told(imported: ImportedFile) -> dict[str, object]:
    report = imported.report
    if report is None:
        assert imported.error is not None, "a file has a report or an error"
        return {"file": imported.file, "error": parts_of(imported.error)}
    return {
        "file": report.file,
        "source": report.source,
        "rows_in": report.rows_in,
        "stored": report.stored,
        "duplicates": report.duplicates,
        "rejected": report.rejected_by_reason(),
        "examples": _examples(report),
        "findings": report.findings,
        "digest": report.digest,
        "is_repeat": report.is_repeat,
        "other_choices": imported.other_choices,
    }


def _examples(report: ImportReport) -> dict[str, list[dict[str, object]]]:
    examples: dict[str, list[dict[str, object]]] = {}
    for rejection in report.rejections:
        shown = examples.setdefault(rejection.reason, [])
        if len(shown) < EXAMPLES:
            shown.append(_example(rejection))
    return examples


def _example(rejection: Rejection) -> dict[str, object]:
    return {"row": rejection.row, "detail": rejection.detail, "raw": rejection.raw}
