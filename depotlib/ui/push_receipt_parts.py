"""What a push leaves on a page: its receipt, its time to effect, and schedules as files."""

from typing import Final

import streamlit as st

from depotlib.charts.time_to_effect import time_to_effect
from depotlib.model.depot import Depot
from depotlib.settings import Settings
from depotlib.ui.downloads import offer_file
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.state import written_receipt
from depotlib.ui.wording import counted, kw, listed, money, plain
from depotlib.workflows.export_schedules import FORMS, Form, schedule_archive, schedule_files
from depotlib.workflows.plan_tonight import NightAnswer
from depotlib.workflows.push_plan import without_live
from depotlib.workflows.push_receipt import PushReceipt, push_receipt, receipt_text

REFRESH_S: Final = 5.0
MOST_NAMES: Final = 6
FORM_WORDS: Final[dict[Form, str]] = {
    "csv": "a table (CSV)",
    "ocpp16": "OCPP 1.6 requests (JSON)",
    "ocpp201": "OCPP 2.0.1 requests (JSON)",
}


@st.fragment(run_every=REFRESH_S)
def show_receipt(settings: Settings, request_id: str) -> None:
    """Show how long a push took to have its effect, and its receipt to take away."""
    with errors_shown():
        receipt = push_receipt(settings, request_id)
    if receipt is None:
        return
    answered_s = [one.latency_s for one in receipt.lines if one.latency_s is not None]
    effects = [one.effect for one in receipt.lines if one.effect is not None]
    if answered_s:
        show_figure(
            time_to_effect(answered_s, [one.effect_s for one in effects], colours=theme_colours()),
            key="time_to_effect",
        )
        st.markdown(plain(effect_sentence(receipt)))
    written = written_receipt(receipt)
    # Two places by turns: the file before stays where it was until the one after this is written,
    # so that a browser which is late, or was just clicked, still finds it.
    places = st.container(), st.container()
    with places[written.number % len(places)]:
        offer_file(
            receipt_text(written.receipt).encode(),
            name=f"{request_id}.json",
            label="Receipt (JSON)",
            mime="application/json",
        )


def effect_sentence(receipt: PushReceipt) -> str:
    """Return in words what a push adds to the mean that is billed."""
    seen = sum(one.metered_at is not None for one in receipt.lines)
    over = sum(one.effect is not None and one.effect.excess_kw > 0 for one in receipt.lines)
    head = f"The meters of {seen} of {counted(len(receipt.lines), 'connector')} show their limits."
    if not over:
        return f"{head} None of them drew more than its new limit meanwhile."
    price = (
        f" If it makes a new peak, that costs up to {money(receipt.added_amount, receipt.currency)}"
        " a month."
        if receipt.added_amount is not None
        else ""
    )
    return (
        f"{head} {over} drew more than the new limit until then: at most {kw(receipt.added_kw)} "
        f"on the billed 15-minute mean.{price}"
    )


def show_without_live(depot: Depot) -> None:
    """Say which stations take no live profiles, and what is therefore not to be had from them."""
    names = sorted(without_live(depot))
    if not names:
        return
    shown = names[:MOST_NAMES]
    more = [counted(len(names) - len(shown), "more")] if len(names) > len(shown) else []
    st.info(
        plain(
            f"{listed([*shown, *more])} of {counted(len(depot.stations), 'station')} take no live "
            "profiles (takes_live_profiles in the site file): another system controls them. Limits "
            "on plug-in, re-planning through the night, read-back, proof in the meter and rollback "
            "are not to be had there. Give that system the schedules below the plan on the Push "
            "page, or write them with depot export-schedules."
        )
    )


def offer_schedules(answer: NightAnswer) -> None:
    """Show the downloads of a plan's schedules."""
    if not answer.plan.header.pushable:
        return
    st.markdown("The plan's schedules as files, for a system that takes no limits from here:")
    with st.container(horizontal=True):
        for form in FORMS:
            offer_file(
                lambda form=form: _archive(answer, form=form),
                name=f"schedules-{answer.plan.header.plan_id[:8]}-{form}.zip",
                label=f"Schedules as {FORM_WORDS[form]}",
                mime="application/zip",
            )


def _archive(answer: NightAnswer, *, form: Form) -> bytes:
    return schedule_archive(schedule_files(answer.tonight, answer.plan, form=form))
