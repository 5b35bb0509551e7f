"""Depot and fleet: what is bolted to the ground, who drives, what they pay; edited in versions."""

import streamlit as st

from depotlib.charts.circuit_tree import circuit_boxes, circuit_tree
from depotlib.ui.deeds import note_deed
from depotlib.ui.duty_editor import show_duties
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.fleet_editor import edit_fleet
from depotlib.ui.loaders import load_tariffs
from depotlib.ui.login import may
from depotlib.ui.page import link_to, offer_demo, open_page
from depotlib.ui.policy_editor import edit_policy
from depotlib.ui.set_up_loaders import load_set_up
from depotlib.ui.set_up_views import edit_site, give_site, offer_site, show_versions
from depotlib.ui.wording import plain, sentence_of, short_number
from depotlib.ui.yard_editor import edit_yard
from depotlib.workflows.set_up_depot import safe_limit_notes, set_tariff, strangers

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

power, stations, bays, people, fleet, duties, policies, tariff, versions = st.tabs(
    ["Power", "Stations", "Bays", "Tokens", "Fleet", "Duties", "Policies", "Tariff", "Versions"]
)
with power:
    show_figure(
        circuit_tree(depot, colours=theme_colours()), key="circuits", data=circuit_boxes(depot)
    )
    st.caption(
        "Each box is as wide as the stations below it could draw; one in an orange frame carries less."
    )
with bays:
    yard = edit_yard(bench, known)
edit_site(
    bench,
    known,
    yard=yard,
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
with stations:
    offer_site(known)
    with st.expander("Set up from another site file"):
        give_site(bench)
with fleet:
    edit_fleet(bench, known)
with duties:
    show_duties(bench, known)
with policies:
    edit_policy(bench, known)
with tariff:
    with errors_shown():
        tariffs = load_tariffs(bench.settings)
    if tariffs:
        ids = list(tariffs)
        chosen = st.selectbox(
            "The depot pays",
            ids,
            index=ids.index(known.tariff_id) if known.tariff_id in ids else None,
            format_func=lambda one: tariffs[one],
            placeholder="Choose a tariff",
            key="paid_tariff",
        )
        is_other = chosen is not None and chosen != known.tariff_id
        if chosen is not None and is_other and may(bench.person, "planner"):
            with errors_shown():
                set_tariff(bench.settings, depot.depot_id, tariff_id=chosen)
                note_deed(bench, "chose the tariff", subject=chosen)
            st.rerun()
        link_to("Tariffs", "What it charges")
    else:
        st.info("There is no tariff here yet.")
        link_to("Import", "Import a tariff record")
with versions:
    show_versions(bench, known)
