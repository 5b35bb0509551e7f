"""What the same night costs under each policy, and what no plan can undercut."""

from collections.abc import Sequence

import plotly.graph_objects as go

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished
from depotlib.charts.policy_names import policy_name
from depotlib.model.plan import Plan, PlanHeader


def cost_comparison(plans: Sequence[Plan], *, colours: Colours = LIGHT) -> go.Figure:
    """Return a bar a policy, cut into energy, demand and what is due anyhow.

    Parameters
    ----------
    plans : sequence of Plan
        Of one night; the first is the one compared.
    colours : Colours, optional
    """
    headers = [plan.header for plan in plans]
    names = [policy_name(header.policy) for header in headers]
    currency = headers[0].currency
    figure = go.Figure(data=[*_parts(headers, names, colours=colours), _totals(headers, names)])
    bound_amount = headers[0].bound_amount
    figure.add_vline(
        x=bound_amount, line=go.layout.shape.Line(color=colours.text, width=2, dash="dot")
    )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(type="category", autorange="reversed")
    totals = ", ".join(
        f"{name} {header.bill_amount:,.0f} {currency}"
        for name, header in zip(names, headers, strict=True)
    )
    highest_amount = max(header.bill_amount for header in headers)
    return finished(
        figure,
        alt=f"Bill by policy: {totals}. No plan can cost less than {bound_amount:,.0f} {currency}.",
        y_title="Charging policy",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(
                text=f"Monthly bill ({currency})<br>dotted: no plan can cost less"
            ),
            # Behind the longest bar its words have room on a phone, too.
            range=[0, highest_amount * 1.3],
        ),
        colours=colours,
        height=340,
    )


def _parts(
    headers: Sequence[PlanHeader], names: Sequence[str], *, colours: Colours
) -> list[go.Bar]:
    amounts = {
        "Energy": ([header.energy_amount for header in headers], colours.main),
        "Demand charges": ([header.demand_amount for header in headers], colours.limit),
        "Fixed charges": (
            [
                header.bill_amount - header.energy_amount - header.demand_amount
                for header in headers
            ],
            colours.third,
        ),
    }
    return [
        go.Bar(
            name=part,
            y=names,
            x=part_amounts,
            orientation="h",
            marker_color=colour,
            hovertemplate=f"%{{y}}: %{{x:,.2f}} {headers[0].currency}",
        )
        for part, (part_amounts, colour) in amounts.items()
    ]


def _totals(headers: Sequence[PlanHeader], names: Sequence[str]) -> go.Scatter:
    return go.Scatter(
        name="Total",
        y=names,
        x=[header.bill_amount for header in headers],
        text=[f"  {header.bill_amount:,.0f}" for header in headers],
        mode="text",
        textposition="middle right",
        showlegend=False,
        hoverinfo="skip",
    )
