"""What a site's bills rest on is the same, read once for all months or for one alone."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from depotlib.errors import RecordMissingError
from depotlib.settings import Settings
from depotlib.workflows.allocate_bill import Split, split_bill
from depotlib.workflows.attribute_peak import attribute_peak
from depotlib.workflows.billing_cases import SiteRecord, StoredCase, open_case, site_record
from depotlib.workflows.import_files import GivenFile, import_files
from tests.unit.workflows.test_compare_tariffs import record

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LOG = """\
TransactionID,Device,Site,StationName,Start,End,Account,Total_Energy (kWh),Duration,Meter Start (kWh),Meter End (kWh)
1,A,A,Yard,15/01/2026 20:00,16/01/2026 06:00,Fleet,28.8,10:00:00,0,28.8
2,B,B,Yard,15/01/2026 20:30,16/01/2026 06:00,Fleet,14.4,09:30:00,0,14.4
3,A,A,Yard,31/01/2026 22:00,01/02/2026 05:00,Fleet,36.0,07:00:00,28.8,64.8
4,B,B,Yard,10/03/2026 20:00,11/03/2026 06:00,Fleet,7.2,10:00:00,14.4,21.6
5,C,C,Elsewhere,10/03/2026 20:00,11/03/2026 06:00,Fleet,7.2,10:00:00,0,7.2
"""
"""January's peak is two stations', February has the morning of a session, March one more."""
MONTHS = [
    (None, None),
    *((date(2026, month, 1), date(2026, month + 1, 1)) for month in (1, 2, 3)),
]


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    ratchet = json.loads(record("ratchet", per_kwh=0.10, per_kw=10.0))
    ratchet |= {"lookbackpercent": 0.8, "lookbackmonths": [1] * 12}
    files = {
        "log.csv": LOG,
        "demand.json": record("demand", per_kwh=0.10, per_kw=10.0),
        "ratchet.json": json.dumps(ratchet),
    }
    settings = Settings(home=tmp_path_factory.mktemp("yard") / "home")
    given = [GivenFile(name, text.encode()) for name, text in files.items()]
    for file in import_files(given, settings=settings, now=NOW):
        assert file.error is None
    return settings


@pytest.fixture(scope="module")
def read_once(yard) -> SiteRecord:
    return site_record(asked(yard))


def asked(
    yard: Settings,
    tariff_id: str = "demand",
    *,
    days: tuple[date | None, date | None] = (None, None),
) -> StoredCase:
    return StoredCase(yard, "Yard", tariff_id, "Europe/London", *days)


@pytest.mark.parametrize("tariff_id", ["demand", "ratchet"])
@pytest.mark.parametrize("days", MONTHS)
def test_a_record_of_all_months_answers_each_as_if_it_was_read_alone(
    yard, read_once, days, tariff_id
):
    alone = asked(yard, tariff_id, days=days)
    recorded = replace(alone, record=read_once)

    assert attribute_peak(recorded) == attribute_peak(alone)
    by_station = Split(by="station")
    assert split_bill(recorded, by_station) == split_bill(alone, by_station)


def test_a_ratchet_goes_to_those_who_drew_then_out_of_the_record_too(yard, read_once):
    march = asked(yard, "ratchet", days=MONTHS[3])

    (line,) = attribute_peak(replace(march, record=read_once)).by_station

    # 80 % of January's 14.4 kW, half of it each: more than March's 7.2 kW.
    assert float(line.quantity) == pytest.approx(0.8 * 14.4)
    assert {share.party: share.drawn_kw for share in line.shares} == pytest.approx(
        {"A": 7.2, "B": 7.2}
    )


def test_what_the_record_does_not_hold_is_read(yard, read_once):
    # The year after has no session: a load of zeros, as if nobody had read before.
    days = (date(2027, 3, 1), date(2027, 4, 1))
    alone = open_case(asked(yard, days=days))

    recorded = open_case(replace(asked(yard, days=days), record=read_once))

    assert recorded.case.load.equals(alone.case.load)
    assert recorded.case.load.height > 0


def test_a_site_without_sessions_has_no_record(yard):
    with pytest.raises(RecordMissingError, match="Nowhere"):
        site_record(replace(asked(yard), site="Nowhere"))
