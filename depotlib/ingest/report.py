"""The account of a file that is only tried: what an import would do, without a store."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from depotlib.ingest.content import FileContent
from depotlib.ingest.source import SourceRows
from depotlib.model.import_report import ImportReport

_MEASURANDS = ("soc", "odometer_km", "power_kw", "is_charging", "is_plugged", "temperature_c")


@dataclass(slots=True)
class TrialStore:
    """What the files of one dry run said so far: a later one may repeat it.

    The rules are the warehouse's: a session or a meter reading that differs replaces and is
    stored, one that says the same is a duplicate; a reading adds what is not known yet.
    """

    digests: set[str] = field(default_factory=set[str])
    known: dict[tuple[object, ...], object] = field(
        default_factory=dict[tuple[object, ...], object]
    )

    def account(self, content: FileContent, rows: SourceRows, *, source: str) -> ImportReport:
        """Return the closed account of one more file."""
        is_repeat = content.digest in self.digests
        self.digests.add(content.digest)
        new_rows = self._new_rows(rows)
        merged = rows.merged_rows
        if merged is not None:
            joined = merged.filter(pl.col("into_row").is_in(list(new_rows)))["src_row"]
            new_rows |= set(joined.to_list())
        stored = len(new_rows) + self._new_documents(rows)
        return ImportReport(
            file=content.file,
            source=source,
            digest=content.digest,
            rows_in=rows.rows_in,
            stored=stored,
            duplicates=rows.rows_in - stored - len(rows.rejections),
            rejections=rows.rejections,
            findings=rows.findings,
            is_repeat=is_repeat,
        )

    def _new_rows(self, rows: SourceRows) -> set[int]:
        return {
            row
            for facts in (_session_facts(rows), _reading_facts(rows), _meter_facts(rows))
            for row, key, value in facts
            if self._is_news(key, value)
        }

    def _new_documents(self, rows: SourceRows) -> int:
        return sum(
            self._is_news(("document", document.name), document.text) for document in rows.documents
        )

    def _is_news(self, key: tuple[object, ...], value: object) -> bool:
        if key in self.known and not _replaces(key, value, known=self.known[key]):
            return False
        self.known[key] = value
        return True


def _replaces(key: tuple[object, ...], value: object, *, known: object) -> bool:
    """Return whether a fact that differs from a known one takes its place."""
    if key[0] == "telematics" or value == known:
        return False
    if isinstance(value, _Session) and isinstance(known, _Session):
        return value.has_ended or not known.has_ended
    return True


@dataclass(frozen=True, slots=True)
class _Session:
    has_ended: bool
    said: tuple[object, ...]


_Facts = Iterator[tuple[int, tuple[object, ...], object]]


def _session_facts(rows: SourceRows) -> _Facts:
    for row in _rows(rows.sessions):
        said = tuple(value for name, value in row.items() if not name.startswith("src_"))
        session = _Session(has_ended=row["plug_end"] is not None, said=said)
        yield row["src_row"], ("session", row["session_key"]), session


def _reading_facts(rows: SourceRows) -> _Facts:
    for row in _rows(rows.telematics):
        for name in _MEASURANDS:
            if row[name] is not None:
                key = ("telematics", row["vehicle_id"], row["at"], name)
                yield row["src_row"], key, row[name]


def _meter_facts(rows: SourceRows) -> _Facts:
    for row in _rows(rows.meter):
        key = ("meter", row["meter_id"], row["interval_start"])
        yield row["src_row"], key, (row["interval_s"], row["power_kw"])


def _rows(frame: pl.DataFrame | None) -> Iterator[dict[str, Any]]:
    return iter(()) if frame is None else frame.iter_rows(named=True)
