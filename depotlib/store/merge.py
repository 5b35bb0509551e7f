"""What is new in an import, merged into the tables; see `imports` for what counts as new.

Each function reads its ``incoming_…`` frame, changes its table, leaves the source rows of which
something was stored in a temporary table ``…_winner`` and returns what is worth knowing.

A table gets one INSERT a transaction and no more: DuckDB 2.0.0 loses, silently, the rows of a
large INSERT … SELECT that follows one of no rows into the same table (seen in memory and on disk,
``count(*)`` still right, every scan empty, also after the commit).
"""

from typing import Final

import duckdb

from depotlib.model.import_report import Finding
from depotlib.store.query import count


def merge_sessions(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
    """Store new and later versions of sessions."""
    # Of several versions in one file the last one counts, but one with an end before any other.
    connection.execute(
        """
        CREATE TEMP TABLE new_session AS
        WITH latest AS (
            SELECT * FROM incoming_session
            QUALIFY row_number() OVER (
                PARTITION BY session_key ORDER BY plug_end IS NOT NULL DESC, src_row DESC
            ) = 1
        )
        SELECT latest.*, known.session_key IS NOT NULL AS replaces
        FROM latest LEFT JOIN session AS known USING (session_key)
        WHERE known.session_key IS NULL
           OR ((latest.plug_end IS NOT NULL OR known.plug_end IS NULL)
               AND (latest.source, latest.site, latest.station_id, latest.connector_id,
                    latest.vehicle_id, latest.id_tag, latest.plug_start, latest.plug_end,
                    latest.charge_start, latest.charge_end, latest.energy_wall_kwh,
                    latest.energy_battery_kwh, latest.peak_kw, latest.start_soc, latest.end_soc,
                    latest.is_estimated)
                   IS DISTINCT FROM
                   (known.source, known.site, known.station_id, known.connector_id,
                    known.vehicle_id, known.id_tag, known.plug_start, known.plug_end,
                    known.charge_start, known.charge_end, known.energy_wall_kwh,
                    known.energy_battery_kwh, known.peak_kw, known.start_soc, known.end_soc,
                    known.is_estimated))
        """
    )
    replaced = count(connection, "SELECT count(*) FROM new_session WHERE replaces")
    connection.execute(
        "DELETE FROM session USING new_session "
        "WHERE replaces AND session.session_key = new_session.session_key"
    )
    connection.execute("INSERT INTO session SELECT * EXCLUDE (replaces) FROM new_session")
    connection.execute("CREATE TEMP TABLE session_winner AS SELECT src_row FROM new_session")
    return _finding(
        "later_version",
        replaced,
        sentence="{count} sessions were known in an earlier version; replaced",
    )


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
        SELECT * FROM incoming_telematics ANTI JOIN met_again USING (vehicle_id, "at")
        UNION ALL BY NAME
        SELECT * EXCLUDE (is_known, conflicts, winners) FROM new_telematics
        WHERE len(winners) > 0
        """
    )
    connection.execute(
        """
        CREATE TEMP TABLE telematics_winner AS
        SELECT src_row FROM incoming_telematics ANTI JOIN met_again USING (vehicle_id, "at")
        UNION ALL
        SELECT unnest(winners) FROM new_telematics
        """
    )
    return _finding(
        "conflicting_reading",
        conflicting,
        sentence="{count} readings differ from what is known of the same vehicle and instant; "
        "the first one was kept",
    )


def merge_meter(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
    """Store new and restated meter readings."""
    connection.execute(
        """
        CREATE TEMP TABLE new_meter AS
        WITH latest AS (
            SELECT * FROM incoming_meter
            QUALIFY row_number() OVER (
                PARTITION BY meter_id, interval_start ORDER BY src_row DESC
            ) = 1
        )
        SELECT latest.*, known.meter_id IS NOT NULL AS replaces
        FROM latest LEFT JOIN meter AS known USING (meter_id, interval_start)
        WHERE (latest.interval_s, latest.power_kw)
            IS DISTINCT FROM (known.interval_s, known.power_kw)
        """
    )
    restated = count(connection, "SELECT count(*) FROM new_meter WHERE replaces")
    connection.execute(
        "DELETE FROM meter USING new_meter AS new WHERE new.replaces "
        "AND meter.meter_id = new.meter_id AND meter.interval_start = new.interval_start"
    )
    connection.execute("INSERT INTO meter SELECT * EXCLUDE (replaces) FROM new_meter")
    connection.execute("CREATE TEMP TABLE meter_winner AS SELECT src_row FROM new_meter")
    return _finding(
        "restated_reading", restated, sentence="{count} meter readings restate known ones; replaced"
    )


def _finding(kind: str, number: int, *, sentence: str) -> tuple[Finding, ...]:
    if number == 0:
        return ()
    return (Finding(kind=kind, count=number, sentence=sentence.format(count=number)),)


NEW_TELEMATICS: Final = """
CREATE TEMP TABLE new_telematics AS
WITH met AS (
    -- what is known comes before every row of the file
    SELECT *, 0 AS rank FROM telematics SEMI JOIN met_again USING (vehicle_id, "at")
    UNION ALL BY NAME
    SELECT *, src_row AS rank FROM incoming_telematics
    SEMI JOIN met_again USING (vehicle_id, "at")
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
