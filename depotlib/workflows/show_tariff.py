"""What a tariff holds: its charges, its own words, what it left open."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from depotlib.ingest.content import read_content
from depotlib.settings import Settings
from depotlib.tariffs.tariff_file import tariff_from_document, tariff_to_toml
from depotlib.workflows.review_demand import stored_tariff


@dataclass(frozen=True, slots=True)
class ShownTariff:
    """A tariff for people to read.

    Parameters
    ----------
    tariff_id, name, utility, currency : str
    demand_window_s : int
    valid_from, valid_to : datetime or None
    comments : tuple of str
        The record's own words.
    assumptions : tuple of str
        What the record left open.
    text : str
        The tariff as a file in our own form.
    """

    tariff_id: str
    name: str
    utility: str
    currency: str
    demand_window_s: int
    valid_from: datetime | None
    valid_to: datetime | None
    comments: tuple[str, ...]
    assumptions: tuple[str, ...]
    text: str


def show_tariff(settings: Settings, named: str) -> ShownTariff:
    """Return a tariff of a file, or of the store where there is no such file.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If it is no file, and there is no store or no such tariff in it.
    TariffError
        If it holds what we cannot bill.
    """
    path = Path(named)
    if path.is_file():
        tariff = tariff_from_document(read_content(path).data, where=path.name)
    else:
        tariff = stored_tariff(settings, named)
    return ShownTariff(
        tariff_id=tariff.tariff_id,
        name=tariff.name,
        utility=tariff.utility,
        currency=tariff.currency,
        demand_window_s=tariff.demand_window_s,
        valid_from=tariff.valid_from,
        valid_to=tariff.valid_to,
        comments=tariff.comments,
        assumptions=tariff.assumptions,
        text=tariff_to_toml(tariff),
    )
