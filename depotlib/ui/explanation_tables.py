"""The explanation of a plan as tables."""

from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.calendar import zone
from depotlib.ui.tables import without_empty
from depotlib.ui.wording import day_time, money, sentence_of, short_number
from depotlib.workflows.explain_plan import NightExplained

NOTICEABLE_KWH: Final = 0.01


def repairs_table(explained: NightExplained) -> pl.DataFrame:
    """Return changes of one fact and other vans for the same duties, each planned again."""
    told = explained.explanation
    repairs = [*told.repairs, *(told.duties.repairs if told.duties is not None else ())]
    return pl.DataFrame(
        [
            {
                # A repair says first what changes, then what comes of it: the other columns.
                "Change": sentence_of(one.sentence.partition(", ")[0]),
                "Cures the night": "yes" if one.cures else "in part",
                "Ready after": f"{one.after.ready} of {one.after.vehicles}",
                "Missing after (kWh)": one.after.unmet_kwh,
                "Peak after (kW)": one.after.peak_kw,
                f"Bill changes by ({told.currency} a month)": one.change_amount,
            }
            for one in repairs
        ]
    )


def peaks_table(explained: NightExplained) -> pl.DataFrame:
    """Return which hours and vans set each billed peak."""
    time_zone, currency = _zone(explained), explained.explanation.currency
    return pl.DataFrame(
        [
            {
                "Demand charge": cut.name,
                "Peak (kW)": cut.peak_kw,
                f"Price ({currency} per kW)": cut.price_per_kw,
                "Hours at the peak": ", ".join(
                    f"{day_time(span.start, time_zone)} to {day_time(span.end, time_zone)}"
                    for span in cut.spans
                ),
                "Drawn then (kWh)": cut.energy_kwh,
                "Vans": len(cut.vehicle_ids),
                "Could be lower": "no"
                if cut.moved_per_kw_amount is None
                else f"for {money(cut.moved_per_kw_amount, currency)} of energy per kW",
                "Who": ", ".join(cut.vehicle_ids),
            }
            for cut in explained.explanation.peaks
        ]
    )


def limits_table(explained: NightExplained) -> pl.DataFrame:
    """Return the limits that bind, with what a kW more saves and a kW less costs.

    Where energy is missing, more of a limit delivers more of it: then words stand for amounts.
    """
    told, time_zone = explained.explanation, _zone(explained)
    is_short = told.outcome.is_short
    table = pl.DataFrame(
        [
            {
                "What is used up": limit.noun,
                "When": ", ".join(
                    f"{day_time(span.start, time_zone)} to {day_time(span.end, time_zone)}"
                    for span in limit.spans
                )
                or "while it charges",
                f"Saved by {short_number(limit.step_kw)} kW more ({told.currency})": None
                if is_short
                else limit.saved_by_more_amount,
                f"Lost by {short_number(limit.step_kw)} kW less ({told.currency})": None
                if is_short
                else limit.lost_by_less_amount,
                "With more and with less": sentence_of(limit.sentence) if is_short else "",
            }
            for limit in told.limits
        ]
    )
    return without_empty(table)


def worth_table(explained: NightExplained) -> pl.DataFrame:
    """Return what more site power, a later departure, one more point or less energy is worth.

    No amount is told where more or less energy is delivered: such bills do not compare.
    """
    told = explained.explanation
    unmet_kwh = told.outcome.unmet_kwh
    rows = [
        *(
            (step.sentence, step.saved_amount, unmet_kwh - step.outcome.unmet_kwh)
            for step in told.site_steps
        ),
        *((one.sentence, one.saved_amount, one.gained_kwh) for one in told.departures),
        *((one.sentence, one.saved_amount, one.gained_kwh) for one in told.points),
        *((one.sentence, one.saved_by_less_amount, 0.0) for one in told.energies),
    ]
    return pl.DataFrame(
        [
            {
                "If": sentence_of(words),
                f"Saved ({told.currency} a month)": None
                if abs(gained_kwh) > NOTICEABLE_KWH
                else saved_amount,
                "More delivered (kWh)": gained_kwh,
            }
            for words, saved_amount, gained_kwh in rows
        ],
        infer_schema_length=None,
    )


def _zone(explained: NightExplained) -> ZoneInfo:
    return zone(explained.tonight.depot.time_zone)
