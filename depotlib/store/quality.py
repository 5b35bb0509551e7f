"""What the warehouse knows about how good its sources are: counts, gaps and refused rows."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame

LONGEST_SILENCE: Final = timedelta(days=1)
"""A vehicle that says nothing for longer has a gap: parked ones report at least daily."""


def source_accounts(path: Path) -> pl.DataFrame:
    """Return the account of each source: one row, sums over its imports.

    Columns: ``source``, ``files``, ``rows_in``, ``stored``, ``duplicates``, ``rejected``,
    ``last_import_at``, ``findings_json`` (a list, one text an import), ``last_at`` (the latest
    instant that any of its rows tells of).

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(connection, ACCOUNTS_SQL)


def source_gaps(path: Path) -> pl.DataFrame:
    """Return where each source is silent, one row a source with readings.

    Columns: ``source``, ``gaps``, ``missing_share`` (of the time between the first and the last
    reading of each vehicle or meter), ``longest_h``, ``longest_of`` (whose it is).

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(connection, GAPS_SQL, LONGEST_SILENCE.total_seconds())


def rejected_reasons(path: Path) -> pl.DataFrame:
    """Return why rows were refused: ``source``, ``reason``, ``count``, and the first ``detail``.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(
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
