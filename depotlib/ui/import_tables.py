"""Imports as tables: what files are, what became of them, which records were refused."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.import_report import ImportReport
from depotlib.ui.tables import local_column
from depotlib.ui.wording import percent
from depotlib.workflows.import_files import ImportedFile
from depotlib.workflows.sniff_files import Sniffed


def sniffed_table(sniffed: Sequence[Sniffed]) -> pl.DataFrame:
    """Return what each file is taken for, and why."""
    return pl.DataFrame(
        [
            {
                "File": one.file,
                "Is": one.title or "not recognised",
                "Sure": percent(one.confidence_share) if one.source else "",
                "Because": one.reason,
                "Time zone": (
                    f"{one.time_zone} ({one.zone_origin.replace('_', ' ')})"
                    if one.time_zone
                    else "not known"
                ),
            }
            for one in sniffed
        ]
    )


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


def rejections_table(files: Sequence[ImportedFile]) -> pl.DataFrame:
    """Return every refused record with its reason, as it stood in the file."""
    return pl.DataFrame(
        [
            {
                "File": one.file,
                "Record": rejection.row,
                "Reason": rejection.detail,
                "Kind": rejection.reason,
                "As it stood": rejection.raw,
            }
            for one in files
            if one.report is not None
            for rejection in one.report.rejections
        ]
    )


def history_table(imports: pl.DataFrame, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return every import so far, the latest first."""
    return imports.select(
        local_column("imported_at", time_zone).alias("Imported"),
        pl.col("file").alias("File"),
        pl.col("source").str.replace_all("_", " ").alias("Kind"),
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
        f"{report.file}: {report.rows_in:,} records = {report.stored:,} stored + "
        f"{report.duplicates:,} known already + {len(report.rejections):,} refused."
    )
