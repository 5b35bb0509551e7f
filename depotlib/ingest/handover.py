"""What a worker read, handed over in a folder: frames as Parquet, the rest as JSON, both checked.

The folder is private to the two processes, but the worker has met a stranger's file: nothing of it
is believed before it fits the types and schemas that any source is held to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, get_type_hints

import polars as pl
from pydantic import JsonValue, TypeAdapter

from depotlib import errors
from depotlib.errors import DepotError, InputError, ReadingFailedError
from depotlib.ingest.read_parts import ReadPart, ReadRows
from depotlib.ingest.source import Recognition, SourceRows
from depotlib.model.frames import (
    AssignmentFrame,
    DutyFrame,
    MeterFrame,
    PriceFrame,
    SessionFrame,
    TelematicsFrame,
    TripFrame,
    VehicleFrame,
)

_PAPER: Final = "parts.json"
_SCHEMAS: Final = {
    "sessions": SessionFrame,
    "telematics": TelematicsFrame,
    "meter": MeterFrame,
    "trips": TripFrame,
    "duties": DutyFrame,
    "vehicles": VehicleFrame,
    "assignments": AssignmentFrame,
    "prices": PriceFrame,
}
_FRAMES: Final = (*_SCHEMAS, "merged_rows")
_FACTS: Final = {
    name: TypeAdapter[Any](hint)
    for name, hint in get_type_hints(SourceRows).items()
    if name in {each.name for each in fields(SourceRows)} - set(_FRAMES)
}
"""Of `SourceRows`, all that is no frame."""


@dataclass(frozen=True, slots=True)
class _ErrorPaper:
    kind: str
    what: str
    where: str
    hint: str


@dataclass(frozen=True, slots=True)
class _PartPaper:
    file: str
    error: _ErrorPaper | None
    source: str
    recognition: Recognition
    digest: str
    frames: tuple[str, ...]
    facts: dict[str, JsonValue]


_PAPERS: Final = TypeAdapter(list[_PartPaper])


def hand_over(folder: Path, parts: Sequence[ReadPart]) -> None:
    """Write what was read into a folder.

    Raises
    ------
    OSError
        If it does not fit there.
    """
    papers = [_paper(folder, part, place=place) for place, part in enumerate(parts)]
    (folder / _PAPER).write_bytes(_PAPERS.dump_json(papers))


def take_over(folder: Path, *, file: str) -> list[ReadPart]:
    """Return what a worker wrote into a folder.

    Parameters
    ----------
    folder : Path
    file : str
        Name of the given file, for messages.

    Raises
    ------
    ReadingFailedError
        If it is not whole, or not what a source may give.
    """
    try:
        papers = _PAPERS.validate_json((folder / _PAPER).read_bytes())
        return [_part(folder, paper, place=place) for place, paper in enumerate(papers)]
    except (OSError, KeyError, AssertionError, ValueError, pl.exceptions.PolarsError) as error:
        raise ReadingFailedError(
            "what was read of it is not whole",
            where=file,
            hint="import it again; if it stays so, the file makes our reader fail: send it to us",
        ) from error


def _paper(folder: Path, part: ReadPart, *, place: int) -> _PartPaper:
    read, error = part.read, part.error
    if read is None:
        assert error is not None, "a part was read or has an error"
        told = _ErrorPaper(type(error).__name__, error.what, error.where, error.hint)
        return _PartPaper(part.file, told, part.source, part.recognition, "", (), {})
    frames = {name: frame for name in _FRAMES if (frame := getattr(read.rows, name)) is not None}
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{place}.{name}.parquet", compression="lz4")
    facts = {
        name: adapter.dump_python(getattr(read.rows, name), mode="json")
        for name, adapter in _FACTS.items()
    }
    return _PartPaper(
        part.file, None, part.source, part.recognition, read.digest, tuple(frames), facts
    )


def _part(folder: Path, paper: _PartPaper, *, place: int) -> ReadPart:
    if paper.error is not None:
        return ReadPart(
            paper.file,
            error=_error(paper.error),
            source=paper.source,
            recognition=paper.recognition,
        )
    frames = {
        name: _frame(folder / f"{place}.{name}.parquet", name=name)
        for name in _FRAMES
        if name in paper.frames
    }
    facts = {
        name: adapter.validate_python(paper.facts[name], strict=False)
        for name, adapter in _FACTS.items()
    }
    rows = SourceRows(**facts, **frames)
    if rows.scanned is not None:
        for path in (*rows.scanned.parts, rows.scanned.suspects):
            path.resolve(strict=True).relative_to(folder.resolve())
    read = ReadRows(paper.digest, paper.source, rows)
    return ReadPart(paper.file, read=read, source=paper.source, recognition=paper.recognition)


def _frame(path: Path, *, name: str) -> Any:  # noqa: ANN401 - one field of many, as its adapter's
    frame = pl.read_parquet(path)
    schema = _SCHEMAS.get(name)
    if schema is not None and not schema.is_valid(frame):
        raise ValueError(name)
    return frame


def _error(paper: _ErrorPaper) -> DepotError:
    """Return the error as it was; one that takes more than the three parts becomes its family."""
    kind = getattr(errors, paper.kind, InputError)
    takes_three_parts = isinstance(kind, type) and issubclass(kind, DepotError)
    if not takes_three_parts or kind.__init__ is not DepotError.__init__:
        kind = InputError
    return kind(paper.what, where=paper.where, hint=paper.hint)
