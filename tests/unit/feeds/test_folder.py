"""The watched folder: what is laid there is read once it is whole, and told once."""

import json
import shutil
from datetime import UTC, datetime

import pytest

from depotlib.errors import FeedDownError
from depotlib.feeds.folder import FolderFeed
from depotlib.ingest.source import ReadOptions
from tests.places import TEST_DATA
from tests.unit.feeds.site import follower, published, readings

NOW = datetime(2026, 11, 2, 18, 30, tzinfo=UTC)


def export(*readings: tuple[str, str, int]) -> str:
    data = [{"id": vehicle, "evStateOfChargeMilliPercent": [{"time": at, "value": value}]}
            for vehicle, at, value in readings]  # fmt: skip
    return json.dumps({"data": data})


@pytest.fixture
def mailbox(tmp_path):
    with published(tmp_path) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "feed"
    made.mkdir()
    return made


@pytest.fixture
def watch(mailbox, folder):
    feed = FolderFeed(folder, ReadOptions())
    yield follower(mailbox, feed)
    feed.close()


def test_a_file_is_read_once_it_keeps_still_and_again_when_it_changes(mailbox, folder, watch):
    step, told = watch
    path = folder / "stats.json"
    path.write_text(export(("281", "2026-11-02T18:00:00Z", 41_500)))

    step.step(NOW)
    seen_once = readings(mailbox)
    waits_s = [step.step(NOW), step.step(NOW)]
    soc = readings(mailbox)["van-1"].soc
    path.write_text(export(("281", "2026-11-02T18:00:00Z", 41_500),
                           ("281", "2026-11-02T18:10:00Z", 43_000)))  # fmt: skip
    for _ in range(2):
        step.step(NOW)

    assert seen_once == {}
    assert soc == 0.415
    # after a file there may be another; then the folder is at rest
    assert waits_s == [FolderFeed.page_pause_s, FolderFeed.period_s]
    assert (readings(mailbox)["van-1"].soc, readings(mailbox)["van-1"].source) == (0.43, "folder")
    assert told == []


def test_a_file_that_cannot_be_read_is_told_once_and_stops_no_other(mailbox, folder, watch):
    step, told = watch
    (folder / "a.json").write_text("{ broken")
    (folder / "b.json").write_text(export(("282", "2026-11-02T18:00:00Z", 50_000)))
    (folder / ".hidden").write_text("x")
    (folder / "old").mkdir()

    for _ in range(5):
        step.step(NOW)

    assert readings(mailbox)["van-2"].soc == 0.5
    assert len([line for line in told if "a.json" in line]) == 1
    assert set(mailbox.feeds.get("folder").marks) == {"a.json", "b.json"}


@pytest.mark.full
def test_the_samples_of_the_importer_are_read_and_strangers_are_named(mailbox, folder, watch):
    step, _ = watch
    shutil.copy(TEST_DATA / "ingest" / "samsara" / "stats_history.json", folder)

    for _ in range(2):
        step.step(NOW)

    assert mailbox.feeds.get("folder").unknown_ids == (
        "samsara:281474977000001",
        "samsara:281474977000002",
    )


def test_a_folder_that_is_not_there_is_an_outage(tmp_path):
    with pytest.raises(FeedDownError, match="cannot be read"):
        FolderFeed(tmp_path / "none", ReadOptions()).look({}, now=NOW)
