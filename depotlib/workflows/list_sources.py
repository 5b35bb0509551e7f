"""What can be imported and what was: every source, the mappings of tables, and their last imports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from depotlib.errors import StoreMissingError
from depotlib.ingest.sources import SOURCES
from depotlib.settings import Settings
from depotlib.store.imports import import_history
from depotlib.store.mappings import mappings


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source, and what came from it.

    Parameters
    ----------
    name, title : str
        Registry name, and what it reads in plain words.
    files, rows_in, stored, duplicates, rejected : int
        Sums over its imports.
    last_file : str or None
    last_import_at : datetime or None
        None: nothing was imported from it.
    """

    name: str
    title: str
    files: int = 0
    rows_in: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    last_file: str | None = None
    last_import_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceList:
    """All sources.

    Parameters
    ----------
    sources : tuple of KnownSource
        Those with imports first, the latest import first; then the others by name.
    mappings : tuple of str
        Names of the mappings that were confirmed and are remembered.
    """

    sources: tuple[KnownSource, ...]
    mappings: tuple[str, ...]


def list_sources(settings: Settings) -> SourceList:
    """Return every source with what came from it; without a store, with nothing."""
    try:
        history = import_history(settings.warehouse_path).to_dicts()
    except StoreMissingError:
        history = []
    titles = {source.name: source.title for source in SOURCES}
    # A source that was renamed since keeps its imports.
    names = [*titles, *sorted({row["source"] for row in history} - titles.keys())]
    known = [
        _known(
            name, titles.get(name, ""), imports=[row for row in history if row["source"] == name]
        )
        for name in names
    ]
    imported = [one for one in known if one.last_import_at is not None]
    idle = [one for one in known if one.last_import_at is None]
    return SourceList(
        sources=(
            *sorted(imported, key=lambda one: (one.last_import_at, one.name), reverse=True),
            *sorted(idle, key=lambda one: one.name),
        ),
        mappings=tuple(mapping.name for mapping in mappings(settings.warehouse_path)),
    )


def _known(name: str, title: str, *, imports: list[dict[str, Any]]) -> KnownSource:
    if not imports:
        return KnownSource(name, title)
    latest = imports[0]  # the history begins with the latest one
    sums = {
        count: sum(row[count] for row in imports)
        for count in ("rows_in", "stored", "duplicates", "rejected")
    }
    return KnownSource(
        name,
        title,
        files=len(imports),
        last_file=latest["file"],
        last_import_at=latest["imported_at"],
        **sums,
    )
