"""A meter that another program writes into a file: its last whole line counts."""

import asyncio
import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from depotlib.errors import SiteMeterError
from depotlib.gateway.meters.reading import Found, values_of_json
from depotlib.model.site_meter import PointOf, SiteMeterSource

TAIL_BYTES: Final = 65_536
HEAD_BYTES: Final = 4096


class FileMeter:
    """The last line of a CSV file with a header, or of a file of JSON lines.

    Parameters
    ----------
    source : SiteMeterSource
    """

    is_pushed = False

    def __init__(self, source: SiteMeterSource) -> None:
        self._source = source

    async def open(self) -> None:
        """Do nothing: each reading opens the file, which may have been replaced."""

    async def read(self) -> Mapping[PointOf, Found]:
        """Return the numbers of the last whole line."""
        try:
            head, tail = await asyncio.to_thread(_ends, Path(self._source.address))
        except FileNotFoundError as error:
            raise SiteMeterError(
                "the site meter's file is not there yet",
                where=self._source.address,
                hint="start what writes it, or correct its path in the site file",
            ) from error
        return values_of_lines(head, tail, source=self._source)

    async def close(self) -> None:
        """Do nothing."""


def values_of_lines(head: str, tail: str, *, source: SiteMeterSource) -> dict[PointOf, Found]:
    """Return the numbers of the last whole line of a text.

    Parameters
    ----------
    head, tail : str
        The first line and the last part of the file.
    source : SiteMeterSource

    Raises
    ------
    SiteMeterError
        If there is no such line, or a column is missing in it.
    """
    whole, _, unfinished = tail.rpartition("\n")
    lines = [line for line in whole.splitlines() if line.strip()]
    # A file that is one document, replaced each time, may have no line end at all.
    line = lines[-1] if lines else unfinished
    if line.lstrip().startswith("{"):
        return values_of_json(line, source)
    first = head.splitlines()[0] if head else ""
    names, cells = ([cell for row in csv.reader([text]) for cell in row] for text in (first, line))
    if not cells or len(cells) != len(names) or cells == names:
        raise SiteMeterError(
            "the site meter's file has no whole line yet",
            where=source.address,
            hint="a header line, then one line a reading; or one JSON object a line",
        )
    row = dict(zip(names, cells, strict=True))
    missing = [point.at for point in source.points if point.at not in row]
    if missing:
        raise SiteMeterError(
            f"the site meter's file has no column {missing[0]!r}",
            where=source.address,
            hint=f"it has {', '.join(names)}",
        )
    return {point.of: row[point.at] for point in source.points}


def _ends(path: Path) -> tuple[str, str]:
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - TAIL_BYTES))
        tail = stream.read(TAIL_BYTES)
    return head.decode("utf-8", "replace"), tail.decode("utf-8", "replace")
