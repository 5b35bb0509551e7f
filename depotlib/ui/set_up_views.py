"""What the page of a depot's set-up shows: sheets to edit, what is wrong in them, versions."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, cast, get_args

import pandas as pd
import streamlit as st
from pydantic import BaseModel
from streamlit.delta_generator import DeltaGenerator

from depotlib.errors import DepotError
from depotlib.model.site_tables import (
    CircuitTable,
    DepotTable,
    DeratingTable,
    DisplayTable,
    GatewayTable,
    GridTable,
    IdentityTable,
    SiteTables,
    StationTable,
    StorageTable,
)
from depotlib.ui.deeds import note_version
from depotlib.ui.downloads import offer_file
from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.login import may
from depotlib.ui.page import Bench
from depotlib.ui.saving import asked_to_save, newest_version, saved
from depotlib.ui.set_up_loaders import load_versions
from depotlib.ui.sheets import Row, draw_sheet, rows_of
from depotlib.ui.state import of_depot, set_notice
from depotlib.ui.tables import local_text
from depotlib.ui.wording import counted
from depotlib.ui.yard_editor import YardEdit
from depotlib.workflows.set_up_depot import (
    DepotSetUp,
    Edited,
    edited_site,
    return_to,
    save_site_tables,
    save_site_text,
    site_to_toml,
)

TableName = Literal[
    "depot", "grid", "gateway", "circuit", "station", "storage", "derating", "identity", "display"
]
TABLES: Final[dict[TableName, type[BaseModel]]] = {
    "depot": DepotTable,
    "grid": GridTable,
    "gateway": GatewayTable,
    "circuit": CircuitTable,
    "station": StationTable,
    "storage": StorageTable,
    "derating": DeratingTable,
    "identity": IdentityTable,
    "display": DisplayTable,
}
Headed = tuple[tuple[TableName, str], ...]
"""Tables and what stands above each."""
ONE_ROW: Final[frozenset[TableName]] = frozenset({"depot", "grid", "gateway", "display"})


def edit_site(
    bench: Bench,
    known: DepotSetUp,
    *,
    places: Sequence[tuple[DeltaGenerator, Headed]],
    yard: YardEdit | None = None,
) -> None:
    """Show the tables of the site as sheets, what is wrong in them, and buttons to save them all.

    Parameters
    ----------
    bench : Bench
    known : DepotSetUp
    places : sequence of (container, tables)
        Where which tables are edited, each with its heading.
    yard : YardEdit, optional
        The yard as it was edited on its floor plan, saved with the tables.
    """
    site = known.site
    if site is None:
        for place, _ in places:
            place.info("This depot came without a site file. Give one to edit it here.")
        return
    version = newest_version(bench.settings, "site", known=known)
    wrong = [] if yard is None else [yard.wrong]
    drawn: dict[TableName, pd.DataFrame] = {}
    for place, tables in places:
        with place:
            wrong.append(st.container())
            for name, heading in tables:
                st.markdown(f"**{heading}**")
                drawn[name] = _draw_table(site, name, version=version)
    edited = site
    try:
        edited = edited_site(_site_rows(drawn), before=site)
        edited = edited if yard is None else yard.applied(edited)
    except DepotError as error:
        edited = site
        for place in wrong:
            with place:
                show_error(error)
    # Each saves what was edited anywhere: another version begins all sheets anew.
    saved_at = [(place, f"save_{tables[0][0]}") for place, tables in places]
    saved_at += [] if yard is None else [(yard.place, "save_bays")]
    asked = [
        asked_to_save(bench, place, is_changed=edited != site, key=key) for place, key in saved_at
    ]
    if any(asked):
        with errors_shown():
            depot = save_site_tables(bench.settings, edited, now=bench.now)
            note_version(bench, "site", depot_id=depot.depot_id)
        saved()


def _draw_table(site: SiteTables, name: TableName, *, version: int) -> pd.DataFrame:
    before = site.model_dump(mode="json")[name]
    return draw_sheet(
        cast("list[Row]", [before] if name in ONE_ROW else before),
        TABLES[name],
        key=f"{name}_{version}",
        is_open=name not in ONE_ROW,
    )


def _site_rows(drawn: Mapping[TableName, pd.DataFrame]) -> dict[str, object]:
    rows: dict[str, object] = {}
    for name, sheet in drawn.items():
        read = rows_of(sheet, TABLES[name])
        rows[name] = (read[0] if read else {}) if name in ONE_ROW else read
    return rows


def give_site(bench: Bench) -> None:
    """Show where a site file is given, and save the one that was."""
    if not may(bench.person, "planner"):
        return
    given = st.file_uploader("Site file (TOML)", type=["toml"], key=of_depot("site_file"))
    st.caption("What it may hold: docs/site-file.md. data/demo/site.toml is an example.")
    if given is not None and st.button("Set the depot up", type="primary", key="set_up"):
        with errors_shown():
            text = given.getvalue().decode("utf-8", "replace")
            depot = save_site_text(bench.settings, text, where=given.name, now=bench.now)
            note_version(bench, "site", depot_id=depot.depot_id)
        set_notice(f"{depot.name} is set up with {counted(len(depot.stations), 'station')}.")
        st.rerun()


def show_versions(bench: Bench, known: DepotSetUp) -> None:
    """Show every version of what is edited, with a way back to each."""
    kind = cast("Edited", st.radio("Of", list(get_args(Edited)), horizontal=True, key="of"))
    depot_id = known.depot.depot_id
    versions = load_versions(bench.settings, kind, depot_id=depot_id)
    if not versions:
        st.info("No version has been saved yet.")
        return
    labels = {
        one.version: f"{one.version}, saved {local_text(one.saved_at, bench.time_zone)}"
        + (" (in use)" if one is versions[0] else "")
        for one in versions
    }
    chosen = st.selectbox(
        "Version", list(labels), format_func=lambda version: labels[version], key="version"
    )
    text = next(one.text for one in versions if one.version == chosen)
    if may(bench.person, "planner") and st.button(
        "Return to this version", disabled=chosen == versions[0].version, key="back"
    ):
        with errors_shown():
            return_to(bench.settings, kind, depot_id=depot_id, version=chosen, now=bench.now)
            note_version(bench, kind, depot_id=depot_id)
        set_notice(f"Version {chosen} of the {kind} is in use again; the others are kept.")
        st.rerun()
    suffix = "toml" if kind == "site" else "json"
    offer_file(
        text.encode(),
        name=f"{kind}_version_{chosen}.{suffix}",
        label="This version as a file",
        mime="text/plain",
    )
    st.code(text, language=suffix, height=420)


def offer_site(known: DepotSetUp) -> None:
    """Offer the site as a file that gateway and virtual depot read."""
    if known.site is not None:
        offer_file(
            site_to_toml(known.site).encode(),
            name="site.toml",
            label="Site file (TOML)",
            mime="application/toml",
        )
