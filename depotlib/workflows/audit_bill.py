"""A utility's bill beside ours: line by line, with the likely cause of a variance."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from depotlib.errors import UtilityBillError
from depotlib.ingest.content import read_content
from depotlib.model.utility_bill import BillAudit, UtilityBill
from depotlib.tariffs.bill_audit import audit_bill
from depotlib.tariffs.holiday_calendar import holiday_dates
from depotlib.tariffs.utility_bill import (
    utility_bill_from_csv,
    utility_bill_from_toml,
)
from depotlib.workflows.billing_cases import (
    CaseFiles,
    StoredCase,
    open_case,
    tariff_of_file,
)


@dataclass(frozen=True, slots=True)
class GivenBill:
    """A utility's bill to audit, and what may have gone wrong with it.

    Parameters
    ----------
    bill_path : Path
        TOML, or the lines as CSV (docs/utility-bill.md); its name alone where the text is given.
    text : str
        What the file holds, where a page has received it; "": the file is read.
    first_day, end_day : date or None
        Days of the two reads; needed for CSV, else the bill's own hold.
    former_paths : tuple of Path
        Earlier versions of the tariff and other schedules that may have been used by mistake.
    region : str or None
        Whose public holidays a utility may take for days off, such as ``US-NY``.
    """

    bill_path: Path
    text: str = ""
    first_day: date | None = None
    end_day: date | None = None
    former_paths: tuple[Path, ...] = ()
    region: str | None = None


@dataclass(frozen=True, slots=True)
class AuditedBill:
    """A utility's bill, audited.

    Parameters
    ----------
    audit : BillAudit
    time_zone : str
    assumptions : tuple of str
    """

    audit: BillAudit
    time_zone: str
    assumptions: tuple[str, ...]


def audit_utility_bill(asked: CaseFiles | StoredCase, given: GivenBill) -> AuditedBill:
    """Return a utility's bill audited.

    Parameters
    ----------
    asked : CaseFiles or StoredCase
        The facts as they should be; the period is the bill's own.
    given : GivenBill

    Raises
    ------
    InputError
        If a file is missing, damaged, or cannot be billed.
    StoreMissingError, RecordMissingError
        If there is no store, no such tariff in it, or no session of the site.
    """
    theirs = utility_bill_of(given)
    of_theirs = replace(asked, first_day=theirs.first_day, end_day=theirs.end_day)
    opened = open_case(of_theirs, needs_uses=False)
    years = range(theirs.first_day.year, theirs.end_day.year + 1)
    audit = audit_bill(
        theirs,
        opened.case,
        former_tariffs=tuple(tariff_of_file(path) for path in given.former_paths),
        public_holidays=holiday_dates(given.region, years=years) if given.region else frozenset(),
    )
    return AuditedBill(
        audit=audit,
        time_zone=opened.case.time_zone.key,
        assumptions=(*opened.assumptions, *audit.ours.assumptions),
    )


def utility_bill_of(given: GivenBill) -> UtilityBill:
    """Return a utility's bill as its file tells it.

    Raises
    ------
    UtilityBillError
        If it cannot be read, or is a CSV and the days of its reads are not given.
    """
    text = given.text or read_content(given.bill_path).text
    where = given.bill_path.name
    if not _is_table(text):
        return utility_bill_from_toml(text, where=where)
    if given.first_day is None or given.end_day is None:
        raise UtilityBillError(
            "a bill as CSV does not say its period",
            where=where,
            hint="give the days of both reads: --from and --to",
        )
    return utility_bill_from_csv(
        text, where=where, first_day=given.first_day, end_day=given.end_day
    )


def _is_table(text: str) -> bool:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first.strip().lower().startswith("kind,")
