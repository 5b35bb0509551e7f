"""A report is written as its reader's depot writes numbers and days; one for nobody by ISO 8601."""

import html
import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from depotlib.model.display import Display
from depotlib.reports.html_page import html_page
from depotlib.reports.report import Chart, Column, Figure, Report, Table
from depotlib.reports.workbook import workbook

SINCE = datetime(2026, 11, 2, 17, tzinfo=UTC)
REPORT = Report(
    title="Night",
    question="What?",
    figures=(Figure("Bill", Decimal("6764.94"), "USD"), Figure("Day", date(2026, 11, 2))),
    tables=(
        Table(
            "Load",
            (Column("From", "instant"), Column("Power (kW)", "number")),
            ((SINCE, 1234.5), (SINCE.replace(hour=18), 2.0)),
        ),
    ),
    notes=("The tariff ended on 2022-04-30, see night-2022-04-30.csv.",),
    time_zone="Europe/Amsterdam",
    charts=(Chart("Load", "Load", "From", ("Power (kW)",), "kW", kind="line"),),
)


@pytest.mark.parametrize(
    ("display", "day", "amount", "power", "days"),
    [
        (None, "2026-11-02", "6,764.94 USD", "1,234.5", "yyyy-mm-dd"),
        (Display(), "2 Nov 2026", "6,764.94 USD", "1,234.5", "d mmm yyyy"),
        (Display(dates="month_first"), "Nov 2, 2026", "6,764.94 USD", "1,234.5", "mmm d, yyyy"),
        (
            Display(numbers="1.234,5", dates="iso"),
            *("2026-11-02", "6.764,94 USD", "1.234,5", "yyyy-mm-dd"),
        ),
    ],
)
def test_numbers_and_days_are_its_readers(display, day, amount, power, days):
    report = replace(REPORT, display=display)

    page = html_page(report)
    styles = zipfile.ZipFile(io.BytesIO(workbook(report))).read("xl/styles.xml").decode()

    # 17:00 UTC is 18:00 in Amsterdam in November.
    assert f"<td>{day} 18:00</td>" in page
    assert f"<dd>{day}</dd>" in page
    # A day in a sentence follows; one that is part of a name stays.
    ended = (display or Display(dates="iso")).dated(date(2022, 4, 30))
    assert f"<li>The tariff ended on {ended}, see night-2022-04-30.csv.</li>" in page
    assert f"<dd>{amount}</dd>" in page
    assert f'<td class="number">{power}</td>' in page
    assert f'formatCode="{days} hh:mm"' in html.unescape(styles)


def test_its_charts_are_written_alike():
    page = html_page(replace(REPORT, display=Display(dates="month_first")))

    assert "Mon Nov 2" in page
    assert "Mon 2 Nov" not in page
