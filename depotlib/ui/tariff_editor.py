"""A tariff on a page: written, judged as it is typed, saved as a version, and undone."""

from collections.abc import Mapping

import streamlit as st

from depotlib.errors import DepotError
from depotlib.ui.deeds import note_deed
from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.loaders import load_edited_tariff, load_tariffs, load_tried_tariff
from depotlib.ui.page import Bench
from depotlib.ui.state import of_depot, set_notice
from depotlib.ui.wording import counted, full_time, plain
from depotlib.workflows.edit_tariff import EditedTariff, return_to_tariff, save_tariff_text

HEIGHT_PX = 420


def edit_tariff(bench: Bench, tariff_id: str) -> None:
    """Show a tariff as a text to edit; with another id it becomes another tariff."""
    with errors_shown():
        held = load_edited_tariff(bench.settings, tariff_id)
    before, versions = held.text, held.versions
    if bench.person is not None and not bench.person.may("planner"):
        st.code(before, language="toml")
        return
    newest = versions[0].version if versions else 0
    text = st.text_area(
        "The tariff (docs/tariff-file.md)",
        value=before,
        height=HEIGHT_PX,
        key=of_depot(f"tariff_text_{tariff_id}_{newest}"),
    )
    is_sound = True
    try:
        tried = load_tried_tariff(text)
        st.caption(
            plain(
                f"{tried.name}: {counted(tried.charges, 'charge')} in {tried.currency}. "
                + _becomes(tried.tariff_id, tariff_id, known=load_tariffs(bench.settings))
            )
        )
    except DepotError as error:
        is_sound = False
        show_error(error)
    is_changed = text != before
    if st.button(
        "Save the tariff", type="primary", disabled=not (is_sound and is_changed), key="save_tariff"
    ):
        with errors_shown():
            made = save_tariff_text(bench.settings, text, now=bench.now)
            note_deed(bench, "saved the tariff", subject=made.tariff_id)
        set_notice(f"{made.name} is saved. It counts from the next plan and bill on.")
        st.rerun()
    if len(versions) > 1:
        _offer_undo(bench, tariff_id, held=held)


def _becomes(made_id: str, tariff_id: str, *, known: Mapping[str, str]) -> str:
    """Return what a text with an id becomes if it is saved, in a sentence."""
    if made_id == tariff_id:
        return "Saved, it is the next version of this tariff."
    if made_id in known:
        return f"Its id is that of {known[made_id]}: saved, it takes that tariff's place."
    return f"Its id is another one: saved, it is a tariff of its own, {made_id}."


def _offer_undo(bench: Bench, tariff_id: str, *, held: EditedTariff) -> None:
    newest, *earlier = held.versions
    labels = {
        one.version: f"{one.version}, saved {full_time(one.saved_at, bench.time_zone)}"
        for one in earlier
    }
    chosen = st.selectbox(
        f"Version {newest.version} is in use; earlier ones",
        list(labels),
        format_func=lambda version: labels[version],
        key=f"tariff_version_{tariff_id}",
    )
    if st.button("Return to this version", key="tariff_back"):
        with errors_shown():
            return_to_tariff(bench.settings, tariff_id, version=chosen, now=bench.now)
            note_deed(bench, "went back to an earlier tariff", subject=tariff_id)
        set_notice(f"Version {chosen} is in use again; the others are kept.")
        st.rerun()
