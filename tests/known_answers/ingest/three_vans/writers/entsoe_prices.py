"""Day-ahead prices as ENTSO-E gives them: XML, €/MWh, points counted from 1 in a UTC period."""

from datetime import timedelta
from types import SimpleNamespace

SOURCE = "market_prices"
FILE = "A44.xml"
# The document names the zone by its code in ENTSO-E's register.
CARRIES = {
    "prices": {"interval_start": 0, "interval_s": None, "price_per_kwh": 1e-9, "currency": None},
}


def write(night: SimpleNamespace) -> bytes:
    """Return the prices as one period of hours."""
    first, last = night.prices[0].interval_start, night.prices[-1].interval_start
    points = "".join(
        f"<Point><position>{place}</position>"
        f"<price.amount>{price.price_per_kwh * 1000:.2f}</price.amount></Point>"
        for place, price in enumerate(night.prices, start=1)
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><Publication_MarketDocument xmlns='urn:entsoe'>"
        "<type>A44</type><TimeSeries><in_Domain.mRID>10Y1001A1001A82H</in_Domain.mRID>"
        "<currency_Unit.name>EUR</currency_Unit.name>"
        "<price_Measure_Unit.name>MWH</price_Measure_Unit.name><curveType>A01</curveType>"
        f"<Period><timeInterval><start>{first:%Y-%m-%dT%H:%MZ}</start>"
        f"<end>{last + timedelta(hours=1):%Y-%m-%dT%H:%MZ}</end></timeInterval>"
        f"<resolution>PT60M</resolution>{points}</Period></TimeSeries>"
        "</Publication_MarketDocument>"
    ).encode()
