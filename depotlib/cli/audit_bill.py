"""``depot audit-bill``: a utility's bill beside ours, with the likely cause of a variance."""

from pathlib import Path
from typing import Annotated

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
    ZoneOption,
    asked_case,
)
from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json
from depotlib.cli.report_option import ReportOption
from depotlib.model.utility_bill import LineMatch
from depotlib.workflows.audit_bill import AuditedBill, GivenBill, audit_utility_bill
from depotlib.workflows.billing_cases import StoredCase
from depotlib.workflows.open_notebook import audit_recipe
from depotlib.workflows.report_bills import audit_report
from depotlib.workflows.write_report import write_report


def command(
    *,
    bill: Annotated[Path, typer.Option(help="the utility's bill: TOML, or its lines as CSV")],
    tariff: TariffOption,
    load: LoadOption = None,
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
    former: Annotated[
        list[Path] | None, typer.Option(help="an earlier version or other tariff; may repeat")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="whose public holidays may have been billed, such as US-NY")
    ] = None,
    report: ReportOption = None,
) -> int:
    """Print the variance line by line and its cause; 3 where the bill is not right."""
    asked = asked_case(
        tariff=tariff,
        load=load,
        site=site,
        meter=meter,
        time_zone=time_zone,
        history=history,
        power_factor=power_factor,
        holidays=holidays,
        max_kw=max_kw,
        stamps=stamps,
    )
    given = GivenBill(
        bill_path=bill,
        first_day=None if start is None else start.date(),
        end_day=None if end is None else end.date(),
        former_paths=tuple(former or ()),
        region=region or holidays,
    )
    audited = audit_utility_bill(asked, given)
    if report is not None:
        stored = asked if isinstance(asked, StoredCase) else None
        recipe = None if stored is None else audit_recipe(stored, given)
        settings = None if stored is None else stored.settings
        write_report(report, audit_report(audited), recipe=recipe, settings=settings)
    print_json(_printed(audited))
    return EXIT_DONE if audited.audit.is_clean else EXIT_FALLS_SHORT


def _printed(audited: AuditedBill) -> dict[str, object]:
    audit = audited.audit
    return {
        "clean": audit.is_clean,
        "currency": audit.ours.currency,
        "time_zone": audited.time_zone,
        "from": audit.theirs.first_day,
        "to": audit.theirs.end_day,
        "ours": audit.ours.total,
        "utility": audit.theirs.line_sum,
        "variance": audit.variance,
        "not_compared": audit.not_compared,
        "unexplained": audit.unexplained,
        "lines": [_line(match) for match in audit.matches],
        "causes": [
            {"kind": cause.kind, "sentence": cause.sentence, "amount": cause.amount}
            for cause in audit.causes
        ],
        "findings": audit.findings,
        "assumptions": audited.assumptions,
        "warnings": audit.ours.warnings,
    }


def _line(match: LineMatch) -> dict[str, object]:
    return {
        "ours": match.ours,
        "utility": match.theirs,
        "difference": match.difference,
        "agrees": match.agrees,
    }
