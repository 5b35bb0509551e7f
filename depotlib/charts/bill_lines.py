"""Bills side by side, each cut into what it is made of."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished
from depotlib.model.bill import Bill

HEADROOM = 1.12
"""Of the axis over the highest bar: its words stand above it."""
FAMILY_NAMES = {
    "demand": "Demand charges",
    "energy": "Energy",
    "fixed": "Fixed charges",
    "minimum": "Up to the minimum bill",
    "export": "Credit for export",
    "tax": "Tax",
}


def bill_lines(
    bills: Sequence[Bill], *, time_zone: ZoneInfo, colours: Colours = LIGHT
) -> go.Figure:
    """Return a bar a bill, stacked by family of lines.

    Parameters
    ----------
    bills : sequence of Bill
        Of one currency, in time order.
    time_zone : ZoneInfo
        In which a period has its name.
    colours : Colours, optional
    """
    names = [bill_name(bill, time_zone) for bill in bills]
    currency = bills[0].currency if bills else ""
    present = {line.family for bill in bills for line in bill.lines}
    figure = go.Figure()
    palette = (
        *(colours.limit, colours.main, colours.third, colours.second),
        *colours.series[4:6],
    )
    for (family, name), colour in zip(FAMILY_NAMES.items(), palette, strict=True):
        if family in present:
            figure.add_trace(
                go.Bar(
                    name=name,
                    x=names,
                    y=[float(bill.family_total(family)) for bill in bills],
                    marker_color=colour,
                    hovertemplate=f"%{{x}}: %{{y:,.2f}} {currency}",
                )
            )
    figure.add_trace(
        go.Scatter(
            name="Total",
            x=names,
            y=[float(bill.total) for bill in bills],
            text=[f"{bill.total:,.2f}" for bill in bills],
            mode="text",
            textposition="top center",
            showlegend=False,
            hoverinfo="skip",
        )
    )
    figure.update_layout(barmode="relative")
    parts = [[float(bill.family_total(one)) for one in FAMILY_NAMES] for bill in bills]
    lowest, highest = (
        limit(0.0, *(sum(limit(0.0, part) for part in one) for one in parts))
        for limit in (min, max)
    )
    figure.update_yaxes(range=[lowest * HEADROOM, highest * HEADROOM or 1.0])
    totals = ", ".join(
        f"{name} {bill.total:,.2f} {currency}" for name, bill in zip(names, bills, strict=True)
    )
    return finished(
        figure,
        alt=f"Bills by kind of charge: {totals}.",
        y_title=f"Bill ({currency})",
        x_axis=go.layout.XAxis(title=go.layout.xaxis.Title(text="Billing month"), type="category"),
        colours=colours,
    )


def bill_name(bill: Bill, time_zone: ZoneInfo) -> str:
    """Return what a bill is called: its month, or its days where it does not cover one."""
    start = bill.period.start.astimezone(time_zone)
    end = bill.period.end.astimezone(time_zone)
    is_whole = start.day == 1 and end.day == 1 and (end.month - start.month) % 12 == 1
    return f"{start:%B %Y}" if is_whole else f"{start:%B %Y} (part)"
