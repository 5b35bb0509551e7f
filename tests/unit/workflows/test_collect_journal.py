"""The journal comes back as rows of the store: once, whole, and as far as it has come."""

from datetime import timedelta

import pytest

from depotlib.errors import JournalForkError, MailboxMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.store.sessions import sessions
from depotlib.workflows.collect_journal import (
    Collected,
    collect_journal,
    journal_tail,
    verify_journal,
)
from depotlib.workflows.load_demo import DEMO_SITE
from depotlib.workflows.set_up_depot import save_site_text
from tests.unit.exchange.samples import EVENING

SESSION = "AC-01/1@18:00"


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def entry(kind, *, minute: float, **facts) -> JournalEntry:
    at = EVENING + timedelta(minutes=minute)
    return JournalEntry(at, kind, "AC-01", "AC-01/1", {"session_id": SESSION, **facts})


BEGIN = [
    entry("session_started", minute=0, vehicle_id="van-1", id_tag="TAG-1", meter_start_kwh=100.0),
    entry("meter", minute=30, power_kw=7.2, energy_kwh=3.6, soc=None),
]
END = [
    entry("meter", minute=60, power_kw=7.2, energy_kwh=7.2, soc=None),
    entry("session_ended", minute=90, energy_kwh=7.3, vehicle_id="van-1", reason="Local"),
]


def write(settings, entries):
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append(entries)


def collect(settings, *, minute: float = 120) -> Collected:
    return collect_journal(settings, now=EVENING + timedelta(minutes=minute))


def test_a_session_comes_back_with_its_energy_and_its_vehicle(settings):
    write(settings, [*BEGIN, *END])

    collected = collect(settings)

    (row,) = sessions(settings.warehouse_path).to_dicts()
    assert collected == Collected(records=4, sessions=1)
    assert (row["vehicle_id"], row["energy_wall_kwh"]) == ("van-1", 7.3)
    assert (row["plug_start"], row["plug_end"]) == (EVENING, EVENING + timedelta(minutes=90))


def test_sessions_at_our_own_stations_carry_the_name_of_the_depot_as_their_site(settings):
    save_site_text(settings, DEMO_SITE.read_text(), where="site.toml", now=EVENING)
    write(settings, [*BEGIN, *END])

    collect(settings)

    # data/demo/site.toml: name = "Demo depot"
    assert sessions(settings.warehouse_path, site="Demo depot").height == 1


def test_collecting_without_news_leaves_the_file_as_it_is(settings):
    write(settings, [*BEGIN, *END])
    collect(settings)
    before = settings.warehouse_path.stat()

    collected = collect(settings, minute=121)

    # What pages keep of a store they keep for as long as its file is the same.
    after = settings.warehouse_path.stat()
    assert collected == Collected(records=0, sessions=0)
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)


def test_collecting_twice_changes_nothing(settings):
    write(settings, [*BEGIN, *END])
    collect(settings)
    before = sessions(settings.warehouse_path)

    assert collect(settings) == Collected(records=0, sessions=0)
    assert sessions(settings.warehouse_path).equals(before)


def test_a_session_that_ran_at_the_last_collection_gets_its_end(settings):
    write(settings, BEGIN)
    first = collect(settings, minute=45)
    (running,) = sessions(settings.warehouse_path).to_dicts()

    write(settings, END)
    second = collect(settings)

    (whole,) = sessions(settings.warehouse_path).to_dicts()
    assert (running["plug_end"], running["energy_wall_kwh"]) == (None, 3.6)
    assert whole["energy_wall_kwh"] == 7.3
    assert whole["plug_end"] == EVENING + timedelta(minutes=90)
    assert (first.records, second.records) == (2, 2)


def test_meters_alone_are_kept_and_make_no_session(settings):
    write(settings, [*BEGIN, *END])
    collect(settings)
    write(settings, [entry("meter", minute=130, power_kw=0.0, energy_kwh=7.3, soc=None)])

    assert collect(settings, minute=140) == Collected(records=1, sessions=0)


def test_a_journal_of_more_than_a_page_comes_whole(settings):
    write(settings, [entry("meter", minute=n / 60, energy_kwh=n / 1e3) for n in range(5001)])

    assert collect(settings).records == 5001


@pytest.mark.parametrize("entries", [[], BEGIN[:1], [*END], [*END, *BEGIN, *END]])
def test_a_journal_that_was_begun_anew_is_refused(settings, entries):
    write(settings, BEGIN)
    collect(settings)
    for file in settings.home.glob("exchange.sqlite*"):
        file.unlink()
    write(settings, entries)

    with pytest.raises(JournalForkError) as refused:
        collect(settings)

    assert "DEPOT_HOME of its own" in refused.value.hint


def test_without_a_mailbox_there_is_nothing_to_collect_and_nothing_to_verify(settings):
    assert collect(settings) == Collected(records=0, sessions=0)
    assert not settings.warehouse_path.exists()
    with pytest.raises(MailboxMissingError):
        verify_journal(settings)
    with pytest.raises(MailboxMissingError):
        journal_tail(settings, count=3)


def test_the_tail_is_the_newest_records_in_their_order(settings):
    write(settings, [*BEGIN, *END])

    assert [record.seq for record in journal_tail(settings, count=2)] == [3, 4]
    assert [record.seq for record in journal_tail(settings, count=9)] == [1, 2, 3, 4]
    assert verify_journal(settings).ok
