"""Vehicle readings that a scan left on disk, merged without holding them in memory.

The rules are those of `merge.telematics`; only how the readings that were met before are found
differs: among the scan's suspects, and among what is known of the same span of time.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from depotlib.errors import StoreError
from depotlib.model.import_report import Finding
from depotlib.model.scanned_readings import ScannedReadings
from depotlib.store.merge.telematics import merge_met
from depotlib.store.query import count

MEMORY_LIMIT: Final = "1GB"
"""What is more goes to disk beside the warehouse: the machine has other work."""


def merge_scanned(
    connection: duckdb.DuckDBPyConnection, scanned: ScannedReadings, *, source: str, file: str
) -> tuple[int, tuple[Finding, ...]]:
    """Return how many readings brought something new, and what is worth knowing.

    Raises
    ------
    StoreError
        If what was scanned is not what readings are.
    """
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute(
        f"""
        CREATE TEMP VIEW incoming_telematics AS
        SELECT *, {_text(source)} AS source, {_text(file)} AS src_file
        FROM read_parquet({_paths(scanned.parts)})
        """  # noqa: S608 - quoted
    )
    _check(connection, scanned, file=file)
    _find_met(connection, scanned)
    # Where a reading lies in the table says nothing: any order is written with less work.
    connection.execute("SET preserve_insertion_order = false")
    findings = merge_met(connection)
    connection.execute("SET preserve_insertion_order = true")
    met = count(connection, "SELECT count(*) FROM met_telematics")
    won = count(
        connection,
        "SELECT count(DISTINCT won) FROM (SELECT unnest(winners) AS won FROM new_telematics)",
    )
    return scanned.count - met + won, findings


def _find_met(connection: duckdb.DuckDBPyConnection, scanned: ScannedReadings) -> None:
    """Part what is incoming into readings met once and those met again, in the file or before."""
    connection.execute(
        """
        CREATE TEMP TABLE known_then AS
        SELECT DISTINCT vehicle_id, "at" FROM telematics
        WHERE "at" >= (SELECT min("at") FROM incoming_telematics)
          AND "at" <= (SELECT max("at") FROM incoming_telematics)
        """
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE doubtful AS
        SELECT * FROM incoming_telematics SEMI JOIN (
            SELECT src_row FROM read_parquet({_paths([scanned.suspects])})
            UNION ALL
            SELECT src_row FROM incoming_telematics JOIN known_then USING (vehicle_id, "at")
        ) USING (src_row)
        """  # noqa: S608 - quoted
    )
    connection.execute(
        """
        CREATE TEMP TABLE met_again AS
        SELECT vehicle_id, "at" FROM doubtful GROUP BY ALL HAVING count(*) > 1
        UNION
        SELECT vehicle_id, "at" FROM known_then SEMI JOIN doubtful USING (vehicle_id, "at");
        CREATE TEMP TABLE met_telematics AS
        SELECT * FROM doubtful SEMI JOIN met_again USING (vehicle_id, "at");
        CREATE TEMP VIEW once_telematics AS
        SELECT * FROM incoming_telematics ANTI JOIN met_telematics USING (src_row)
        """
    )


def _check(connection: duckdb.DuckDBPyConnection, scanned: ScannedReadings, *, file: str) -> None:
    """Hold what was scanned to the rules of `TelematicsFrame`, at this door."""
    found = connection.execute(
        """
        SELECT count(*), count(vehicle_id), count("at"), count(src_row), count(*) FILTER (
            NOT coalesce(soc BETWEEN 0 AND 1, true)
            OR NOT coalesce(charge_limit_soc BETWEEN 0 AND 1, true)
            OR odometer_km < 0 OR soh_share < 0 OR src_row < 1
        ) FROM incoming_telematics
        """
    ).fetchall()[0]
    if found != (scanned.count,) * 4 + (0,):
        raise StoreError(
            "what was read of it breaks the rules of readings",
            where=file,
            hint="import it again; if it stays so, our reader fails on it: send it to us",
        )


def _paths(paths: Sequence[Path]) -> str:
    return f"[{', '.join(_text(str(path)) for path in paths)}]"


def _text(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"
