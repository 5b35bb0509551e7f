"""Push: put a plan on the charging stations, see it land, and go back."""

import streamlit as st

from depotlib.ui.command import Asked, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.live_tables import preview_table
from depotlib.ui.loaders import load_night
from depotlib.ui.page import Bench, link_to, need_depot, open_page
from depotlib.ui.plan_job_parts import await_job
from depotlib.ui.push_parts import (
    ask_commit,
    ask_rollback,
    newest_request,
    offer_progress,
    show_progress,
)
from depotlib.ui.push_receipt_parts import offer_schedules, show_receipt, show_without_live
from depotlib.ui.state import (
    PlannedNight,
    planned_night,
    push_draft,
    request_id,
    set_push_draft,
    set_request_id,
)
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, kw, money, plain, plan_name
from depotlib.workflows.plan_tonight import NightAnswer, stored_plan
from depotlib.workflows.push_plan import PushDraft, commit_push, preview_push, roll_back

bench = open_page("Push", question="Do the stations do what the plan says?")
show_without_live(need_depot(bench))


def show_plan(bench: Bench, answer: NightAnswer) -> None:
    """Show which plan is about to be pushed."""
    header = answer.plan.header
    st.markdown(
        f"Plan **{plain(plan_name(header, bench.time_zone))}**: "
        f"{header.ready} of {counted(header.vehicles, 'van')} ready, peak "
        f"{plain(kw(header.peak_kw))}, bill {plain(money(header.bill_amount, header.currency))} a "
        "month."
    )


def show_preview(bench: Bench, draft: PushDraft) -> None:
    """Show what a push would change, connector by connector."""
    preview = draft.preview
    for refusal in preview.refusals:
        st.error(f"It cannot be pushed: {plain(refusal)}")
    if not preview.rows:
        return
    table = preview_table(preview, time_zone=bench.time_zone)
    changed = sum(row.change != "same" for row in preview.rows)
    offline = sum(not row.is_connected for row in preview.rows)
    with st.container(horizontal=True):
        st.metric("Release", preview.release_id, border=True)
        st.metric("Connectors that change", f"{changed} of {len(preview.rows)}", border=True)
        st.metric("Not connected", f"{offline}", border=True)
    show_table(table, key="preview", alt="What the push would change on each connector")


def prepare(bench: Bench, night: PlannedNight) -> None:
    """Show the plan, what pushing it would change, and the confirmation."""
    await_job(bench, night)
    with errors_shown():
        answer = load_night(bench.settings, night)
    show_plan(bench, answer)
    with st.expander("Schedules as files"):
        offer_schedules(answer)
    plan_id = answer.plan.header.plan_id
    offer_command(
        bench.settings,
        Asked("push", (plan_id,), options={"preview": True}, at=bench.settings.clock),
    )
    st.subheader("2. What would change", anchor=False)
    if st.button("Preview the push", type="primary", key="preview_push"):
        with errors_shown():
            # As it was kept first: the same plan made twice is the same release.
            kept = stored_plan(bench.settings, answer.plan.header.plan_id)
            set_push_draft(preview_push(bench.settings, answer.tonight, plan=kept, now=bench.now))
    draft = push_draft()
    if draft is None:
        return
    show_preview(bench, draft)
    if not draft.preview.rows or draft.preview.refusals:
        return
    st.subheader("3. Confirm", anchor=False)
    operator = ask_commit(bench.settings, draft.preview)
    if operator is not None:
        with errors_shown():
            set_request_id(commit_push(bench.settings, draft, operator=operator, now=bench.now))
        set_push_draft(None)
        st.rerun()


def follow(bench: Bench, request: str) -> None:
    """Show how a push lands, its receipt, and the way back."""
    st.subheader("How it lands", anchor=False)
    show_progress(bench.settings, request, time_zone=bench.time_zone)
    offer_progress(bench.settings, request, time_zone=bench.time_zone)
    show_receipt(bench.settings, request)
    with st.expander("Go back to the push before"):
        operator = ask_rollback(bench.settings, now=bench.now)
    if operator is not None:
        with errors_shown():
            set_request_id(roll_back(bench.settings, operator=operator, now=bench.now))
        st.rerun()


# Each part has its place whatever the other one shows: nothing of an earlier push is left standing.
above, below = st.container(), st.container()
with below:
    with errors_shown():
        shown = request_id() or newest_request(bench.settings)
    if shown:
        follow(bench, shown)
with above:
    st.subheader("1. The plan", anchor=False)
    chosen = planned_night()
    if chosen is None:
        st.markdown("No plan has been chosen. Plan the night first.")
        link_to("Plan", "Plan the night")
    else:
        prepare(bench, chosen)
