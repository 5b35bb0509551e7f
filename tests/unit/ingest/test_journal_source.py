import json
from datetime import UTC, datetime

import polars as pl
import pytest

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.journal import Journal, sessions_of_journal
from depotlib.model.frames import JournalFrame
from tests.places import TEST_DATA

NIGHT = TEST_DATA / "ingest" / "journal" / "night.jsonl"


def frame(*entries: tuple[str, str, dict]) -> pl.DataFrame:
    rows = [
        {
            "seq": seq,
            "at": datetime.fromisoformat(f"2026-11-02T{at}:00+00:00"),
            "kind": kind,
            "station_id": "AC-01",
            "connector_id": "AC-01/1",
            "payload_json": json.dumps({"session_id": "s1", **payload}),
            "hash": "0",
        }
        for seq, (at, kind, payload) in enumerate(entries, 1)
    ]
    return JournalFrame.validate(pl.DataFrame(rows), cast=True)


def test_a_session_gathers_what_its_entries_say():
    rows = Journal().read(read_content(NIGHT), ReadOptions())

    ended = rows.sessions.filter(pl.col("plug_end").is_not_null()).row(0, named=True)
    # the sample: card CARD-7 resolved to van-13, meters of 7.1 and 6.5 kW, 43.0 kWh at the end
    assert (ended["station_id"], ended["connector_id"]) == ("AC-01", "AC-01/1")
    assert (ended["vehicle_id"], ended["id_tag"]) == ("van-13", "CARD-7")
    assert (ended["peak_kw"], ended["energy_wall_kwh"]) == (7.1, 43.0)
    assert ended["plug_start"] == datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
    assert ended["plug_end"] == datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
    assert ended["charge_start"] == datetime(2026, 11, 2, 22, 20, tzinfo=UTC)
    assert ended["charge_end"] == datetime(2026, 11, 3, 4, 0, tzinfo=UTC)


def test_a_session_that_still_runs_has_no_end_and_keeps_its_key_when_it_ends():
    start = ("22:00", "session_started", {"id_tag": "T"})
    meter = ("22:10", "meter", {"energy_kwh": 1.0, "power_kw": 7.0})
    end = ("23:00", "session_ended", {"energy_kwh": 6.0, "reason": "Local"})

    running = sessions_of_journal(frame(start, meter), file="journal").sessions
    ended = sessions_of_journal(frame(start, meter, end), file="journal").sessions

    assert running.select("plug_end", "charge_end", "energy_wall_kwh").rows() == [(None, None, 1.0)]
    assert ended["energy_wall_kwh"].to_list() == [6.0]
    assert running["session_key"].to_list() == ended["session_key"].to_list() == ["journal/s1"]


def test_a_sample_replayed_late_does_not_lower_the_energy():
    rows = sessions_of_journal(
        frame(
            ("22:00", "session_started", {}),
            ("22:20", "meter", {"energy_kwh": 3.0, "power_kw": 7.0}),
            ("22:10", "meter", {"energy_kwh": 1.0, "power_kw": 7.0}),
        ),
        file="journal",
    )

    assert rows.sessions["energy_wall_kwh"].to_list() == [3.0]


def test_a_session_replayed_after_a_lost_connection_starts_when_it_first_started():
    rows = sessions_of_journal(
        frame(("22:00", "session_started", {}), ("22:05", "session_started", {})), file="journal"
    )

    assert rows.sessions["plug_start"].to_list() == [datetime(2026, 11, 2, 22, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([("22:00", "meter", {"energy_kwh": 1.0})], "no_start"),
        ([("22:00", "session_started", {"session_id": None})], "no_session_id"),
        (
            [("22:00", "session_started", {}), ("21:00", "session_ended", {})],
            "ends_before_start",
        ),
        (
            [("22:00", "session_started", {}), ("22:10", "session_ended", {"energy_kwh": -1.0})],
            "negative_energy",
        ),
    ],
)
def test_a_session_that_cannot_be_is_rejected_with_its_reason(entries, reason: str):
    rows = sessions_of_journal(frame(*entries), file="journal")

    assert [each.reason for each in rows.rejections] == [reason]
    assert rows.rows_in == 1


def test_entries_about_anything_else_are_no_sessions():
    rows = sessions_of_journal(
        frame(("22:00", "limit_sent", {}), ("22:01", "identity_resolved", {"session_id": None})),
        file="journal",
    )

    assert rows.rows_in == 0
    assert rows.sessions.is_empty()


@pytest.mark.parametrize("line", ['{"seq": 0}', "[1]", '{"seq": 1, "at": "soon", "kind": "meter"}'])
def test_a_line_that_is_no_entry_refuses_the_journal(line: str):
    content = content_of("journal.jsonl", (NIGHT.read_text() + line + "\n").encode())

    with pytest.raises(MalformedFileError, match="no journal entry") as refused:
        Journal().read(content, ReadOptions())

    assert refused.value.where == "journal.jsonl, line 11"
