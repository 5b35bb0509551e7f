"""Who drew what, from which the tests of attribution and allocation build their cases."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import polars as pl

from depotlib.model.frames import UseFrame
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.party_use import PartyUse, party_use, use_by
from depotlib.tariffs.tariff import Tariff
from tests.tariff_cases import JUNE, JUNE_START, QUARTER_S, QUARTERS_IN_JUNE, STANDARD_TIME, load


def uses(power_kw: Mapping[tuple[str | None, str | None], Sequence[float]]) -> pl.DataFrame:
    """Return uses of consecutive quarter-hours of June by (vehicle, station)."""
    rows = [
        (JUNE_START + timedelta(seconds=QUARTER_S * step), vehicle, station, power)
        for (vehicle, station), series in power_kw.items()
        for step, power in enumerate(series)
        if power > 0
    ]
    return pl.DataFrame(rows, schema=UseFrame.create_empty().schema, orient="row")


def june_kw(*head: float, rest: float = 0.0) -> list[float]:
    """Return the powers of all quarter-hours of June: some first ones, then one for the rest."""
    return [*head, *[rest] * (QUARTERS_IN_JUNE - len(head))]


def june_case(tariff: Tariff, power_kw: Sequence[float | None]) -> BillingCase:
    """Return the bill of June of a load."""
    return BillingCase(
        tariff=tariff,
        load=load(power_kw),
        period=JUNE,
        interval_s=QUARTER_S,
        time_zone=STANDARD_TIME,
    )


def june_use(
    case: BillingCase,
    power_kw: Mapping[tuple[str | None, str | None], Sequence[float]],
    *,
    column: str = "vehicle_id",
    parties: Mapping[str, str] | None = None,
) -> PartyUse:
    """Return the use of a case's load by party."""
    return party_use(
        case.load, use_by(column, uses(power_kw), parties=parties), interval_s=case.interval_s
    )
