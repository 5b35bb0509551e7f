"""Requirements 11 and 22: a profile a charger before the shift, and what is left where none is taken."""

import json

import numpy as np
import pytest

from depotlib.gateway.messages import InstallProfile
from depotlib.gateway.profiles import schedule_profile
from depotlib.gateway.quirks import MOST_PERIODS, first_dialect
from depotlib.gateway.versions import VERSIONS
from depotlib.planning.schedule import schedules_of_plan
from depotlib.workflows.plan_tonight import NightAnswer
from tests.requirements.conftest import AFTERNOON
from tests.requirements.pointer import covered_by


def test_requirement_11_each_of_48_chargers_gets_a_profile_that_every_versions_schema_takes(
    answer: NightAnswer,
):
    tonight = answer.tonight
    schedules = schedules_of_plan(
        answer.plan,
        tonight.dwells,
        depot=tonight.depot,
        base_load_kw=np.asarray(tonight.base_load_kw),
    )
    places = {
        plug.connector_id: (station, plug.number)
        for station in tonight.depot.stations
        for plug in station.connectors()
    }

    profiles = [
        schedule_profile(
            schedule,
            first_dialect(places[schedule.connector_id][0]),
            connector=places[schedule.connector_id][1],
            now=AFTERNOON,
        )
        for schedule in schedules
    ]

    assert len({schedule.connector_id for schedule in schedules}) == len(places) == 48
    energy_kwh = {dwell.vehicle_id: dwell.energy_target_kwh for dwell in tonight.dwells}
    for schedule in schedules:
        # Up to what its vehicle lacks: a stay of several windows shares it.
        assert schedule.energy_target_kwh == pytest.approx(energy_kwh[schedule.vehicle_id])
    assert max(len(profile.periods) for profile in profiles) <= MOST_PERIODS
    assert [version.name for version in VERSIONS] == ["2.1", "2.0.1", "1.6"]
    for version in VERSIONS:
        for profile in profiles:
            # Writing a call checks it against its schema.
            action, payload = version.write_call(InstallProfile("r", profile, rank=0))
            assert action == "SetChargingProfile"
            assert json.loads(json.dumps(payload)) == payload


def test_requirement_22_where_no_live_profile_is_taken_the_flag_turns_them_off_and_says_why():
    page, push = "tests/app/pages/test_push_page.py", "tests/unit/gateway/test_push.py"
    covered_by(f"{page}::test_a_depot_without_live_profiles_gets_files_and_says_what_it_lacks")
    covered_by(
        f"{push}::test_where_no_station_takes_live_profiles_a_push_is_refused_with_what_to_do"
    )
