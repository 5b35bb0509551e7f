"""Our own form of a tariff: a TOML file with a table for each charge. Read and written here.

See ``docs/tariff-file.md``.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, cast

from depotlib.errors import TariffFormatError
from depotlib.tariffs.component import Component
from depotlib.tariffs.table_form import Table, from_table, to_table
from depotlib.tariffs.tariff import COMPONENTS, Tariff
from depotlib.tariffs.toml_text import toml_text
from depotlib.tariffs.urdb import NO_CHOICES, tariff_from_urdb
from depotlib.tariffs.urdb_document import UrdbChoices

FORM: Final = "depotlib tariff 1"
COMPONENT_SECTION: Final = "component"
VERSION_SECTION: Final = "version"
SECTIONS: Final = (COMPONENT_SECTION, VERSION_SECTION)
SHARED_BY_VERSIONS: Final = ("tariff_id", "name", "utility", "currency", "demand_window_s")
"""What a version takes from the tariff it belongs to, unless it says otherwise."""
KINDS: Final[Mapping[str, type[Component]]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(): kind for kind in COMPONENTS
}
"""A component's kind in a file is its class's name: ``FlatDemand`` is ``flat_demand``."""


def tariff_from_document(
    document: bytes | str, *, where: str, choices: UrdbChoices = NO_CHOICES
) -> Tariff:
    """Return the tariff that a document holds, in our own form (TOML) or as a URDB record (JSON).

    Parameters
    ----------
    document : bytes or str
    where : str
        What to call the document in an error, such as its file name.
    choices : UrdbChoices, optional
        Of a URDB document.

    Raises
    ------
    TariffFormatError
        If the document is damaged, or neither of the two.
    TariffRefusedError
        If it holds what we cannot bill; names each field.
    """
    text = document if isinstance(document, str) else document.decode("utf-8-sig", "replace")
    is_json = text.lstrip("\ufeff \t\r\n")[:1] in {"{", "[", ""}
    if is_json:
        return tariff_from_urdb(document, where=where, choices=choices)
    return tariff_from_toml(document, where=where)


def tariff_from_toml(document: bytes | str, *, where: str) -> Tariff:
    """Return the tariff that a file in our own form holds.

    Raises
    ------
    TariffFormatError
        If it is not TOML, not of this form, or a charge is incomplete or unknown.
    """
    try:
        text = document if isinstance(document, str) else document.decode("utf-8-sig")
        found = tomllib.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TariffFormatError(
            f"the tariff is neither a URDB record nor a whole TOML file: {error}",
            where=where,
            hint="see docs/tariff-file.md",
        ) from error
    table: dict[str, object] = found
    if table.pop("form", None) != FORM:
        raise TariffFormatError(
            f"the file does not begin with form = {FORM!r}",
            where=where,
            hint="say so, if it is a tariff in this form",
        )
    tariff = _tariff(table, where=where)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return replace(tariff, source_digest=digest)


def tariff_to_toml(tariff: Tariff) -> str:
    """Return a tariff in our own form; read again it is the same tariff, but for its digest."""
    return toml_text({"form": FORM, **_table(tariff)}, sections=SECTIONS)


def _table(tariff: Tariff) -> Table:
    table = to_table(replace(tariff, components=(), versions=(), source_digest=""))
    del table["components"]
    # What was assumed of a record is said in its file: a file's own silence assumes anew.
    table["assumptions"] = list(tariff.assumptions)
    table[COMPONENT_SECTION] = [
        {"kind": _kind_of(component), **to_table(component)} for component in tariff.components
    ]
    if tariff.versions:
        table[VERSION_SECTION] = [_table(version) for version in tariff.versions]
    return table


def _kind_of(component: Component) -> str:
    (name,) = [name for name, kind in KINDS.items() if type(component) is kind]
    return name


def _tariff(table: dict[str, object], *, where: str) -> Tariff:
    components = tuple(
        _component(entry, where=f"{where}, component {number}")
        for number, entry in enumerate(_tables(table, COMPONENT_SECTION, where=where), 1)
    )
    if not components:
        raise TariffFormatError(
            "the tariff holds no charge", where=where, hint="add one with [[component]]"
        )
    versions = tuple(
        _version(table, entry, where=f"{where}, version {number}")
        for number, entry in enumerate(_tables(table, VERSION_SECTION, where=where), 1)
    )
    plain: dict[str, object] = {
        name: value for name, value in table.items() if name not in SECTIONS
    }
    assumed = [entry for component in components for entry in component.assumptions]
    plain.setdefault("assumptions", assumed)
    tariff = from_table(Tariff, {**plain, "components": []}, where=where)
    return replace(tariff, components=components, versions=versions)


def _version(parent: Mapping[str, object], entry: dict[str, object], *, where: str) -> Tariff:
    if "valid_from" not in entry:
        raise TariffFormatError(
            "'valid_from' is missing", where=where, hint="say from when it holds"
        )
    inherited = {name: parent[name] for name in SHARED_BY_VERSIONS if name in parent}
    return _tariff({**inherited, **entry}, where=where)


def _component(entry: dict[str, object], *, where: str) -> Component:
    name = entry.pop("kind", None)
    if name not in KINDS:
        raise TariffFormatError(
            f"there is no charge of kind {name!r}", where=where, hint=f"use {', '.join(KINDS)}"
        )
    return from_table(KINDS[cast("str", name)], entry, where=f"{where} ({name})")


def _tables(table: Mapping[str, object], name: str, *, where: str) -> list[dict[str, object]]:
    found = table.get(name, [])
    entries = cast("list[object]", found) if isinstance(found, list) else [found]
    if not all(isinstance(entry, dict) for entry in entries):
        raise TariffFormatError(f"{name} is no list of tables", where=where, hint=f"use [[{name}]]")
    return [dict(cast("dict[str, object]", entry)) for entry in entries]
