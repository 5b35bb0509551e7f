"""What came of drills earlier: the dated reports of a folder, read again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from depotlib.drills.drill import Mode, Outcome, Sense
from depotlib.drills.report import STEMS

NEWEST: Final = 50
"""Reports that are looked at."""


class ToldFigure(BaseModel):
    """A figure as a report tells it."""

    name: str
    number: Decimal | None
    unit: str
    sense: Sense
    bound: Decimal | None
    holds: bool


class ToldVerdict(BaseModel):
    """A verdict as a report tells it; an older one has no word for its outcome."""

    name: str
    is_passed: bool
    begun_at: datetime
    ended_at: datetime
    trouble: str = ""
    not_judged: str = ""
    outcome: Outcome | None = None
    figures: tuple[ToldFigure, ...] = ()

    @property
    def word(self) -> Outcome:
        """Return what came of it."""
        return self.outcome or ("passed" if self.is_passed else "failed")


class ToldReport(BaseModel):
    """A report as its JSON tells it."""

    made_at: datetime
    mode: Mode = "virtual"
    drills: tuple[ToldVerdict, ...]


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report that lies in a folder.

    Parameters
    ----------
    told : ToldReport
    json_path, page_path : Path
    """

    told: ToldReport
    json_path: Path
    page_path: Path


REPORT: Final = TypeAdapter(ToldReport)


def kept_reports(folder: Path) -> tuple[KeptReport, ...]:
    """Return the reports of a folder, the newest first; what cannot be read is left out."""
    paths = [path for stem in STEMS.values() for path in folder.glob(f"{stem}-*.json")]
    newest = sorted(paths, key=lambda path: path.stem.rpartition("-")[2], reverse=True)[:NEWEST]
    found: list[KeptReport] = []
    for path in newest:
        try:
            told = REPORT.validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            continue
        found.append(KeptReport(told, path, path.with_suffix(".html")))
    return tuple(found)


def last_results(reports: tuple[KeptReport, ...], *, mode: Mode) -> Mapping[str, ToldVerdict]:
    """Return the newest verdict on each drill, of those that were played so."""
    found: dict[str, ToldVerdict] = {}
    for report in reports:
        if report.told.mode == mode:
            for verdict in report.told.drills:
                found.setdefault(verdict.name, verdict)
    return found
