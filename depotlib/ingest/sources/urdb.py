"""Tariff records of OpenEI's utility rate database (JSON), kept word for word as documents.

A row is one tariff record. One that cannot be billed is rejected with the field that stands in
the way: a tariff that is not whole must not price a night.
"""

from collections import Counter

from depotlib.errors import TariffError
from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.json_text import JsonValue, compact, parse_json
from depotlib.ingest.record import RAW_CHARACTERS
from depotlib.ingest.source import (
    NOT_MINE,
    Conventions,
    ReadOptions,
    Recognition,
    SourceDocument,
    SourceRows,
)
from depotlib.model.import_report import Rejection
from depotlib.tariffs.urdb import tariff_from_urdb

_STRUCTURES = frozenset({"energyratestructure", "demandratestructure", "flatdemandstructure"})
_NAMES = frozenset({"utility", "name", "eiaid", "label", "sector", "uri"})


class Urdb:
    """Reads tariff records of the utility rate database."""

    name = "urdb"
    title = "URDB tariff records (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether a price structure and a utility's words are in the sample."""
        keys = {key.lower() for key in sample.keys}
        structures = keys & _STRUCTURES
        if not structures or not keys & _NAMES:
            return NOT_MINE
        return Recognition(1.0, f"it has {', '.join(sorted(structures))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the tariff records of a file; prices follow the clock of the depot they serve."""
        del options
        records = _records(parse_json(content.text, file=content.file))
        documents: dict[str, SourceDocument] = {}
        rejections: list[Rejection] = []
        assumptions: dict[str, tuple[str, ...]] = {}
        for row, record in enumerate(records, 1):
            text = content.text if len(records) == 1 else compact(record)
            try:
                tariff = tariff_from_urdb(text, where=f"{content.file}, record {row}")
            except TariffError as error:
                raw = compact(record)[:RAW_CHARACTERS]
                rejections.append(Rejection(row, "not_billable", error.what, raw))
                continue
            documents[tariff.tariff_id] = SourceDocument(name=tariff.tariff_id, text=text)
            assumptions[tariff.tariff_id] = tariff.assumptions
        assumed = Counter(each for made in assumptions.values() for each in made)
        return SourceRows(
            rows_in=len(records),
            conventions=Conventions(None, "unknown", "", _seen(records)),
            documents=tuple(documents.values()),
            duplicates=len(records) - len(rejections) - len(documents),
            rejections=tuple(rejections),
            findings=tuple(
                counted(
                    ("assumption", count, f"tariffs read with an assumption ({it})")
                    for it, count in assumed.items()
                )
            ),
        )


def _records(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, dict):
        items = value.get("items")
        return items if isinstance(items, list) else [value]
    return value if isinstance(value, list) else [value]


def _seen(records: list[JsonValue]) -> tuple[str, ...]:
    return tuple(sorted({name for each in records if isinstance(each, dict) for name in each}))
