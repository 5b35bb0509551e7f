"""``depot allocate``: a bill split by vehicle, station, route or cost centre."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.case_options import (
    FromOption,
    HistoryOption,
    HolidaysOption,
    LoadOption,
    MaxOption,
    MeterOption,
    PowerFactorOption,
    SiteOption,
    StampSide,
    StampsOption,
    TariffOption,
    ToOption,
    UsesOption,
    ZoneOption,
    asked_case,
)
from depotlib.cli.printing import print_json
from depotlib.model.allocation import AllocationRules
from depotlib.workflows.allocate_bill import Split, SplitBill, split_bill


class By(StrEnum):
    """Among whom a bill is split."""

    VEHICLE = "vehicle"
    STATION = "station"


class EnergyChoice(StrEnum):
    """How energy is split."""

    BY_USE = "by_use"
    BY_ENERGY = "by_energy"
    EQUALLY = "equally"


class DemandChoice(StrEnum):
    """How demand is split."""

    BY_PEAK = "by_peak"
    BY_ENERGY = "by_energy"
    EQUALLY = "equally"


class FixedChoice(StrEnum):
    """How everything else is split."""

    BY_ENERGY = "by_energy"
    EQUALLY = "equally"


def command(
    *,
    tariff: TariffOption,
    load: LoadOption = None,
    uses: UsesOption = None,
    site: SiteOption = None,
    meter: MeterOption = None,
    start: FromOption = None,
    end: ToOption = None,
    time_zone: ZoneOption = None,
    history: HistoryOption = None,
    power_factor: PowerFactorOption = None,
    holidays: HolidaysOption = None,
    max_kw: MaxOption = 7.2,
    stamps: StampsOption = StampSide.START,
    by: Annotated[By, typer.Option(help="whose ids are parties")] = By.VEHICLE,
    parties: Annotated[
        Path | None, typer.Option(help="CSV: id, party (route, cost centre), distance_km")
    ] = None,
    energy: Annotated[EnergyChoice, typer.Option(help="rule")] = EnergyChoice.BY_USE,
    demand: Annotated[DemandChoice, typer.Option(help="rule")] = DemandChoice.BY_PEAK,
    fixed: Annotated[FixedChoice, typer.Option(help="rule")] = FixedChoice.BY_ENERGY,
) -> None:
    """Print a bill split by stated rules, summing exactly to it."""
    asked = asked_case(
        tariff=tariff,
        load=load,
        uses=uses,
        site=site,
        meter=meter,
        start=start,
        end=end,
        time_zone=time_zone,
        history=history,
        power_factor=power_factor,
        holidays=holidays,
        max_kw=max_kw,
        stamps=stamps,
    )
    rules = AllocationRules(energy=energy.value, demand=demand.value, fixed=fixed.value)
    split = Split(by=by.value, rules=rules, parties_path=parties)
    print_json(_printed(split_bill(asked, split)))


def _printed(made: SplitBill) -> dict[str, object]:
    allocation = made.allocation
    return {
        "currency": allocation.bill.currency,
        "time_zone": made.time_zone,
        "from": allocation.bill.period.start,
        "to": allocation.bill.period.end,
        "total": allocation.bill.total,
        "parties": allocation.parties,
        "lines": allocation.lines,
        "assumptions": made.assumptions,
        "warnings": (*allocation.bill.warnings, *allocation.warnings),
    }
