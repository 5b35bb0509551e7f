"""What editors share: the version in use, the button that saves another, and what is said then."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from depotlib.settings import Settings
from depotlib.ui.login import may
from depotlib.ui.page import Bench
from depotlib.ui.set_up_loaders import load_versions
from depotlib.ui.state import set_notice
from depotlib.workflows.set_up_depot import DepotSetUp, Edited

SAVED: Final = "Saved as a new version. It counts from the next plan and push on."


def newest_version(settings: Settings, kind: Edited, *, known: DepotSetUp) -> int:
    """Return the newest version: sheets begin anew once another one is in use."""
    versions = load_versions(settings, kind, depot_id=known.depot.depot_id)
    return versions[0].version if versions else 0


def asked_to_save(bench: Bench, place: DeltaGenerator, *, is_changed: bool, key: str) -> bool:
    """Return whether what was edited is to be saved; only who may plan is asked."""
    with place:
        if not may(bench.person, "planner"):
            return False
    if is_changed:
        place.caption("Changed and sound; not saved yet.")
    return place.button("Save as a new version", type="primary", disabled=not is_changed, key=key)


def saved() -> None:
    """Say that it was saved, and run the page again with it."""
    set_notice(SAVED)
    st.rerun()
