"""The tree that power comes through: service, circuits, stations, and where it is narrower."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished
from depotlib.model.depot import ChargingStation, Depot

SITE: Final = "Service"
TINY_KW: Final = 1e-6
LEAST_PX: Final = 8


@dataclass(frozen=True, slots=True)
class _Box:
    box_id: str
    name: str
    parent: str
    below_kw: float
    limit_kw: float
    text: str


def circuit_tree(depot: Depot, *, colours: Colours = LIGHT) -> go.Figure:
    """Return boxes below boxes, as wide as the stations below them could draw together [kW].

    A box that carries less than what hangs below it has a frame in the colour of limits.

    Parameters
    ----------
    depot : Depot
    colours : Colours, optional
    """
    boxes = _boxes(depot)
    narrow = [one for one in boxes if one.limit_kw < one.below_kw - TINY_KW]
    figure = go.Figure(
        go.Icicle(
            name=depot.name,
            ids=[one.box_id for one in boxes],
            labels=[one.name for one in boxes],
            parents=[one.parent for one in boxes],
            values=[one.below_kw for one in boxes],
            text=[one.text for one in boxes],
            branchvalues="total",
            sort=False,
            textinfo="label+text",
            hovertemplate="%{label}: %{text}<extra></extra>",
            textfont=go.icicle.Textfont(color=colours.text),
            marker=go.icicle.Marker(
                colors=[colours.ramp[0 if one in narrow else 1] for one in boxes],
                line=go.icicle.marker.Line(
                    color=[colours.limit if one in narrow else colours.faint for one in boxes],
                    width=[3 if one in narrow else 0 for one in boxes],
                ),
            ),
            tiling=go.icicle.Tiling(orientation="v", pad=5),
        )
    )
    names = ", ".join(one.name for one in narrow) or "none"
    figure = finished(
        figure,
        alt=f"{len(depot.circuits)} circuits and {len(depot.stations)} stations below a service of "
        f"{depot.grid.service_kw:g} kW; narrower than what hangs below: {names}.",
        y_title="",
        x_axis=go.layout.XAxis(visible=False),
        colours=colours,
        height=320,
    )
    # Where a box is too narrow for words, on a phone, they are left out: the table has them all.
    return figure.update_layout(uniformtext=go.layout.Uniformtext(minsize=LEAST_PX, mode="hide"))


def circuit_boxes(depot: Depot) -> pl.DataFrame:
    """Return what `circuit_tree` draws: name, parent, limit and what hangs below [kW]."""
    return pl.DataFrame(
        [
            {
                "Name": one.name,
                "Below": one.parent,
                "Limit (kW)": one.limit_kw,
                "Stations below it (kW)": one.below_kw,
            }
            for one in _boxes(depot)
        ]
    )


def _boxes(depot: Depot) -> list[_Box]:
    """Return service, circuits, and stations that are alike as one box, each after its parent."""
    most_kw = sum(one.max_kw for one in depot.stations)
    service_kw = depot.grid.service_kw
    boxes = [
        _Box(SITE, SITE, "", below_kw=most_kw, limit_kw=service_kw, text=_text(service_kw, most_kw))
    ]
    for circuit in depot.circuits:
        below_kw = sum(
            one.max_kw for one in depot.stations if circuit in depot.path_to_site(one.circuit_id)
        )
        text = _text(circuit.limit_kw, below_kw)
        parent = circuit.parent_id or SITE
        boxes.append(
            _Box(
                circuit.circuit_id,
                circuit.circuit_id,
                parent,
                below_kw,
                circuit.limit_kw,
                text=text,
            )
        )
    alike = Counter(map(_likeness, depot.stations))
    for (circuit_id, current_type, max_kw), count in alike.items():
        parent = circuit_id or SITE
        together_kw = count * max_kw
        name = f"{count} × {current_type} {max_kw:g} kW"
        text = f"{together_kw:g} kW together"
        box_id = f"{parent}: {name}"
        boxes.append(_Box(box_id, name, parent, together_kw, limit_kw=together_kw, text=text))
    return boxes


def _likeness(station: ChargingStation) -> tuple[str | None, str, float]:
    return station.circuit_id, station.current_type, station.max_kw


def _text(limit_kw: float, below_kw: float) -> str:
    return f"{limit_kw:g} of {below_kw:g} kW"
