"""Alerts on a page: what people should know now, and the word that somebody does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from depotlib.model.alert import Alert, AlertRule
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import Bench
from depotlib.ui.push_parts import allowed_operator, operator_fields
from depotlib.ui.state import set_notice
from depotlib.ui.tables import local_text, show_table
from depotlib.ui.wording import counted
from depotlib.workflows.alert_people import acknowledge_alert, read_alerts

SHOWN: Final = 100
RULES: Final[dict[AlertRule, str]] = {
    "van_at_risk": "van at risk",
    "station_silent": "station silent",
    "peak_near_target": "peak near its target",
    "unknown_identity": "unknown van",
    "limit_from_outside": "limit from outside",
    "process_down": "process down",
    "station_disobeys": "station disobeys",
    "station_restless": "connects too often",
    "signal_not_understood": "grid signal not understood",
}


def show_alerts(bench: Bench) -> None:
    """Show what people should know, the open alerts first."""
    with errors_shown():
        alerts = read_alerts(bench.settings)
    if not alerts:
        st.markdown("Nothing that a person should look at.")
        return
    waiting = sum(one.is_open and one.acknowledged_at is None for one in alerts)
    count = counted(waiting, "open alert")
    st.markdown(f"**{count}** without an acknowledgement.")
    table = alerts_table(alerts[:SHOWN], time_zone=bench.time_zone)
    show_table(table, key="alerts", alt="Alerts to people", is_offered=False)


def show_acknowledge(bench: Bench) -> None:
    """Ask which alert somebody takes on, and for the token."""
    with errors_shown():
        waiting = {
            one.alert_id: f"{RULES[one.rule]}, {one.subject}"
            for one in read_alerts(bench.settings)
            if one.is_open and one.acknowledged_at is None
        }
    if not waiting:
        return
    with st.expander("Acknowledge an alert"), st.form("acknowledge"):
        chosen = st.selectbox(
            "Alert", list(waiting), format_func=waiting.__getitem__, key="acknowledge_alert"
        )
        note = st.text_input("What you do about it", key="acknowledge_note")
        typed = operator_fields("acknowledge", bench.settings)
        is_asked = st.form_submit_button("I know of it", key="acknowledge_commit")
    operator = allowed_operator(bench.settings, typed) if is_asked else None
    if operator is None:
        return
    with errors_shown():
        acknowledge_alert(
            bench.settings,
            chosen,
            by=operator.name,
            token=operator.token,
            note=note,
            now=bench.now,
        )
    set_notice("Acknowledged. Nobody else is told of this alert.")
    st.rerun()


def alerts_table(alerts: Sequence[Alert], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return each alert with whom it was told and who knows."""
    return pl.DataFrame(
        [
            {
                "State": _state(one),
                "What": RULES[one.rule],
                "Says": one.sentence,
                "Since": local_text(one.raised_at, time_zone),
                "Told": _told(one),
                "Known to": one.acknowledged_by,
                "Note": one.note,
                "Over": _time(one.over_at, time_zone),
            }
            for one in alerts
        ]
    )


def _state(alert: Alert) -> str:
    if not alert.is_open:
        return "over"
    if alert.acknowledged_at is not None:
        return "known"
    return f"open, level {alert.level}" if alert.level else "open"


def _told(alert: Alert) -> str:
    return "; ".join(
        f"{one.contact} ({one.channel})"
        + ("" if one.told_at else f" in vain {counted(one.tries, 'time')}: {one.trouble}")
        for one in alert.tellings
    )


def _time(instant: datetime | None, time_zone: ZoneInfo) -> str:
    return local_text(instant, time_zone) if instant is not None else ""
