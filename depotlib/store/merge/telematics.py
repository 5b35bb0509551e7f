"""Vehicle readings: absent measurands are filled in, known ones are kept."""

from typing import Final

import duckdb

from depotlib.model.import_report import Finding
from depotlib.store.merge.finding import finding
from depotlib.store.query import count


def merge_telematics(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
    """Store new readings, and measurands that known readings lacked."""
    # Most instants are met once and take a short way; the others are worked out one by one.
    connection.execute(
        """
        CREATE TEMP TABLE met_again AS
        SELECT vehicle_id, "at" FROM (
            SELECT vehicle_id, "at" FROM incoming_telematics
            UNION ALL
            SELECT vehicle_id, "at" FROM telematics
            SEMI JOIN incoming_telematics USING (vehicle_id, "at")
        ) GROUP BY ALL HAVING count(*) > 1
        """
    )
    connection.execute(
        """
        CREATE TEMP VIEW met_telematics AS
        SELECT * FROM incoming_telematics SEMI JOIN met_again USING (vehicle_id, "at");
        CREATE TEMP VIEW once_telematics AS
        SELECT * FROM incoming_telematics ANTI JOIN met_again USING (vehicle_id, "at")
        """
    )
    findings = merge_met(connection)
    connection.execute(
        """
        CREATE TEMP TABLE telematics_winner AS
        SELECT src_row FROM once_telematics
        UNION ALL
        SELECT unnest(winners) FROM new_telematics
        """
    )
    return findings


def merge_met(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
    """Store ``once_telematics`` as they are, and what ``met_telematics`` add to what is known.

    ``met_again`` holds the vehicles and instants of the latter.
    """
    connection.execute(NEW_TELEMATICS)
    conflicting = count(connection, "SELECT count(*) FROM new_telematics WHERE conflicts")
    connection.execute(
        """
        DELETE FROM telematics USING new_telematics AS new
        WHERE new.is_known AND len(new.winners) > 0
          AND telematics.vehicle_id = new.vehicle_id AND telematics."at" = new."at"
        """
    )
    connection.execute(
        """
        INSERT INTO telematics BY NAME
        SELECT * FROM once_telematics
        UNION ALL BY NAME
        SELECT * EXCLUDE (is_known, conflicts, winners) FROM new_telematics
        WHERE len(winners) > 0
        """
    )
    return finding(
        "conflicting_reading",
        conflicting,
        sentence="{count} readings differ from what is known of the same vehicle and instant; "
        "the first one was kept",
    )


NEW_TELEMATICS: Final = """
CREATE TEMP TABLE new_telematics AS
WITH met AS (
    -- what is known comes before every row of the file
    SELECT *, 0 AS rank FROM telematics SEMI JOIN met_again USING (vehicle_id, "at")
    UNION ALL BY NAME
    SELECT *, src_row AS rank FROM met_telematics
),
grouped AS (
    -- per vehicle and instant, of each measurand: its first value, the row that gave it, and
    -- whether another row says otherwise
    SELECT
        vehicle_id,
        "at",
        arg_min(COLUMNS(* EXCLUDE (vehicle_id, "at", rank)), rank),
        min(rank) AS key_rank,
        min(CASE WHEN COLUMNS(
            * EXCLUDE (vehicle_id, "at", rank, source, src_file, src_row)
        ) IS NOT NULL THEN rank END) AS "\\0_rank",
        coalesce(
            min(COLUMNS(* EXCLUDE (vehicle_id, "at", rank, source, src_file, src_row)))
            <> max(COLUMNS(* EXCLUDE (vehicle_id, "at", rank, source, src_file, src_row))),
            false
        ) AS "\\0_differs"
    FROM met GROUP BY vehicle_id, "at"
)
SELECT
    COLUMNS(lambda name: NOT regexp_matches(name, '_(rank|differs)$')),
    key_rank = 0 AS is_known,
    list_bool_or([*COLUMNS('_differs$')]) AS conflicts,
    list_distinct(list_filter([*COLUMNS('_rank$')], lambda rank: rank > 0)) AS winners
FROM grouped
"""
