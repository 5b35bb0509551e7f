"""Prices in a plain table: a start with its offset, a price and the unit of it."""

from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "market_prices"
FILE = "prices.csv"
# A plain table names no series.
CARRIES = {
    "prices": {"interval_start": 0, "interval_s": None, "price_per_kwh": 1e-9, "currency": None},
}

_ZONE = ZoneInfo("Europe/Berlin")


def write(night: SimpleNamespace) -> bytes:
    """Return the prices in cents."""
    lines = ["Start,Price,Unit"]
    lines += [
        f"{price.interval_start.astimezone(_ZONE).isoformat()},{price.price_per_kwh * 100:.4f},"
        "ct/kWh"
        for price in night.prices
    ]
    return ("\n".join(lines) + "\n").encode()
