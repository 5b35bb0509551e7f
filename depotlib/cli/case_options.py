"""The options by which commands name a bill: of files, or of the sessions in the store."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from depotlib.errors import InputError, OptionRefusedError
from depotlib.settings import read_settings
from depotlib.workflows.bill_load import BillOptions
from depotlib.workflows.billing_cases import CaseFiles, StoredCase

DAY: Final = ["%Y-%m-%d"]


class StampSide(StrEnum):
    """What the times of a load name."""

    START = "start"
    END = "end"


TariffOption = Annotated[str, typer.Option(help="a tariff file; with --site an id of the store")]
LoadOption = Annotated[Path | None, typer.Option(help="CSV: interval_start, power_kw")]
UsesOption = Annotated[
    Path | None, typer.Option(help="CSV: interval_start, vehicle_id, station_id, power_kw")
]
SiteOption = Annotated[str | None, typer.Option(help="a site with sessions in the store")]
MeterOption = Annotated[str | None, typer.Option(help="the site's meter in the store")]
FromOption = Annotated[
    datetime | None, typer.Option("--from", formats=DAY, help="day of the earlier read")
]
ToOption = Annotated[
    datetime | None, typer.Option("--to", formats=DAY, help="day of the later read, exclusive")
]
ZoneOption = Annotated[str | None, typer.Option(help="IANA name of the meter's zone")]
HistoryOption = Annotated[Path | None, typer.Option(help="CSV of earlier months' peaks")]
PowerFactorOption = Annotated[float | None, typer.Option(help="of the load, such as 0.95")]
HolidaysOption = Annotated[
    str | None, typer.Option(help="region whose holidays are billed as weekends, such as US-NY")
]
MaxOption = Annotated[float, typer.Option(help="power of a charging vehicle in the sessions")]
StampsOption = Annotated[StampSide, typer.Option(help="what a time names")]


def asked_case(
    *,
    tariff: str,
    load: Path | None,
    site: str | None,
    uses: Path | None = None,
    meter: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    time_zone: str | None = None,
    history: Path | None = None,
    power_factor: float | None = None,
    holidays: str | None = None,
    max_kw: float = 7.2,
    stamps: StampSide = StampSide.START,
) -> CaseFiles | StoredCase:
    """Return the bill that the options of a command name.

    Raises
    ------
    InputError
        If they name neither a load nor a site, or both.
    OptionRefusedError
        If an option that only a load as a file has stands beside a site.
    """
    first_day = None if start is None else start.date()
    end_day = None if end is None else end.date()
    if site is not None and load is None:
        _refuse_beside_site(
            {
                "--uses": uses is not None,
                "--history": history is not None,
                "--power-factor": power_factor is not None,
                "--holidays": holidays is not None,
                "--stamps": stamps is not StampSide.START,
            }
        )
        return StoredCase(
            settings=read_settings(),
            site=site,
            tariff_id=tariff,
            time_zone=time_zone or "UTC",
            first_day=first_day,
            end_day=end_day,
            max_kw=max_kw,
            meter_id=meter,
        )
    if load is None or site is not None:
        raise InputError(
            "a bill is that of a load or that of a site",
            where="--load, --site",
            hint="give a load as a file, or a site whose sessions are in the store",
        )
    return CaseFiles(
        tariff_path=Path(tariff),
        load_path=load,
        uses_path=uses,
        first_day=first_day,
        end_day=end_day,
        time_zone=time_zone,
        stamps="end" if stamps is StampSide.END else "start",
        options=BillOptions(
            history_path=history, power_factor_share=power_factor, holidays=holidays
        ),
    )


def _refuse_beside_site(given: dict[str, bool]) -> None:
    for option, is_given in given.items():
        if is_given:
            raise OptionRefusedError(
                f"{option} has no meaning for the sessions of a site",
                where=option,
                hint="leave it out, or give the load as a file with --load",
            )


def local_text(instant: datetime | None, time_zone: ZoneInfo) -> str | None:
    """Return an instant as local ISO 8601 with its offset."""
    return None if instant is None else instant.astimezone(time_zone).isoformat()
