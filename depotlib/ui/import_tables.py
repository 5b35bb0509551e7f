"""Imports as tables: what files are, what became of them, which records were refused."""

from collections.abc import Sequence
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.display import measure_of
from depotlib.model.import_report import ImportReport
from depotlib.ui.mapping_words import SHARE_ENDINGS, column_words
from depotlib.ui.source_words import source_column
from depotlib.ui.state import display
from depotlib.ui.tables import local_column, without_empty
from depotlib.ui.wording import heading_of, number, percent
from depotlib.units import percent_to_soc
from depotlib.workflows.import_files import ImportedFile
from depotlib.workflows.map_columns import FilePreview

_PROVENANCE: Final = frozenset({"session_key", "source", "src_file"})
_BLANK: Final = "blank"
_FIRST: Final = 5


def taken_table(previews: Sequence[FilePreview], tried: Sequence[ImportedFile]) -> pl.DataFrame:
    """Return what each file is taken for, why, and how its times and columns are read."""
    by_file = {one.file: one.conventions for one in tried}
    rows: list[dict[str, str]] = []
    for one in previews:
        conventions = by_file.get(one.file)
        rows.append(
            {
                "File": one.file,
                "Is": one.title or "not recognised",
                "Sure": percent(one.confidence_share) if one.source else "",
                "Because": one.reason,
                "Time zone": _zone_words(conventions.time_zone, conventions.zone_origin)
                if conventions
                else "not known",
                "Dates": conventions.date_order.replace("_", ", ") if conventions else "",
                "Columns": ", ".join(one.header or (conventions.columns if conventions else ())),
            }
        )
    return pl.DataFrame(rows)


def shown_table(rows: pl.DataFrame, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return rows as they would be stored: units in the headings, times local, empty columns out.

    Parameters
    ----------
    rows : polars.DataFrame
        A frame of `depotlib.model.frames`.
    time_zone : ZoneInfo
    """
    kept = [name for name in rows.columns if name not in _PROVENANCE and name != "src_row"]
    return without_empty(
        rows.select(
            pl.col("src_row").alias("Line"),
            *(
                _in_unit(name, _shown_column(name, rows.schema[name], time_zone=time_zone)).alias(
                    heading_of(name, column_words(name))
                )
                for name in kept
            ),
        )
    )


def _in_unit(name: str, column: pl.Expr) -> pl.Expr:
    """Return a column in the unit that the depot reads it in."""
    measure = measure_of(name, display())
    return column if measure is None else cast("pl.Expr", measure.shown(cast("Any", column)))


def rejection_counts(files: Sequence[ImportedFile]) -> pl.DataFrame:
    """Return how many records of each file were refused, by reason, and the first of them."""
    return pl.DataFrame(
        [
            {
                "File": one.file,
                "Reason": reason.replace("_", " "),
                "Records": count,
                "First records": _first_records(one.report, reason),
            }
            for one in files
            if one.report is not None
            for reason, count in one.report.rejected_by_reason().items()
        ]
    )


def _first_records(report: ImportReport, reason: str) -> str:
    rows = [f"{each.row:,}" for each in report.rejections if each.reason == reason]
    return ", ".join(rows[:_FIRST]) + (" …" if len(rows) > _FIRST else "")


def _shown_column(name: str, kind: pl.DataType, *, time_zone: ZoneInfo) -> pl.Expr:
    if kind == pl.Datetime:
        return local_column(name, time_zone)
    if name.endswith(SHARE_ENDINGS):
        return pl.col(name) / percent_to_soc(1.0)
    return pl.col(name)


def _zone_words(time_zone: str | None, origin: str) -> str:
    return f"{time_zone} ({origin})" if time_zone else "not known"


def reports_table(files: Sequence[ImportedFile], *, is_trial: bool) -> pl.DataFrame:
    """Return the account of each file; the sum of the last three columns is the first."""
    return pl.DataFrame(
        [
            {
                "File": one.file,
                "Records": report.rows_in,
                "Would be stored" if is_trial else "Stored": report.stored,
                "Known already": report.duplicates,
                "Refused": len(report.rejections),
            }
            for one in files
            if (report := one.report) is not None
        ]
    )


def findings_by_file(files: Sequence[ImportedFile]) -> dict[str, list[str]]:
    """Return what is worth knowing about records that were stored all the same, by file."""
    return {
        one.file: [finding.sentence for finding in one.report.findings]
        for one in files
        if one.report is not None and one.report.findings
    }


def mendable(files: Sequence[ImportedFile]) -> dict[str, str]:
    """Return the digests of imported files of which records may be mended, by name."""
    return {
        one.file: one.report.digest
        for one in files
        if one.report is not None and any(each.reason != _BLANK for each in one.report.rejections)
    }


def rejections_table(files: Sequence[ImportedFile]) -> pl.DataFrame:
    """Return every refused record with its reason, as it stood in the file; empty ones are not."""
    return pl.DataFrame(
        [
            {
                "File": one.file,
                "Record": rejection.row,
                "Reason": rejection.detail,
                "Kind": rejection.reason.replace("_", " "),
                "As it stood": rejection.raw,
            }
            for one in files
            if one.report is not None
            for rejection in one.report.rejections
            if rejection.reason != _BLANK
        ]
    )


def history_table(imports: pl.DataFrame, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return every import so far, the latest first."""
    return imports.select(
        local_column("imported_at", time_zone).alias("Imported"),
        pl.col("file").str.split("/").list.last().alias("File"),
        source_column("source").alias("Kind"),
        pl.col("rows_in").alias("Records"),
        pl.col("stored").alias("Stored"),
        pl.col("duplicates").alias("Known already"),
        pl.col("rejected").alias("Refused"),
    )


def account_sentence(report: ImportReport) -> str:
    """Return the account of one file as a sentence."""
    if report.is_repeat:
        return f"{report.file}: these very bytes were imported before; nothing was changed."
    return (
        f"{report.file}: {number(report.rows_in)} records = {number(report.stored)} stored + "
        f"{number(report.duplicates)} known already + {number(len(report.rejections))} refused."
    )
