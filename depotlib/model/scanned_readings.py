"""Vehicle readings of a file too big for memory, as they lie in a scratch folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ScannedReadings:
    """Where the readings of one big file lie.

    Parameters
    ----------
    parts : tuple of Path
        Parquet files with the columns of `TelematicsFrame` but ``source`` and ``src_file``.
        Readings of one vehicle and instant may stand in them several times.
    count : int
        How many readings there are, one a record.
    suspects : Path
        Parquet file with the ``src_row`` of at least every reading whose vehicle and instant
        another one shares.
    """

    parts: tuple[Path, ...]
    count: int
    suspects: Path
