"""What the warehouse knows about how good its sources are: counts, gaps and refused rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from depotlib.model.import_report import Finding
from depotlib.store.connection import reading
from depotlib.store.imports import FINDINGS
from depotlib.store.query import frame

LONGEST_SILENCE: Final = timedelta(days=1)
"""A vehicle that says nothing for longer has a gap: parked ones report at least daily."""


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """The sums over all imports of one source.

    Parameters
    ----------
    source : str
        Registry name.
    files, rows_in, stored, duplicates, rejected : int
    last_import_at : datetime
    findings : tuple of Finding
        Of every import, in their order.
    last_at : datetime or None
        The latest instant that any of its rows tells of.
    """

    source: str
    files: int
    rows_in: int
    stored: int
    duplicates: int
    rejected: int
    last_import_at: datetime
    findings: tuple[Finding, ...]
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceGaps:
    """Where a source with readings is silent.

    Parameters
    ----------
    source : str
    gaps : int
    missing_share : float
        Of the time between the first and the last reading of each vehicle or meter.
    longest_h : float or None
    longest_of : str or None
        Whose the longest gap is.
    """

    source: str
    gaps: int
    missing_share: float
    longest_h: float | None
    longest_of: str | None


@dataclass(frozen=True, slots=True)
class RejectedReason:
    """Rows of a source that were refused for one reason, and the first of them.

    Parameters
    ----------
    source, reason : str
    count : int
    detail, file : str
    row : int
    """

    source: str
    reason: str
    count: int
    detail: str
    file: str
    row: int


def source_accounts(path: Path) -> list[SourceAccount]:
    """Return the account of each source, by name.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(connection, ACCOUNTS_SQL)
    return [
        SourceAccount(
            **{name: value for name, value in row.items() if name != "findings_json"},
            findings=tuple(
                finding for text in row["findings_json"] for finding in FINDINGS.validate_json(text)
            ),
        )
        for row in found.to_dicts()
    ]


def source_gaps(path: Path) -> list[SourceGaps]:
    """Return where each source with readings is silent, by name.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(connection, GAPS_SQL, LONGEST_SILENCE.total_seconds())
    return [SourceGaps(**row) for row in found.to_dicts()]


def rejected_reasons(path: Path) -> list[RejectedReason]:
    """Return why rows were refused, by source, the most frequent reason first.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(
            connection,
            """
            SELECT source, reason, count(*) AS count,
                   arg_min(detail, (import_no, row)) AS detail,
                   arg_min(file, (import_no, row)) AS file,
                   arg_min(row, (import_no, row)) AS row
            FROM rejection JOIN ingest_file USING (digest)
            GROUP BY source, reason ORDER BY source, count DESC, reason
            """,
        )
    return [RejectedReason(**row) for row in found.to_dicts()]


# A meter's rows and a price's do not say their source; their file does.
ACCOUNTS_SQL: Final = """
WITH file_source AS (SELECT file, min(source) AS source FROM ingest_file GROUP BY file),
told AS (
    SELECT source, max(coalesce(plug_end, plug_start)) AS last_at FROM session GROUP BY source
    UNION ALL SELECT source, max("at") FROM telematics GROUP BY source
    UNION ALL SELECT source, max(coalesce("end", "start")) FROM trip GROUP BY source
    UNION ALL SELECT source, max(departure) FROM duty GROUP BY source
    UNION ALL SELECT source, max(coalesce("end", "start")) FROM assignment GROUP BY source
    UNION ALL SELECT source, max(interval_start) FROM price GROUP BY source
    UNION ALL
    SELECT file_source.source, max(interval_start + to_seconds(interval_s))
    FROM meter JOIN file_source ON file = src_file GROUP BY file_source.source
),
latest AS (SELECT source, max(last_at) AS last_at FROM told GROUP BY source)
SELECT
    source, count(*) AS files, sum(rows_in)::BIGINT AS rows_in, sum(stored)::BIGINT AS stored,
    sum(duplicates)::BIGINT AS duplicates, sum(rejected)::BIGINT AS rejected,
    max(imported_at) AS last_import_at,
    list(findings_json ORDER BY import_no) AS findings_json,
    any_value(last_at) AS last_at
FROM ingest_file LEFT JOIN latest USING (source)
GROUP BY source ORDER BY source
"""

GAPS_SQL: Final = """
WITH file_source AS (SELECT file, min(source) AS source FROM ingest_file GROUP BY file),
silence AS (
    SELECT source, vehicle_id AS who,
           epoch("at" - lag("at") OVER (PARTITION BY source, vehicle_id ORDER BY "at")) AS s,
           0 AS covered_s, $1 AS allowed_s
    FROM telematics
    UNION ALL
    SELECT file_source.source, meter_id,
           epoch(interval_start - lag(interval_start) OVER (
               PARTITION BY meter_id ORDER BY interval_start)),
           lag(interval_s) OVER (PARTITION BY meter_id ORDER BY interval_start),
           lag(interval_s) OVER (PARTITION BY meter_id ORDER BY interval_start)
    FROM meter JOIN file_source ON file = src_file
)
SELECT
    source,
    count(*) FILTER (s > allowed_s) AS gaps,
    coalesce(sum(s - covered_s) FILTER (s > allowed_s) / nullif(sum(s), 0), 0) AS missing_share,
    epoch(to_seconds(max(s) FILTER (s > allowed_s))) / epoch(INTERVAL 1 HOUR) AS longest_h,
    arg_max(who, s) FILTER (s > allowed_s) AS longest_of
FROM silence GROUP BY source ORDER BY source
"""
"""Parameter: the longest silence of a vehicle that is no gap [s]; a meter's is its interval."""
