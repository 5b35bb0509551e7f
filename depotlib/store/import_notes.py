"""Notes beside the raw files: what importing each again takes, should the warehouse be lost."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from depotlib.errors import RawFileError

FOLDER: Final = "imports"


@dataclass(frozen=True, slots=True)
class RecordedImport:
    """An import as the warehouse recorded it.

    Parameters
    ----------
    import_no : int
    digest : str
        Of what was imported.
    file : str
        Name as given.
    source : str
        Registry name of the source that read it.
    options_json : str
        How it was read, in the words of the workflow that did.
    imported_at : datetime
    """

    import_no: int
    digest: str
    file: str
    source: str
    options_json: str
    imported_at: datetime


RECORD: Final = TypeAdapter(RecordedImport)


def is_noted(raw_path: Path, record: RecordedImport) -> bool:
    """Return whether an import is noted as it is recorded, and not in an earlier reading."""
    try:
        return _read(_note(raw_path, record.digest)) == record
    except RawFileError:
        return False


def write_note(raw_path: Path, record: RecordedImport) -> None:
    """Note an import; the note is there whole or not at all.

    Raises
    ------
    RawFileError
        If the folder cannot be used.
    """
    note = _note(raw_path, record.digest)
    unfinished = note.with_suffix(".part")
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(RECORD.dump_json(record))
        unfinished.replace(note)
    except OSError as error:
        raise RawFileError(
            f"how a file was imported cannot be noted: {error.strerror}",
            where=str(note),
            hint="make room, or set DEPOT_HOME to a folder that can be written; then import it "
            "again",
        ) from error


def noted_imports(raw_path: Path) -> list[RecordedImport]:
    """Return every noted import, in the order in which they were made.

    Raises
    ------
    RawFileError
        If a note is damaged.
    """
    return sorted(
        (_read(note) for note in (raw_path / FOLDER).glob("*.json")),
        key=lambda record: record.import_no,
    )


def _note(raw_path: Path, digest: str) -> Path:
    return raw_path / FOLDER / f"{digest}.json"


def _read(note: Path) -> RecordedImport:
    try:
        return RECORD.validate_json(note.read_bytes())
    except (OSError, ValidationError) as error:
        raise RawFileError(
            "the note of an import is damaged",
            where=str(note),
            hint="remove it, rebuild, and import the file that it names again",
        ) from error
