"""How the night stands, to take away: as it runs, or what it asks for before anything runs."""

from depotlib.reports.report import Report
from depotlib.settings import Settings
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.night_now import watch
from depotlib.ui.page import Bench
from depotlib.ui.report_parts import offer_report
from depotlib.workflows.notebook_now import live_recipe, tonight_recipe
from depotlib.workflows.report_now import live_report, tonight_report
from depotlib.workflows.tonight import gather_tonight
from depotlib.workflows.trace_night import NightTrace, trace_night
from depotlib.workflows.watch_night import NightNow


def offer_live_report(bench: Bench) -> None:
    """Show buttons that download the night as it is at the click; before it runs, as expected."""
    with errors_shown():
        night = watch(bench.settings)
    if night is not None and night.brief is not None and night.vehicles:
        since = night.begins_at
        offer_report(
            lambda: _live(bench.settings, night),
            name="night_now",
            recipe=live_recipe(bench.settings, now=night.at, since=since),
        )
    elif bench.depot is not None:
        offer_report(
            lambda: tonight_report(gather_tonight(bench.settings, now=bench.now)),
            name="tonight",
            recipe=tonight_recipe(bench.settings, now=bench.now),
        )


def _live(settings: Settings, before: NightNow) -> Report:
    night = watch(settings) or before
    return live_report(night, trace_night(settings, before=NightTrace(since=night.begins_at)))
