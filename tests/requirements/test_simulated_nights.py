"""Requirements 13, 39 and 41: swaps, killed processes and late returns in simulated nights."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from depotlib.simulation.scenario import Chances
from depotlib.workflows.simulate_night import NightsToPlay, simulate_night
from tests.places import DATA
from tests.requirements.pointer import covered_by

NIGHT = DATA / "reference_night"
LATE = Chances(late_share=0.25, late_least_s=3600, late_most_s=10_800)
REFERENCE = NightsToPlay(
    dwells_path=NIGHT / "dwells.csv",
    stations_path=NIGHT / "stations.csv",
    tariff_path=NIGHT / "tariff.json",
    site_limit_kw=300.0,
    service_kw=350.0,
    time_zone="America/New_York",
    policies=("replanned", "fcfs"),
    chances=LATE,
)


def every(step: int, name: str, folder: Path, **changed: object) -> Path:
    """Return every so-manieth row of a table of the reference night, changed."""
    rows = list(csv.DictReader((NIGHT / name).read_text().splitlines()))[::step]
    with (folder / name).open("w") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {key: str(of(n)) for key, of in changed.items()}
                         for n, row in enumerate(rows))  # fmt: skip
    return folder / name


def test_requirement_13_six_of_sixty_swaps_are_found_and_what_blindness_costs_is_told(
    tmp_path: Path,
):
    covered_by(
        "tests/unit/dispatch/test_whose.py"
        "::test_six_of_sixty_that_changed_bays_without_a_token_are_all_found"
    )
    covered_by(
        "tests/unit/gateway/test_visitors.py"
        "::test_vans_that_have_changed_places_are_put_right_by_what_dispatch_finds"
    )
    # Duties differ, 26 to 60 kWh: whoever gets another's energy lacks some or wastes time.
    dwells = every(1, "dwells.csv", tmp_path, energy_wall_kwh=lambda n: 26 + 7 * n % 35)
    files = replace(
        REFERENCE,
        dwells_path=dwells,
        policies=("blind",),
        chances=Chances(misplaced_share=0.1),
        plays=1,
    )

    (blind,) = simulate_night(files).policies

    assert blind.swaps is not None
    # Six of sixty stand elsewhere; of each pair the one that needs more is not ready.
    assert -0.1 <= blind.swaps.ready_change_share <= -0.02
    assert blind.swaps.unmet_change_kwh > 10.0


def test_requirement_41_late_returns_are_told_as_distributions_of_readiness_and_cost(
    tmp_path: Path,
):
    # A quarter of the reference depot: 15 vans, 12 plugs, 75 kW.
    files = replace(
        REFERENCE,
        dwells_path=every(4, "dwells.csv", tmp_path),
        stations_path=every(4, "stations.csv", tmp_path),
        site_limit_kw=75.0,
        service_kw=88.0,
        plays=3,
    )

    replanned, queue = simulate_night(files).policies

    for one in (replanned, queue):
        assert one.bill_p10_amount < one.bill_p90_amount
        assert one.least_ready_share <= one.ready_p95_share <= one.ready_p50_share <= 1.0
    assert replanned.ready_p95_share >= queue.ready_p95_share
    # The queue charges in the dearest hours at the limit, whoever is late.
    assert queue.dearer_mean_amount > 3 * queue.dearer_sigma_amount > 0


@pytest.mark.full
def test_in_a_hundred_nights_of_late_returns_19_of_20_vans_are_ready_on_95():
    (replanned,) = simulate_night(replace(REFERENCE, policies=("replanned",), plays=100)).policies

    # Their whole fleet: 60 vans on 48 plugs; who comes three hours late finds no plug in time.
    assert replanned.ready_p95_share >= 0.95


def test_requirement_39_killed_processes_lose_no_session_double_no_profile_and_find_their_state():
    """Ten kills in seven nights are played with the full counts, beside this night with four."""
    covered_by(
        "tests/chaos/test_simulated_week.py"
        "::test_in_a_short_night_with_kills_nobody_is_missed_that_could_be_ready"
    )
