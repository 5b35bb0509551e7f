"""What was drawn before a restart is found again in the journal: its starts and meter samples."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from depotlib.dispatch.loop import Dispatcher
from depotlib.dispatch.metered import metered_kwh, spread_kwh
from depotlib.dispatch.tally import SiteMeter
from depotlib.errors import ExchangeError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry, JournalRecord
from depotlib.model.timegrid import TimeGrid
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

GRID = TimeGrid(start=EVENING, interval_s=900, count=48)
MINUTE = timedelta(minutes=1)


def started(session: str, minute: float, register_kwh: float) -> JournalEntry:
    """Return a start as the gateway tells it: with the register of the station, which goes on."""
    facts = {"session_id": session, "meter_start_kwh": register_kwh}
    return JournalEntry(EVENING + minute * MINUTE, "session_started", payload=facts)


def metered(session: str, minute: float, energy_kwh: float | None) -> JournalEntry:
    """Return a sample as the gateway tells it: with what the session has had so far."""
    facts = {"session_id": session, "energy_kwh": energy_kwh, "power_kw": 7.0}
    return JournalEntry(EVENING + minute * MINUTE, "meter", payload=facts)


def spread(*entries: JournalEntry) -> dict[int, float]:
    records = [JournalRecord(seq, entry, "") for seq, entry in enumerate(entries)]
    return dict(spread_kwh(records, GRID))


def test_energy_since_the_start_lies_in_the_intervals_since_whatever_the_register_was():
    # 6 kWh in half an hour from 18:10 on: 5, 15 and 10 minutes of it.
    taken = spread(started("a", 10, 100.0), metered("a", 40, 6.0))

    assert taken == pytest.approx({0: 1.0, 1: 3.0, 2: 2.0})


def test_sessions_add_up_and_their_registers_are_their_own():
    taken = spread(
        started("a", 0, 100.0), started("b", 0, 7.0), metered("a", 15, 1.0), metered("b", 15, 2.0)
    )

    assert taken == pytest.approx({0: 3.0})


def test_what_says_nothing_new_counts_nothing():
    taken = spread(
        started("a", 0, 100.0),
        metered("a", 15, 1.0),
        metered("a", 15, 1.0),  # said twice
        metered("a", 5, 0.2),  # late
        metered("a", 20, None),  # without energy
        metered("a", 30, 0.5),  # an energy never falls
    )

    assert taken == pytest.approx({0: 1.0})


def test_what_lies_before_the_grid_is_left_out():
    # An hour from 17:30 on: its second half is in the grid.
    assert spread(started("a", -30, 0.0), metered("a", 30, 6.0)) == pytest.approx({0: 1.5, 1: 1.5})


def test_only_the_night_is_read_of_a_long_journal(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        old = [metered("old", -5000 + minute, minute / 10) for minute in range(2000)]
        mailbox.append([*old, started("a", 0, 0.0), metered("a", 15, 2.0)])

        assert dict(metered_kwh(mailbox, GRID)) == pytest.approx({0: 2.0})


def test_what_was_seen_stands_and_what_was_not_is_restored():
    meter = SiteMeter()
    for minute in range(15, 31):
        meter.look(EVENING + minute * MINUTE, power_kw=8.0, grid=GRID)

    meter.restore({0: 2.5, 1: 99.0}, now=EVENING + 31 * MINUTE, grid=GRID)

    assert meter.means_kw(GRID) == pytest.approx({0: 10.0, 1: 8.0})


def test_after_a_restart_the_peak_so_far_is_known(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as gateway:
        gateway.publish_brief(samples.brief(), at=EVENING)
        gateway.add_release(scenes.pushed())
        gateway.set_current_release("pushed", at=EVENING)
        # 3 kWh in the first quarter-hour: 12 kW.
        gateway.append([started("a", 0, 50.0), metered("a", 15, 3.0)])
        with open_mailbox(tmp_path / "exchange.sqlite") as own:
            restarted = Dispatcher(own)
            restarted.step(EVENING + 16 * MINUTE)
            night = restarted._night(EVENING + 16 * MINUTE)

    assert night is not None
    assert night.site_kw == pytest.approx({0: 12.0})


def test_a_journal_that_cannot_be_read_once_does_not_lose_the_peak_so_far(tmp_path):
    path = tmp_path / "exchange.sqlite"
    with open_mailbox(path) as own:
        own.append([started("a", 0, 50.0), metered("a", 15, 3.0)])
        dispatcher, now = Dispatcher(own), EVENING + 16 * MINUTE
        with closing(sqlite3.connect(path, isolation_level=None)) as yard:
            yard.execute("ALTER TABLE journal RENAME TO away")
            with pytest.raises(ExchangeError):
                dispatcher._restore(GRID, now)
            yard.execute("ALTER TABLE away RENAME TO journal")

        dispatcher._restore(GRID, now)

    # 3 kWh in the first quarter-hour: 12 kW.
    assert dispatcher._meter.means_kw(GRID) == pytest.approx({0: 12.0})
