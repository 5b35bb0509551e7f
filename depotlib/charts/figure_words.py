"""Charts write days and numbers in one way; here they become those of the depot that looks at them.

What Plotly writes itself follows the figure's separators. What is written into a figure as a text
is found by its form: ``2 Nov``, ``2 Nov 2026``, ``1,234.5``. A figure is written once.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from depotlib.charts.finish import Figure
from depotlib.model.display import DateForm, Display

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY: Final = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)})\b(?:( |<br>)(\d{{4}})\b)?")
NUMBER: Final = re.compile(
    r"(?<![\w.,:-])-?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?![\w:]|[.,-]\w)"
)
"""No part of a name, a time of day or an id."""
DAY_SHAPES: Final[dict[DateForm, tuple[tuple[str, str], ...]]] = {
    "day_first": (),
    "month_first": (("%-d %b %Y", "%b %-d, %Y"), ("%-d %b", "%b %-d")),
    "iso": (("%-d %b %Y", "%Y-%m-%d"), ("%-d %b", "%m-%d")),
}
"""How Plotly is told to write a day; the longer one first."""
SHAPED: Final = ("hovertemplate", "texttemplate")
SAID: Final = ("text", "hovertext", "customdata", "name")


def label_in(figure: Figure, say: Callable[[str], str]) -> None:
    """Let what a figure calls its axes, its colours and its lines be said in another language.

    Parameters
    ----------
    figure : Figure
        Changed in place; what was said before is not found again.
    say : callable
        Takes an English label, its unit in brackets behind it.
    """
    layout, traces = cast("Any", figure["layout"]), cast("Any", figure["data"])
    axes = [layout[name] for name in layout if name.startswith(("xaxis", "yaxis"))]
    bars = [trace["colorbar"] for trace in traces if "colorbar" in trace]
    for part in (layout, *axes, *bars):
        _rewrite(part["title"], ("text",), by=say)
    for trace in traces:
        _rewrite(trace, ("name",), by=say)


def write_for(figure: Figure, display: Display) -> None:
    """Let the texts of a figure be those of a depot; English ones with the day first stay.

    Parameters
    ----------
    figure : Figure
        Changed in place, once.
    display : Display
    """
    layout, traces = cast("Any", figure["layout"]), cast("Any", figure["data"])
    meta = cast("dict[str, object]", layout["meta"] or {})
    if meta.get("is_written") or (display.separators, display.dates) == ENGLISH:
        return
    figure.plotly_relayout({"separators": display.separators})

    def words(text: str) -> str:
        return worded(text, display)

    def shape(text: str) -> str:
        for english, other in DAY_SHAPES[display.dates]:
            text = text.replace(english, other)
        return text

    for trace in traces:
        _rewrite(trace, SAID, by=words)
        _rewrite(trace, SHAPED, by=shape)
    for axis in ("xaxis", "yaxis"):
        _rewrite(layout[axis], ("ticktext",), by=words)
        _rewrite(layout[axis], ("tickformat",), by=shape)
    for note in layout["annotations"]:
        _rewrite(note, ("text",), by=words)
    layout["meta"] = {**meta, "alt": words(str(meta.get("alt", ""))), "is_written": True}


def worded(text: str, display: Display) -> str:
    """Return a text with its days and numbers as a depot writes them."""
    if display.dates != "day_first":
        text = DAY.sub(lambda found: _day(found, display.dates), text)
    if display.separators != Display().separators:
        text = NUMBER.sub(lambda found: display.formed(found[0]), text)
    return text


def _day(found: re.Match[str], form: DateForm) -> str:
    day, month, apart, year = found.groups()
    if form == "month_first":
        return f"{month} {day}" + (
            "" if year is None else f"{',' if apart == ' ' else ''}{apart}{year}"
        )
    numbers = f"{MONTHS.index(month) + 1:02}-{int(day):02}"
    return numbers if year is None else f"{year}-{numbers}"


def _rewrite(part: object, names: Iterable[str], *, by: Callable[[str], str]) -> None:
    """Rewrite those of some texts that a part of a figure has."""
    held = cast("dict[str, object]", part)
    for name in names:
        if name in held and held[name] is not None:
            before = held[name]
            after = _each(before, by)
            if after is not before:
                held[name] = after


def _each(value: object, by: Callable[[str], str]) -> object:
    """Return a text, or texts within each other, rewritten; anything else as it is."""
    if isinstance(value, str):
        return by(value)
    if isinstance(value, np.ndarray):
        return _array(cast("NDArray[Any]", value), by)
    if isinstance(value, list | tuple):
        return [_each(one, by) for one in cast("Iterable[object]", value)]
    return value


def _array(values: NDArray[Any], by: Callable[[str], str]) -> NDArray[Any]:
    if values.dtype.kind not in "OU":
        return values
    return np.array([_each(one, by) for one in values], dtype=np.object_)


ENGLISH: Final = (Display().separators, Display().dates)
