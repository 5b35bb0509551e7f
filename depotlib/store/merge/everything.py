"""All of one import, merged table by table."""

import duckdb

from depotlib.model.import_report import Finding
from depotlib.store.batch import ImportBatch
from depotlib.store.merge.incoming import register
from depotlib.store.merge.replacing import REPLACING, merge_replacing, withdraw_duties
from depotlib.store.merge.scanned import merge_scanned
from depotlib.store.merge.telematics import merge_telematics
from depotlib.store.query import count


def merge_everything(
    connection: duckdb.DuckDBPyConnection, batch: ImportBatch
) -> tuple[int, tuple[Finding, ...]]:
    """Return how many source rows brought something new, and what is worth knowing."""
    if batch.scanned is not None:
        return merge_scanned(connection, batch.scanned, source=batch.source, file=batch.file)
    register(connection, batch)
    findings: list[Finding] = []
    changed: list[str] = []
    for table in REPLACING:
        if table.natural.frame in batch.frames:
            findings += merge_replacing(connection, table)
            changed.append(table.name)
    if "telematics" in batch.frames:
        findings += merge_telematics(connection)
        changed.append("telematics")
    if batch.duties_complete_at is not None:
        duties = batch.frames.get("duties")
        findings += withdraw_duties(
            connection,
            batch.source,
            listed=[] if duties is None else duties["duty_id"].to_list(),
            at=batch.duties_complete_at,
        )
    return _stored_rows(connection, changed), tuple(findings)


def _stored_rows(connection: duckdb.DuckDBPyConnection, changed: list[str]) -> int:
    if not changed:
        return 0
    winners = " UNION ".join(f"SELECT src_row FROM {name}_winner" for name in changed)  # noqa: S608 - names of our own tables
    return count(
        connection,
        f"""
        WITH winner AS ({winners})
        SELECT count(*) FROM (
            SELECT src_row FROM winner
            UNION
            SELECT src_row FROM incoming_merged SEMI JOIN winner ON winner.src_row = into_row
        )
        """,  # noqa: S608 - names of our own tables
    )
