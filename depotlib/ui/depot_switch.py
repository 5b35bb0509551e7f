"""Which of several depots the pages show: picked in the sidebar, named in the address."""

from pathlib import Path

import streamlit as st

from depotlib.errors import DepotError
from depotlib.settings import Settings
from depotlib.ui.loaders import load_store
from depotlib.ui.login import may_see
from depotlib.ui.state import depot_shown, set_depot_shown
from depotlib.ui.wording import told_apart


def depot_keys(settings: Settings) -> dict[str, Path]:
    """Return the folders of all depots by what an address calls them: the folder's name.

    Folders of the same name are numbered in their order.
    """
    keys: dict[str, Path] = {}
    for home in settings.depot_homes():
        name = home.resolve().name
        number = sum(one == name or one.startswith(f"{name}~") for one in keys) + 1
        keys[name if number == 1 else f"{name}~{number}"] = home
    return keys


def seen_depots(settings: Settings) -> dict[str, Path]:
    """Return the depots that whoever has logged in may see."""
    return {key: home for key, home in depot_keys(settings).items() if may_see(settings.at(home))}


def switched(settings: Settings) -> Settings:
    """Return the settings of the depot that is shown; with several, a field that picks another."""
    if len(settings.depot_homes()) == 1:
        return settings
    seen = seen_depots(settings)
    if not seen:
        return settings
    keys = list(seen)
    asked = depot_shown()
    shown = asked if asked in seen else keys[0]
    names = told_apart({key: _name(settings.at(home)) for key, home in seen.items()})
    chosen = st.sidebar.selectbox(
        "Depot",
        keys,
        index=keys.index(shown),
        format_func=names.__getitem__,
        key=f"switch_{shown}",
    )
    set_depot_shown(chosen)
    if chosen != shown:
        st.rerun()
    return settings.at(seen[shown])


def _name(settings: Settings) -> str:
    try:
        store = load_store(settings)
    except DepotError:
        store = None
    if store is None or store.depot is None:
        return settings.home.name
    return store.depot.name
