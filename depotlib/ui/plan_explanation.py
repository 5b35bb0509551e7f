"""Why a plan is as it is: what falls short and what repairs it, what sets the peak, what binds."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from depotlib.ui.explanation_tables import (
    limits_table,
    peaks_table,
    repairs_table,
    worth_table,
)
from depotlib.ui.tables import show_table
from depotlib.ui.wording import plain, sentence_of
from depotlib.workflows.explain_plan import NightExplained


def show_explanation(explained: NightExplained) -> None:
    """Show the explanation of a plan, the urgent first."""
    told = explained.explanation
    changes = repairs_table(explained)
    if told.conflicts:
        st.subheader("Why not everything fits", anchor=False)
        _show_sentences([one.sentence for one in told.conflicts])
    if told.outcome.is_short:
        st.subheader("What would repair it", anchor=False)
        _show_or_say(
            changes,
            key="repairs",
            alt="Repairs, each planned again",
            otherwise="No single change of a limit, a departure, the reserve or the stations helps.",
        )
    st.subheader("What sets the peak", anchor=False)
    _show_sentences([one.sentence for one in told.peaks])
    _show_or_say(
        peaks_table(explained),
        key="peaks",
        alt="What sets each billed peak: vans and hours",
        otherwise="No demand charge is set by this night.",
    )
    st.subheader("What binds, and its price", anchor=False)
    _show_or_say(
        limits_table(explained),
        key="limits",
        alt="What binds, planned again with 1 kW more and less",
        otherwise="No limit binds: more of any would save nothing.",
    )
    st.subheader("What a change is worth", anchor=False)
    show_table(worth_table(explained), key="worth", alt="What one change of the night is worth")
    if told.duties is not None:
        st.subheader("Other vans for the same duties", anchor=False)
        _show_sentences([told.duties.sentence])
        if changes.height and not told.outcome.is_short:
            show_table(changes, key="duties", alt="Duties given otherwise, planned again")
    st.caption("Every figure is the night planned again with one fact changed.")


def _show_sentences(sentences: Sequence[str]) -> None:
    st.markdown("\n".join(f"- {plain(sentence_of(one))}" for one in sentences))


def _show_or_say(table: pl.DataFrame, *, key: str, alt: str, otherwise: str) -> None:
    if table.height:
        show_table(table, key=key, alt=alt)
    else:
        st.markdown(otherwise)
