"""What `depot doctor` looks at, and what it says of each."""

import socket

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.settings import Settings
from depotlib.workflows.check_setup import check_setup
from tests.unit.exchange.samples import entry


def checks_of(settings: Settings):
    return {check.name: check for check in check_setup(settings)}


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def test_a_fresh_checkout_is_well_and_says_what_is_not_there_yet(tmp_path):
    checks = checks_of(Settings(home=tmp_path / "later"))

    assert all(check.is_well for check in checks.values())
    assert checks["store"].note == "none yet; the first import makes it"
    assert checks["mailbox"].note == "none yet; depot up makes it"
    assert not (tmp_path / "later").exists()
    assert {"python", "duckdb", "ortools", "streamlit", "ocpp"} <= checks.keys()


def test_a_store_and_a_mailbox_in_use_are_counted(demo):
    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.append([entry(1), entry(2)])

    checks = checks_of(demo)

    assert (
        checks["store"].note == f"{demo.warehouse_path}, 4 imports"
    )  # Geotab twice, Samsara, a tariff
    assert checks["mailbox"].is_well
    assert checks["mailbox"].note.startswith("2 records; ")


def test_a_damaged_store_and_a_damaged_mailbox_are_named(settings):
    settings.warehouse_path.write_bytes(b"not a database" * 1000)
    settings.mailbox_path.write_bytes(b"not a database either" * 1000)

    checks = checks_of(settings)

    for name, path in (("store", settings.warehouse_path), ("mailbox", settings.mailbox_path)):
        assert not checks[name].is_well
        assert path.name in checks[name].note


def test_a_journal_that_was_cut_off_is_named(settings):
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append([entry(1), entry(2)])
    head = settings.mailbox_path.with_name(f"{settings.mailbox_path.name}.head")
    head.write_text(head.read_text().replace("2", "3", 1))

    assert not checks_of(settings)["mailbox"].is_well


def test_a_port_that_is_taken_is_told_and_is_not_wrong(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        check = checks_of(Settings(home=tmp_path, api_port=port))["api port"]

    assert check.is_well
    assert check.note == f"{port}: something listens here: depot up, if it runs"
