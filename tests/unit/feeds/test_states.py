"""States laid over each other, how fresh they are, and what a feed needs to begin."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.errors import SettingsError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.feeds.folder import FolderFeed
from depotlib.feeds.follow import backed_off_s
from depotlib.feeds.freshness import freshness
from depotlib.feeds.registry import FEEDS, feed_of
from depotlib.feeds.sighting import Sighting, laid_over
from depotlib.feeds.web import WebServer
from depotlib.ingest.source import ReadOptions
from depotlib.model.position import Position
from depotlib.settings import Settings
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING
from tests.unit.feeds.site import follower, published


def after(*sightings: Sighting):
    held = None
    for seen in sightings:
        held = laid_over(held, seen, vehicle_id="van-1", source="geotab")
    return held


def at(minutes: float):
    return EVENING + timedelta(minutes=minutes)


def test_late_news_fills_what_is_missing_and_changes_nothing_newer():
    van = after(
        Sighting("b1", at(10), soc=0.5),
        Sighting("b1", at(5), soc=0.4, odometer_km=100.0),
        Sighting("b1", at(4), odometer_km=90.0),
    )

    assert (van.soc, van.soc_at, van.odometer_km, van.at) == (0.5, at(10), 100.0, at(10))


def test_a_place_that_another_source_told_keeps_its_own_time_beside_newer_news():
    told = replace(samples.reading(), position=Position(40.7, -74.0))

    van = laid_over(told, Sighting("b1", at(30), soc=0.5), vehicle_id="van-1", source="geotab")

    assert (van.position, van.position_at, van.at) == (told.position, told.at, at(30))


def test_an_older_place_or_stop_changes_nothing_newer():
    here, there = Position(40.7, -74.0), Position(40.6, -74.1)

    van = after(
        Sighting("b1", at(5), position=here, has_stopped=True),
        Sighting("b1", at(4), position=there, has_stopped=True),
    )

    assert (van.position, van.position_at, van.stopped_at) == (here, at(5), at(5))


@pytest.mark.parametrize(("minutes", "is_plugged"), [(2, True), (2.1, None)])
def test_a_plug_is_evidence_beside_newer_news_for_two_minutes(minutes: float, is_plugged):
    van = after(Sighting("b1", at(0), is_plugged=True), Sighting("b1", at(minutes), soc=0.5))

    assert van.is_plugged is is_plugged


def test_where_it_was_told_to_be_is_not_carried_to_newer_news(tmp_path):
    held = samples.reading()
    told = held.__class__("van-1", at(0), soc=0.4, odometer_km=None, source="api",
                          is_at_depot=False)  # fmt: skip

    assert laid_over(told, Sighting("b1", at(1), soc=0.5), vehicle_id="van-1",
                     source="geotab").is_at_depot is None  # fmt: skip


def test_a_state_of_charge_ages_though_other_news_comes(tmp_path):
    with published(tmp_path) as mailbox:
        mailbox.put_reading(
            after(Sighting("b1", at(0), soc=0.5), Sighting("b1", at(20), odometer_km=7.0))
        )

        van_1, van_2 = freshness(mailbox, now=at(21))

    # 21 minutes against the quarter of an hour after which it is stale
    assert (van_1.soc_age_s, van_1.age_s, van_1.is_stale) == (1260.0, 60.0, True)
    assert (van_2.vehicle_id, van_2.soc_age_s, van_2.is_stale) == ("van-2", None, True)


def test_a_feed_before_the_site_is_published_loses_nothing(tmp_path):
    folder = tmp_path / "feed"
    folder.mkdir()
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        step, told = follower(mailbox, FolderFeed(folder, ReadOptions()))

        assert step.step(EVENING) == 2.0
        assert mailbox.feeds.get("folder").marks == {}
        assert "no site" in told[0]


def test_pauses_double_to_five_minutes():
    assert [backed_off_s(n) for n in (1, 2, 8, 9, 10_000)] == [2.0, 4.0, 256.0, 300.0, 300.0]


@pytest.mark.parametrize(
    "address",
    ["http://example.com", "ftp://127.0.0.1", "https://user:secret@example.com", "", "nonsense"],
)
def test_credentials_go_to_no_address_that_shows_them(address: str):
    with pytest.raises(SettingsError, match="no address") as caught:
        WebServer(address)
    assert "secret" not in str(caught.value)


def test_each_feed_is_made_from_the_settings_and_says_what_it_misses(tmp_path):
    whole = Settings(
        home=tmp_path, geotab_database="d", geotab_user="u", geotab_password="word-one",
        samsara_token="word-two", feeds="geotab, samsara,,folder,openadr",
    )  # fmt: skip

    assert whole.feed_names() == tuple(FEEDS)
    assert [feed_of(name, whole).name for name in FEEDS] == list(FEEDS)
    assert "word-" not in repr(whole)
    with pytest.raises(SettingsError, match="DEPOT_GEOTAB_PASSWORD"):
        feed_of("geotab", Settings(geotab_database="d", geotab_user="u"))
    with pytest.raises(SettingsError, match="DEPOT_SAMSARA_TOKEN"):
        feed_of("samsara", Settings())
    with pytest.raises(SettingsError, match="no feed 'fax'"):
        feed_of("fax", Settings())
