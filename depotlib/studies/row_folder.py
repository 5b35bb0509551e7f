"""Results on the disk: one Parquet file a scenario, named by it, there whole or not at all."""

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl

from depotlib.model.live import Scalar

Row = Mapping[str, Scalar | None]
"""What a scenario comes to: one value a column."""

SCENARIO: Final = "scenario_id"
REASON: Final = "failed_because"
"""Column of a scenario that failed; null where it did not."""
_MAGIC: Final = b"PAR1"
_FAN_OUT: Final = 2


def encoded_row(scenario_id: str, row: Row) -> bytes:
    """Return a result as the content of its file; equal rows are equal bytes on any machine.

    Parameters
    ----------
    scenario_id : str
    row : mapping of str to scalar or None
    """
    columns: dict[str, list[Scalar | None]] = {SCENARIO: [scenario_id], REASON: [None]}
    columns |= {name: [value] for name, value in row.items()}
    written = io.BytesIO()
    frame = pl.DataFrame(columns, schema_overrides={REASON: pl.String})
    frame.write_parquet(written, compression="zstd", statistics=False)
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class RowFolder:
    """A folder of results; several runners may write into it at the same time.

    Parameters
    ----------
    path : Path
    """

    path: Path

    def path_of(self, scenario_id: str) -> Path:
        """Return where a result is or will be."""
        return self.path / scenario_id[:_FAN_OUT] / f"{scenario_id}.parquet"

    def write(self, scenario_id: str, content: bytes) -> None:
        """Put a result there in one step: whoever looks sees all of it or nothing."""
        path = self.path_of(scenario_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two threads, or two machines on one shared folder, may have the same number of process.
        unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
        unfinished.write_bytes(content)
        unfinished.replace(path)

    def remove(self, scenario_id: str) -> None:
        """Forget a result, if there is one."""
        self.path_of(scenario_id).unlink(missing_ok=True)

    def count(self) -> int:
        """Return how many results are there, of any study and any version of the code."""
        return sum(1 for _ in self.path.glob("*/*.parquet"))

    def is_whole(self, scenario_id: str) -> bool:
        """Return whether a result is there from its first byte to its last.

        A machine that lost its power may have kept the file's name without its content.
        """
        path = self.path_of(scenario_id)
        if not path.is_file() or path.stat().st_size < 2 * len(_MAGIC):
            return False
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
            file.seek(-len(_MAGIC), os.SEEK_END)
            return begins == file.read() == _MAGIC

    def failed(self, scenario_ids: Iterable[str]) -> list[str]:
        """Return which of some results are failures, in their order."""
        return [
            one
            for one in scenario_ids
            if self.is_whole(one)
            and pl.read_parquet(self.path_of(one), columns=[REASON])[REASON][0] is not None
        ]

    def read(self, scenario_ids: Sequence[str]) -> pl.DataFrame:
        """Return the results that are there, one row each, in the order asked for.

        Parameters
        ----------
        scenario_ids : sequence of str

        Returns
        -------
        polars.DataFrame
            ``scenario_id``, ``failed_because`` and the results' columns, null where a scenario
            does not have them.
        """
        rows = [pl.read_parquet(self.path_of(one)) for one in scenario_ids if self.is_whole(one)]
        if not rows:
            return pl.DataFrame(schema={SCENARIO: pl.String, REASON: pl.String})
        return pl.concat(rows, how="diagonal_relaxed", rechunk=True)
