"""A report small enough to be read: two vans, one of them named by somebody with a spreadsheet."""

from datetime import UTC, datetime
from decimal import Decimal

from depotlib.reports.report import Column, Figure, Report, Table

ZONE = "America/New_York"
AT = datetime(2026, 11, 2, 21, 45, tzinfo=UTC)
"""16:45 in New York, where summer time ended the day before."""
EVIL = "=1+1"
FIGURES = (
    Figure("Bill", Decimal("6764.94"), "USD"),
    Figure("Peak", 43.2, "kW"),
    Figure("Vans ready", 2),
    Figure("Began", AT),
    Figure("Worst van", EVIL),
)
LINES = Table(
    "Lines [of the bill]",
    (
        Column("Van"),
        Column("Since", "instant"),
        Column("Ours (USD)", "money", is_summed=True),
        Column("Theirs (USD)", "money", is_summed=True),
        Column("Difference (USD)", "money", is_summed=True, less=("Theirs (USD)", "Ours (USD)")),
        Column("Energy (kWh)", "energy", is_summed=True),
    ),
    (
        (EVIL, AT, Decimal("10.10"), Decimal("10.30"), Decimal("0.20"), 1.5),
        ("<b>van-02</b>", None, Decimal("0.07"), Decimal("0.05"), Decimal("-0.02"), None),
    ),
)
REPORT = Report(
    title="Bill & audit",
    question="Is it right?",
    figures=FIGURES,
    tables=(LINES, Table("Lines [of the bill]", (Column("Van"),), ())),
    notes=("an assumption",),
    time_zone=ZONE,
)
