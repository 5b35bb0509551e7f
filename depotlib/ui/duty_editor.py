"""Duties on a page: a sheet to edit them, or a file in place of all."""

from dataclasses import asdict
from typing import cast

import polars as pl
import streamlit as st

from depotlib.errors import DepotError
from depotlib.ui.deeds import note_version
from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.login import may
from depotlib.ui.page import Bench
from depotlib.ui.saving import asked_to_save, newest_version, saved
from depotlib.ui.sheets import Row, draw_sheet, rows_of
from depotlib.ui.state import of_depot, set_notice
from depotlib.ui.tables import local_text, show_table
from depotlib.ui.wording import counted, heading_of, shown_value
from depotlib.workflows.edit_duties import (
    DutyRow,
    duty_rows,
    edited_duties,
    save_edited_duties,
)
from depotlib.workflows.set_up_depot import DepotSetUp, save_duties_text


def show_duties(bench: Bench, known: DepotSetUp) -> None:
    """Show the duties: to who may plan as a sheet, to others as a table."""
    if not known.duties:
        st.info(
            "There are no duties yet: without one nobody knows when a van must leave. Write the "
            "first row, or give a file."
        )
    if bench.person is not None and not bench.person.may("planner"):
        _show_table(bench, known)
        may(bench.person, "planner")
        return
    _edit(bench, known)
    replace_duties(bench, known)


def _edit(bench: Bench, known: DepotSetUp) -> None:
    version = newest_version(bench.settings, "duties", known=known)
    before = [asdict(one) for one in duty_rows(known.duties, time_zone=bench.time_zone)]
    duties, place = known.duties, st.container()
    wrong = place.container()
    with place:
        drawn = draw_sheet(cast("list[Row]", before), DutyRow, key=f"duty_{version}")
        st.caption(
            "Times are the depot's: 2026-11-02 17:00. Shares and states of charge are 0 to 1; "
            "0 states none."
        )
    try:
        duties = edited_duties(rows_of(drawn, DutyRow, before=before), known.depot)
    except DepotError as error:
        with wrong:
            show_error(error)
    is_changed = set(duties) != set(known.duties)
    if asked_to_save(bench, place, is_changed=is_changed, key="save_duty_sheet"):
        with errors_shown():
            depot_id = known.depot.depot_id
            save_edited_duties(bench.settings, duties, depot_id=depot_id, now=bench.now)
            note_version(bench, "duties", depot_id=depot_id)
        saved()


def _show_table(bench: Bench, known: DepotSetUp) -> None:
    zone = bench.time_zone
    table = pl.DataFrame(
        [
            {
                "Duty": one.duty_id,
                "Van": one.vehicle_id,
                "Leaves": local_text(one.departure, zone),
                "Returns": local_text(one.return_at, zone),
                heading_of("distance_km", "Distance (km)"): shown_value(
                    "distance_km", one.distance_km
                ),
            }
            for one in sorted(known.duties, key=lambda one: (one.departure, one.vehicle_id))
        ]
    )
    if table.height:
        show_table(table, key="duties", alt="Duties by departure")


def replace_duties(bench: Bench, known: DepotSetUp) -> None:
    """Show where a file with all duties is given, and save the one that was.

    To be drawn in every run: what was given is forgotten with the field that it was given in.
    """
    if bench.person is not None and not bench.person.may("planner"):
        return
    given = st.file_uploader(
        "Duties (CSV), in place of all these", type=["csv"], key=of_depot("duty_file")
    )
    st.caption(
        "Columns: duty_id, vehicle_id, departure_local, return_local, distance_km; also, where "
        "they are known, payload_share, must_soc, target_soc. Distances in a file are km."
    )
    if given is None or not st.button("Replace the duties", type="primary", key="save_duties"):
        return
    with errors_shown():
        duties = save_duties_text(
            bench.settings,
            given.getvalue().decode("utf-8", "replace"),
            where=given.name,
            depot_id=known.depot.depot_id,
            now=bench.now,
        )
        note_version(bench, "duties", depot_id=known.depot.depot_id)
    vans = {one.vehicle_id for one in duties}
    set_notice(f"Duties of {counted(len(vans), 'van')} are in place; the former are a version.")
    st.rerun()
