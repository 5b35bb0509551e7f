"""Solve as you drag: another limit, another paid peak, another departure, planned at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import polars as pl
import streamlit as st

from depotlib.charts.colours import Colours
from depotlib.charts.finish import Figure
from depotlib.charts.tried_load import tried_load
from depotlib.model.plan import Plan
from depotlib.ui.command import of_trial, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import kept_figure, show_figure
from depotlib.ui.page import Bench
from depotlib.ui.plan_job_parts import begin_night
from depotlib.ui.plan_loaders import ShownNight, facts_of, load_trial_night
from depotlib.ui.plan_tables import load_frame
from depotlib.ui.wording import kw, kwh, local_time, money, percent, plain, short_number
from depotlib.workflows.plan_tonight import NightAnswer
from depotlib.workflows.try_night import DepartureShift, NightChange, NightTrial

LIMIT_STEP_KW: Final = 5.0
MOST_SHIFT_MINUTES: Final = 120
SHIFT_STEP_MINUTES: Final = 15
LEAST_CAP_PERCENT: Final = 50
CAP_STEP_PERCENT: Final = 5
FULL_PERCENT: Final = 100
LEAST_SHOWN: Final = 0.005
NO_VAN: Final = ""


@st.fragment
def show_trial(shown: ShownNight) -> None:
    """Show sliders, and what the night would be; only this part is run again while they move.

    Parameters
    ----------
    shown : ShownNight
        As it was planned.
    """
    bench, answer = shown.bench, shown.answer
    with st.container(border=True):
        st.subheader("Try it: drag, and the night is planned again", anchor=False)
        left, right = st.columns([1, 2], gap="medium")
        with left:
            change = _pick_change(bench, answer)
            is_whole = _pick_whole(answer)
        with right, errors_shown():
            trial = load_trial_night(bench.settings, shown.night, change=change, is_whole=is_whole)
            _show_changes(trial)
            st.caption(plain(_sentence(trial, change)))
            _show_load(answer, trial)
            _offer(shown, change)
            offer_command(bench.settings, of_trial(shown.night, change, is_whole=is_whole))


def _show_load(answer: NightAnswer, trial: NightTrial) -> None:
    def draw(colours: Colours) -> Figure:
        return tried_load(
            answer.plan,
            trial.plan,
            depot=trial.tonight.depot,
            prices=trial.tonight.prices,
            base_load_kw=trial.tonight.base_load_kw,
            colours=colours,
        )

    figure = kept_figure(
        "tried load", of=facts_of(trial.tonight, answer.plan, trial.plan), draw=draw
    )
    show_figure(figure, key="tried_load", data=tried_frame(answer.plan, trial.plan))


def tried_frame(planned: Plan, tried: Plan) -> pl.DataFrame:
    """Return the total power of the night as it was planned and as it is tried."""
    powers = {"planned_kw": load_frame([planned]), "tried_kw": load_frame([tried])}
    columns = [frame.rename({frame.columns[-1]: name}) for name, frame in powers.items()]
    return (
        columns[0]
        .join(columns[1], on="interval_start", how="full", coalesce=True)
        .sort("interval_start")
    )


def _pick_change(bench: Bench, answer: NightAnswer) -> NightChange:
    """Return what the sliders say; they stand where the plan stands when it is new."""
    name, depot = answer.plan.header.plan_id[:8], answer.tonight.depot
    most_kw = depot.grid.service_kw - depot.grid.margin_kw
    limit_kw = st.slider(
        "Site limit (kW)",
        min_value=min(LIMIT_STEP_KW, depot.grid.operating_limit_kw),
        max_value=most_kw,
        value=depot.grid.operating_limit_kw,
        step=LIMIT_STEP_KW,
        format="%g",
        key=f"try_limit_{name}",
        help=f"Up to {short_number(most_kw)} kW: what the service allows.",
    )
    paid_kw = st.slider(
        "Target for this month's peak (kW)",
        min_value=0.0,
        max_value=most_kw,
        value=0.0,
        step=LIMIT_STEP_KW,
        format="%g",
        key=f"try_target_{name}",
        help="Counts as paid: a peak up to here costs this night nothing more.",
    )
    shift = _pick_shift(bench, answer)
    most_percent = st.slider(
        "Charge nobody above (%)",
        min_value=LEAST_CAP_PERCENT,
        max_value=FULL_PERCENT,
        value=FULL_PERCENT,
        step=CAP_STEP_PERCENT,
        key=f"try_cap_{name}",
        help="Spares batteries. What a duty must have goes before.",
    )
    return NightChange(
        operating_limit_kw=limit_kw,
        paid_kw=paid_kw,
        shifts=(shift,) if shift.by else (),
        most_soc=most_percent / FULL_PERCENT if most_percent < FULL_PERCENT else None,
    )


def _pick_shift(bench: Bench, answer: NightAnswer) -> DepartureShift:
    """Return which van leaves later, and by how much; nobody's by nothing where none is chosen."""
    name = answer.plan.header.plan_id[:8]
    dwells = {dwell.vehicle_id: dwell for dwell in answer.tonight.dwells}
    vehicle_id = st.selectbox(
        "A van's departure",
        [NO_VAN, *dwells],
        format_func=lambda one: (
            f"{one}, leaves {local_time(dwells[one].departure, bench.time_zone)}"
            if one
            else "all as they are"
        ),
        key=f"try_van_{name}",
    )
    minutes = st.slider(
        "leaves later by (minutes)",
        min_value=-MOST_SHIFT_MINUTES,
        max_value=MOST_SHIFT_MINUTES,
        value=0,
        step=SHIFT_STEP_MINUTES,
        format="%+d",
        key=f"try_shift_{name}",
        disabled=not vehicle_id,
    )
    return DepartureShift(vehicle_id, timedelta(minutes=minutes if vehicle_id else 0))


def _pick_whole(answer: NightAnswer) -> bool:
    """Return whether the yard is planned, too: that takes longer than a drag."""
    if answer.plan.header.occupancy == "relaxed":
        return False
    return st.toggle(
        "Plan the yard, too",
        key=f"try_yard_{answer.plan.header.plan_id[:8]}",
        help="Off: every van is taken to have a free plug, which no plan can beat; the answer is "
        "there at once. On: who stands where is planned anew with each change.",
    )


def _show_changes(trial: NightTrial) -> None:
    header = trial.plan.header
    is_bound = header.occupancy == "relaxed"
    with st.container(horizontal=True):
        st.metric(
            "Bill, at least" if is_bound else "Bill as tried",
            money(header.bill_amount, header.currency),
            _change(trial.bill_change_amount, lambda one: money(one, header.currency)),
            delta_color="inverse",
        )
        st.metric(
            "Peak as tried",
            kw(header.peak_kw),
            _change(trial.peak_change_kw, kw),
            delta_color="inverse",
        )
        st.metric(
            "Ready as tried",
            f"{header.ready} of {header.vehicles}",
            f"{trial.ready_change:+d}" if trial.ready_change else None,
        )
        st.metric(
            "Missing energy",
            kwh(header.unmet_kwh),
            _change(trial.unmet_change_kwh, kwh),
            delta_color="inverse",
        )


def _change(amount: float, words: Callable[[float], str]) -> str | None:
    if abs(amount) < LEAST_SHOWN:
        return None
    # A metric takes its arrow from the sign that its text begins with.
    return f"{'-' if amount < 0 else '+'}{words(abs(amount))}"


def _sentence(trial: NightTrial, change: NightChange) -> str:
    header = trial.plan.header
    words = ["Changes are against the plan above."]
    if header.occupancy == "relaxed":
        words = ["Every van with a free plug, here and in what the changes are against."]
    if header.unmet_kwh > LEAST_SHOWN:
        words.append("A bill that falls because energy is missing is no saving.")
    if change.most_soc is not None:
        asked_kwh = sum(need.dwell.energy_target_kwh for need in trial.tonight.needs)
        words.append(
            f"Nobody is charged above {percent(change.most_soc)} but for a duty that must have "
            f"more: {kwh(asked_kwh)} are asked for."
        )
    if change.paid_kw:
        over_kw = header.peak_kw - change.paid_kw
        words.append(
            f"The target is passed by {kw(over_kw)}: to stay below it would cost more, or leave vans short."
            if over_kw > LEAST_SHOWN
            else f"The bill holds the target's {kw(change.paid_kw)}, whoever draws them."
        )
    return " ".join(words)


def _offer(shown: ShownNight, change: NightChange) -> None:
    """Show a button that makes the tried limit and target those of the plan."""
    night = shown.night
    if change.shifts or change.most_soc is not None:
        st.caption(
            "A departure or a highest charge is tried here and changed in duties and vehicle "
            "classes: a plan that is pushed follows them."
        )
        return
    if not st.button("Plan the night like this", key="plan_as_tried"):
        return
    choices = replace(
        night.choices,
        operating_limit_kw=change.operating_limit_kw,
        running_peak_kw=max(night.choices.running_peak_kw, change.paid_kw),
    )
    begin_night(shown.bench, replace(night, choices=choices), is_background=False)
    st.rerun()
