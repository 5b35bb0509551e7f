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
from typing import Final, cast

from depotlib.errors import TariffFormatError, TariffRefusedError
from depotlib.tariffs.component import Component
from depotlib.tariffs.tariff import COMPONENTS, Tariff
from depotlib.tariffs.urdb_document import UrdbChoices, chosen_record, document_text
from depotlib.tariffs.urdb_record import UrdbRecord, is_neutral
from depotlib.tariffs.windows import duration_text
from depotlib.units import MINUTES_PER_HOUR, minutes_to_s

COMMENT_FIELDS: Final = {
    "description": "Description",
    "basicinformationcomments": "General",
    "energycomments": "Energy",
    "demandcomments": "Demand",
    "fixedcomments": "Fixed charges",
    "energyattrs": "Energy, further facts",
    "demandattrs": "Demand, further facts",
    "fixedattrs": "Fixed charges, further facts",
    "energytoulabels": "Names of the times of use",
    "dgrules": "Rule for own generation",
    "peakkwcapacitymin": "Least peak (kW)",
    "peakkwcapacitymax": "Highest peak (kW)",
    "peakkwcapacityhistory": "Peak is that of so many months",
    "peakkwusagemin": "Least peak usage (kW)",
    "peakkwusagemax": "Highest peak usage (kW)",
    "peakkwhusagemin": "Least energy (kWh)",
    "peakkwhusagemax": "Highest energy (kWh)",
    "peakkwhusagehistory": "Energy is that of so many months",
    "voltagecategory": "Voltage",
    "voltageminimum": "Lowest voltage (V)",
    "voltagemaximum": "Highest voltage (V)",
    "phasewiring": "Phases",
    "servicetype": "Service",
    "sector": "Sector",
}
"""Text and limits of use: no price, but rules that an analyst should see. Kept as comments, each
under what people call it."""

SILENT_FIELDS: Final = frozenset(
    {
        "label", "name", "utility", "country", "startdate", "enddate", "demandwindow",
        "uri", "eiaid", "eia", "approved", "is_default", "isdefault", "supersedes", "supercedes",
        "source", "sourceparent", "revisions", "latest_update", "demandunits",
        "usenetmetering",
    }
)  # fmt: skip
"""Identity and history of the record."""

REFUSED_FIELDS: Final[Mapping[str, str]] = {
    "realtimepricing": "prices from a market feed are not billed yet",
}
"""Known charges that no component claims; one that does takes its field out of force here."""

CURRENCIES: Final[Mapping[str, str]] = {"": "USD", "usa": "USD", "us": "USD"}
NO_CHOICES: Final = UrdbChoices()
DEFAULT_WINDOW_MINUTES: Final = 15
MINUTES_PER_DAY: Final = 24 * MINUTES_PER_HOUR


def tariff_from_urdb(
    document: bytes | str, *, where: str, choices: UrdbChoices = NO_CHOICES
) -> Tariff:
    """Return the tariff that a URDB document holds.

    Parameters
    ----------
    document : bytes or str
        JSON: one record, or ``{"items": [record, …]}``; field names in any letter case.
    where : str
        What to call the document in an error, such as its file name.
    choices : UrdbChoices, optional
        Which of several records, and what the record itself leaves open.

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
    text = document_text(document, where)
    record = UrdbRecord(
        fields=chosen_record(text, choices.label, where=where),
        where=where,
        tier_scope=choices.tier_scope,
        ratchet_scope=choices.ratchet_scope,
    )
    components = _components(record)
    window_s, window_assumption = _demand_window(record, choices.window_s)
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
        ),
        source_digest=hashlib.sha256(text.encode()).hexdigest(),
        valid_from=_instant(record, "startdate"),
        valid_to=_instant(record, "enddate"),
    )


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
        raise TariffRefusedError(tuple(dict.fromkeys(refusals)), where=record.where)
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


def _demand_window(record: UrdbRecord, asked_s: int | None) -> tuple[int, tuple[str, ...]]:
    minutes = record.number("demandwindow")
    if minutes and minutes >= 1:
        if minutes != int(minutes) or MINUTES_PER_DAY % int(minutes):
            raise record.malformed("demandwindow", f"{minutes} min do not divide a day")
        return int(minutes_to_s(int(minutes))), ()
    # Seen in the wild as 0.15: no meter averages over 9 s, and nobody bills it.
    why = "the record has none"
    if minutes:
        why = f"the record's {minutes} min is no window that a meter has"
    window_s = asked_s or int(minutes_to_s(DEFAULT_WINDOW_MINUTES))
    return window_s, (f"demand window of {duration_text(window_s)}: {why}",)


def _currency(record: UrdbRecord) -> str:
    country = record.text("country")
    if country.lower() not in CURRENCIES:
        raise record.refused("country", f"we do not know the currency of {country!r} records")
    return CURRENCIES[country.lower()]


def _comments(record: UrdbRecord) -> tuple[str, ...]:
    found = ((name, _as_text(record.fields.get(field))) for field, name in COMMENT_FIELDS.items())
    return tuple(f"{name}: {text}" for name, text in found if text.strip(". "))


def _as_text(value: object) -> str:
    if value is None:
        return ""
    rows = cast("list[object]", value) if isinstance(value, list) else []
    attributes = [cast("dict[str, object]", one) for one in rows if isinstance(one, dict)]
    if attributes and len(attributes) == len(rows):
        # `[{"TOU-summer:Peak": "5"}, ...]`.
        return "; ".join(f"{name}: {text}" for one in attributes for name, text in one.items())
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _instant(record: UrdbRecord, field: str) -> datetime | None:
    seconds = record.number(field)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), tz=UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise record.malformed(field, f"{seconds} is no date") from error
