"""Where the demo's vans park before anybody has pushed a plan: by the yard's own assignment."""

from datetime import datetime

from depotlib.settings import Settings
from depotlib.virtual.script import NightScript
from depotlib.workflows.load_demo import night_sheet_path
from depotlib.workflows.plan_tonight import plan_of
from depotlib.workflows.tonight import gather_tonight
from depotlib.workflows.yard_sheet import night_script, write_yard_sheet


def open_demo_yard(settings: Settings) -> None:
    """Lay out an empty sheet: the stations are there, nobody is home."""
    write_yard_sheet(night_sheet_path(settings), NightScript())


def write_demo_sheet(settings: Settings, *, now: datetime) -> None:
    """Write the first sheet of the virtual yard; a push replaces it.

    Raises
    ------
    StoreMissingError, RecordMissingError
        If the demo depot has not been loaded.
    """
    tonight = gather_tonight(settings, now=now)
    plan = plan_of(tonight, now=now)
    write_yard_sheet(night_sheet_path(settings), night_script(tonight, plan))
