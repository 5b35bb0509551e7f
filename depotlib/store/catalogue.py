"""Documents of what we decide about: depots, fleets, identities, duties, policies, tariffs.

Each save keeps the former versions. What a document holds is a model type as JSON; a tariff is
the text of its record, which only the tariffs room can read.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from depotlib.errors import RecordMissingError
from depotlib.model.brief import Brief, NeedPolicy
from depotlib.model.depot import Depot
from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet
from depotlib.model.identity import IdentityMap
from depotlib.store.document import DocumentKind, document, document_ids, save_document
from depotlib.store.setting import save_setting, setting

DEPOT: Final = TypeAdapter(Depot)
FLEET: Final = TypeAdapter(Fleet)
IDENTITIES: Final = TypeAdapter(IdentityMap)
DUTIES: Final = TypeAdapter(tuple[Duty, ...])
POLICY: Final = TypeAdapter(NeedPolicy)


def save_depot(path: Path, depot: Depot, *, saved_at: datetime) -> int:
    """Return the version under which a depot now stands."""
    text = DEPOT.dump_json(depot).decode()
    return save_document(path, "depot", document_id=depot.depot_id, text=text, saved_at=saved_at)


def load_depot(path: Path, depot_id: str) -> Depot:
    """Return a depot.

    Raises
    ------
    RecordMissingError
        If the warehouse has no such depot.
    """
    return DEPOT.validate_json(_needed(path, "depot", document_id=depot_id))


def depots(path: Path) -> list[Depot]:
    """Return every depot, by id."""
    return [load_depot(path, depot_id) for depot_id in document_ids(path, "depot")]


def save_site(path: Path, text: str, *, brief: Brief, saved_at: datetime) -> int:
    """Return the version under which a site file now stands, with the depot and tokens in it.

    Parameters
    ----------
    path : Path
    text : str
        As a person wrote it, comments included.
    brief : Brief
        What it says.
    saved_at : datetime
    """
    depot = brief.depot
    save_depot(path, depot, saved_at=saved_at)
    save_identities(path, brief.identities, depot_id=depot.depot_id, saved_at=saved_at)
    return save_document(path, "site", document_id=depot.depot_id, text=text, saved_at=saved_at)


def save_fleet(path: Path, fleet: Fleet, *, depot_id: str, saved_at: datetime) -> int:
    """Return the version under which a depot's fleet now stands."""
    text = FLEET.dump_json(fleet).decode()
    return save_document(path, "fleet", document_id=depot_id, text=text, saved_at=saved_at)


def load_fleet(path: Path, depot_id: str) -> Fleet:
    """Return a depot's fleet.

    Raises
    ------
    RecordMissingError
        If the depot has none.
    """
    return FLEET.validate_json(_needed(path, "fleet", document_id=depot_id))


def save_identities(
    path: Path, identities: IdentityMap, *, depot_id: str, saved_at: datetime
) -> int:
    """Return the version under which a depot's tokens now stand."""
    text = IDENTITIES.dump_json(identities).decode()
    return save_document(path, "identities", document_id=depot_id, text=text, saved_at=saved_at)


def load_identities(path: Path, depot_id: str) -> IdentityMap:
    """Return a depot's tokens, an empty map if it has none."""
    text = document(path, "identities", document_id=depot_id)
    return IdentityMap() if text is None else IDENTITIES.validate_json(text)


def save_duties(path: Path, duties: tuple[Duty, ...], *, depot_id: str, saved_at: datetime) -> int:
    """Return the version under which all duties of a depot now stand."""
    text = DUTIES.dump_json(duties).decode()
    return save_document(path, "duties", document_id=depot_id, text=text, saved_at=saved_at)


def load_duties(path: Path, depot_id: str) -> tuple[Duty, ...]:
    """Return a depot's duties, none if none were saved."""
    text = document(path, "duties", document_id=depot_id)
    return () if text is None else DUTIES.validate_json(text)


def save_policy(path: Path, policy: NeedPolicy, *, depot_id: str, saved_at: datetime) -> int:
    """Return the version under which a depot's reserve policy now stands."""
    text = POLICY.dump_json(policy).decode()
    return save_document(path, "policy", document_id=depot_id, text=text, saved_at=saved_at)


def load_policy(path: Path, depot_id: str) -> NeedPolicy:
    """Return a depot's reserve policy, the default one if none was saved."""
    text = document(path, "policy", document_id=depot_id)
    return NeedPolicy() if text is None else POLICY.validate_json(text)


def save_tariff_record(path: Path, text: str, *, tariff_id: str, saved_at: datetime) -> int:
    """Return the version under which a tariff record now stands, word for word."""
    return save_document(path, "tariff", document_id=tariff_id, text=text, saved_at=saved_at)


def tariff_record(path: Path, tariff_id: str) -> str:
    """Return a tariff record as it was saved.

    Raises
    ------
    RecordMissingError
        If the warehouse has no such record.
    """
    return _needed(path, "tariff", document_id=tariff_id)


def tariff_ids(path: Path) -> list[str]:
    """Return the ids of every tariff record, sorted."""
    return document_ids(path, "tariff")


def choose_tariff(path: Path, depot_id: str, *, tariff_id: str) -> None:
    """Set the tariff that a depot pays.

    Raises
    ------
    RecordMissingError
        If the warehouse has no such record.
    """
    tariff_record(path, tariff_id)
    save_setting(path, f"tariff of {depot_id}", value=tariff_id)


def chosen_tariff_id(path: Path, depot_id: str) -> str | None:
    """Return the tariff that a depot pays, or None if none was chosen."""
    return setting(path, f"tariff of {depot_id}")


def choose_depot(path: Path, depot_id: str) -> None:
    """Set the depot that pages and commands work on.

    Raises
    ------
    RecordMissingError
        If the warehouse has no such depot.
    """
    load_depot(path, depot_id)
    save_setting(path, "active depot", value=depot_id)


def chosen_depot_id(path: Path) -> str | None:
    """Return the depot that pages and commands work on, or None if none was chosen."""
    return setting(path, "active depot")


def _needed(path: Path, kind: DocumentKind, *, document_id: str) -> str:
    text = document(path, kind, document_id=document_id)
    if text is None:
        raise RecordMissingError(
            f"the warehouse has no {kind} {document_id!r}",
            where=str(path),
            hint=f"known: {', '.join(document_ids(path, kind)) or 'none'}",
        )
    return text
