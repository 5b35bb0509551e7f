"""Vehicle classes and vans on a page: sheets to edit them, and classes filled from the library."""

from typing import Final, cast

import streamlit as st

from depotlib.errors import DepotError
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.fleet_file import fleet_from_rows, fleet_rows, fleet_to_json
from depotlib.ui.deeds import note_version
from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.login import may
from depotlib.ui.page import Bench
from depotlib.ui.saving import asked_to_save, newest_version, saved
from depotlib.ui.sheets import Row, draw_sheet, rows_of
from depotlib.ui.state import keep_fields
from depotlib.ui.wording import counted, heading_of, kw, kwh, plain, shown_value, stored_value
from depotlib.workflows.set_up_depot import DepotSetUp, save_fleet_text
from depotlib.workflows.vehicle_library import VehicleModel, vehicle_models, with_class_of

A_NEW_CLASS: Final = "a new class"
USUAL_KWH_PER_KM: Final = 0.3
"""A place to begin: no specification says what a van takes on the road."""
LIBRARY: Final = ("library_model", "library_into", "library_class", "library_consumption")


def keep_library() -> None:
    """Keep what was chosen of the library while another part of the page is open."""
    keep_fields(LIBRARY)


def edit_fleet(bench: Bench, known: DepotSetUp) -> None:
    """Show classes and vehicles as sheets, what is wrong in them, and a button to save them."""
    version = newest_version(bench.settings, "fleet", known=known)
    classes, vehicles = fleet_rows(known.fleet) if known.fleet is not None else ([], [])
    fleet = before = known.fleet or Fleet(classes=(), vehicles=())
    place = st.container()
    wrong = place.container()
    with place:
        st.markdown("**Vehicle classes**")
        all_classes = draw_sheet(cast("list[Row]", classes), VehicleClass, key=f"class_{version}")
        st.markdown("**Vans**")
        all_vans = draw_sheet(cast("list[Row]", vehicles), Vehicle, key=f"van_{version}")
    is_sound = True
    try:
        fleet = fleet_from_rows(
            rows_of(all_classes, VehicleClass, before=classes),
            rows_of(all_vans, Vehicle, before=vehicles),
            where="the fleet",
        )
    except DepotError as error:
        is_sound = False
        with wrong:
            show_error(error)
    if asked_to_save(bench, place, is_changed=fleet != before, key="save_fleet"):
        _save(bench, known, fleet=fleet)
    if bench.person is None or bench.person.may("planner"):
        with st.expander("Fill a class from the library", expanded=not fleet.classes):
            _fill_class(bench, known, fleet=fleet, is_sound=is_sound)


def _fill_class(bench: Bench, known: DepotSetUp, *, fleet: Fleet, is_sound: bool) -> None:
    """Ask for a model and a class; what was edited above is saved with it."""
    models = {one.name: one for one in vehicle_models()}
    left, right = st.columns(2)
    model = models[left.selectbox("Model", list(models), key="library_model")]
    into = right.selectbox(
        "Fills", [A_NEW_CLASS, *(one.class_id for one in fleet.classes)], key="library_into"
    )
    class_id, consumption_kwh_per_km = into, USUAL_KWH_PER_KM
    if into == A_NEW_CLASS:
        class_id = left.text_input("Name of the class", key="library_class")
        field = "consumption_kwh_per_km"
        consumption_kwh_per_km = stored_value(
            field,
            right.number_input(
                heading_of(field, "Consumption (kWh/km)"),
                min_value=0.01,
                value=round(shown_value(field, USUAL_KWH_PER_KM), 2),
                key="library_consumption",
                help="No specification says it: your own vans' readings do.",
            ),
        )
    st.caption(plain(_facts(model)))
    if not is_sound:
        st.caption("First mend what is wrong above.")
    if not st.button("Fill and save", disabled=not is_sound, key="library_fill"):
        return
    with errors_shown():
        filled = with_class_of(
            fleet, model, class_id=class_id, consumption_kwh_per_km=consumption_kwh_per_km
        )
    _save(bench, known, fleet=filled)


def _facts(model: VehicleModel) -> str:
    battery = f"{kwh(model.usable_kwh)} {'in all' if model.is_gross else 'usable'}"
    phases = f" on {counted(model.ac_phases, 'phase')}" if model.ac_phases is not None else ""
    ac = f"AC {kw(model.ac_max_kw)}{phases}" if model.ac_max_kw is not None else "AC not published"
    dc = f"DC {kw(model.dc_max_kw)}" if model.dc_max_kw is not None else "DC not published"
    return f"{battery}, {ac}, {dc}; as published ({model.source}). Check it against your vans."


def _save(bench: Bench, known: DepotSetUp, *, fleet: Fleet) -> None:
    if not may(bench.person, "planner"):
        return
    with errors_shown():
        save_fleet_text(
            bench.settings,
            fleet_to_json(fleet),
            where="the fleet",
            depot_id=known.depot.depot_id,
            now=bench.now,
        )
        note_version(bench, "fleet", depot_id=known.depot.depot_id)
    saved()
