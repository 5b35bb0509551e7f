"""Rows that a command prints, edited in a file and given back to it."""

import json
from pathlib import Path
from typing import cast

from depotlib.errors import UnreadableFileError


def rows_of_file(path: Path, *, key: str, see: str) -> list[dict[str, object]]:
    """Return the rows of a file: a list of them, or all that a command prints around it.

    Parameters
    ----------
    path : Path
    key : str
        Under which the command prints the list, where it prints more.
    see : str
        The command that shows what rows look like.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read, or holds no list of rows.
    """
    try:
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            f"cannot read {path.name}: {error}", where=str(path), hint="give a JSON list of rows"
        ) from error
    if isinstance(found, dict):
        found = cast("dict[str, object]", found).get(key)
    rows = cast("list[object]", found) if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in rows):
        raise UnreadableFileError(
            f"{path.name} holds no list of rows", where=str(path), hint=f"see {see}"
        )
    return cast("list[dict[str, object]]", rows)
