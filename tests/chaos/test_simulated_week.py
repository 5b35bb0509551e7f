"""A week as it really goes: late and early vans, nobody's tokens, bad stations, killed processes.

Deterministic, from seeds. `make test` plays one short night of a small yard; with full counts there
are seven short ones, and the week of the reference fleet. What could have been is told by SciPy's
HiGHS with hindsight.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from depotlib.model.live import JournalEntry, JournalKind, JournalRecord
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from tests.chaos.simulated_week import Pace, SimulatedWeek
from tests.chaos.week_hindsight import Ground, RealStay, hindsight_of
from tests.chaos.week_judge import SAME, Verdict, judged, session_faults
from tests.chaos.week_world import WEEK, Extent, world_of
from tests.chaos.week_yard import Session

SHORT = Extent(nights=1, vans=3, points=(2, 0), shrink=0.12)
"""Three vans on two points, so that one makes room, in a night of less than two hours."""
UNHURRIED = Pace(tick_s=30.0, look_s=30.0)
SEVEN = Extent(nights=7, vans=2, points=(1, 1), shrink=0.12)


EVENING = datetime(2026, 11, 2, 18, tzinfo=UTC)


def assert_in_sync(week: SimulatedWeek, verdict: Verdict, *, kills: int) -> None:
    """Requirement 39: no duplicate profile, no lost session, state rebuilt; and no limit passed."""
    assert week.tally.gateway_kills == week.tally.dispatch_kills == kills
    # Each gateway knew every session that had been told to the one before it.
    assert all(known >= told for known, told in week.tally.known_after)
    assert verdict.over_kws == {}
    assert (verdict.lost, verdict.doubled, verdict.unended) == ([], [], 0)
    assert verdict.wrong_kwh == []
    assert verdict.stacked == 0
    assert verdict.journal == ""


def test_hindsight_readies_all_that_can_be_ready_in_the_cheapest_quarters():
    hour = timedelta(hours=1)
    stays = [
        RealStay("van-1", EVENING, EVENING + hour, 4.0, 6.0, 8.0, "ac"),
        RealStay("van-2", EVENING, EVENING + hour, 9.0, 9.0, 8.0, "ac"),
    ]
    prices = PriceTerms(
        "USD",
        energy=(EnergyTerm("energy", (0.3, 0.1, 0.1, 0.1)),),
        peaks=(PeakTerm("demand", (0,), 1.0),),
    )
    ground = Ground(EVENING, np.full(4, 2.0), 20.0, {"ac": 16.0})

    best = hindsight_of(stays, ground, prices=prices)

    # 8 kW for an hour are 8 of van-2's 9 kWh: it cannot be ready, and lacks 1 kWh.
    assert (best.ready, round(best.unmet_kwh, 6)) == (1, 1.0)
    # van-1's 6 kWh fit into three cheap quarters of 8 kW; van-2 needs all four.
    assert best.charging_kw == pytest.approx([8.0, 16.0, 16.0, 16.0], abs=1e-2)
    # (2 + 8) x 0.25 x 0.3 + 3 x (2 + 16) x 0.25 x 0.1 + a peak of 10 kW at 1.
    assert best.amount == pytest.approx(0.75 + 1.35 + 10.0, abs=1e-2)


def told(kind: JournalKind, minute: int, *, energy_kwh: float | None = None) -> JournalRecord:
    """Return a record of a session that began at six, or ended."""
    at = EVENING + timedelta(minutes=minute)
    facts = {"session_id": f"A/1 {0 if energy_kwh else minute}", "energy_kwh": energy_kwh}
    return JournalRecord(1, JournalEntry(at, kind, "A", "A/1", facts), "")


def test_sessions_lost_doubled_without_end_and_with_a_wrong_energy_are_found():
    hour = timedelta(hours=1)
    true = [Session("A/1", "van-1", EVENING, 0, ended_at=EVENING + hour, end_wh=5000)]
    started, ended = told("session_started", 0), told("session_ended", 60, energy_kwh=5.0)

    def faults(*records: JournalRecord) -> tuple[int, int, int, int]:
        lost, doubled, unended, wrong_kwh = session_faults(true, records, same=SAME)
        return len(lost), len(doubled), unended, len(wrong_kwh)

    assert faults(started, ended) == (0, 0, 0, 0)
    assert faults() == (1, 0, 0, 0)
    assert faults(started, started, ended) == (0, 1, 0, 0)
    assert faults(started, told("session_started", 30), ended) == (0, 1, 0, 0)
    assert faults(started) == (0, 0, 1, 0)
    assert faults(started, told("session_ended", 60, energy_kwh=4.8)) == (0, 0, 0, 1)


@pytest.mark.chaos
def test_in_a_short_night_with_kills_nobody_is_missed_that_could_be_ready(tmp_path: Path):
    week = SimulatedWeek(world_of(1, SHORT), tmp_path, seed=1, kills=2, pace=UNHURRIED).run()

    verdict = judged(week.played())
    assert_in_sync(week, verdict, kills=2)
    assert verdict.ready >= verdict.hindsight.ready, verdict.missed


@pytest.mark.chaos
def test_six_kills_of_each_process_within_two_hours_are_six_and_all_stays_in_sync(tmp_path: Path):
    """Found by the whole week: a strike at who was dead already was lost."""
    week = SimulatedWeek(world_of(1, SHORT), tmp_path, seed=1, kills=6, pace=UNHURRIED).run()

    assert_in_sync(week, judged(week.played()), kills=6)


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_in_seven_short_nights_with_five_kills_of_each_process_all_stays_in_sync(tmp_path: Path):
    pace = Pace(tick_s=60.0, look_s=60.0)

    week = SimulatedWeek(world_of(1, SEVEN), tmp_path, seed=1, kills=5, pace=pace).run()

    assert_in_sync(week, judged(week.played()), kills=5)


@pytest.mark.chaos
@pytest.mark.full
@pytest.mark.timeout(0)
def test_in_a_week_of_the_reference_fleet_nobody_is_missed_that_could_be_ready(tmp_path: Path):
    week = SimulatedWeek(world_of(0, WEEK), tmp_path, seed=0, kills=5).run()

    verdict = judged(week.played())
    assert_in_sync(week, verdict, kills=5)
    # Issue 7: none that it could have made ready; it aims at 5 % above the bill of hindsight.
    assert verdict.ready >= verdict.hindsight.ready, verdict.missed
    assert verdict.regret <= 0.05
