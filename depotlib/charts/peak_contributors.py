"""Who drew power while a billed peak was set."""

import plotly.graph_objects as go

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished
from depotlib.model.attribution import PeakAttribution, PeakShare

MOST_BARS = 20
BAR_PX = 26
FRAME_PX = 150


def peak_contributors(
    peak: PeakAttribution, *, currency: str, colours: Colours = LIGHT
) -> go.Figure:
    """Return a bar for each party of a peak, the largest on top; the smallest ones as one.

    Parameters
    ----------
    peak : PeakAttribution
        One demand line of a bill, shared among vehicles or stations.
    currency : str
    colours : Colours, optional
    """
    shown = peak.shares[:MOST_BARS]
    rest = peak.shares[MOST_BARS:]
    names = [share.party for share in shown]
    quantities = [float(share.quantity) for share in shown]
    amounts = [float(share.amount) for share in shown]
    if rest:
        names.append(f"{len(rest)} others")
        quantities.append(sum(float(share.quantity) for share in rest))
        amounts.append(sum(float(share.amount) for share in rest))
    figure = go.Figure(
        go.Bar(
            name="Part of the billed peak",
            y=names,
            x=quantities,
            customdata=amounts,
            text=[f" {amount:,.2f} {currency} " for amount in amounts],
            # Inside a bar that is long enough: behind its end a phone has no room.
            textposition="auto",
            insidetextanchor="end",
            textangle=0,
            cliponaxis=False,
            orientation="h",
            marker_color=colours.main,
            hovertemplate=(
                f"%{{y}}: %{{x:.1f}} {peak.unit}, %{{customdata:,.2f}} {currency}<extra></extra>"
            ),
        )
    )
    figure.update_yaxes(type="category", autorange="reversed")
    return finished(
        figure,
        alt=(
            f"{peak.component} of {float(peak.quantity):.1f} {peak.unit}, "
            f"{peak.amount:,.2f} {currency}: {_words(shown, peak.unit)}."
        ),
        y_title="Who drew it",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"Part of the billed peak ({peak.unit})"),
            range=[0, max(quantities, default=0.0) * 1.25 or 1.0],
        ),
        colours=colours,
        height=FRAME_PX + BAR_PX * len(names),
    )


def _words(shares: tuple[PeakShare, ...], unit: str) -> str:
    return ", ".join(f"{share.party} {float(share.quantity):.1f} {unit}" for share in shares)
