"""Parquet files as tables in text, some rows at a time: instants with their offset, nulls empty."""

import json
from io import BytesIO
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import FileContent
from depotlib.ingest.unpacked import Allowance, Sink

_ROWS_AT_ONCE: Final = 50_000
_INSTANT: Final = "%Y-%m-%dT%H:%M:%S%.f"


def parquet_table(content: FileContent, *, allowance: Allowance) -> FileContent:
    """Return a Parquet file as a table in text; it stays the content that it was.

    Raises
    ------
    MalformedFileError
        If it is broken.
    UnpackLimitError
        If more comes out than an export holds.
    """
    sink = Sink(content.file, allowance)
    try:
        with pq.ParquetFile(content.path or BytesIO(content.data)) as opened:
            file: Any = opened  # the library names no types
            names = pl.DataFrame(schema=dict.fromkeys(file.schema_arrow.names, pl.String))
            sink.write(names.write_csv().encode())
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                frame = pl.DataFrame(pl.from_arrow(batch))
                sink.write(_as_text(frame).write_csv(include_header=False).encode())
    except (OSError, ValueError, KeyError, NotImplementedError, pl.exceptions.PolarsError) as error:
        raise MalformedFileError(
            f"the Parquet file cannot be read: {error}", where=content.file, hint="export it again"
        ) from error
    return FileContent(file=content.file, held=sink.held(), identity=content.digest)


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(_text(frame[name]) for name in frame.columns)


def _text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None:
            return column.dt.strftime(_INSTANT)
        return column.dt.convert_time_zone("UTC").dt.strftime(_INSTANT + "Z")
    if isinstance(kind, pl.Duration):
        return column.dt.total_seconds(fractional=True).round(6).cast(pl.String)
    if kind.is_nested() or kind == pl.Binary:
        texts = [None if each is None else _shown(each) for each in column.to_list()]
        return pl.Series(column.name, texts, dtype=pl.String)
    return column.cast(pl.String).str.replace_all(r"[\r\n]+", " ")


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else json.dumps(value, default=str)
