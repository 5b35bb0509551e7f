"""What follows from a planned night, kept while the night stands: trials, reasons, chances."""

from dataclasses import dataclass

import polars as pl
import streamlit as st

from depotlib.model.plan import Plan
from depotlib.settings import Settings
from depotlib.ui.loaders import load_night, load_store
from depotlib.ui.page import Bench
from depotlib.ui.state import PlannedNight
from depotlib.workflows.explain_plan import NightExplained, explain_night, preference_costs
from depotlib.workflows.plan_tonight import NightAnswer
from depotlib.workflows.tonight import Tonight
from depotlib.workflows.try_night import (
    NightChange,
    NightTrial,
    plan_as_chosen,
    ready_tonight,
    try_night,
)


@dataclass(frozen=True, slots=True)
class ShownNight:
    """A planned night on a page.

    Parameters
    ----------
    bench : Bench
    night : PlannedNight
        What was asked for.
    answer : NightAnswer
        What came of it.
    """

    bench: Bench
    night: PlannedNight
    answer: NightAnswer


def facts_of(tonight: Tonight, *plans: Plan) -> tuple[str, ...]:
    """Return all that a chart of plans draws: a plan's id tells of its problem and its powers."""
    names = (plan.header.plan_id for plan in plans)
    return (*names, repr(tonight.depot), repr(tonight.dwells))


def was_just_made(bench: Bench, plan_id: str) -> bool:
    """Return whether a plan has come into the store since the page began to run."""
    before, after = bench.store, None
    if before is not None and plan_id not in {one.plan_id for one in before.plans}:
        after = load_store(bench.settings)
    return after is not None and plan_id in {one.plan_id for one in after.plans}


def load_trial_night(
    settings: Settings, night: PlannedNight, *, change: NightChange, is_whole: bool
) -> NightTrial:
    """Return a night with a change tried.

    Parameters
    ----------
    settings : Settings
    night : PlannedNight
    change : NightChange
    is_whole : bool
        With who stands where, beside the plan; otherwise both are taken without it, at once.
    """
    return _trial(
        str(settings.home), night=night, change=change, is_whole=is_whole, _settings=settings
    )


def load_explanation(settings: Settings, night: PlannedNight) -> NightExplained:
    """Return why a night's plan is as it is."""
    return _explanation(str(settings.home), night=night, _settings=settings)


def load_chances(settings: Settings, night: PlannedNight) -> pl.DataFrame:
    """Return how likely each vehicle of a night is ready."""
    return _chances(str(settings.home), night=night, _settings=settings)


def load_preferences(settings: Settings, night: PlannedNight) -> pl.DataFrame:
    """Return what slack and battery care cost on a night, plan by plan."""
    return _preferences(str(settings.home), night=night, _settings=settings)


@st.cache_resource(show_spinner=False, max_entries=256)
def _trial(
    home: str, *, night: PlannedNight, change: NightChange, is_whole: bool, _settings: Settings
) -> NightTrial:
    assert home
    answer = load_night(_settings, night)
    return try_night(
        _settings,
        answer.tonight,
        change=change,
        before=answer.plan if is_whole else _relaxed(home, night=night, _settings=_settings),
        choices=night.choices,
    )


@st.cache_resource(show_spinner=False, max_entries=8)
def _relaxed(home: str, *, night: PlannedNight, _settings: Settings) -> Plan:
    assert home
    answer = load_night(_settings, night)
    if answer.plan.header.occupancy == "relaxed":
        return answer.plan
    return plan_as_chosen(answer.tonight, made_at=night.at, occupancy="relaxed")


@st.cache_resource(show_spinner="Planning again with one fact changed at a time …", max_entries=8)
def _explanation(home: str, *, night: PlannedNight, _settings: Settings) -> NightExplained:
    assert home
    answer = load_night(_settings, night)
    explanation = explain_night(_settings, answer.tonight, plan=answer.plan, now=night.at)
    return NightExplained(tonight=answer.tonight, plan=answer.plan, explanation=explanation)


@st.cache_resource(show_spinner="Asking how sure each departure is …", max_entries=8)
def _chances(home: str, *, night: PlannedNight, _settings: Settings) -> pl.DataFrame:
    assert home
    answer = load_night(_settings, night)
    return ready_tonight(answer.tonight, answer.plan)


@st.cache_resource(show_spinner="Planning with more slack and more care …", max_entries=8)
def _preferences(home: str, *, night: PlannedNight, _settings: Settings) -> pl.DataFrame:
    assert home
    answer = load_night(_settings, night)
    return preference_costs(answer.tonight, answer.plan)
