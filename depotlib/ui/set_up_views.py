"""What the page of a depot's set-up shows: sheets to edit, what is wrong in them, versions."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal, cast, get_args

import pandas as pd
import streamlit as st
from pydantic import BaseModel
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_tab_container import TabContainer

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
from depotlib.ui.deeds import note_deed, note_version
from depotlib.ui.downloads import offer_file
from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.loaders import load_tariffs
from depotlib.ui.login import may
from depotlib.ui.page import Bench, link_to
from depotlib.ui.saving import asked_to_save, newest_version, saved
from depotlib.ui.set_up_loaders import load_versions
from depotlib.ui.sheets import Row, draw_sheet, rows_of, sheet_as_left
from depotlib.ui.state import of_depot, set_notice
from depotlib.ui.wording import counted, full_time
from depotlib.ui.yard_editor import YardEdit
from depotlib.workflows.set_up_depot import (
    DepotSetUp,
    Edited,
    edited_site,
    return_to,
    save_site_tables,
    save_site_text,
    set_tariff,
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
    places: Sequence[tuple[TabContainer, Headed]],
    drawn_in: Collection[TabContainer],
    yard: YardEdit | None = None,
) -> None:
    """Show the tables of the site as sheets, what is wrong in them, and buttons to save them all.

    Parameters
    ----------
    bench : Bench
    known : DepotSetUp
    places : sequence of (tab, tables)
        Where which tables are edited, each with its heading.
    drawn_in : collection of tabs
        Those that are drawn: the tables of another are as they were left.
    yard : YardEdit, optional
        The yard as it was edited on its floor plan, saved with the tables.
    """
    site = known.site
    if site is None:
        for place, _ in places:
            place.info("This depot came without a site file. Give one to edit it here.")
        return
    version = newest_version(bench.settings, "site", known=known)
    wrong = [] if yard is None or yard.wrong is None else [yard.wrong]
    drawn: dict[TableName, pd.DataFrame] = {}
    for place, tables in places:
        if place in drawn_in:
            with place:
                wrong.append(st.container())
                drawn |= _draw_tables(site, tables, version=version)
        else:
            drawn |= _left_tables(tables, version=version)
    if not wrong:  # nothing of the site is on the page
        return
    edited = site
    try:
        edited = edited_site(_site_rows(drawn), before=site)
        edited = edited if yard is None else yard.applied(edited)
    except DepotError as error:
        edited = site
        for place in wrong:
            with place:
                show_error(error)
    saved_at = [(place, f"save_{tables[0][0]}") for place, tables in places if place in drawn_in]
    saved_at += [] if yard is None or yard.place is None else [(yard.place, "save_bays")]
    _offer_to_save(bench, edited, before=site, at=saved_at)


def _offer_to_save(
    bench: Bench,
    edited: SiteTables,
    *,
    before: SiteTables,
    at: Sequence[tuple[DeltaGenerator, str]],
) -> None:
    """Show buttons, each by its key, that save what was edited anywhere."""
    is_changed = edited != before
    # Another version begins all sheets anew.
    if any(asked_to_save(bench, place, is_changed=is_changed, key=key) for place, key in at):
        with errors_shown():
            depot = save_site_tables(bench.settings, edited, now=bench.now)
            note_version(bench, "site", depot_id=depot.depot_id)
        saved()


def _draw_tables(
    site: SiteTables, tables: Headed, *, version: int
) -> dict[TableName, pd.DataFrame]:
    """Return tables as they are edited on the page, each below its heading."""
    stored = site.model_dump(mode="json")
    drawn: dict[TableName, pd.DataFrame] = {}
    for name, heading in tables:
        st.markdown(f"**{heading}**")
        drawn[name] = draw_sheet(
            cast("list[Row]", [stored[name]] if name in ONE_ROW else stored[name]),
            TABLES[name],
            key=f"{name}_{version}",
            is_open=name not in ONE_ROW,
        )
    return drawn


def _left_tables(tables: Headed, *, version: int) -> dict[TableName, pd.DataFrame]:
    """Return those of some tables that somebody had open, as they were left."""
    left: dict[TableName, pd.DataFrame] = {}
    for name, _ in tables:
        sheet = sheet_as_left(f"{name}_{version}")
        if sheet is not None:
            left[name] = sheet
    return left


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


def choose_tariff(bench: Bench, known: DepotSetUp) -> None:
    """Show what the depot pays, and let it pay another tariff of the store."""
    with errors_shown():
        tariffs = load_tariffs(bench.settings)
    if not tariffs:
        st.info("There is no tariff here yet.")
        link_to("Import", "Import a tariff record")
        return
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
            set_tariff(bench.settings, known.depot.depot_id, tariff_id=chosen)
            note_deed(bench, "chose the tariff", subject=chosen)
        st.rerun()
    link_to("Tariffs", "What it charges")


def show_versions(bench: Bench, known: DepotSetUp) -> None:
    """Show every version of what is edited, with a way back to each."""
    kind = cast(
        "Edited",
        st.radio(
            "Of", list(get_args(Edited)), format_func=str.capitalize, horizontal=True, key="of"
        ),
    )
    depot_id = known.depot.depot_id
    versions = load_versions(bench.settings, kind, depot_id=depot_id)
    if not versions:
        st.info("No version has been saved yet.")
        return
    labels = {
        one.version: f"{one.version}, saved {full_time(one.saved_at, bench.time_zone)}"
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
    # Without a height of its own: what scrolls inside a page is out of reach of the keyboard.
    with st.expander("What it says"):
        st.code(text, language=suffix, wrap_lines=True)


def offer_site(known: DepotSetUp) -> None:
    """Offer the site as a file that gateway and virtual depot read."""
    if known.site is not None:
        offer_file(
            site_to_toml(known.site).encode(),
            name="site.toml",
            label="Site file (TOML)",
            mime="application/toml",
        )
