"""An identity that connects more than three times in ten minutes (live.md, section 6) is told."""

from depotlib.gateway.comings import Comings
from depotlib.gateway.messages import Connected
from tests.gateway_cases import at, site


def told(comings: Comings, *seconds: float, station_id: str = "S0") -> list[float]:
    """Return at which of the instants a connection was told to be one too many."""
    return [one for one in seconds if comings.note(station_id, now=at(one))]


def test_the_fourth_connection_within_ten_minutes_is_told():
    assert told(Comings(), 0, 100, 200, 600) == [600]


def test_four_connections_in_more_than_ten_minutes_are_a_bad_line_at_the_most():
    assert told(Comings(), 0, 200, 400, 601, 1000) == []


def test_a_storm_is_told_once_in_ten_minutes_and_again_while_it_goes_on():
    assert told(Comings(), *range(0, 1300, 50)) == [150, 800]


def test_every_station_is_counted_by_itself():
    comings = Comings()

    assert told(comings, 0, 1, 2, station_id="S1") == []
    assert told(comings, 3, 4, 5, station_id="S2") == []


def test_the_sites_journal_says_which_station_and_why():
    there = site()
    for _ in range(4):
        there.say("S1", Connected("1.6"))
        there.wait(60)

    (entry,) = [one for one in there.journal if one.kind == "connections_too_often"]
    assert (entry.station_id, entry.payload["span_s"]) == ("S1", 180.0)
    assert "two devices have one identity" in str(entry.payload["what"])
