"""The journal as Parquet by day: whole, repeatable, and one table with that of other depots."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from depotlib.cli.main import run_command
from depotlib.errors import InputError, MailboxMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.workflows.export_journal import export_journal
from tests.unit.exchange.samples import brief

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    settings = Settings(home=tmp_path / "home")
    settings.home.mkdir()
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(brief(), at=NOON - timedelta(days=3))
        mailbox.append(
            [
                JournalEntry(
                    NOON - timedelta(hours=hours), "meter", "S0", "S0/1", {"power_kw": 7.0}
                )
                for hours in (30, 13, 12, 1)
            ]
        )
    return settings


def test_each_day_is_a_file_that_a_reader_of_many_depots_understands(settings, tmp_path):
    written = export_journal(settings, tmp_path / "out", now=NOON, days=2)

    # 30 h before noon of the 3rd is the 2nd, 06:00; 13 h the 2nd, 23:00; 12 h midnight of the 3rd.
    assert [(one.day, one.records) for one in written] == [
        (date(2026, 11, 2), 2),
        (date(2026, 11, 3), 2),
    ]
    read = pl.scan_parquet(tmp_path / "out/*/*/journal.parquet", hive_partitioning=True).collect()
    assert read["depot"].unique().to_list() == [brief().depot.depot_id]
    assert read.sort("seq")["at"].to_list() == [
        NOON - timedelta(hours=hours) for hours in (30, 13, 12, 1)
    ]
    assert json.loads(read["payload_json"][0]) == {"power_kw": 7.0}


def test_a_day_that_is_written_again_has_what_came_since(settings, tmp_path):
    export_journal(settings, tmp_path / "out", now=NOON, days=1)
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append([JournalEntry(NOON, "boot", "S1", None, {"vendor": "V"})])

    (day,) = export_journal(settings, tmp_path / "out", now=NOON, days=1)

    assert day.records == 3
    assert pl.read_parquet(day.path)["kind"].to_list() == ["meter", "meter", "boot"]
    assert [path.name for path in day.path.parent.iterdir()] == ["journal.parquet"]


def test_a_folder_that_is_a_file_is_refused_with_words(settings, tmp_path):
    (tmp_path / "out").write_text("taken")

    with pytest.raises(InputError, match="journal cannot be written"):
        export_journal(settings, tmp_path / "out", now=NOON, days=1)


def test_without_a_mailbox_there_is_nothing_to_export(tmp_path):
    with pytest.raises(MailboxMissingError):
        export_journal(Settings(home=tmp_path), tmp_path / "out", now=NOON, days=1)


def test_the_command_exports_and_needs_a_folder(settings, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DEPOT_HOME", str(settings.home))
    monkeypatch.setenv("DEPOT_CLOCK", f"{NOON.isoformat()},1")

    assert run_command(["journal", "export", "--out", str(tmp_path / "out")]) == 0
    exported = json.loads(capsys.readouterr().out)["exported"]
    assert [one["records"] for one in exported] == [2, 2]
    assert run_command(["journal", "export"]) == 2


def test_an_id_that_is_no_folders_name_stays_within_the_export(settings, tmp_path):
    yard = replace(brief(), depot=replace(brief().depot, depot_id="../north yard"))
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(yard, at=NOON)

    (day,) = export_journal(settings, tmp_path / "out", now=NOON, days=1)

    assert day.path.resolve().is_relative_to(tmp_path / "out")
    read = pl.scan_parquet(tmp_path / "out/*/*/journal.parquet", hive_partitioning=True).collect()
    assert read["depot"].unique().to_list() == ["../north yard"]
