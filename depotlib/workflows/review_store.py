"""What the depot's store holds: the depot that was chosen, its tariffs, imports and plans."""

from dataclasses import dataclass, field

import polars as pl

from depotlib.errors import StoreMissingError
from depotlib.model.depot import Depot
from depotlib.model.display import Display
from depotlib.model.plan import PlanHeader
from depotlib.model.site_file import tables_from_toml
from depotlib.reports.cell_text import BY_ISO
from depotlib.settings import Settings
from depotlib.store.catalogue import chosen_depot_id, chosen_tariff_id, load_depot
from depotlib.store.document import document
from depotlib.store.imports import import_history, rejections
from depotlib.store.plans import plan_headers


@dataclass(frozen=True, slots=True)
class StoreReview:
    """A store at one look.

    Parameters
    ----------
    depot : Depot or None
        The one that was chosen.
    tariff_id : str or None
        The one that was chosen for it.
    imports : polars.DataFrame
        `ImportHistoryFrame`, the latest first.
    plans : tuple of PlanHeader
        The latest first.
    display : Display
        What the depot's figures are shown in.
    """

    depot: Depot | None
    tariff_id: str | None
    imports: pl.DataFrame
    plans: tuple[PlanHeader, ...]
    display: Display = field(default_factory=Display)


def review_store(settings: Settings) -> StoreReview | None:
    """Return what the store holds, or None where there is no store yet.

    Raises
    ------
    StoreError
        If the store is busy, damaged, or written by a newer version.
    """
    path = settings.warehouse_path
    try:
        depot_id = chosen_depot_id(path)
        return StoreReview(
            depot=None if depot_id is None else load_depot(path, depot_id),
            tariff_id=None if depot_id is None else chosen_tariff_id(path, depot_id),
            imports=import_history(path),
            plans=tuple(plan_headers(path)),
            display=Display() if depot_id is None else _display_of(settings, depot_id),
        )
    except StoreMissingError:
        return None


def shown_in(settings: Settings) -> Display | None:
    """Return what the chosen depot's figures are shown in; None where there is no depot yet."""
    try:
        depot_id = chosen_depot_id(settings.warehouse_path)
    except StoreMissingError:
        return None
    return None if depot_id is None else _display_of(settings, depot_id)


def printed_in(settings: Settings) -> Display:
    """Return what a page to print is written in: as the chosen depot writes, or by ISO 8601."""
    return shown_in(settings) or BY_ISO


def _display_of(settings: Settings, depot_id: str) -> Display:
    """Return what a depot's figures are shown in; without a site file, as they are stored."""
    text = document(settings.warehouse_path, "site", document_id=depot_id)
    if text is None:
        return Display()
    return tables_from_toml(text, where=f"the site of {depot_id}").display.display()


def review_rejections(settings: Settings, *, digest: str | None = None) -> pl.DataFrame:
    """Return the source records that were refused, of one file or of all, a `RejectionFrame`.

    Raises
    ------
    StoreMissingError
        If there is no store yet.
    """
    return rejections(settings.warehouse_path, digest)
