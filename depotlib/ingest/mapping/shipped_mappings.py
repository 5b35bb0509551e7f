"""The column mappings that come with depotlib, and which mapping fits a header."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from depotlib.model.column_mapping import ColumnMapping, mapping_from_toml

FOLDER: Final = Path(__file__).parent / "shipped"


@cache
def shipped_mappings() -> tuple[ColumnMapping, ...]:
    """Return the shipped mappings, by name.

    Raises
    ------
    MappingError
        If one of them is no mapping.
    """
    return tuple(
        mapping_from_toml(path.read_text("utf-8"), where=path.name)
        for path in sorted(FOLDER.glob("*.toml"))
    )


def fitting(header: Sequence[str], mappings: Iterable[ColumnMapping]) -> ColumnMapping | None:
    """Return the mapping whose columns a header has, the one with the most; None if none fits."""
    columns = set(header)
    found = [mapping for mapping in mappings if columns.issuperset(mapping.header)]
    return max(found, key=lambda mapping: len(mapping.header), default=None)
