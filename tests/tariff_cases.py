"""Tariff records and loads from which the tests of tariffs build their cases."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.bill import Bill, BillLine
from depotlib.model.calendar import BillingPeriod
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.urdb import tariff_from_urdb

# No clock changes: a month here has whole days only.
STANDARD_TIME = ZoneInfo("Etc/GMT+5")
JUNE_START = datetime(2026, 6, 1, 5, tzinfo=UTC)
JUNE = BillingPeriod(start=JUNE_START, end=datetime(2026, 7, 1, 5, tzinfo=UTC))
QUARTER_S = 900
QUARTERS_IN_JUNE = 30 * 96


def record(**fields: object) -> dict[str, object]:
    """Return a URDB record with 0.10 $/kWh at all hours, changed or extended by fields."""
    return {
        "label": "test",
        "name": "test tariff",
        "energyratestructure": [[{"rate": 0.10}]],
        "demandwindow": 15,
    } | fields


def tariff(**fields: object) -> Tariff:
    """Return the tariff of `record`."""
    return tariff_from_urdb(json.dumps(record(**fields)), where="test record")


def golden(**fields: object) -> Tariff:
    """Return the tariff of the golden cases: 0.10 $/kWh, 15 $/kW, 100 $/month."""
    return tariff(
        **{
            "flatdemandstructure": [[{"rate": 15}]],
            "fixedchargefirstmeter": 100,
            "fixedchargeunits": "$/month",
        }
        | fields
    )


def load(
    power_kw: Sequence[float | None], *, start: datetime = JUNE_START, interval_s: int = QUARTER_S
) -> pl.DataFrame:
    """Return a load frame of consecutive intervals."""
    starts = [start + timedelta(seconds=interval_s * step) for step in range(len(power_kw))]
    return pl.DataFrame(
        {"interval_start": starts, "power_kw": power_kw},
        schema={"interval_start": pl.Datetime("us", "UTC"), "power_kw": pl.Float64},
    )


def schedule(hours: range, *, inside: int = 1, outside: int = 0) -> list[list[int]]:
    """Return a 12 x 24 schedule: one period inside the hours, another outside."""
    return [[inside if hour in hours else outside for hour in range(24)]] * 12


def line(bill: Bill, component: str) -> BillLine:
    """Return the one line of a bill with that name."""
    (found,) = [entry for entry in bill.lines if entry.component == component]
    return found


def amounts(bill: Bill) -> dict[str, Decimal]:
    """Return the sums of a bill by family, without empty families."""
    families = {entry.family for entry in bill.lines}
    return {family: bill.family_total(family) for family in families}
