"""How things stand, as a notebook: tonight, the night as it is, who did what, what data is worth."""

from datetime import datetime

from depotlib.reports.notebook import NamedParameter, NotebookRecipe
from depotlib.settings import Settings
from depotlib.workflows.audit_trail import AuditWish
from depotlib.workflows.open_notebook import (
    EVENING_WORDS,
    NOW_WORDS,
    OPEN,
    SETTINGS,
    home_parameter,
)
from depotlib.workflows.tonight import NO_NIGHT_CHOICES, NightChoices


def quality_recipe(settings: Settings, *, now: datetime, time_zone: str) -> NotebookRecipe:
    """Return how what was imported is judged again."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("now", now, "how old a reading is counts from here"),
            NamedParameter("time_zone", time_zone),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.data_quality import data_quality",
            "from depotlib.workflows.report_now import quality_report",
        ),
        calls=(
            *OPEN,
            "report = quality_report(data_quality(settings, now=now), time_zone=time_zone)",
        ),
    )


def tonight_recipe(
    settings: Settings, *, now: datetime, choices: NightChoices = NO_NIGHT_CHOICES
) -> NotebookRecipe:
    """Return how what a night asks for is gathered again."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("now", now, NOW_WORDS),
            NamedParameter("evening", choices.evening, EVENING_WORDS),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.report_now import tonight_report",
            "from depotlib.workflows.tonight import NightChoices, gather_tonight",
        ),
        calls=(
            *OPEN,
            "tonight = gather_tonight(settings, now=now, choices=NightChoices(evening=evening))",
            "report = tonight_report(tonight)",
        ),
    )


def live_recipe(settings: Settings, *, now: datetime, since: datetime) -> NotebookRecipe:
    """Return how the night is watched again: as it is when the notebook runs."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("now", now, "as of then, by what the processes told last"),
            NamedParameter("since", since, "what was metered before is left out"),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.report_now import live_report",
            "from depotlib.workflows.trace_night import NightTrace, trace_night",
            "from depotlib.workflows.watch_night import watch_night",
        ),
        calls=(
            *OPEN,
            "night = watch_night(settings, now=now)",
            "report = live_report(night, trace_night(settings, before=NightTrace(since=since)))",
        ),
        is_moving=True,
    )


def deeds_recipe(settings: Settings, wish: AuditWish, *, time_zone: str) -> NotebookRecipe:
    """Return how who did what is asked again; others go on doing things meanwhile."""
    return NotebookRecipe(
        parameters=(
            home_parameter(settings),
            NamedParameter("start", wish.start, "None: from the beginning"),
            NamedParameter("who", wish.who, "empty: everybody"),
            NamedParameter("topics", tuple(wish.topics), "none: all"),
            NamedParameter("time_zone", time_zone),
        ),
        imports=(
            *SETTINGS,
            "from depotlib.workflows.audit_trail import AuditWish, audit_trail",
            "from depotlib.workflows.report_now import deeds_report",
        ),
        calls=(
            *OPEN,
            "wish = AuditWish(start=start, who=who, topics=topics)",
            "report = deeds_report(audit_trail(settings, wish), time_zone=time_zone)",
        ),
        is_moving=True,
    )
