"""The bill of a play by line, and what its energy stands for in CO2."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from depotlib.simulation.outcome import BillAmount
from depotlib.simulation.setting import Setting
from depotlib.tariffs.bill import bill_months


@dataclass(frozen=True, slots=True)
class Settled:
    """The bills of a play, together."""

    lines: tuple[BillAmount, ...]
    total: Decimal
    currency: str


def settled_bill(setting: Setting) -> Settled:
    """Return the bills of a play's load, summed by line over the months that it touches.

    Raises
    ------
    LoadError
        If the tariff cannot bill the load.
    """
    grid = setting.play.grid
    load = pl.DataFrame(
        {
            "interval_start": pl.datetime_range(
                grid.start,
                grid.end,
                interval=grid.step,
                closed="left",
                time_unit="us",
                time_zone="UTC",
                eager=True,
            ),
            "power_kw": setting.site_kw,
        }
    )
    bills = bill_months(
        setting.scenario.tariff,
        load,
        interval_s=grid.interval_s,
        time_zone=setting.play.time_zone,
    )
    amounts: dict[tuple[str, str], Decimal] = {}
    for bill in bills:
        for line in bill.lines:
            key = (line.component, line.family)
            amounts[key] = amounts.get(key, Decimal(0)) + line.amount
    lines = tuple(BillAmount(name, family, amount) for (name, family), amount in amounts.items())
    return Settled(
        lines=lines,
        total=sum((line.amount for line in lines), Decimal(0)),
        currency=setting.scenario.tariff.currency,
    )


def carbon_of(setting: Setting) -> tuple[float | None, float | None]:
    """Return what the vehicles' energy stands for, average and marginal [kg]; None: not known."""
    carbon = setting.scenario.carbon

    def co2_kg(kg_per_kwh: Sequence[float]) -> float | None:
        if not kg_per_kwh:
            return None
        by_interval = setting.play.by_day(kg_per_kwh)
        return float(by_interval @ setting.charging_kw) * setting.play.grid.interval_h

    return co2_kg(carbon.average_kg_per_kwh), co2_kg(carbon.marginal_kg_per_kwh)
