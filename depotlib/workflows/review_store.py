"""What the depot's store holds: the depot that was chosen, its tariffs, imports and plans."""

from dataclasses import dataclass

import polars as pl

from depotlib.errors import StoreMissingError
from depotlib.model.depot import Depot
from depotlib.model.plan import PlanHeader
from depotlib.settings import Settings
from depotlib.store.catalogue import chosen_depot_id, chosen_tariff_id, load_depot
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
    """

    depot: Depot | None
    tariff_id: str | None
    imports: pl.DataFrame
    plans: tuple[PlanHeader, ...]


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
        )
    except StoreMissingError:
        return None


def review_rejections(settings: Settings, *, digest: str | None = None) -> pl.DataFrame:
    """Return the source records that were refused, of one file or of all, a `RejectionFrame`.

    Raises
    ------
    StoreMissingError
        If there is no store yet.
    """
    return rejections(settings.warehouse_path, digest)
