"""A watched folder: exports that are laid there are read, and their latest states told.

Any source of `ingest` that gives readings will do. A file is read once it has kept its size and
time between two looks, in the process that reads strangers' files, and again when it changes; it
stays where it lies. A file that cannot be read is noted and not tried again until it changes.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.errors import DepotError, FeedDownError
from depotlib.feeds.sighting import Look, Sighting
from depotlib.ingest.content import file_at
from depotlib.ingest.reading_worker import ReadingWorker
from depotlib.ingest.source import ReadOptions

WAITING: Final = "…"
"""Ends the mark of a file that was seen once and may still be written."""


class FolderFeed:
    """Looks at the files of a folder; not at folders in it, nor at names that begin with a dot.

    Parameters
    ----------
    folder : Path
    options : ReadOptions
        The zone of local times, where files may have such.
    """

    name = "folder"
    period_s = 2.0
    page_pause_s = 0.1

    def __init__(self, folder: Path, options: ReadOptions) -> None:
        self._folder = folder
        self._options = options
        self._worker: ReadingWorker | None = None

    def look(self, marks: Mapping[str, str], *, now: datetime) -> Look:
        """Return what files say that are new or have changed; one file a look."""
        del now
        found = self._found()
        kept = {name: marks[name] for name in found if name in marks}
        for name, stamp in found.items():
            if marks.get(name) == stamp:
                continue
            if marks.get(name) != stamp + WAITING:
                kept[name] = stamp + WAITING
                continue
            kept[name] = stamp
            try:
                sightings = self._read(self._folder / name)
            except DepotError as error:
                return Look((), kept, is_more=True, refused=1, note=f"{name}: {error.what}")
            return Look(sightings, kept, is_more=True)
        return Look((), kept)

    def close(self) -> None:
        """End the process that reads files."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _found(self) -> dict[str, str]:
        try:
            files = [path for path in self._folder.iterdir()
                     if path.is_file() and not path.name.startswith(".")]  # fmt: skip
            stamps = [(path.name, path.stat()) for path in files]
        except OSError as error:
            raise FeedDownError(
                f"the folder cannot be read: {error.strerror}",
                where=str(self._folder),
                hint="make it, or name another with DEPOT_FEED_FOLDER",
            ) from error
        return {name: f"{one.st_size}/{one.st_mtime_ns}" for name, one in sorted(stamps)}

    def _read(self, path: Path) -> tuple[Sighting, ...]:
        self._worker = self._worker or ReadingWorker()
        sightings: list[Sighting] = []
        for part in self._worker.read(file_at(path), self._options):
            if part.error is not None:
                raise part.error
            frame = part.read.rows.telematics if part.read is not None else None
            if frame is None or part.read is None:
                continue
            columns = ("vehicle_id", "at", "soc", "odometer_km", "is_plugged")
            sightings += [
                Sighting(f"{part.read.source}:{vehicle_id}", at, soc, odometer_km, is_plugged)
                for vehicle_id, at, soc, odometer_km, is_plugged in frame.select(columns).rows()
            ]
        return tuple(sightings)
