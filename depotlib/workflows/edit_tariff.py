"""Making and editing a tariff: tried as it is typed, saved as a version, and undone."""

from dataclasses import dataclass
from datetime import datetime

from depotlib.errors import RecordMissingError
from depotlib.settings import Settings
from depotlib.store.catalogue import save_tariff_record
from depotlib.store.document import SavedVersion, document_versions
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.tariff_file import tariff_from_document, tariff_to_toml
from depotlib.workflows.review_demand import stored_tariff


@dataclass(frozen=True, slots=True)
class TriedTariff:
    """What a text says that may become a tariff.

    Parameters
    ----------
    tariff_id, name, currency : str
    charges : int
    """

    tariff_id: str
    name: str
    currency: str
    charges: int


@dataclass(frozen=True, slots=True)
class EditedTariff:
    """A tariff of the store as somebody may go on with it.

    Parameters
    ----------
    text : str
        The version in use, in our own form.
    versions : tuple of SavedVersion
        The newest first.
    """

    text: str
    versions: tuple[SavedVersion, ...]


def edited_tariff(settings: Settings, tariff_id: str) -> EditedTariff:
    """Return a tariff of the store to edit, with its versions.

    Raises
    ------
    RecordMissingError
        If the store has no such tariff.
    """
    return EditedTariff(
        text=editable_text(settings, tariff_id), versions=tariff_versions(settings, tariff_id)
    )


def editable_text(settings: Settings, tariff_id: str) -> str:
    """Return a tariff of the store in our own form, whatever form it came in.

    Raises
    ------
    RecordMissingError
        If the store has no such tariff.
    """
    return tariff_to_toml(stored_tariff(settings, tariff_id))


def try_tariff(text: str) -> TriedTariff:
    """Return what a text says; nothing is saved.

    Raises
    ------
    TariffError
        If it is no tariff, or holds what we cannot bill.
    """
    return _tried(tariff_from_document(text, where="the tariff"))


def save_tariff_text(settings: Settings, text: str, *, now: datetime) -> TriedTariff:
    """Return a tariff that was saved: as a version of its id's, or, with a new id, as another.

    Raises
    ------
    TariffError
        If it cannot be; nothing is saved then.
    """
    tried = try_tariff(text)
    save_tariff_record(settings.warehouse_path, text, tariff_id=tried.tariff_id, saved_at=now)
    return tried


def tariff_versions(settings: Settings, tariff_id: str) -> tuple[SavedVersion, ...]:
    """Return every version of a tariff, the newest and the one in use first."""
    return document_versions(settings.warehouse_path, "tariff", document_id=tariff_id)


def return_to_tariff(settings: Settings, tariff_id: str, *, version: int, now: datetime) -> None:
    """Make an earlier version of a tariff the newest once more; none is lost by it.

    Raises
    ------
    RecordMissingError
        If there is no such version.
    """
    texts = {one.version: one.text for one in tariff_versions(settings, tariff_id)}
    if version not in texts:
        raise RecordMissingError(
            f"the tariff {tariff_id!r} has no version {version}",
            where="version",
            hint=f"known: {', '.join(map(str, sorted(texts))) or 'none'}",
        )
    save_tariff_record(settings.warehouse_path, texts[version], tariff_id=tariff_id, saved_at=now)


def _tried(tariff: Tariff) -> TriedTariff:
    return TriedTariff(
        tariff_id=tariff.tariff_id,
        name=tariff.name,
        currency=tariff.currency,
        charges=len(tariff.components),
    )
