"""The board of tonight: one tile a van or connector, its state by colour and by letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from depotlib.model.live import ConnectorState, StationState
from depotlib.ui.wording import ago, hours_words, kw, number
from depotlib.workflows.watch_night import VehicleState, VehicleTonight, is_stale


@dataclass(frozen=True, slots=True)
class _Sign:
    letter: str
    colour: str


# White letters on each stay above 4.5 : 1.
SIGNS: Final[dict[VehicleState, _Sign]] = {
    "ready": _Sign("R", "#00694D"),
    "charging": _Sign("C", "#005A94"),
    "plugged in": _Sign("P", "#5B4A9E"),
    "waiting": _Sign("W", "#8A5A00"),
    "on the road": _Sign("O", "#4A5563"),
    "left short": _Sign("!", "#A3123A"),
}
STALE: Final = _Sign("?", "#6B7280")
DRAWS: Final = _Sign("C", "#005A94")
IDLE: Final = _Sign("I", "#4A5563")
ABOVE: Final = _Sign("!", "#A3123A")
STYLE: Final = """<style>
.depot-board{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.8rem,1fr));gap:.4rem}
.depot-tile{display:flex;gap:.5rem;align-items:center;padding:.3rem .45rem;border-radius:.4rem;
background:rgba(128,140,160,.14);font-size:.82rem;line-height:1.2}
.depot-sign{min-width:1.5rem;height:1.5rem;border-radius:.3rem;color:#fff;font-weight:700;
display:flex;align-items:center;justify-content:center}
.depot-legend{display:flex;flex-wrap:wrap;gap:.9rem;font-size:.82rem;margin-bottom:.5rem}
.depot-legend span{display:inline-flex;gap:.35rem;align-items:center}
</style>"""


def show_vehicles(vehicles: Sequence[VehicleTonight], *, time_zone: ZoneInfo) -> None:
    """Show a tile a van, the first to leave first, with the time it has to spare."""
    tiles = [
        _tile(
            SIGNS[one.state],
            f"{one.vehicle_id} {one.departure.astimezone(time_zone):%H:%M}",
            detail=f"spare {hours_words(one.slack_h)}",
            title=f"{one.vehicle_id}: {one.state}",
        )
        for one in sorted(vehicles, key=lambda one: (one.departure, one.vehicle_id))
    ]
    _show(tiles, legend=SIGNS)


def show_stations(stations: Sequence[StationState], *, now: datetime) -> None:
    """Show a tile a connector with its power and limit; one not heard of is grey."""
    tiles = [
        _connector_tile(state, plug, now=now) for state in stations for plug in state.connectors
    ]
    legend = {
        "draws power": DRAWS,
        "idle": IDLE,
        "above its limit": ABOVE,
        "stale: not heard of": STALE,
    }
    _show(tiles, legend=legend)


def _connector_tile(state: StationState, plug: ConnectorState, *, now: datetime) -> str:
    if is_stale(state, now=now):
        return _tile(
            STALE, plug.connector_id, detail=f"heard {ago(state.last_seen, now)}", title="stale"
        )
    sign = DRAWS if plug.power_kw > 0 else IDLE
    title = f"{plug.connector_id}: {plug.status}"
    if plug.above_kw > 0:
        sign, title = ABOVE, f"{plug.connector_id}: {kw(plug.above_kw)} above its limit"
    return _tile(
        sign,
        plug.connector_id,
        detail=f"{number(plug.power_kw, decimals=1)} of {kw(plug.limit_kw)}",
        title=title,
    )


def _tile(sign: _Sign, name: str, *, detail: str, title: str) -> str:
    return (
        f'<div class="depot-tile" title="{escape(title, quote=True)}">{_chip(sign)}'
        f"<div><strong>{escape(name)}</strong><br>{escape(detail)}</div></div>"
    )


def _chip(sign: _Sign) -> str:
    return f'<div class="depot-sign" style="background:{sign.colour}">{escape(sign.letter)}</div>'


def _show(tiles: list[str], *, legend: Mapping[VehicleState, _Sign] | Mapping[str, _Sign]) -> None:
    words = "".join(f"<span>{_chip(sign)} {escape(state)}</span>" for state, sign in legend.items())
    st.html(
        f'{STYLE}<div class="depot-legend">{words}</div>'
        f'<div class="depot-board">{"".join(tiles)}</div>'
    )
