"""The options by which commands name a night, and how its bill is counted."""

from datetime import datetime
from typing import Annotated

import typer

EveningOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="local date; default: now")
]
DaysPerMonthOption = Annotated[float, typer.Option(help="nights like this a month")]
RunningPeakOption = Annotated[float, typer.Option(help="peak already billed [kW]")]
IgnoreOccupancyOption = Annotated[bool, typer.Option(help="no vehicle waits for a plug")]
