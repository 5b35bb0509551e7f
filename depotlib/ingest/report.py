"""The account of a file that is only tried: what an import would do, without a store."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import polars as pl

from depotlib.ingest.read_parts import ReadRows
from depotlib.ingest.source import SourceRows
from depotlib.model.frames import TelematicsFrame
from depotlib.model.import_report import ImportReport
from depotlib.model.natural_keys import NATURAL_KEYS, PROVENANCE, NaturalKey
from depotlib.model.scanned_readings import ScannedReadings

_MEASURANDS: Final = tuple(
    name
    for name in TelematicsFrame.column_names()
    if name not in PROVENANCE and name not in {"vehicle_id", "at"}
)
_WITHDRAWN: Final = next(
    natural.said.index("is_withdrawn") for natural in NATURAL_KEYS if natural.frame == "duties"
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What was last said of a fact."""

    has_ended: bool
    said: tuple[object, ...]
    departure: datetime | None = None


_Key = tuple[object, ...]


@dataclass(slots=True)
class TrialStore:
    """What the files of one dry run said so far: a later one may repeat it.

    The rules are the warehouse's: of `model.natural_keys`, and a vehicle reading adds what is
    not known yet.
    """

    reports: dict[str, ImportReport] = field(default_factory=dict[str, ImportReport])
    facts: dict[_Key, _Told] = field(default_factory=dict[_Key, _Told])
    measurands: set[_Key] = field(default_factory=set[_Key])
    documents: dict[str, str] = field(default_factory=dict[str, str])

    def account(self, file: str, read: ReadRows) -> ImportReport:
        """Return the closed account of one more file; bytes that were met bring nothing."""
        rows = read.rows
        is_repeat = read.digest in self.reports
        stored = 0 if is_repeat else self._stored(rows, source=read.source)
        report = ImportReport(
            file=file,
            source=read.source,
            digest=read.digest,
            rows_in=rows.rows_in,
            stored=stored,
            duplicates=rows.rows_in - stored - len(rows.rejections),
            rejections=rows.rejections,
            findings=rows.findings,
            is_repeat=is_repeat,
        )
        self.reports.setdefault(read.digest, report)
        return report

    def _stored(self, rows: SourceRows, *, source: str) -> int:
        if rows.scanned is not None:
            return self._stored_of_scan(rows.scanned)
        new_rows = {row for row, name in _measured(rows.telematics) if self._adds(name)}
        for natural in NATURAL_KEYS:
            new_rows |= self._news(natural, rows.frames[natural.frame])
        if rows.duties_complete_at is not None:
            self._withdraw(rows.duties, source=source, after=rows.duties_complete_at)
        merged = rows.merged_rows
        if merged is not None:
            joined = merged.filter(pl.col("into_row").is_in(list(new_rows)))["src_row"]
            new_rows |= set(joined.to_list())
        return len(new_rows) + self._new_documents(rows)

    def _stored_of_scan(self, scanned: ScannedReadings) -> int:
        """Return how many readings of a big file an import would store.

        Held against the file itself and not against the others of the dry run, which would take
        as much memory as the file is big.
        """
        suspects = (
            pl.scan_parquet(list(scanned.parts))
            .join(pl.scan_parquet(scanned.suspects), on="src_row", how="semi")
            .sort("src_row")
            .collect()
        )
        adding = {row for row, name in _measured(suspects) if self._adds(name)}
        return scanned.count - suspects.height + len(adding)

    def _news(self, natural: NaturalKey, frame: pl.DataFrame | None) -> set[int]:
        """Return the rows that an import would store: the last telling of each fact, if new."""
        latest: dict[_Key, tuple[int, _Told]] = {}
        for row in _rows(frame):
            key = (natural.frame, *(row.get(name) for name in natural.key))
            told = _told(natural, row)
            if key not in latest or told.has_ended or not latest[key][1].has_ended:
                latest[key] = row["src_row"], told
        news = {
            key: (number, told)
            for key, (number, told) in latest.items()
            if _is_news(told, known=self.facts.get(key))
        }
        self.facts |= {key: told for key, (_, told) in news.items()}
        return {number for number, _ in news.values()}

    def _withdraw(self, duties: pl.DataFrame | None, *, source: str, after: datetime) -> None:
        """Mark the duties that a complete list lacks: told again, they come back."""
        listed = {("duties", source, row["duty_id"]) for row in _rows(duties)}
        for key, told in self.facts.items():
            is_missing = key[:2] == ("duties", source) and key not in listed
            if is_missing and told.departure is not None and told.departure >= after:
                self.facts[key] = replace(told, said=_withdrawn(told.said))

    def _adds(self, name: _Key) -> bool:
        is_new = name not in self.measurands
        self.measurands.add(name)
        return is_new

    def _new_documents(self, rows: SourceRows) -> int:
        news = {
            document.name: document.text
            for document in rows.documents
            if self.documents.get(document.name) != document.text
        }
        self.documents |= news
        return len(news)


def _is_news(told: _Told, *, known: _Told | None) -> bool:
    if known is None:
        return True
    return told.said != known.said and (told.has_ended or not known.has_ended)


def _told(natural: NaturalKey, row: dict[str, Any]) -> _Told:
    return _Told(
        has_ended=natural.end is not None and row[natural.end] is not None,
        said=tuple(row[name] for name in natural.said),
        departure=row.get("departure"),
    )


def _withdrawn(said: tuple[object, ...]) -> tuple[object, ...]:
    return (*said[:_WITHDRAWN], True, *said[_WITHDRAWN + 1 :])


def _measured(frame: pl.DataFrame | None) -> Iterator[tuple[int, _Key]]:
    for row in _rows(frame):
        yield row["src_row"], (row["vehicle_id"], row["at"])
        for name in _MEASURANDS:
            if row[name] is not None:
                yield row["src_row"], (row["vehicle_id"], row["at"], name)


def _rows(frame: pl.DataFrame | None) -> Iterator[dict[str, Any]]:
    return iter(()) if frame is None else frame.sort("src_row").iter_rows(named=True)
