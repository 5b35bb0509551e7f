"""Audit: who did what, and whether the record of it is whole."""

from dataclasses import replace

import streamlit as st

from depotlib.ui.audit_parts import (
    audit_table,
    of_audit,
    pick_start,
    pick_topics,
    pick_who,
    show_chain,
)
from depotlib.ui.command import of_now, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import link_to, open_page
from depotlib.ui.report_parts import offer_report
from depotlib.ui.set_up_loaders import load_version_lines
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted
from depotlib.workflows.audit_trail import audit_trail, matching, people_of
from depotlib.workflows.notebook_now import deeds_recipe
from depotlib.workflows.report_now import deeds_report

bench = open_page("Audit", question="Who did what, and is the record of it whole?")

if not bench.settings.mailbox_path.exists() and bench.depot is None:
    st.info("Nobody has done anything here yet: no depot is set up and no process has run.")
    link_to("Home", "Back to Home")
    st.stop()
show_chain(bench)
when, who, what = st.columns(3)
with when:
    wish = pick_start(bench)
with errors_shown():
    of_everybody = audit_trail(bench.settings, wish, versions=load_version_lines(bench.settings))
with who:
    wish = replace(wish, who=pick_who(people_of(of_everybody)))
with what:
    wish = replace(wish, topics=pick_topics())
lines = matching(of_everybody, wish)
with st.container(horizontal=True):
    st.metric("Deeds", f"{len(lines)}", border=True)
    st.metric("People and programs", f"{len(people_of(lines))}", border=True)
    st.metric("Pushes begun", f"{sum(one.what == 'push started' for one in lines)}", border=True)
    refused = sum("refused" in f"{one.what} {one.outcome}" for one in lines)
    st.metric("Refused", f"{refused}", border=True)
if lines:
    show_table(
        audit_table(lines, time_zone=bench.time_zone),
        key="audit",
        alt="Who did what, the newest first",
    )
    st.caption(
        "Each line with a number is a record of the journal, bound to the one before by its hash. "
        "One without is a version of the set-up, which the warehouse keeps without a name."
    )
    offer_report(
        lambda: deeds_report(lines, time_zone=bench.time_zone.key),
        name="audit",
        recipe=deeds_recipe(bench.settings, wish, time_zone=bench.time_zone.key),
    )
else:
    st.info(
        "Nobody did anything of the kind in this time."
        if of_everybody
        else "Nobody did anything in this time. Choose a longer one, or push a plan."
    )
    link_to("Push", "Push a plan")
st.caption(f"{counted(len(of_everybody), 'deed')} in the time chosen, of everybody.")
offer_command(bench.settings, of_audit(bench, wish), of_now("journal", bench.settings, "verify"))
