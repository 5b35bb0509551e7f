"""Tariff records of OpenEI's utility rate database (JSON), kept word for word as documents.

A row is one tariff record. One that cannot be billed is rejected with the field that stands in
the way: a tariff that is not whole must not price a night.
"""

from collections.abc import Iterator

from depotlib.errors import TariffError
from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.json_text import JsonObject, JsonValue, compact, objects_in, parse_json
from depotlib.ingest.record import RAW_CHARACTERS
from depotlib.ingest.source import (
    NOT_MINE,
    Conventions,
    ReadOptions,
    Recognition,
    SourceDocument,
    SourceRows,
)
from depotlib.model.import_report import Finding, Rejection
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
        records = list(_records(parse_json(content.text, file=content.file)))
        documents: dict[str, SourceDocument] = {}
        rejections: list[Rejection] = []
        findings: list[Finding] = []
        for row, record in enumerate(records, 1):
            text = content.text if len(records) == 1 else compact(record)
            try:
                tariff = tariff_from_urdb(text, where=f"{content.file}, record {row}")
            except TariffError as error:
                raw = compact(record)[:RAW_CHARACTERS]
                rejections.append(Rejection(row, "not_billable", error.what, raw))
                continue
            documents[tariff.tariff_id] = SourceDocument(name=tariff.tariff_id, text=text)
            findings += [
                Finding("assumption", 1, f"{tariff.name}: {it}") for it in tariff.assumptions
            ]
        return SourceRows(
            rows_in=len(records),
            conventions=Conventions(None, "unknown", "", _seen(records)),
            documents=tuple(documents.values()),
            duplicates=len(records) - len(rejections) - len(documents),
            rejections=tuple(rejections),
            findings=tuple(findings),
        )


def _records(value: JsonValue) -> Iterator[JsonObject]:
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        value = value["items"]
    yield from objects_in(value)


def _seen(records: list[JsonObject]) -> tuple[str, ...]:
    return tuple(sorted({name for record in records for name in record}))
