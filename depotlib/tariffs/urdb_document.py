"""A URDB document as JSON text: one record, or several of which one is chosen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from depotlib.errors import TariffFormatError
from depotlib.tariffs.urdb_record import RatchetScope, TierScope


@dataclass(frozen=True, slots=True)
class UrdbChoices:
    """What a reader decides where a document leaves it open.

    Parameters
    ----------
    label : str, optional
        Label or name of the record to take, where the document holds several.
    tier_scope : {'shared', 'by period'}
        Whether energy tiers count all energy, or that of their own time-of-use period.
    window_s : int, optional
        Demand window, where the record has none [s].
    ratchet_scope : {'flat', 'all'}
        Whether a ratchet holds for flat demand and hours of use, or for time-of-use demand too.
    """

    label: str | None = None
    tier_scope: TierScope = "shared"
    window_s: int | None = None
    ratchet_scope: RatchetScope = "flat"


def document_text(document: bytes | str, where: str) -> str:
    """Return a document as text.

    Raises
    ------
    TariffFormatError
        If it is empty or no UTF-8.
    """
    try:
        text = document if isinstance(document, str) else document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TariffFormatError(
            "the tariff is not text in UTF-8", where=where, hint="give a URDB record as JSON"
        ) from error
    if not text.strip():
        raise TariffFormatError(
            "the tariff is empty", where=where, hint="download the record again"
        )
    return text


def chosen_record(text: str, label: str | None, *, where: str) -> dict[str, object]:
    """Return the fields of a document's record, names in lower case, numbers as Decimal.

    Parameters
    ----------
    text : str
        JSON: one record, or ``{"items": [record, …]}``.
    label : str, optional
        Label or name of the record, where there are several.
    where : str
        What to call the document in an error.

    Raises
    ------
    TariffFormatError
        If the text is no such document, or the label does not choose one of its records.
    """
    try:
        found: object = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except ValueError as error:
        raise TariffFormatError(
            f"the tariff is not complete JSON: {error}",
            where=where,
            hint="the file may be cut off; download the record again",
        ) from error
    fields = _lower_case(found, where)
    if "items" not in fields:
        return fields
    items = fields["items"]
    records = cast("list[object]", items) if isinstance(items, list) else []
    return _one_of([_lower_case(record, where) for record in records], label, where=where)


def _one_of(
    records: Sequence[dict[str, object]], label: str | None, *, where: str
) -> dict[str, object]:
    if len(records) == 1:
        return records[0]
    chosen = [record for record in records if label and label in _names(record)]
    if len(chosen) == 1:
        return chosen[0]
    known = ", ".join(
        f"{record.get('label')} ({record.get('name')}, from {record.get('startdate')})"
        for record in records
    )
    raise TariffFormatError(
        f"the document holds {len(records)} tariffs"
        + (f", of which {len(chosen)} are called {label!r}" if label else ""),
        where=where,
        hint=f"choose one by its label: {known}" if records else "give a document with one record",
    )


def _names(record: Mapping[str, object]) -> set[object]:
    return {record.get("label"), record.get("name")}


def _lower_case(found: object, where: str) -> dict[str, object]:
    if not isinstance(found, Mapping):
        raise TariffFormatError(
            "the document is no tariff record: not a JSON object",
            where=where,
            hint="give a URDB record as JSON",
        )
    raw = cast("Mapping[str, object]", found)
    fields = {name.lower(): value for name, value in raw.items()}
    if len(fields) < len(raw):
        raise TariffFormatError(
            "a field stands twice in different letter case",
            where=where,
            hint="keep one of the two",
        )
    return fields


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is not a number")
