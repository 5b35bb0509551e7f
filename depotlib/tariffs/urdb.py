"""Reads a tariff from an OpenEI URDB record (version 8), and refuses what it cannot bill.

References
----------
.. [1] OpenEI, "Utility Rate Database, API version 8",
   https://openei.org/services/doc/rest/util_rates/?version=8
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, cast

from depotlib.errors import TariffFormatError, TariffRefusedError
from depotlib.tariffs.component import Component
from depotlib.tariffs.tariff import COMPONENTS, Tariff
from depotlib.tariffs.urdb_record import UrdbRecord, is_neutral
from depotlib.units import MINUTES_PER_HOUR, minutes_to_s

COMMENT_FIELDS: Final = (
    "description",
    "basicinformationcomments",
    "energycomments",
    "demandcomments",
    "fixedcomments",
    "energyattrs",
    "demandattrs",
    "fixedattrs",
    "energytoulabels",
    "dgrules",
    "peakkwcapacitymin",
    "peakkwcapacitymax",
    "peakkwcapacityhistory",
    "peakkwusagemin",
    "peakkwusagemax",
    "peakkwhusagemin",
    "peakkwhusagemax",
    "peakkwhusagehistory",
    "voltagecategory",
    "voltageminimum",
    "voltagemaximum",
    "phasewiring",
    "servicetype",
    "sector",
)
"""Text and limits of use: no price, but rules that an analyst should see. Kept as comments."""

SILENT_FIELDS: Final = frozenset(
    {
        "label", "name", "utility", "country", "startdate", "enddate", "demandwindow",
        "uri", "eiaid", "eia", "approved", "is_default", "isdefault", "supersedes", "supercedes",
        "source", "sourceparent", "revisions", "latest_update", "demandunits",
        "usenetmetering",
        # Without the percentage, the structure or the price that they belong to they say nothing.
        "lookbackmonths", "lookbackrange", "coincidentrateunit", "coincidentschedule",
        "coincidentrateschedule",
    }
)  # fmt: skip
"""Identity and history of the record, and companions of fields that are refused by themselves."""

REFUSED_FIELDS: Final[Mapping[str, str]] = {
    "lookbackpercent": "a demand ratchet is not billed yet",
    "demandratchetpercentage": "a demand ratchet is not billed yet",
    "coincidentratestructure": "a charge on the system's peak hour is not billed yet",
    "annualmincharge": "a minimum over the year is not billed yet",
    "realtimepricing": "prices from a market feed are not billed yet",
}
"""Known charges that no component claims; one that does takes its field out of force here."""

CURRENCIES: Final[Mapping[str, str]] = {"": "USD", "usa": "USD", "us": "USD"}
DEFAULT_WINDOW_MINUTES: Final = 15
MINUTES_PER_DAY: Final = 24 * MINUTES_PER_HOUR


def tariff_from_urdb(document: bytes | str, *, where: str) -> Tariff:
    """Return the tariff that a URDB document holds.

    Parameters
    ----------
    document : bytes or str
        JSON: one record, or ``{"items": [record]}``; field names in any letter case.
    where : str
        What to call the document in an error, such as its file name.

    Returns
    -------
    Tariff

    Raises
    ------
    TariffFormatError
        If the document is empty, cut off, not such a record, or contradicts itself.
    TariffRefusedError
        If it holds a field that we do not know or a charge that we cannot bill; names each.
    """
    text = _text(document, where)
    record = UrdbRecord(fields=_single_record(text, where), where=where)
    components = _components(record)
    window_s, window_assumption = _demand_window(record)
    if not any(component.counts_demand for component in components):
        window_assumption = ()
    return Tariff(
        tariff_id=record.text("label") or hashlib.sha256(text.encode()).hexdigest()[:24],
        name=record.text("name") or "unnamed tariff",
        utility=record.text("utility"),
        currency=_currency(record),
        components=components,
        demand_window_s=window_s,
        comments=_comments(record),
        assumptions=(
            *window_assumption,
            *(entry for component in components for entry in component.assumptions),
            "no day counts as a holiday",
        ),
        source_digest=hashlib.sha256(text.encode()).hexdigest(),
        valid_from=_instant(record, "startdate"),
        valid_to=_instant(record, "enddate"),
    )


def _text(document: bytes | str, where: str) -> str:
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


def _single_record(text: str, where: str) -> dict[str, object]:
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
    if len(records) != 1:
        raise TariffFormatError(
            f"the document holds {len(records)} tariffs",
            where=where,
            hint="give a document with one record",
        )
    return _lower_case(records[0], where)


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


def _components(record: UrdbRecord) -> tuple[Component, ...]:
    refusals = list(_refused_fields(record))
    components: list[Component] = []
    for kind in COMPONENTS:
        try:
            component = kind.from_urdb(record)
        except TariffRefusedError as error:
            refusals.extend(error.refusals)
            continue
        if component is not None:
            components.append(component)
    if refusals:
        raise TariffRefusedError(tuple(refusals), where=record.where)
    if not components:
        raise TariffFormatError(
            "the record holds no charge at all",
            where=record.where,
            hint="is it a URDB record with full detail?",
        )
    return tuple(components)


def _refused_fields(record: UrdbRecord) -> list[tuple[str, str]]:
    claimed = frozenset[str]().union(*(kind.urdb_fields for kind in COMPONENTS))
    known = claimed | SILENT_FIELDS | set(COMMENT_FIELDS)
    return [
        (field, REFUSED_FIELDS.get(field, "we do not know this field, and it may mean money"))
        for field, value in record.fields.items()
        if field not in known and (field not in REFUSED_FIELDS or not is_neutral(value))
    ]


def _demand_window(record: UrdbRecord) -> tuple[int, tuple[str, ...]]:
    minutes = record.number("demandwindow")
    default_s = int(minutes_to_s(DEFAULT_WINDOW_MINUTES))
    if not minutes:
        return default_s, (f"demand window of {DEFAULT_WINDOW_MINUTES} min: the record has none",)
    if minutes < 1:
        # Seen in the wild as 0.15: no meter averages over 9 s, and nobody bills it.
        return default_s, (
            f"demand window of {DEFAULT_WINDOW_MINUTES} min: the record's {minutes} min is no "
            "window that a meter has",
        )
    if minutes != int(minutes) or MINUTES_PER_DAY % int(minutes):
        raise record.malformed("demandwindow", f"{minutes} min do not divide a day")
    return int(minutes_to_s(int(minutes))), ()


def _currency(record: UrdbRecord) -> str:
    country = record.text("country")
    if country.lower() not in CURRENCIES:
        raise record.refused("country", f"we do not know the currency of {country!r} records")
    return CURRENCIES[country.lower()]


def _comments(record: UrdbRecord) -> tuple[str, ...]:
    found = ((field, _as_text(record.fields.get(field))) for field in COMMENT_FIELDS)
    return tuple(f"{field}: {text}" for field, text in found if text.strip(". "))


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _instant(record: UrdbRecord, field: str) -> datetime | None:
    seconds = record.number(field)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), tz=UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise record.malformed(field, f"{seconds} is no date") from error


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is not a number")
