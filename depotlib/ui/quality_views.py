"""The score of each source: a table of all, and one source with its arithmetic and its worst."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from depotlib.ui.source_words import source_words
from depotlib.ui.tables import local_text
from depotlib.ui.wording import counted, plain, sentence_of
from depotlib.workflows.data_quality import SourceQuality


def quality_table(sources: Sequence[SourceQuality], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return each source with its score, its account and its last reading, the worst first."""
    return pl.DataFrame(
        [
            {
                "Source": source_words(one.source),
                "Score (of 100)": one.score,
                "Last reading": local_text(one.last_at, time_zone) or "none",
                "Gaps": one.gaps,
                "Files": one.files,
                "Records": one.rows_in,
                "Stored": one.stored,
                "Known already": one.duplicates,
                "Refused": one.rejected,
                "Last import": local_text(one.last_import_at, time_zone),
            }
            for one in sources
        ]
    )


def show_source(source: SourceQuality) -> None:
    """Show one source: its score, its worst findings and what cost the points."""
    name = plain(source_words(source.source))
    st.subheader(f"{name}: {source.score} of 100", anchor=False)
    st.progress(source.score / 100)
    if source.worst:
        st.markdown(f"**{counted(len(source.worst), 'finding')}, the worst first**")
        st.markdown("\n".join(f"- {plain(sentence_of(one))}" for one in source.worst))
    else:
        st.markdown("Nothing was found that speaks against it.")
    costly = [one.sentence for one in source.deductions if one.points]
    if costly:
        st.markdown("**What cost the points**")
        st.markdown("\n".join(f"- {plain(sentence_of(one))}" for one in costly))
