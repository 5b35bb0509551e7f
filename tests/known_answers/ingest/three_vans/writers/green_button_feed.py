"""A Green Button feed (ESPI XML, Atom): hundreds of Wh a quarter of an hour, in two blocks."""

from types import SimpleNamespace

SOURCE = "green_button"
FILE = "usage.xml"
CARRIES = {
    "meter": {"meter_id": None, "interval_start": 0, "interval_s": None, "power_kw": 0.001},
}

_POINT = "https://utility.example/espi/1_1/resource/UsagePoint/site"
_TYPE = "https://utility.example/espi/1_1/resource/ReadingType/15min"


def write(night: SimpleNamespace) -> bytes:
    """Return the meter's intervals as a feed whose second block repeats the first one's last."""
    half = len(night.meter) // 2
    entries = [
        _entry(_POINT, "", f"{_POINT}/MeterReading", "<UsagePoint xmlns='{0}'/>"),
        _entry(f"{_POINT}/MeterReading/1", f"{_POINT}/MeterReading", _TYPE,
               "<MeterReading xmlns='{0}'/>"),
        _entry(_TYPE, "", "", "<ReadingType xmlns='{0}'>"
               "<accumulationBehaviour>4</accumulationBehaviour><flowDirection>1</flowDirection>"
               "<intervalLength>900</intervalLength>"
               "<powerOfTenMultiplier>2</powerOfTenMultiplier><uom>72</uom></ReadingType>"),
        _block(1, night.meter[:half]),
        _block(2, night.meter[half - 1 :]),
    ]  # fmt: skip
    text = "".join(entries).replace("{0}", "http://naesb.org/espi")
    feed = f"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>{text}</feed>"
    return feed.encode()


def _entry(href: str, up: str, related: str, content: str) -> str:
    links = f'<link rel="self" href="{href}"/>'
    links += f'<link rel="up" href="{up}"/>' if up else ""
    links += f'<link rel="related" href="{related}"/>' if related else ""
    return f"<entry>{links}<content>{content}</content></entry>"


def _block(number: int, rows: list[SimpleNamespace]) -> str:
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>{row.interval_s}</duration>"
        f"<start>{int(row.interval_start.timestamp())}</start></timePeriod>"
        f"<value>{round(row.power_kw * row.interval_s / 3600 * 10)}</value></IntervalReading>"
        for row in rows
    )
    below = f"{_POINT}/MeterReading/1/IntervalBlock"
    content = f"<IntervalBlock xmlns='{{0}}'>{readings}</IntervalBlock>"
    return _entry(f"{below}/{number}", below, "", content)
