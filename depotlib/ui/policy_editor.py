"""How much energy is enough, on a page: the reserve after a duty, and whether past days count."""

from dataclasses import asdict
from typing import cast

import streamlit as st

from depotlib.errors import DepotError
from depotlib.model.brief import NeedPolicy
from depotlib.ui.deeds import note_version
from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.page import Bench
from depotlib.ui.saving import asked_to_save, newest_version, saved
from depotlib.ui.sheets import Row, draw_sheet, rows_of
from depotlib.workflows.set_up_depot import DepotSetUp, need_policy_of, save_need_policy


def edit_policy(bench: Bench, known: DepotSetUp) -> None:
    """Show the reserve policy as a sheet of one row, what is wrong in it, and a button to save it."""
    version = newest_version(bench.settings, "policy", known=known)
    before, policy = asdict(known.policy), known.policy
    place = st.container()
    wrong = place.container()
    with place:
        st.markdown("**How much energy is enough**")
        drawn = draw_sheet(
            [cast("Row", before)], NeedPolicy, key=f"policy_{version}", is_open=False
        )
        st.caption(
            "Of a full battery, left when a van is back: what it must have to be allowed to go, and "
            "what one would like. Past days count for consumption, returns and silent vans. Ready "
            "before leaving: so early, where that leaves nobody short; who is fetched early by so "
            "much goes ready."
        )
    try:
        policy = need_policy_of((rows_of(drawn, NeedPolicy) or [{}])[0])
    except DepotError as error:
        with wrong:
            show_error(error)
    is_changed = policy != known.policy
    if asked_to_save(bench, place, is_changed=is_changed, key="save_policy"):
        with errors_shown():
            depot_id = known.depot.depot_id
            save_need_policy(bench.settings, policy, depot_id=depot_id, now=bench.now)
            note_version(bench, "policy", depot_id=depot_id)
        saved()
