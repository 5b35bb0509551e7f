"""Acting on a station from a page: what it would cost first, then the token; what is in force."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from depotlib.model.order import OrderKind, OrderStatus
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.live_tables import orders_table
from depotlib.ui.page import Bench
from depotlib.ui.push_parts import allowed_operator, operator_fields
from depotlib.ui.state import order_draft, set_notice, set_order_draft
from depotlib.ui.tables import show_table
from depotlib.ui.wording import ORDER_KINDS, day_time, kw, kwh, money, plain
from depotlib.workflows.operate import (
    OrderDraft,
    OrderWish,
    commit_order,
    newest_orders,
    open_orders,
    preview_order,
)
from depotlib.workflows.watch_night import NightNow

REFRESH_S: Final = 1.0
SHOWN: Final = 10
LASTS_H: Final = 0.5
LEAST_H: Final = 0.05
LONGEST_H: Final = 720.0


@st.fragment(run_every=REFRESH_S)
def show_orders(bench: Bench) -> None:
    """Show the actions that are in force, and how the latest ones ended, once a second."""
    with errors_shown():
        statuses = newest_orders(bench.settings, limit=SHOWN)
    if not statuses:
        st.markdown("Nobody has acted on a station yet.")
        return
    show_table(
        orders_table(statuses, time_zone=bench.time_zone),
        key="orders",
        alt="Actions of operators",
        is_offered=False,
    )


def show_act(bench: Bench, night: NightNow) -> None:
    """Ask what to do, show what it would cost on the peak, and ask for the token."""
    with st.expander("Act on a station: charge now, hold, reset and the like"):
        wish = _ask_wish(bench, night)
        if wish is not None:
            with errors_shown():
                set_order_draft(preview_order(bench.settings, wish, now=bench.now))
        draft = order_draft()
        if draft is not None:
            _show_draft(draft, time_zone=bench.time_zone)
            _ask_commit(bench, draft)


def _ask_wish(bench: Bench, night: NightNow) -> OrderWish | None:
    with errors_shown():
        standing = [one for one in open_orders(bench.settings) if one.state != "queued"]
    # An errand is asked in OCPP's own words: that is for the terminal.
    kinds: list[OrderKind] = [
        kind for kind in ORDER_KINDS if kind != "errand" and (kind != "end" or standing)
    ]
    kind = st.selectbox("What to do", kinds, format_func=ORDER_KINDS.__getitem__, key="act_kind")
    with st.form("act"):
        target = _ask_target(kind, night, standing=standing)
        left, middle, right = st.columns(3)
        begins_h = left.number_input(
            "Begins in (h)", 0.0, LONGEST_H, 0.0, step=0.5, key="act_begins", help="0: at once."
        )
        lasts_h = middle.number_input(
            "Lasts (h)", LEAST_H, LONGEST_H, LASTS_H, step=0.5, key="act_lasts",
            help="Then it ends by itself. A reset or an unlock waits so long for its station.",
        )  # fmt: skip
        is_hard = right.checkbox("Reset at once", key="act_hard", disabled=kind != "reset")
        reason = st.text_input("Why", key="act_reason", help="It is journalled.")
        is_asked = st.form_submit_button("Show what it costs", key="act_preview")
    if not is_asked or target is None:
        return None
    start = bench.now + timedelta(hours=begins_h)
    return OrderWish(
        kind=kind,
        target=target,
        start=start if begins_h > 0 else None,
        until=(start + timedelta(hours=lasts_h)).replace(microsecond=0),
        reason=reason,
        is_hard=is_hard and kind == "reset",
    )


def _ask_target(kind: OrderKind, night: NightNow, *, standing: list[OrderStatus]) -> str | None:
    if kind == "end":
        names = {
            one.order.order_id: f"{ORDER_KINDS[one.order.kind]}, {_place(one)}: {one.order.reason}"
            for one in standing
        }
    else:
        plugs = [(state, plug) for state in night.stations for plug in state.connectors]
        names = {
            plug.connector_id: plug.connector_id
            + (f", {plug.vehicle_id}" if plug.vehicle_id else "")
            for _, plug in plugs
        }
        if kind in {"out_of_service", "reset"}:
            names = {state.station_id: state.station_id for state, _ in plugs} | names
    return st.selectbox("Where", list(names), format_func=names.__getitem__, key=f"act_at_{kind}")


def _place(status: OrderStatus) -> str:
    return status.order.connector_id or status.order.station_id


def _show_draft(draft: OrderDraft, *, time_zone: ZoneInfo) -> None:
    order, effect = draft.order, draft.effect
    begins = "at once" if order.start is None else f"from {day_time(order.start, time_zone)}"
    who = f" ({order.vehicle_id})" if order.vehicle_id else ""
    place = order.connector_id or order.station_id
    st.markdown(
        f"**{plain(ORDER_KINDS[order.kind])}** at **{plain(place)}**{plain(who)}, {plain(begins)}, "
        f"until {plain(day_time(order.until, time_zone))}: {plain(order.reason)}"
    )
    with st.container(horizontal=True):
        st.metric("Peak so far", kw(effect.running_peak_kw), border=True)
        st.metric("Peak as planned", kw(effect.peak_before_kw), border=True)
        st.metric("Peak with it", kw(effect.peak_after_kw), border=True)
        cost = "no price known"
        if effect.peak_amount is not None:
            cost = money(effect.peak_amount, effect.currency)
        st.metric("Cost of the peak", cost, border=True, help="In the billing period, at most.")
        st.metric("Energy at another time", kwh(effect.moved_kwh), border=True)
    for sentence in effect.sentences:
        st.markdown(f"- {plain(sentence)}")


def _ask_commit(bench: Bench, draft: OrderDraft) -> None:
    with st.form("act_commit_form"):
        typed = operator_fields("act", bench.settings)
        is_asked = st.form_submit_button("Do it", type="primary", key="act_commit")
    operator = allowed_operator(bench.settings, typed) if is_asked else None
    if operator is None:
        return
    with errors_shown():
        commit_order(bench.settings, draft, operator=operator, now=bench.now)
    set_order_draft(None)
    set_notice("It is asked for. The table of actions says what the gateway made of it.")
    st.rerun()
