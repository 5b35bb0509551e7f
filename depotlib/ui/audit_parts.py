"""Who did what, on a page: what to look for, whether the chain is whole, the lines themselves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from depotlib.ui.command import Asked
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import Bench
from depotlib.ui.tables import LOCAL_FORMAT
from depotlib.ui.wording import counted, number, plain
from depotlib.workflows.audit_trail import TOPICS, AuditLine, AuditTopic, AuditWish, chain_length
from depotlib.workflows.collect_journal import verify_journal

SPANS: Final[dict[str, timedelta | None]] = {
    "Last 24 hours": timedelta(days=1),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
    "From the beginning": None,
}
TOPIC_WORDS: Final[dict[AuditTopic, str]] = {
    "push": "Pushes",
    "plan": "Plans, studies and drills",
    "station": "Stations",
    "stay": "Stays",
    "limit": "Limits from outside",
    "identity": "Identities",
    "alert": "Alerts",
    "access": "Keys and access",
    "set-up": "Set-up",
    "webhook": "Webhooks",
}
EVERYBODY: Final = "Everybody"
QUICKLY: Final = 50_000
"""So many records are verified without being asked for: about a second."""


def pick_start(bench: Bench) -> AuditWish:
    """Return since when it is asked for, as it was picked."""
    span = st.selectbox("When", list(SPANS), index=1, key="span", bind="query-params")
    back = SPANS[span]
    return AuditWish(start=None if back is None else bench.now - back)


def pick_who(people: Sequence[str]) -> str:
    """Return whose deeds are asked for, as it was picked; empty: everybody's."""
    chosen = st.selectbox("Who", [EVERYBODY, *people], key="who")
    return "" if chosen == EVERYBODY else chosen


def pick_topics() -> tuple[AuditTopic, ...]:
    """Return which kinds of deeds are asked for, as they were picked; none: all."""
    chosen = st.multiselect(
        "What", list(TOPICS), format_func=TOPIC_WORDS.__getitem__, key="topics", placeholder="All"
    )
    return tuple(chosen)


def of_audit(bench: Bench, wish: AuditWish) -> Asked:
    """Return the command that prints the same lines."""
    days = None if wish.start is None else (bench.now - wish.start) / timedelta(days=1)
    return Asked(
        "journal",
        ("audit",),
        options={"days": days, "who": wish.who, "topic": ",".join(wish.topics)},
        at=bench.settings.clock,
    )


def show_chain(bench: Bench) -> None:
    """Show whether the journal is what was written; a long one once it is asked for."""
    with errors_shown():
        count = chain_length(bench.settings)
    if not count:
        return
    if count > QUICKLY and not st.button(
        f"Verify all {number(count)} records of the journal", key="verify"
    ):
        return
    with errors_shown(), st.spinner("Reckoning the chain of the journal …"):
        verdict = verify_journal(bench.settings)
    if verdict.ok:
        st.success(
            f"The chain is whole: {counted(verdict.count, 'record')}, each bound to the one before "
            f"by its hash. The newest is `{verdict.head[:12]}`."
        )
        return
    st.error(
        f"The chain is broken at record {verdict.first_bad_seq}: {plain(verdict.note)}. "
        f"The {counted(verdict.count, 'record')} before it hold; nothing from there on is proven."
    )


def audit_table(lines: Sequence[AuditLine], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return who did what as a table, the newest first."""
    return pl.DataFrame(
        {
            "No.": [line.seq for line in lines],
            "When": [line.at.astimezone(time_zone).strftime(LOCAL_FORMAT) for line in lines],
            "Who": [line.who for line in lines],
            "Token of": [line.token_of for line in lines],
            "Topic": [TOPIC_WORDS[line.topic] for line in lines],
            "What": [line.what for line in lines],
            "Where": [line.where for line in lines],
            "Outcome": [line.outcome for line in lines],
            "Facts": [line.detail for line in lines],
            "Hash": [line.hash[:12] for line in lines],
        },
        schema_overrides={"No.": pl.Int64},
    )
