"""Virtual stations obey OCPP 1.6 section 3.13, so that the gateway meets the real rules."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from depotlib.virtual.charging_profiles import Period, ProfileStore, StoredProfile, read_profile

NIGHT = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)


def profile(
    profile_id: int,
    *,
    purpose: str,
    limit_kw: float,
    level: int = 0,
    connector: int = 1,
    valid_to: datetime | None = None,
) -> StoredProfile:
    return StoredProfile(
        profile_id=profile_id,
        connector=connector,
        stack_level=level,
        purpose=purpose,
        start=NIGHT,
        valid_from=None,
        valid_to=valid_to,
        duration_s=None,
        periods=(Period(start_s=0.0, limit_kw=limit_kw),),
    )


def limit_kw(store: ProfileStore, at: datetime) -> float:
    return store.connector_limit_kw(1, at=at, transaction_start=NIGHT)


def test_without_any_profile_nothing_limits_a_connector():
    store = ProfileStore()

    # OCPP 1.6 section 3.13.6: no profiles at all means no constraints apply.
    assert limit_kw(store, NIGHT) == math.inf


def test_a_transaction_profile_beats_the_default_until_it_expires():
    store = ProfileStore()
    store.install(profile(1, purpose="TxDefaultProfile", limit_kw=1.5, connector=0))
    store.install(
        profile(2, purpose="TxProfile", limit_kw=7.0, level=1, valid_to=NIGHT + timedelta(hours=1))
    )

    assert limit_kw(store, NIGHT + timedelta(minutes=59)) == 7.0
    assert limit_kw(store, NIGHT + timedelta(minutes=60)) == 1.5


def test_a_profile_of_2_1_says_nothing_once_the_station_was_alone_for_too_long():
    store = ProfileStore()
    store.install(profile(1, purpose="TxDefaultProfile", limit_kw=1.5, connector=0))
    lease = profile(2, purpose="TxDefaultProfile", limit_kw=10.0, level=1)
    store.install(replace(lease, most_offline_s=600.0))
    late = NIGHT + timedelta(seconds=1201)

    assert limit_kw(store, late) == 10.0  # it is connected
    store.offline_since = NIGHT + timedelta(seconds=600)
    assert limit_kw(store, NIGHT + timedelta(seconds=1200)) == 10.0
    assert limit_kw(store, late) == 1.5
    store.offline_since = None
    assert limit_kw(store, late) == 10.0  # K01: valid again, unless it was to be dropped for good


def test_the_highest_valid_stack_level_wins_within_a_purpose():
    store = ProfileStore()
    store.install(profile(1, purpose="TxProfile", limit_kw=3.0, level=0))
    store.install(profile(2, purpose="TxProfile", limit_kw=5.0, level=1))

    assert limit_kw(store, NIGHT) == 5.0


def test_the_same_level_and_purpose_replaces():
    store = ProfileStore()
    store.install(profile(1, purpose="TxProfile", limit_kw=3.0))
    store.install(profile(9, purpose="TxProfile", limit_kw=4.0))

    assert [kept.profile_id for kept in store.profiles] == [9]


def test_a_profile_for_a_connector_replaces_the_default_of_all_for_it_only():
    store = ProfileStore()
    store.install(profile(1, purpose="TxDefaultProfile", limit_kw=1.5, connector=0))
    store.install(profile(2, purpose="TxDefaultProfile", limit_kw=6.0, connector=1))

    assert limit_kw(store, NIGHT) == 6.0
    assert store.connector_limit_kw(2, at=NIGHT, transaction_start=NIGHT) == 1.5


def test_the_end_of_a_transaction_takes_its_profiles_along():
    store = ProfileStore()
    store.install(profile(1, purpose="TxDefaultProfile", limit_kw=1.5, connector=0))
    store.install(profile(2, purpose="TxProfile", limit_kw=7.0))

    store.end_transaction(1)

    assert limit_kw(store, NIGHT) == 1.5


@pytest.mark.parametrize(
    ("by", "left"),
    [
        ({"profile_id": 2}, [1]),
        ({"purpose": "TxProfile"}, [1]),
        ({}, []),
    ],
)
def test_clearing_goes_by_id_or_by_criteria(by: dict[str, object], left: list[int]):
    store = ProfileStore()
    store.install(profile(1, purpose="TxDefaultProfile", limit_kw=1.5, connector=0))
    store.install(profile(2, purpose="TxProfile", limit_kw=7.0))
    criteria = {"profile_id": None, "connector": None, "purpose": None, "stack_level": None} | by

    assert store.clear(**criteria)

    assert [kept.profile_id for kept in store.profiles] == left


def test_amperes_are_per_phase_and_a_station_uses_the_phases_it_has():
    payload = {
        "charging_profile_id": 5,
        "stack_level": 1,
        "charging_profile_purpose": "TxProfile",
        "charging_schedule": {
            "charging_rate_unit": "A",
            "start_schedule": "2026-11-03T02:00:00Z",
            "charging_schedule_period": [{"start_period": 0, "limit": Decimal(16)}],
        },
    }

    stored = read_profile(payload, connector=1, voltage_v=230.0, phases=1)

    # 16 A x 230 V x 1 phase = 3.68 kW: errata 3.34, no recomputation for phases it lacks.
    assert stored.limit_kw(NIGHT, transaction_start=None) == pytest.approx(3.68)
