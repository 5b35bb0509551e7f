"""What is put into the mailbox is there for the next reader, once and whole."""

import sqlite3
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.errors import (
    GatewayLockedError,
    GenerationLostError,
    MailboxBusyError,
    MailboxDamagedError,
    MailboxMissingError,
    MailboxSchemaError,
    MailboxUnwritableError,
    RecordConflictError,
    UnknownRecordError,
)
from depotlib.exchange.locks import gateway_lock
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import (
    ensure_operator_token,
    is_from_operator,
    read_operator_token,
)
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, TOKEN


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "exchange.sqlite"


@pytest.fixture
def mailbox(path: Path):
    with open_mailbox(path) as mailbox:
        yield mailbox


# --- the file ---------------------------------------------------------------------------


def test_a_reader_does_not_make_a_mailbox(path: Path):
    with pytest.raises(MailboxMissingError) as caught:
        open_mailbox(path, create=False)

    assert not path.parent.exists()
    assert "depot up" in caught.value.hint


def test_an_empty_file_is_no_mailbox_yet(tmp_path: Path):
    (tmp_path / "m").touch()

    with pytest.raises(MailboxMissingError):
        open_mailbox(tmp_path / "m", create=False)
    with open_mailbox(tmp_path / "m") as mailbox:
        assert mailbox.brief() is None


@pytest.mark.parametrize("content", [b"PAR1" * 400, b"not a database at all" * 50])
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, content: bytes):
    (tmp_path / "m").write_bytes(content)

    with pytest.raises(MailboxDamagedError):
        open_mailbox(tmp_path / "m")

    assert (tmp_path / "m").read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path):
    with sqlite3.connect(tmp_path / "m") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = (tmp_path / "m").read_bytes()

    with pytest.raises(MailboxDamagedError, match="another program"):
        open_mailbox(tmp_path / "m")

    assert (tmp_path / "m").read_bytes() == before


def test_a_newer_schema_is_refused(path: Path):
    open_mailbox(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(MailboxSchemaError, match="99"):
        open_mailbox(path)


def test_a_write_waits_for_another_only_so_long(path: Path):
    with open_mailbox(path) as first, open_mailbox(path, busy_timeout_s=0.01) as second:
        with first.transaction():
            first.beat("gateway", EVENING)

            with pytest.raises(MailboxBusyError):
                second.beat("dispatch", EVENING)
            assert second.beats() == ()  # reading goes on, and sees nothing half-done

        second.beat("dispatch", EVENING)
        assert [beat.process for beat in first.beats()] == ["dispatch", "gateway"]


def test_a_full_disk_is_said_and_the_rest_stays_whole(mailbox: Mailbox):
    # `max_page_count` makes SQLite answer as it does on a full disk (SQLITE_FULL).
    mailbox.beat("gateway", EVENING)
    mailbox._database.rows("PRAGMA max_page_count = 1")

    with pytest.raises(MailboxUnwritableError):
        mailbox.beat("gateway", EVENING, note="x" * 100_000)

    mailbox._database.rows("PRAGMA max_page_count = 1000000")
    mailbox.beat("dispatch", EVENING)
    assert [beat.note for beat in mailbox.beats()] == ["", ""]


def test_a_folder_in_the_way_is_said(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(MailboxUnwritableError):
        open_mailbox(tmp_path / "file" / "m")


def test_another_thread_may_not_use_an_open_mailbox(mailbox: Mailbox):
    caught: list[BaseException] = []

    def use() -> None:
        try:
            mailbox.beats()
        except sqlite3.ProgrammingError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()

    assert len(caught) == 1


def test_the_data_version_changes_when_somebody_else_writes(path: Path):
    with open_mailbox(path) as mine, open_mailbox(path) as theirs:
        first = mine.data_version()
        mine.beat("gateway", EVENING)
        assert mine.data_version() == first

        theirs.beat("dispatch", EVENING)

        assert mine.data_version() != first


def test_a_block_is_written_together_or_not_at_all(path: Path):
    def fails(mailbox: Mailbox) -> None:
        with mailbox.transaction():
            mailbox.put_lease(samples.lease())
            mailbox.append([samples.entry()])
            raise ZeroDivisionError

    with open_mailbox(path) as mailbox:
        with pytest.raises(ZeroDivisionError):
            fails(mailbox)

        assert mailbox.leases() == []
        assert mailbox.journal() == []


def test_an_inner_block_that_fails_and_is_caught_leaves_the_outer_one_whole(mailbox: Mailbox):
    def fails() -> None:
        with mailbox.transaction():
            mailbox.beat("dispatch", EVENING)
            raise ZeroDivisionError

    with mailbox.transaction():
        mailbox.beat("gateway", EVENING)
        with pytest.raises(ZeroDivisionError):
            fails()

    assert [beat.process for beat in mailbox.beats()] == ["gateway"]


# --- the one gateway ----------------------------------------------------------------------


def test_a_newer_gateway_ends_the_older_ones_right_to_write(path: Path):
    with open_mailbox(path) as old, open_mailbox(path) as new:
        first = old.claim_generation(EVENING)
        old.check_generation(first)
        second = new.claim_generation(EVENING)

        assert second == first + 1
        new.check_generation(second)
        with pytest.raises(GenerationLostError):
            old.check_generation(first)


def test_a_second_gateway_is_told_that_one_runs(path: Path):
    with gateway_lock(path), pytest.raises(GatewayLockedError), gateway_lock(path):
        pass

    with gateway_lock(path):
        pass  # free again


# --- brief and releases ---------------------------------------------------------------------


def test_a_brief_is_versioned_and_journalled(mailbox: Mailbox):
    assert mailbox.brief() is None
    older, newer = samples.brief(), replace(samples.brief(), unknown_policy="require_known")

    versions = [mailbox.publish_brief(one, at=EVENING) for one in (older, newer)]

    assert versions == [1, 2]
    assert mailbox.brief() == (2, newer)
    assert mailbox.brief(1) == (1, older)
    assert mailbox.brief(3) is None
    assert [record.entry.payload["brief_version"] for record in mailbox.journal()] == [1, 2]


def test_a_release_is_never_edited(mailbox: Mailbox):
    mailbox.add_release(samples.release())
    mailbox.add_release(samples.release())

    with pytest.raises(RecordConflictError):
        mailbox.add_release(replace(samples.release(), plan_id="another"))

    assert mailbox.releases() == [samples.release()]
    assert mailbox.release("r2") is None


def test_one_release_is_current(mailbox: Mailbox):
    assert mailbox.current_release() is None
    mailbox.add_release(samples.release("r1"))
    mailbox.add_release(samples.release("r2"))

    mailbox.set_current_release("r2", at=EVENING)

    assert mailbox.current_release() == samples.release("r2")
    assert [release.release_id for release in mailbox.releases(1)] == ["r2"]
    assert mailbox.journal()[0].entry.payload["release_id"] == "r2"
    with pytest.raises(UnknownRecordError):
        mailbox.set_current_release("r3", at=EVENING)


# --- requests -------------------------------------------------------------------------------


def test_asking_twice_is_one_request(mailbox: Mailbox):
    first = mailbox.ask(samples.request())
    mailbox.set_request("q1", "running", note="12 of 48", at=EVENING + timedelta(seconds=2))
    again = mailbox.ask(replace(samples.request(), asked_at=EVENING + timedelta(seconds=5)))

    assert first.state == "queued"
    assert (again.state, again.note) == ("running", "12 of 48")
    assert again == mailbox.request("q1")
    assert len(mailbox.requests()) == 1
    with pytest.raises(RecordConflictError):
        mailbox.ask(samples.request(release_id="r2"))


def test_requests_are_served_in_order_until_they_are_over(mailbox: Mailbox):
    for name in ("q1", "q2"):
        mailbox.ask(samples.request(name))

    mailbox.set_request("q1", "running", note="", at=EVENING)
    assert mailbox.next_request() == mailbox.request("q1")
    mailbox.set_request("q1", "finished", note="", at=EVENING)
    assert mailbox.next_request() == mailbox.request("q2")
    mailbox.set_request("q2", "refused", note="", at=EVENING)
    assert mailbox.next_request() is None
    with pytest.raises(UnknownRecordError):
        mailbox.set_request("q3", "finished", note="", at=EVENING)


def test_a_token_is_kept_as_a_digest_only(path: Path, mailbox: Mailbox):
    status = mailbox.ask(samples.request())

    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert TOKEN.encode() not in stored
    assert is_from_operator(status.request, TOKEN)
    assert not is_from_operator(status.request, TOKEN + "!")
    assert not is_from_operator(mailbox.ask(replace(samples.request("q2"), token="")).request, "")


def test_the_token_file_is_its_owners_alone_and_made_once(tmp_path: Path):
    path = tmp_path / "home" / "operator.token"
    assert read_operator_token(path) == ""

    token = ensure_operator_token(path)

    assert len(token) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert ensure_operator_token(path) == token == read_operator_token(path)


def test_push_results_are_kept_by_request_and_connector(mailbox: Mailbox):
    sent = replace(samples.push_result(), state="sent")
    other = replace(samples.push_result(), request_id="q2")
    for result in (sent, samples.push_result(), samples.push_result("AC-02/1"), other):
        mailbox.put_push_result(result)

    assert mailbox.push_results("q1") == (samples.push_result(), samples.push_result("AC-02/1"))
    assert mailbox.push_results("q2") == (other,)


# --- live state -----------------------------------------------------------------------------


def test_the_latest_state_of_a_station_counts(mailbox: Mailbox):
    mailbox.put_station_state(samples.station_state("AC-02"))
    mailbox.put_station_state(replace(samples.station_state(), is_connected=False))
    mailbox.put_station_state(samples.station_state())

    assert mailbox.station_states() == (samples.station_state(), samples.station_state("AC-02"))


def test_leases_are_listed_until_they_are_released_and_their_numbers_stay_used(mailbox: Mailbox):
    for seq in (1, 2, 3):
        mailbox.put_lease(samples.lease(seq))
    mailbox.put_lease(samples.lease(1, state="released"))
    mailbox.put_lease(samples.lease(2, state="accepted"))
    mailbox.drop_lease("AC-01/1", 3)

    assert mailbox.leases() == [samples.lease(2, state="accepted")]
    assert mailbox.last_lease_seq("AC-01/1") == 3
    assert mailbox.last_lease_seq("AC-02/1") == 0


def test_the_ledger_is_replaced_as_a_whole(mailbox: Mailbox):
    mailbox.put_ledger([samples.node(), replace(samples.node(), node_id="panel")])
    mailbox.put_ledger([samples.node()])

    assert mailbox.ledger() == (samples.node(),)


def test_a_reading_that_comes_late_does_not_hide_a_newer_one(mailbox: Mailbox):
    assert mailbox.put_reading(samples.reading(5))
    assert not mailbox.put_reading(samples.reading(3))
    assert mailbox.put_reading(samples.reading(8))

    assert mailbox.readings() == (samples.reading(8),)


def test_a_change_of_a_stay_is_laid_over_the_earlier_ones(mailbox: Mailbox):
    mailbox.put_departure(samples.change(departure=samples.MORNING, energy_kwh=20.0, priority=1))

    merged = mailbox.put_departure(samples.change(energy_kwh=0.0, priority=0))

    expected = samples.change(departure=samples.MORNING, energy_kwh=0.0, priority=0)
    assert merged == expected
    assert mailbox.departures() == (expected,)
    mailbox.drop_departure("van-1")
    assert mailbox.departures() == ()


def test_a_heartbeat_replaces_the_one_before(mailbox: Mailbox):
    mailbox.beat("gateway", EVENING)
    mailbox.beat("gateway", EVENING + timedelta(seconds=5), note="48 stations")

    (beat,) = mailbox.beats()
    assert (beat.at, beat.note) == (EVENING + timedelta(seconds=5), "48 stations")


# --- jobs -----------------------------------------------------------------------------------


def test_a_wish_to_cancel_survives_the_workers_next_report(mailbox: Mailbox):
    mailbox.add_job(samples.job())
    mailbox.cancel_job("j1")

    held = mailbox.set_job(replace(samples.job(), state="running", progress_share=0.5))

    assert held.is_cancel_asked
    assert (held.state, held.progress_share) == ("running", 0.5)
    assert mailbox.job("j1") == held
    assert mailbox.jobs() == [held]


def test_an_unknown_job_and_a_doubled_one_are_refused(mailbox: Mailbox):
    mailbox.add_job(samples.job())

    assert mailbox.job("j2") is None
    with pytest.raises(RecordConflictError):
        mailbox.add_job(samples.job())
    for ask in (lambda: mailbox.set_job(samples.job("j2")), lambda: mailbox.cancel_job("j2")):
        with pytest.raises(UnknownRecordError):
            ask()
