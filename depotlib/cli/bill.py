"""``depot bill``: what a load costs under a tariff, line by line."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from depotlib.cli.printing import print_json, print_message
from depotlib.model.bill import Bill, BillLine
from depotlib.units import minutes_to_s
from depotlib.workflows.bill_load import BillOptions, BillRequest, LoadBills, bill_load


class StampSide(StrEnum):
    """What the times of a load name."""

    START = "start"
    END = "end"


class Windows(StrEnum):
    """How demand windows lie."""

    BLOCK = "block"
    SLIDING = "sliding"


class TierChoice(StrEnum):
    """What energy tiers count."""

    SHARED = "shared"
    BY_PERIOD = "by-period"


class RatchetChoice(StrEnum):
    """Which demand a record's ratchet holds for."""

    FLAT = "flat"
    ALL = "all"


def command(
    *,
    tariff: Annotated[Path, typer.Option(help="a URDB record (JSON) or our own form (TOML)")],
    load: Annotated[Path, typer.Option(help="CSV: interval_start, power_kw or energy_kwh")],
    start: Annotated[str | None, typer.Option("--from", help="first day or time")] = None,
    end: Annotated[str | None, typer.Option("--to", help="day or time after the last")] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA name of the meter's zone")] = None,
    history: Annotated[Path | None, typer.Option(help="CSV of earlier months' peaks")] = None,
    power_factor: Annotated[float | None, typer.Option(help="of the load, such as 0.95")] = None,
    holidays: Annotated[str | None, typer.Option(help="region, such as US-NY")] = None,
    windows: Annotated[Windows, typer.Option(help="how demand windows lie")] = Windows.BLOCK,
    system_peak: Annotated[
        list[str] | None, typer.Option(help="time in an hour of the utility's peak; may repeat")
    ] = None,
    prices: Annotated[Path | None, typer.Option(help="market prices, by interval")] = None,
    label: Annotated[str | None, typer.Option(help="which of a document's records")] = None,
    tiers: Annotated[TierChoice, typer.Option(help="what tiers count")] = TierChoice.SHARED,
    ratchet: Annotated[
        RatchetChoice, typer.Option(help="demand that a record's ratchet holds for")
    ] = RatchetChoice.FLAT,
    interval_minutes: Annotated[float | None, typer.Option(help="of the load")] = None,
    stamps: Annotated[StampSide, typer.Option(help="what a time names")] = StampSide.START,
    json: Annotated[bool, typer.Option("--json", help="print JSON, as always")] = True,
) -> None:
    """Bill a load: by calendar month, or the one period --from --to if up to 35 days long."""
    del json
    options = BillOptions(
        history_path=history,
        power_factor_share=power_factor,
        holidays=holidays,
        windows="sliding" if windows is Windows.SLIDING else "block",
        system_peaks=tuple(system_peak or ()),
        prices_path=prices,
        label=label,
        tier_scope="shared" if tiers is TierChoice.SHARED else "by period",
        ratchet_scope="flat" if ratchet is RatchetChoice.FLAT else "all",
    )
    result = bill_load(
        BillRequest(
            tariff_path=tariff,
            load_path=load,
            start=start,
            end=end,
            time_zone=time_zone,
            interval_s=None if interval_minutes is None else minutes_to_s(interval_minutes),
            stamps="end" if stamps is StampSide.END else "start",
            options=options,
        )
    )
    for bill in result.bills:
        for warning in bill.warnings:
            print_message(f"depot bill: {_local(bill.period.start, result.time_zone)}: {warning}")
    print_json(_answer(result))


def _answer(result: LoadBills) -> dict[str, object]:
    return {
        "tariff": {
            "id": result.tariff_id,
            "name": result.tariff_name,
            "utility": result.utility,
            "comments": result.comments,
        },
        "currency": result.currency,
        "time_zone": result.time_zone.key,
        "periods": [_period(bill, result.time_zone) for bill in result.bills],
    }


def _period(bill: Bill, time_zone: ZoneInfo) -> dict[str, object]:
    return {
        "from": _local(bill.period.start, time_zone),
        "to": _local(bill.period.end, time_zone),
        "currency": bill.currency,
        "total": bill.total,
        "lines": [_line(line, time_zone) for line in bill.lines],
        "warnings": bill.warnings,
        "assumptions": bill.assumptions,
    }


def _line(line: BillLine, time_zone: ZoneInfo) -> dict[str, object]:
    return {
        "component": line.component,
        "family": line.family,
        "quantity": line.quantity,
        "unit": line.unit,
        "price": line.unit_price,
        "amount": line.amount,
        "set_by": None if line.set_by is None else _local(line.set_by, time_zone),
        "also_set_by": [_local(instant, time_zone) for instant in line.also_set_by],
        "note": line.note,
    }


def _local(instant: datetime, time_zone: ZoneInfo) -> str:
    return instant.astimezone(time_zone).isoformat()
