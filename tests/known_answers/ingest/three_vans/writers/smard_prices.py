"""Day-ahead prices as SMARD exports them: `;`, decimal comma, €/MWh, clock of Berlin, a BOM."""

from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "market_prices"
FILE = "Gro_handelspreise.csv"
# The zone's name is SMARD's own word, not the code that the committed rows use.
CARRIES = {
    "prices": {"interval_start": 0, "interval_s": None, "price_per_kwh": 1e-9, "currency": None},
}

_ZONE = ZoneInfo("Europe/Berlin")
_HEADER = "Datum von;Datum bis;Deutschland/Luxemburg [€/MWh] Originalauflösungen"


def write(night: SimpleNamespace) -> bytes:
    """Return the prices as an export of one zone, with cents of a euro."""
    lines = [_HEADER]
    for price in night.prices:
        start = price.interval_start.astimezone(_ZONE)
        end = start.replace(hour=start.hour + 1)
        amount = f"{price.price_per_kwh * 1000:.2f}".replace(".", ",")
        lines.append(f"{start:%d.%m.%Y %H:%M};{end:%d.%m.%Y %H:%M};{amount}")
    return ("\n".join(lines) + "\n").encode("utf-8-sig")
