"""Depot and fleet: what is bolted to the ground, who drives, what they pay; edited in versions."""

import streamlit as st

from depotlib.charts.circuit_tree import circuit_boxes, circuit_tree
from depotlib.ui.duty_editor import replace_duties, show_duties
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.fleet_editor import edit_fleet, keep_library
from depotlib.ui.page import offer_demo, open_page
from depotlib.ui.policy_editor import edit_policy
from depotlib.ui.set_up_loaders import load_set_up
from depotlib.ui.set_up_views import (
    choose_tariff,
    edit_site,
    give_site,
    offer_site,
    show_versions,
)
from depotlib.ui.state import part_left
from depotlib.ui.wording import plain, sentence_of, short_number
from depotlib.ui.yard_editor import edit_yard
from depotlib.workflows.set_up_depot import safe_limit_notes, strangers

bench = open_page("Depot and fleet", question="What does this depot have, and who drives from it?")
with errors_shown():
    known = load_set_up(bench.settings)
if known is None:
    offer_demo(bench, "There is no depot here yet.")
    st.markdown("**Or set up your own**, from its site file:")
    give_site(bench)
    st.stop()

depot = known.depot
with st.container(horizontal=True):
    for label, value in {
        "Stations": len(depot.stations),
        "Connectors": len(list(depot.connectors())),
        "Service (kW)": short_number(depot.grid.service_kw),
        "Vans": 0 if known.fleet is None else len(known.fleet.vehicles),
        "Duties": len(known.duties),
    }.items():
        st.metric(label, value, border=True)
if known.missing:
    st.warning(plain(f"A night cannot be planned yet: {' and '.join(known.missing)} is missing."))
for note in safe_limit_notes(depot):
    st.warning(plain(note))
unknown = strangers(known.duties, known.fleet)
if unknown and known.fleet is not None:
    st.warning(plain(sentence_of(f"duties name vans that are not here: {', '.join(unknown)}")))

names = ("Power", "Stations", "Bays", "Tokens", "Fleet", "Duties", "Policies", "Tariff", "Versions")
parts = dict(zip(names, st.tabs(names, key="set_up_part", bind="query-params"), strict=True))
power, stations, bays, people, fleet, duties, policies, tariff, versions = parts.values()
# Only what is open is drawn; what was written into the other sheets is kept until it is saved.
opened = next(name for name, tab in parts.items() if tab.open)
left = part_left(opened)
drawn_in = [tab for name, tab in parts.items() if name in (opened, left)]
if power in drawn_in:
    with power:
        show_figure(
            circuit_tree(depot, colours=theme_colours()), key="circuits", data=circuit_boxes(depot)
        )
        st.caption(
            "Each box is as wide as the stations below it could draw; one in an orange frame carries less."
        )
with bays:
    yard = edit_yard(bench, known, is_open=bays in drawn_in)
edit_site(
    bench,
    known,
    yard=yard,
    drawn_in=drawn_in,
    places=(
        (
            power,
            (
                ("grid", "Service"),
                ("circuit", "Circuits"),
                ("storage", "Batteries"),
                ("derating", "Carries less, for a while"),
            ),
        ),
        (
            stations,
            (
                ("station", "Stations"),
                ("depot", "Depot: zone, changeover, people in the yard"),
                ("display", "What figures are shown in"),
            ),
        ),
        (people, (("identity", "Tokens and whose they are"),)),
        (policies, (("gateway", "Who may connect, and who may charge unknown"),)),
    ),
)
# A file is forgotten with the field that it was given in: those are there in every run.
with stations:
    if stations in drawn_in:
        offer_site(known)
    with st.expander("Set up from another site file"):
        give_site(bench)
if duties not in drawn_in:
    with duties:
        replace_duties(bench, known)
if fleet not in drawn_in:
    keep_library()
for tab, show in (
    (fleet, edit_fleet),
    (duties, show_duties),
    (policies, edit_policy),
    (tariff, choose_tariff),
    (versions, show_versions),
):
    if tab in drawn_in:
        with tab:
            show(bench, known)
