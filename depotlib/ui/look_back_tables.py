"""What happened as tables: sessions and the lines of bills."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.charts.bill_lines import bill_name
from depotlib.model.bill import Bill
from depotlib.ui.source_words import source_column
from depotlib.ui.tables import local_column, local_text, without_empty


def sessions_table(sessions: pl.DataFrame, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return sessions in a reader's words, the latest first."""
    table = sessions.sort("plug_start", descending=True).select(
        local_column("plug_start", time_zone).alias("Plugged in"),
        local_column("plug_end", time_zone).fill_null("still plugged in").alias("Unplugged"),
        pl.col("site").alias("Site"),
        pl.col("station_id").alias("Station"),
        pl.col("connector_id").alias("Connector"),
        pl.col("vehicle_id").alias("Van"),
        pl.col("energy_wall_kwh").alias("Energy (kWh)"),
        pl.col("peak_kw").alias("Highest power (kW)"),
        (pl.col("start_soc") * 100).alias("Charge at start (%)"),
        (pl.col("end_soc") * 100).alias("Charge at end (%)"),
        source_column("source").alias("From"),
    )
    return without_empty(table.with_columns(pl.col(pl.String).fill_null("")))


def bill_table(bills: Sequence[Bill], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return every line of every bill: quantity times price, and the interval that set it."""
    return pl.DataFrame(
        [
            {
                "Month": bill_name(bill, time_zone),
                "Line": line.component,
                "Quantity": f"{line.quantity:,.3f}".rstrip("0").rstrip("."),
                "Unit": line.unit,
                f"Price ({bill.currency} per unit)": f"{line.unit_price}",
                f"Amount ({bill.currency})": float(line.amount),
                "Set by the interval from": local_text(line.set_by, time_zone),
            }
            for bill in bills
            for line in bill.lines
        ]
    )
