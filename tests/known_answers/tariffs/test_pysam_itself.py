"""NREL PySAM bills a load of ours beside us: Leeds' sessions as a year of quarter-hours."""

import pytest

from tests.bill_comparison import (
    LEEDS_NAME,
    bills_of_year,
    differences,
    state_of,
    stated_differences,
)
from tests.tariff_samples import RECORDS, document_of, leeds_year_kw, month_peaks_kw

pytest.importorskip("PySAM")

from tests.pysam_engine import (
    SamRefusedError,
    sam_amounts,
    sam_months,
    sam_rates,
    sam_record,
)

FILES = [path.name for path in sorted(RECORDS.glob("*.json")) if state_of(path.name) == "billed"]
# Demand tiers whose edges differ between the periods of a month: the engine takes none.
REFUSED_BY_THE_ENGINE = "5c7807105457a30973f3afb0.json"


@pytest.fixture(scope="module")
def leeds_kw():
    return leeds_year_kw()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.removesuffix(".json")[:24])
def test_the_engine_itself_bills_our_load_as_we_do_or_the_page_says_why_not(file, leeds_kw):
    rates = sam_rates(sam_record(document_of(file)))
    if file == REFUSED_BY_THE_ENGINE:
        with pytest.raises(SamRefusedError, match="Demand tier"):
            sam_months(rates, leeds_kw.tolist())
        return

    theirs = sam_months(rates, leeds_kw.tolist(), year_zero_kw=month_peaks_kw(leeds_kw))
    ours = bills_of_year(file, leeds_kw)

    found = differences(ours, map(sam_amounts, theirs))
    assert found == stated_differences(file, LEEDS_NAME)


def test_the_engine_bills_more_than_fifty_records_and_forty_without_any_difference():
    # Ratchets, hours of use, tiers in kWh and per day, seasons and time of use are among them.
    alike = [file for file in FILES if not stated_differences(file, LEEDS_NAME)]

    assert len(FILES) - 1 > 50
    assert len(alike) - 1 > 40
    assert {
        "5bb515515457a3f55e68a12b.json",  # ratchet in all months, tiers, seasons, minimum
        "539f724eec4f024411ecefcf.json",  # ratchet and hours of use
        "60e708a75457a3463c8b4568.json",  # kWh tiers inside hours of use
        "539f6e0cec4f024411ecbdcf.json",  # kWh daily
        "59b1a3525457a3a43d17eed7.json",  # kWh tiers across time-of-use periods
        "5e17b27c5457a3556573e3af.json",  # seasonal flat and time-of-use demand
    } <= set(alike)
