"""The frames of an import, visible to SQL."""

from typing import Final

import duckdb
import polars as pl

from depotlib.model.frames import TelematicsFrame
from depotlib.store.batch import ImportBatch
from depotlib.store.merge.replacing import REPLACING

MERGED_SCHEMA: Final = pl.Schema({"src_row": pl.Int64, "into_row": pl.Int64})


def register(connection: duckdb.DuckDBPyConnection, batch: ImportBatch) -> None:
    """Make the frames of a batch visible to SQL as ``incoming_…``, checked at this door."""
    frames = batch.frames
    if "telematics" in frames:
        checked = TelematicsFrame.validate(frames["telematics"], cast=True)
        connection.register("incoming_telematics", checked)
    for table in REPLACING:
        given = frames.get(table.natural.frame)
        if given is None:
            continue
        rows = table.natural.schema.validate(given, cast=True)
        if "src_file" not in rows.columns:  # prices: their frame does not say where they are from
            rows = rows.with_columns(source=pl.lit(batch.source), src_file=pl.lit(batch.file))
        connection.register(f"incoming_{table.name}", rows)
    merged = pl.DataFrame(schema=MERGED_SCHEMA) if batch.merged_rows is None else batch.merged_rows
    connection.register("incoming_merged", merged)
