"""``depot attribute``: who caused each billed peak, and the bill without the worst intervals."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from depotlib.cli.case_options import (
    FromOption,
    HistoryOption,
    HolidaysOption,
    LoadOption,
    MaxOption,
    MeterOption,
    PowerFactorOption,
    SiteOption,
    StampSide,
    StampsOption,
    TariffOption,
    ToOption,
    UsesOption,
    ZoneOption,
    asked_case,
    local_text,
)
from depotlib.cli.printing import print_json
from depotlib.model.attribution import CappedBill, PeakAttribution
from depotlib.model.calendar import zone
from depotlib.tariffs.worst_windows import USUAL_COUNTS
from depotlib.workflows.attribute_peak import PeakReview, attribute_peak


def command(
    *,
    tariff: TariffOption,
    load: LoadOption = None,
    uses: UsesOption = None,
    site: SiteOption = None,
    meter: MeterOption = None,
    start: FromOption = None,
    end: ToOption = None,
    time_zone: ZoneOption = None,
    history: HistoryOption = None,
    power_factor: PowerFactorOption = None,
    holidays: HolidaysOption = None,
    max_kw: MaxOption = 7.2,
    stamps: StampsOption = StampSide.START,
    without: Annotated[
        list[int] | None, typer.Option(help="how many of the worst windows to cap; may repeat")
    ] = None,
    line: Annotated[
        str | None, typer.Option(help="demand line whose windows are capped; default: any hour")
    ] = None,
) -> None:
    """Print who caused each billed peak, and the bill without the worst windows."""
    asked = asked_case(
        tariff=tariff,
        load=load,
        uses=uses,
        site=site,
        meter=meter,
        start=start,
        end=end,
        time_zone=time_zone,
        history=history,
        power_factor=power_factor,
        holidays=holidays,
        max_kw=max_kw,
        stamps=stamps,
    )
    print_json(_printed(attribute_peak(asked, counts=without or USUAL_COUNTS, component=line)))


def _printed(review: PeakReview) -> dict[str, object]:
    time_zone = zone(review.time_zone)
    return {
        "currency": review.bill.currency,
        "time_zone": review.time_zone,
        "from": local_text(review.bill.period.start, time_zone),
        "to": local_text(review.bill.period.end, time_zone),
        "total": review.bill.total,
        "peaks": [
            {
                "component": peak.component,
                "quantity": peak.quantity,
                "unit": peak.unit,
                "amount": peak.amount,
                "set_by": local_text(peak.set_by, time_zone),
                "from_earlier_month": peak.is_from_earlier,
                "rule": peak.sentence,
                "by_vehicle": _shares(peak),
                "by_station": _shares(by_station),
            }
            for peak, by_station in zip(review.by_vehicle, review.by_station, strict=True)
        ],
        "without_worst": [_capped(capped, time_zone) for capped in review.without_worst],
        "capped_line": review.component,
        "assumptions": review.assumptions,
        "warnings": review.warnings,
    }


def _shares(peak: PeakAttribution) -> list[dict[str, object]]:
    return [
        {
            "party": share.party,
            "quantity": share.quantity,
            "amount": share.amount,
            "drawn_kw": share.drawn_kw,
        }
        for share in peak.shares
    ]


def _capped(capped: CappedBill, time_zone: ZoneInfo) -> dict[str, object]:
    return {
        "count": capped.count,
        "windows": [local_text(start, time_zone) for start in capped.windows],
        "cap_kw": capped.cap_kw,
        "total": capped.bill.total,
        "saving": capped.saving,
    }
