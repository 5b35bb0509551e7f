"""Numbers with their units, instants with their zones, and facts in a dispatcher's words."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.model.display import Measure, measure_of, measures
from depotlib.model.live import PushState, RequestState
from depotlib.model.order import OrderKind, OrderState
from depotlib.model.plan import PlanHeader
from depotlib.ui.language import CATALOGUES, in_language
from depotlib.ui.state import display
from depotlib.units import MINUTES_PER_HOUR, duration_h

PUSH_STATES: Final[dict[PushState, str]] = {
    "queued": "Q  queued",
    "sent": "S  sent",
    "accepted": "A  accepted",
    "rejected": "X  rejected",
    "unknown": "?  no answer",
    "read_back": "B  read back",
    "metered": "M  seen in the meter",
}
REQUEST_STATES: Final[dict[RequestState, str]] = {
    "queued": "waits for the gateway",
    "running": "runs",
    "finished": "finished",
    "abandoned": "was abandoned",
    "refused": "was refused",
}
ORDER_KINDS: Final[dict[OrderKind, str]] = {
    "charge_now": "Charge now",
    "hold": "Hold: give nothing for a while",
    "prioritise": "Prioritise",
    "exclude": "Exclude: the safe limit and no more",
    "out_of_service": "Out of service",
    "reset": "Reset the station",
    "unlock": "Unlock the connector",
    "errand": "Errand",
    "end": "End an action",
}
ORDER_STATES: Final[dict[OrderState, str]] = {
    "queued": "waits for the gateway",
    "standing": "in force",
    "sent": "told to the station",
    "done": "done",
    "over": "over",
    "failed": "failed",
    "refused": "refused",
}
ALMOST_NOTHING_SHARE: Final = 1e-6
ALMOST_CERTAIN_SHARE: Final = 0.995
MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!$~<>|:])")


def plain(text: str) -> str:
    """Return a text that a page shows as it stands, whatever markup its characters would be."""
    return MARKDOWN.sub(r"\\\1", text)


def sentence_of(text: str) -> str:
    """Return words as a sentence; a name with a number in it keeps its first letter."""
    first, space, rest = text.partition(" ")
    begins = first if any(letter.isdigit() for letter in first) else first[:1].upper() + first[1:]
    return begins + space + rest + ("" if text.endswith((".", "!", "?")) else ".")


def with_depots_days(sentence: str) -> str:
    """Return a sentence whose days are written as the depot writes them."""
    return display().redated(sentence)


def said(label: str) -> str:
    """Return a label in the depot's language."""
    return in_language(label, CATALOGUES[display().language])


def number(value: float | Decimal, *, decimals: int = 0) -> str:
    """Return a number as the depot writes it."""
    return display().formed(f"{value:,.{decimals}f}")


def short_number(value: float) -> str:
    """Return a number with the decimals that it has, six digits at the most."""
    return display().formed(f"{value:g}")


def kw(power_kw: float) -> str:
    """Return a power for people."""
    return f"{number(power_kw, decimals=1)} kW"


def kwh(energy_kwh: float) -> str:
    """Return an energy for people."""
    return f"{number(energy_kwh, decimals=1)} kWh"


def money(amount: float | Decimal, currency: str) -> str:
    """Return an amount for people, with its currency's code."""
    return f"{number(amount, decimals=2)} {currency}"


def percent(share: float, *, decimals: int = 1) -> str:
    """Return a share for people."""
    return display().formed(f"{share:.{decimals}%}")


def heading_of(field: str, heading: str) -> str:
    """Return a heading in the depot's language, with the unit that its field is shown in."""
    measure = measure_of(field, display())
    words = said(heading)
    if measure is None:
        return words
    return words.replace(f"({measure.stored_unit})", f"({measure.unit})")


def phrase_of(field: str, value_words: str, *, phrase: str) -> str:
    """Return a phrase about a field, its value in place of the braces, with the unit it is shown in."""
    measure = measure_of(field, display())
    if measure is not None:
        phrase = re.sub(rf"(?<!\w){re.escape(measure.stored_unit)}(?!\w)", measure.unit, phrase)
    return phrase.format(value_words)


def shown_value(field: str, value: float) -> float:
    """Return a stored value in the unit that its field is shown in."""
    measure = measure_of(field, display())
    return value if measure is None else measure.shown(value)


def stored_value(field: str, value: float) -> float:
    """Return a value that people typed in the unit that its field is stored in."""
    measure = measure_of(field, display())
    return value if measure is None else measure.stored(value)


def in_units(text: str) -> str:
    """Return a text whose distances and temperatures are in the depot's units."""
    for measure in measures(display()):
        text = re.sub(
            rf"(-?\d[\d,]*(?:\.\d+)?) {re.escape(measure.stored_unit)}(?![\w/])",
            lambda found, measure=measure: _converted(found[1], measure),
            text,
        )
    return text


def chance(share: float) -> str:
    """Return how likely something is; nothing is said to be certain."""
    if share > ALMOST_CERTAIN_SHARE:
        return f"over {percent(ALMOST_CERTAIN_SHARE)}"
    if share < 1 - ALMOST_CERTAIN_SHARE:
        return f"under {percent(1 - ALMOST_CERTAIN_SHARE)}"
    return percent(share)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not 1."""
    words = display().formed(f"{number:,}")
    return f"{words} {noun}" if number == 1 else f"{words} {noun}s"


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Return what things are called, by their ids; where two are called the same, with the id.

    A field tells its choices apart by their words alone: of two that read the same it may take the
    other one.
    """
    called = Counter(names.values())
    return {one: name if called[name] == 1 else f"{name} ({one})" for one, name in names.items()}


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence."""
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)


def local_time(instant: datetime, time_zone: ZoneInfo) -> str:
    """Return an instant as weekday, date and local time."""
    local = instant.astimezone(time_zone)
    return f"{local:%a} {display().dated(local, has_year=False)} {local:%H:%M}"


def full_time(instant: datetime, time_zone: ZoneInfo) -> str:
    """Return an instant as date, with its year, and local time."""
    return day_and_time(instant.astimezone(time_zone))


def day_and_time(local: datetime) -> str:
    """Return a local time as date, with its year, and time of day."""
    return f"{display().dated(local)}, {local:%H:%M}"


def day_time(instant: datetime, time_zone: ZoneInfo) -> str:
    """Return an instant of a night as weekday and local time."""
    return f"{instant.astimezone(time_zone):%a %H:%M}"


def clock_words(instant: datetime, time_zone: ZoneInfo) -> str:
    """Return an instant with seconds, its zone and its offset from UTC."""
    local = instant.astimezone(time_zone)
    offset = f"{local:%z}"
    day = display().dated(local)
    return f"{local:%a} {day}, {local:%H:%M:%S} (UTC{offset[:3]}:{offset[3:]})"


def hours_words(hours: float) -> str:
    """Return a duration as hours and minutes; a negative one with its sign."""
    minutes = round(timedelta(hours=abs(hours)) / timedelta(minutes=1))
    sign = "-" if hours < 0 and minutes else ""
    whole_hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return f"{sign}{whole_hours} h {rest:02} min"


def ago(instant: datetime | None, now: datetime) -> str:
    """Return how long ago something was."""
    if instant is None:
        return "never"
    elapsed = now - instant
    if elapsed < timedelta(minutes=2):
        return f"{max(0, round(elapsed.total_seconds()))} s ago"
    if elapsed < timedelta(hours=2):
        return f"{elapsed // timedelta(minutes=1)} min ago"
    return f"{hours_words(duration_h(elapsed))} ago"


def plan_name(header: PlanHeader, time_zone: ZoneInfo) -> str:
    """Return what a plan is called: when it was made, and the beginning of its id."""
    return f"{local_time(header.made_at, time_zone)} ({header.plan_id[:8]})"


def result_words(header: PlanHeader) -> str:
    """Return a plan's result in a few words."""
    if header.status == "shortfall":
        return "Falls short"
    if header.is_stopped_early:
        return "Stopped early"
    is_optimal = header.gap_share <= ALMOST_NOTHING_SHARE
    return "Optimal" if is_optimal else f"Within {percent(header.gap_share, decimals=3)}"


def proof_sentence(header: PlanHeader) -> str:
    """Return in words how far a plan can be from the cheapest possible one."""
    bound = money(header.bound_amount, header.currency)
    if header.status == "shortfall":
        return (
            f"Energy could not be met for all: {kwh(header.unmet_kwh)} of what was asked for are "
            "missing. The vans and the limits that bind are listed below."
            + (" The search was stopped early." if header.is_stopped_early else "")
        )
    if header.gap_share <= ALMOST_NOTHING_SHARE:
        return f"Proven optimal: no plan for this night can cost less than {bound}."
    over = money(header.bill_amount - header.bound_amount, header.currency)
    stopped = "Stopped early: this is the best plan so far. " if header.is_stopped_early else ""
    return (
        f"{stopped}Proven within {percent(header.gap_share, decimals=3)} of the cheapest possible: no plan for this night "
        f"can cost less than {bound}, so at most {over} a month could still be saved."
    )


def _converted(written: str, measure: Measure) -> str:
    """Return a figure in its other unit, with as many decimals as it was written with."""
    decimals = len(written.partition(".")[2])
    return f"{measure.shown(float(written.replace(',', ''))):,.{decimals}f} {measure.unit}"
